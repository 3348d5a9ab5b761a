//! Keyslots (protocol.md sections 5, 6 and 7).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, number, result_of, text};
use crate::seeded::Seeded;
use anyhow::{Result, bail};
use rootcellar_client::aad::{AssociatedData, ObjectKind, Slot};
use rootcellar_client::envelope;
use rootcellar_client::keys::{AccountKey, KeyEncryptionKey};
use rootcellar_client::keyslot::{self, KeyBundle, KeyslotPlace};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Generation, SuiteId};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "keyslots", generate, check };

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("keyslots");
    let (account, kek, account_key): ([u8; 16], [u8; 32], [u8; 32]) =
        (seeded.bytes(), seeded.bytes(), seeded.bytes());
    let base = json!({
        "key_encryption_key": hex(kek), "suite": 1, "account": hex(account), "generation": 1, "slot": "passphrase",
    });
    let key = KeyEncryptionKey::from_bytes(&kek);
    let account_key = AccountKey::from_bytes(&account_key);
    let mut wrap = |slot| keyslot::wrap(&account_key, &key, place(account, slot), &mut seeded);
    let (passphrase, recovery) = (wrap(Slot::Passphrase), wrap(Slot::Recovery));
    let device_id: [u8; 16] = [0xd0; 16];
    let device = wrap(Slot::Device(DeviceId(device_id)));
    let mut for_device = |permission| {
        let place = place(account, Slot::Device(DeviceId(device_id)));
        keyslot::wrap_for_device(&account_key, permission, &key, place, &mut seeded)
    };
    let (backup, view) = (for_device(Permission::Backup), for_device(Permission::View));

    let mut vectors = Vec::new();
    let mut add = |name: &str, keyslot: &[u8], changes: Value| {
        let mut vector = base.clone();
        vector["keyslot"] = hex(keyslot).into();
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    add("passphrase", &passphrase, json!({}));
    add("recovery", &recovery, json!({ "slot": "recovery" }));
    add("device-full", &device, json!({ "slot": "device", "device": hex(device_id) }));
    add("device-backup", &backup, json!({ "slot": "device", "device": hex(device_id) }));
    add("device-view", &view, json!({ "slot": "device", "device": hex(device_id) }));
    add("wrong-key", &passphrase, json!({ "key_encryption_key": hex([7; 32]) }));
    add("another-account", &passphrase, json!({ "account": hex([7; 16]) }));
    add("another-generation", &passphrase, json!({ "generation": 2 }));
    add("recovery-slot-as-passphrase", &recovery, json!({}));
    add("another-device", &device, json!({ "slot": "device", "device": hex([7; 16]) }));
    changed(&passphrase, &mut add);
    for (slot, name, bundle) in bundles() {
        let (slot, changes) = match slot {
            "device" => {
                (Slot::Device(DeviceId(device_id)), json!({ "slot": "device", "device": hex(device_id) }))
            }
            _ => (Slot::Passphrase, json!({})),
        };
        let KeyslotPlace { suite, account, generation, slot } = place(account, slot);
        let aad = AssociatedData { suite, account, generation, place: ObjectKind::Keyslot(slot) };
        let sealed = envelope::seal(&kek, &aad, &bundle, &mut Seeded::new(name)).expect("small");
        add(name, &sealed, changes);
    }
    vectors
}

/// Keyslots that were changed or cut.
fn changed(keyslot: &[u8], add: &mut impl FnMut(&str, &[u8], Value)) {
    for (name, at) in [("nonce", 4), ("commitment", 28), ("ciphertext", 60), ("tag", 331)] {
        let mut changed = keyslot.to_vec();
        changed[at] ^= 1;
        add(&format!("changed-{name}"), &changed, json!({}));
    }
    let with = |at: usize, value: u8| {
        let mut changed = keyslot.to_vec();
        changed[at] = value;
        changed
    };
    add("version-2", &with(0, 2), json!({}));
    add("kind-of-an-inventory", &with(1, 2), json!({}));
    add("unknown-suite", &with(2, 0x7f), json!({}));
    // Of those for tests, one that no build knows.
    add("test-suite", &[&keyslot[..2], &[0xff; 2], &keyslot[4..]].concat(), json!({}));
    add("empty", &[], json!({}));
    add("truncated-head", &keyslot[..75], json!({}));
    add("truncated-ciphertext", &keyslot[..331], json!({}));
    add("trailing-byte", &[keyslot, &[0]].concat(), json!({}));
}

/// Slots and key bundles that authenticate: what they hold is another matter.
fn bundles() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let key = [&[0x58, 0x20][..], &[9; 32]].concat();
    let save = [&[0x58, 0x40][..], &[9; 64]].concat();
    let verifier = AccountKey::from_bytes(&[9; 32]).account_keys().device_list.public();
    let list = [&[0x58, 0x20][..], &verifier.to_bytes()].concat();
    let map = |fields: &[(u8, &Vec<u8>)]| {
        let head = 0xa0 + u8::try_from(fields.len()).expect("few fields");
        fields.iter().fold(vec![head], |map, (number, value)| [&map[..], &[*number], value].concat())
    };
    let (inventory, backup_save, entry, device_list) = ((2, &key), (3, &save), (4, &key), (5, &list));
    let backup = map(&[inventory, backup_save, entry, device_list]);
    let all = map(&[(1, &key), inventory, backup_save, entry, device_list]);
    let unknown = [&[0xa2, 0x01][..], &key, &[0x18, 0x20, 0xf5]].concat();
    let large = [&[0xa2, 0x01][..], &key, &[0x18, 0x20, 0x59, 0x04, 0xc0], &[9; 1216]].concat();
    let short = [&[0xa1, 0x01, 0x58, 0x1f][..], &[9; 31]].concat();
    vec![
        ("passphrase", "bundle-with-an-unknown-key", unknown),
        ("passphrase", "bundle-of-a-larger-size-class", large),
        ("passphrase", "bundle-empty", vec![0xa0]),
        ("passphrase", "bundle-account-key-short", short),
        ("passphrase", "bundle-trailing-byte", [&map(&[(1, &key)])[..], &[0]].concat()),
        ("passphrase", "bundle-key-twice", map(&[(1, &key), (1, &key)])),
        ("passphrase", "bundle-of-a-device-in-a-passphrase-slot", backup),
        ("passphrase", "bundle-of-a-viewer-in-a-passphrase-slot", map(&[inventory, device_list])),
        ("passphrase", "bundle-with-inventory-key-too", map(&[(1, &key), inventory])),
        ("device", "bundle-of-all-keys", all),
        ("device", "bundle-of-account-key-and-device-list-key", map(&[(1, &key), device_list])),
        ("device", "bundle-inventory-key-alone", map(&[inventory])),
        ("device", "bundle-without-inventory-key", map(&[backup_save, entry, device_list])),
        ("device", "bundle-without-save-key", map(&[inventory, entry, device_list])),
        ("device", "bundle-without-entry-key", map(&[inventory, backup_save, device_list])),
        ("device", "bundle-without-device-list-key", map(&[inventory, backup_save, entry])),
        ("device", "bundle-save-key-short", map(&[inventory, (3, &key), entry, device_list])),
    ]
}

fn place(account: [u8; 16], slot: Slot) -> KeyslotPlace {
    KeyslotPlace { suite: SuiteId::ONE, account: AccountId(account), generation: Generation::FIRST, slot }
}

fn describe(vector: &mut Value) -> Result<()> {
    let slot = match text(vector, "slot")? {
        "passphrase" => Slot::Passphrase,
        "recovery" => Slot::Recovery,
        "device" => Slot::Device(DeviceId(array(vector, "device")?)),
        other => bail!("unknown slot {other}"),
    };
    let place = KeyslotPlace {
        suite: SuiteId(u16::try_from(number(vector, "suite")?)?),
        account: AccountId(array(vector, "account")?),
        generation: Generation(u32::try_from(number(vector, "generation")?)?),
        slot,
    };
    let key = KeyEncryptionKey::from_bytes(&array(vector, "key_encryption_key")?);
    let outcome = keyslot::unwrap(&bytes(vector, "keyslot")?, &key, place);
    vector["result"] = result_of(&outcome).into();
    match outcome {
        Ok(KeyBundle::Full(key)) => vector["account_key"] = hex(key.expose()).into(),
        Ok(KeyBundle::Backup { inventory, save, entry_public, device_list }) => {
            vector["inventory_key"] = hex(inventory.expose()).into();
            vector["save_key"] = hex(save.expose()).into();
            vector["entry_public_key"] = hex(entry_public.to_bytes()).into();
            vector["device_list_public_key"] = hex(device_list.to_bytes()).into();
        }
        Ok(KeyBundle::View { inventory, device_list }) => {
            vector["inventory_key"] = hex(inventory.expose()).into();
            vector["device_list_public_key"] = hex(device_list.to_bytes()).into();
        }
        _ => {}
    }
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields =
        ["result", "account_key", "inventory_key", "save_key", "entry_public_key", "device_list_public_key"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
