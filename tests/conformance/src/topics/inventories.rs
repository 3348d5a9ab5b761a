//! The CBOR of inventories (protocol.md sections 1 and 9).

use crate::Topic;
use crate::case::{bytes, expect, hex, result_of};
use anyhow::{Result, ensure};
use minicbor::Encoder;
use rootcellar_client::entry::Kind;
use rootcellar_client::inventory::{Device, Inventory, Item, Label};
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{Digest, EntryId, Timestamp};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "inventories", generate, check };

/// An inventory of texts; the first is a phrase where its fingerprint is given.
pub(super) fn sample(digests: &[Digest], phrase: Option<[u8; 4]>) -> Inventory {
    let label = |text: &str| Label::parse(text).expect("a valid label");
    let device = Device { id: DeviceId([0xd1; 16]), label: label("Pixel 9") };
    let mut inventory = Inventory::new(Timestamp(1_750_000_000), device);
    for (place, digest) in digests.iter().enumerate() {
        let number = u16::try_from(place).expect("few entries");
        let fingerprint = phrase.filter(|_| number == 0);
        let kind = if fingerprint.is_some() { Kind::Bip39 } else { Kind::Text };
        let mut id = [number.to_be_bytes()[1]; 16];
        id[0] = id[0].wrapping_add(number.to_be_bytes()[0]);
        let id = EntryId(id);
        let label = label(&format!("entry {number} \u{1f955}"));
        inventory.items.push(Item::new(id, label, kind, Timestamp(1_740_000_000), *digest, fingerprint));
    }
    inventory
}

/// Writes an inventory by hand, with these items.
fn written(items: &[&[u8]], indefinite: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out);
    let device: Result<_, minicbor::encode::Error<_>> = (|| {
        encoder
            .map(3)?
            .u64(1)?
            .u64(5)?
            .u64(2)?
            .map(2)?
            .u64(1)?
            .bytes(&[1; 16])?
            .u64(2)?
            .str("phone")?
            .u64(3)?;
        if indefinite { encoder.begin_array() } else { encoder.array(items.len() as u64) }.map(drop)
    })();
    device.expect("writing to memory does not fail");
    items.iter().for_each(|item| out.extend_from_slice(item));
    if indefinite {
        out.push(0xff);
    }
    out
}

/// Writes an item by hand.
fn item(id: u8, label: &str, extra: &[u8], fields: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let result: Result<_, minicbor::encode::Error<_>> =
        Encoder::new(&mut out).map(fields).and_then(|encoder| {
            encoder.u64(1)?.bytes(&[id; 16])?.u64(2)?.str(label)?.u64(3)?.u64(77)?;
            encoder.u64(4)?.u64(1)?.u64(5)?.u64(2)?.u64(6)?.bytes(&[9; 32]).map(drop)
        });
    result.expect("writing to memory does not fail");
    out.extend_from_slice(extra);
    out
}

/// An inventory of one item, with what its device saw of a device list.
fn with_list(item: &[u8], list: &[u8]) -> Vec<u8> {
    [&[0xa4][..], &written(&[item], false)[1..], &[0x04], list].concat()
}

/// Labels, and numbers of entries, at their limits and beyond.
fn limits() -> Vec<(&'static str, Vec<u8>)> {
    let label = |label: &str| written(&[&item(1, label, &[], 6)], false);
    let entries = |count: u16| {
        let digests: Vec<Digest> = (0..count).map(|n| Digest::of(&n.to_be_bytes())).collect();
        sample(&digests, None).encode().to_vec()
    };
    vec![
        ("label-empty", label("")),
        ("label-too-long", label(&"l".repeat(257))),
        ("label-longest-in-bytes", label(&"é".repeat(128))),
        ("label-too-long-in-bytes", label(&"é".repeat(129))),
        ("label-with-control-character", label("a\u{1b}[2J")),
        ("entries-256", entries(256)),
        ("entries-257", entries(257)),
    ]
}

fn generate() -> Vec<(String, Value)> {
    let digests: Vec<Digest> = (0_u8..3).map(|n| Digest::of(&[n])).collect();
    let (one, two) = (item(1, "one", &[], 6), item(2, "two", &[], 6));
    let list = [&[0xa2, 0x01, 0x03, 0x02, 0x58, 0x20][..], &[9; 32]].concat();
    let full = sample(&digests, Some([1, 2, 3, 4])).encode().to_vec();
    let mut descending = full.clone();
    // The first key of the map stands in the second byte.
    descending[1] = 0x04;
    [
        ("empty", sample(&[], None).encode().to_vec()),
        ("three-entries", full.clone()),
        ("kind-of-a-newer-version", written(&[&one, &two], false)),
        (
            "unknown-field-of-an-item",
            written(&[&item(1, "one", &[0x18, 0x63, 0x82, 0x01, 0x41, 0x00], 7)], false),
        ),
        (
            "unknown-field-of-the-inventory",
            [&[0xa4][..], &written(&[&one], false)[1..], &[0x18, 0x20, 0xa0]].concat(),
        ),
        ("with-a-device-list", with_list(&one, &list)),
        (
            "unknown-field-of-the-device-list",
            with_list(&one, &[&[0xa3][..], &list[1..], &[0x09, 0xf5]].concat()),
        ),
        ("device-list-without-digest", with_list(&one, &[0xa1, 0x01, 0x03])),
        ("device-list-without-number", with_list(&one, &[&[0xa1][..], &list[3..]].concat())),
        (
            "device-list-digest-short",
            with_list(&one, &[&[0xa2, 0x01, 0x03, 0x02, 0x58, 0x1f][..], &[9; 31]].concat()),
        ),
        ("device-list-is-no-map", with_list(&one, &[0x03])),
        ("entry-id-twice", written(&[&one, &one], false)),
        ("array-indefinite", written(&[&one], true)),
        ("fingerprint-of-three-bytes", written(&[&item(1, "one", &[0x07, 0x43, 1, 2, 3], 7)], false)),
        ("digest-missing", written(&[&[&[0xa5][..], &one[1..one.len() - 35]].concat()], false)),
        ("keys-descending", descending),
        ("trailing-byte", [&full[..], &[0]].concat()),
        ("truncated", full[..full.len() - 1].to_vec()),
        ("no-bytes", Vec::new()),
    ]
    .into_iter()
    .chain(limits())
    .map(|(name, cbor)| {
        let mut vector = json!({ "cbor": hex(&cbor) });
        describe(&mut vector, &cbor);
        (name.to_owned(), vector)
    })
    .collect()
}

fn describe(vector: &mut Value, cbor: &[u8]) {
    let outcome = Inventory::decode(cbor);
    vector["result"] = result_of(&outcome).into();
    if let Ok(inventory) = outcome {
        vector["inventory"] = content(&inventory);
    }
}

/// What an inventory says, as JSON.
pub(super) fn content(inventory: &Inventory) -> Value {
    let item = |item: &Item| {
        json!({
            "id": hex(item.id.0), "label": item.label.as_str(), "kind": item.kind, "created": item.created_at.0,
            "changed": item.changed_at.0, "digest": hex(item.digest.0), "fingerprint": item.fingerprint.map(hex),
        })
    };
    let mut content = json!({
        "created": inventory.created_at.0,
        "device": { "id": hex(inventory.device.id.0), "label": inventory.device.label.as_str() },
        "entries": inventory.items.iter().map(item).collect::<Vec<_>>(),
    });
    if let Some(seen) = &inventory.device_list {
        content["device_list"] = json!({ "number": seen.number.0, "digest": hex(seen.digest.0) });
    }
    content
}

fn check(vector: &Value) -> Result<()> {
    let cbor = bytes(vector, "cbor")?;
    let mut found = json!({});
    describe(&mut found, &cbor);
    ["result", "inventory"].into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))?;
    if let Ok(inventory) = Inventory::decode(&cbor) {
        ensure!(inventory.encode().as_slice() == cbor, "writing it again gives other bytes");
    }
    Ok(())
}
