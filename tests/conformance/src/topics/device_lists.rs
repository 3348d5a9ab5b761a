//! Device lists: whole ones, continuity with what a device has seen, and the vault's table beside them
//! (protocol.md section 18).

mod crafted;

use crate::Topic;
use crate::case::{array, bytes, continuity_of, expect, hex, number, result_of, seen, text};
use crate::seeded::Seeded;
use anyhow::{Context, Result};
use rootcellar_client::OpenError;
use rootcellar_client::device_list::{self, Contents, Device, DeviceList, ListKeys, same_as_table};
use rootcellar_client::inventory::Label;
use rootcellar_client::key_ring::KeyRing;
use rootcellar_client::keys::{AccountKey, KeyEncryptionKey};
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::devices::EnrolledDevice;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, Number, OperationId, SuiteId, Timestamp};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "device-lists", generate, check };

const ACCOUNT: [u8; 16] = [0xac; 16];
const ACCOUNT_KEY: [u8; 32] = [0x5e; 32];

fn held(account_key: &[u8; 32]) -> KeyRing {
    AccountKey::from_bytes(account_key).into()
}

fn keys(held: &KeyRing) -> ListKeys<'_> {
    ListKeys::of(held).expect("the account key was given")
}

fn ancestors(number: u64) -> Vec<Digest> {
    (1..number).rev().take(64).map(|n| Digest::of(&n.to_be_bytes())).collect()
}

fn header(number: u64) -> Header {
    Header {
        suite: SuiteId::ONE,
        account: AccountId(ACCOUNT),
        generation: Generation::FIRST,
        number: Number(number),
        operation: OperationId([0x0b; 16]),
        ancestors: ancestors(number),
    }
}

fn device(n: u8, permission: Permission) -> Device {
    let label = Label::parse(&format!("device {n} \u{1f4f1}")).expect("a valid label");
    Device::new(DeviceId([n; 16]), label, permission, [0xe0 + n; 32], Timestamp(1_740_000_000 + u64::from(n)))
}

fn kek(n: u8) -> KeyEncryptionKey {
    KeyEncryptionKey::from_bytes(&[0x30 + n; 32])
}

/// A list of devices 1, 2, … with these permissions.
fn sealed(number: u64, permissions: &[Permission], account_key: &[u8; 32]) -> Vec<u8> {
    let numbers = 1_u8..;
    let devices: Vec<_> = numbers.zip(permissions).map(|(n, permission)| device(n, *permission)).collect();
    let keks: Vec<_> = (1_u8..).zip(permissions).map(|(n, _)| kek(n)).collect();
    let contents = Contents::new(Timestamp(1_750_000_000), DeviceId([1; 16]), devices);
    let keks: Vec<_> = keks.iter().collect();
    let mut seeded = Seeded::new("device list");
    device_list::seal(&header(number), &contents, &keks, keys(&held(account_key)), &mut seeded)
}

fn generate() -> Vec<(String, Value)> {
    let mut vectors = Vec::new();
    let mut add = |name: &str, bytes: &[u8], changes: Value| {
        let mut vector = json!({
            "account_key": hex(ACCOUNT_KEY), "account": hex(ACCOUNT), "generation": 1, "device_list": hex(bytes),
        });
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    let third = sealed(3, &Permission::ALL, &ACCOUNT_KEY);
    add("first-with-one-device", &sealed(1, &[Permission::Backup], &ACCOUNT_KEY), json!({}));
    add("second-and-empty", &sealed(2, &[], &ACCOUNT_KEY), json!({}));
    add("third-with-every-permission", &third, json!({}));
    add("with-64-ancestors-and-16-devices", &sealed(99, &[Permission::View; 16], &ACCOUNT_KEY), json!({}));
    add("another-account", &third, json!({ "account": hex([7; 16]) }));
    add("another-generation", &third, json!({ "generation": 2 }));
    add("signed-by-another-account-key", &sealed(3, &[], &[7; 32]), json!({}));
    continuity(&third, &mut add);
    tables(&third, &mut add);
    changed(&third, &mut add);
    for (name, bytes) in crafted::all() {
        add(name, &bytes, json!({}));
    }
    vectors
}

fn continuity(third: &[u8], add: &mut impl FnMut(&str, &[u8], Value)) {
    let far = sealed(99, &[], &ACCOUNT_KEY);
    for (name, bytes, number, digest) in [
        ("continues-the-one-before", third, 2, ancestors(3)[0]),
        ("continues-the-first", third, 1, ancestors(3)[1]),
        ("continues-itself", third, 3, Digest::of(third)),
        ("another-of-the-same-number", third, 3, Digest([7; 32])),
        ("fork-of-the-first", third, 1, Digest([7; 32])),
        ("rollback", third, 4, Digest([7; 32])),
        ("continues-across-64", &far, 35, ancestors(99)[63]),
        ("gap-of-65", &far, 34, Digest([7; 32])),
    ] {
        add(name, bytes, json!({ "seen": { "number": number, "digest": hex(digest.0) } }));
    }
}

fn tables(third: &[u8], add: &mut impl FnMut(&str, &[u8], Value)) {
    let row = |n: u8, permission: Permission| json!({ "id": hex([n; 16]), "request_key": hex([0xe0 + n; 32]), "permission": permission.as_str() });
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| row(n, Permission::ALL[usize::from(n) - 1]));
    let mut other_key = four.clone();
    other_key["request_key"] = hex([7; 32]).into();
    let more = row(5, Permission::View);
    for (name, table) in [
        ("table-of-the-same-devices", json!([four, three, two, one])),
        ("table-without-a-device", json!([one, two, three])),
        ("table-with-one-more-device", json!([one, two, three, four, more])),
        ("table-with-another-permission", json!([one, two, three, row(4, Permission::View)])),
        ("table-with-another-request-key", json!([one, two, three, other_key])),
    ] {
        add(name, third, json!({ "table": table }));
    }
}

/// Lists that were changed or cut.
fn changed(third: &[u8], add: &mut impl FnMut(&str, &[u8], Value)) {
    let last = third.len() - 1;
    for (name, at) in [
        ("changed-operation", 40),
        ("changed-ancestor", 60),
        ("changed-envelope", 200),
        ("changed-signature", last - 40),
        ("changed-signature-scalar", last - 20),
    ] {
        let mut changed = third.to_vec();
        changed[at] ^= 1;
        add(name, &changed, json!({}));
    }
    // The scalar plus the order of the group: the same signature, written in another way.
    let mut beyond = third.to_vec();
    add_group_order(beyond.last_chunk_mut().expect("a signature ends it"));
    add("signature-scalar-not-reduced", &beyond, json!({}));
    let with = |at: usize, value: u8| {
        let mut changed = third.to_vec();
        changed[at] = value;
        changed
    };
    add("magic-of-a-snapshot", &[b"RCSNAP", &third[6..]].concat(), json!({}));
    add("version-2", &with(7, 2), json!({}));
    add("unknown-suite", &with(8, 0x7f), json!({}));
    // Of those for tests, one that no build knows.
    add("test-suite", &[&third[..8], &[0xff; 2], &third[10..]].concat(), json!({}));
    add("version-2-of-another-shape", &[&third[..7], &[2], &third[8..12]].concat(), json!({}));
    add("generation-zero", &with(29, 0), json!({}));
    add("number-zero", &with(37, 0), json!({}));
    add("number-without-its-ancestors", &with(37, 4), json!({}));
    add("empty", &[], json!({}));
    add("truncated", &third[..last], json!({}));
    add("trailing-byte", &[third, &[0]].concat(), json!({}));
}

/// Adds the order of the group of Ed25519 to a scalar, both little-endian.
fn add_group_order(scalar: &mut [u8; 32]) {
    const LOW: [u8; 16] =
        [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];
    let mut carry = 0_u16;
    for (at, byte) in scalar.iter_mut().enumerate() {
        let order = LOW.get(at).copied().unwrap_or(if at == 31 { 0x10 } else { 0 });
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
}

fn describe(vector: &mut Value) -> Result<()> {
    let held = held(&array(vector, "account_key")?);
    let account = AccountId(array(vector, "account")?);
    let generation = Generation(u32::try_from(number(vector, "generation")?)?);
    let bytes = bytes(vector, "device_list")?;
    let list = device_list::open(&bytes, (account, generation), held.inventory(), held.device_list());
    let outcome = list.and_then(|list| {
        let device_keys = list.device_keys(keys(&held).device_keys)?;
        Ok::<_, OpenError>((list, device_keys))
    });
    vector["result"] = result_of(&outcome).into();
    let Ok((list, device_keys)) = outcome else { return Ok(()) };
    vector["digest"] = hex(list.digest.0).into();
    vector["content"] = content(&list, &device_keys);
    if let Some(seen) = seen(vector)? {
        vector["continuity"] = continuity_of(seen.judge_list(&list)).into();
    }
    if let Some(rows) = vector["table"].as_array() {
        let table = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
        vector["agrees"] = same_as_table(Some(&list), &table).is_ok().into();
    }
    Ok(())
}

fn row(row: &Value) -> Result<EnrolledDevice> {
    let permission = text(row, "permission")?;
    let permission = Permission::ALL.into_iter().find(|known| known.as_str() == permission);
    Ok(EnrolledDevice {
        id: DeviceId(array(row, "id")?),
        request_key: array(row, "request_key")?,
        permission: permission.context("an unknown permission")?,
        enrolled_at: Timestamp(0),
        last_seen_at: Timestamp(0),
    })
}

/// What a list says, as JSON.
fn content(list: &DeviceList, device_keys: &[KeyEncryptionKey]) -> Value {
    let device = |(device, key): (&Device, &KeyEncryptionKey)| {
        json!({
            "id": hex(device.id.0), "label": device.label.exact(), "permission": device.permission.as_str(),
            "request_key": hex(device.request_key), "enrolled": device.enrolled_at.0, "kind": device.kind.number(), "device_kek": hex(key.expose()),
        })
    };
    let devices: Vec<Value> = list.contents.devices.iter().zip(device_keys).map(device).collect();
    json!({
        "number": list.header.number.0, "changed": list.contents.changed_at.0,
        "changed_by": hex(list.contents.changed_by.0), "devices": devices,
    })
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "digest", "content", "continuity", "agrees"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
