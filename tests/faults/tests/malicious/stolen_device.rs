//! What the thief of a device can open, with the whole bucket and the vault's help. Every 32 bytes that they can get at, at
//! any offset of anything that opens to them or lies about, are tried as every key, on every sealed object.

use crate::scene::{Scene, Victim};
use rootcellar_client::aad::{AssociatedData, Slot};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::entry::{self, EntryPlace};
use rootcellar_client::envelope;
use rootcellar_client::inventory::Inventory;
use rootcellar_client::keys::{AccountKey, DeviceKeysKey, InventoryKey, KeyEncryptionKey};
use rootcellar_client::keyslot::{self, KeyBundle, KeyslotPlace};
use rootcellar_faults::Simulation;
use rootcellar_faults::operations::ALICE;
use rootcellar_faults::time::run;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, DeviceId, Generation, SuiteId, base64url, device_list, snapshot};
use serde_json::Value;
use std::collections::BTreeSet;

type Bytes32 = [u8; 32];

/// All that is sealed in Alice's account.
struct Bucket {
    account: AccountId,
    keyslots: Vec<(Slot, Vec<u8>)>,
    list: Vec<u8>,
    snapshots: Vec<Vec<u8>>,
    /// What lies there in the clear, or sealed.
    objects: Vec<Vec<u8>>,
}

/// What a device sees, sealed to others.
struct Seen {
    /// The device keys in the list.
    escrow: Vec<u8>,
    entries: Vec<(EntryPlace, Vec<u8>)>,
}

/// What opened.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Opened {
    account_key: usize,
    device_keys: usize,
    entries: usize,
}

fn bytes(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().expect("bytes")).expect("bytes")
}

impl Bucket {
    fn of(simulation: &Simulation, account: AccountId) -> Self {
        let folder = rootcellar_spec::hex::encode(&account.0);
        let objects = simulation.vault.truth().objects();
        let own = objects.iter().filter(|(key, _)| key.as_str().starts_with(&format!("accounts/{folder}/")));
        let (mut state, mut snapshots) = (Value::Null, Vec::new());
        for (key, (body, _)) in own {
            match key.as_str().ends_with("/account") {
                true => state = serde_json::from_slice(body).expect("an account"),
                false => snapshots.push(body.to_vec()),
            }
        }
        let device = |row: &Value| {
            let id = DeviceId(bytes(&row["id"]).try_into().expect("an id"));
            (Slot::Device(id), bytes(&row["keyslot"]))
        };
        let mut keyslots: Vec<_> = state["devices"].as_array().expect("devices").iter().map(device).collect();
        keyslots.push((Slot::Passphrase, bytes(&state["passphrase_keyslot"])));
        keyslots.push((Slot::Recovery, bytes(&state["recovery_methods"][0]["keyslot"])));
        let mut all = Vec::new();
        decoded(&state, &mut all);
        Self { account, keyslots, list: bytes(&state["device_list"]), snapshots, objects: all }
    }

    fn place(&self, slot: Slot) -> KeyslotPlace {
        KeyslotPlace { suite: SuiteId::ONE, account: self.account, generation: Generation::FIRST, slot }
    }

    /// The plaintext of the device list, and the device keys in it, still sealed.
    fn list(&self, key: &InventoryKey) -> (Vec<u8>, Vec<u8>) {
        let layout = device_list::Layout::parse(&self.list).expect("a list");
        let aad = AssociatedData::device_list(&layout.header);
        let plaintext = envelope::open(key.expose(), &aad, layout.envelope).expect("it sees the list");
        let escrow = plaintext.windows(4).position(|head| head == [1, 5, 0, 1]).expect("device keys");
        (plaintext.to_vec(), plaintext[escrow..].to_vec())
    }

    fn inventory(snapshot: &[u8], key: &InventoryKey) -> Vec<u8> {
        let layout = snapshot::Layout::parse(snapshot).expect("a snapshot");
        let aad = AssociatedData::inventory(&layout.header);
        envelope::open(key.expose(), &aad, layout.inventory).expect("it sees the inventory").to_vec()
    }

    /// What the inventory key shows that is sealed once more.
    fn see(&self, key: &InventoryKey, escrow: Vec<u8>) -> Seen {
        let mut entries: Vec<(EntryPlace, Vec<u8>)> = Vec::new();
        for sealed in &self.snapshots {
            let items = Inventory::decode(&Self::inventory(sealed, key)).expect("an inventory").items;
            let layout = snapshot::Layout::parse(sealed).expect("a snapshot");
            for (item, entry) in items.iter().zip(&layout.entries) {
                let KeyslotPlace { suite, account, generation, .. } = self.place(Slot::Passphrase);
                let place = EntryPlace { suite, account, generation, entry: item.id };
                if entries.iter().all(|(_, known)| known != entry) {
                    entries.push((place, entry.to_vec()));
                }
            }
        }
        Seen { escrow, entries }
    }

    /// Tries a key as each kind of key on all that it could open.
    fn try_key(&self, key: &Bytes32, seen: &Seen) -> Opened {
        let mut opened = Opened::default();
        for (slot, sealed) in &self.keyslots {
            let bundle = keyslot::unwrap(sealed, &KeyEncryptionKey::from_bytes(key), self.place(*slot));
            opened.account_key += usize::from(matches!(bundle, Ok(KeyBundle::Full(_))));
        }
        let derived = AccountKey::from_bytes(key).account_keys();
        let header = device_list::Layout::parse(&self.list).expect("a list").header;
        let aad = AssociatedData::device_keys(&header);
        for key in [&DeviceKeysKey::from_bytes(key), &derived.device_keys] {
            opened.device_keys += usize::from(envelope::open(key.expose(), &aad, &seen.escrow).is_ok());
        }
        for (place, sealed) in &seen.entries {
            opened.entries += usize::from(entry::open(sealed, &derived.entry_private, *place).is_ok());
        }
        opened
    }
}

/// Every text of an object that is base64url, decoded.
fn decoded(value: &Value, into: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => into.extend(base64url::decode(text)),
        Value::Array(values) => values.iter().for_each(|value| decoded(value, into)),
        Value::Object(members) => members.values().for_each(|value| decoded(value, into)),
        _ => {}
    }
}

/// What the keyslot of a device gives: its inventory key, and all its keys.
fn loot(bundle: KeyBundle) -> (InventoryKey, Vec<Vec<u8>>) {
    match bundle {
        KeyBundle::Full(account) => (account.account_keys().inventory, vec![account.expose().to_vec()]),
        KeyBundle::Backup { inventory, save, entry_public, device_list } => {
            let keys =
                [&inventory.expose()[..], save.expose(), &entry_public.to_bytes(), &device_list.to_bytes()];
            let keys = keys.map(<[u8]>::to_vec).to_vec();
            (inventory, keys)
        }
        KeyBundle::View { inventory, device_list } => {
            let keys = vec![inventory.expose().to_vec(), device_list.to_bytes().to_vec()];
            (inventory, keys)
        }
        other => unreachable!("{other:?}"),
    }
}

/// The most that any key opens of all that the thief of the second device can get at.
fn most_opened(simulation: &Simulation) -> Opened {
    let disk = &simulation.people[ALICE].devices[1];
    let secrets: DeviceSecrets = disk.secrets().expect("is enrolled");
    let bucket = Bucket::of(simulation, disk.local_state().expect("remembers").account_id);
    let own = Slot::Device(disk.id());
    let (_, slot) = bucket.keyslots.iter().find(|(slot, _)| *slot == own).expect("is enrolled");
    let bundle = keyslot::unwrap(slot, &secrets.key_encryption_key(), bucket.place(own)).expect("its own");
    let (inventory, mut material) = loot(bundle);
    let (list, escrow) = bucket.list(&inventory);
    material.extend([secrets.expose().to_vec(), secrets.key_encryption_key().expose().to_vec(), list]);
    material.extend(bucket.snapshots.iter().map(|snapshot| Bucket::inventory(snapshot, &inventory)));
    // The vault's own secret, from which whatever else it has derives.
    material.push(vec![1; 32]);
    material.extend(bucket.objects.iter().filter(|object| object.len() < 400).cloned());
    let windows = material.iter().flat_map(|bytes| bytes.windows(32));
    let keys: BTreeSet<Bytes32> = windows.map(|window| window.try_into().expect("32 bytes")).collect();
    let seen = bucket.see(&inventory, escrow);
    let finds = keys.iter().map(|key| bucket.try_key(key, &seen));
    finds.fold(Opened::default(), |most, found| Opened {
        account_key: most.account_key.max(found.account_key),
        device_keys: most.device_keys.max(found.device_keys),
        entries: most.entries.max(found.entries),
    })
}

#[test]
fn a_stolen_device_that_may_back_up_opens_no_secret_with_all_that_there_is() {
    run(async {
        let scene = Scene::set().await;
        for permission in [Permission::View, Permission::Backup] {
            let (mut simulation, _) = scene.with(Victim::Known).await;
            simulation.permit(ALICE, 0, 1, permission).await.expect("permits");
            // The owner's other device manages: its keyslot and its part of the list lie there too.
            simulation.enrol(ALICE, 0, Permission::Manage).await.expect("enrols");
            assert_eq!(most_opened(&simulation), Opened::default(), "with {permission:?}");
        }
    });
}

#[test]
fn the_same_trial_opens_everything_to_a_device_that_may_restore() {
    run(async {
        let scene = Scene::set().await;
        let (mut simulation, _) = scene.with(Victim::Known).await;
        simulation.permit(ALICE, 0, 1, Permission::Restore).await.expect("permits");
        let most = most_opened(&simulation);
        assert!(most.account_key > 0 && most.device_keys > 0 && most.entries > 0, "{most:?}");
    });
}
