//! The CBOR of inventories (protocol.md sections 1 and 9).

use crate::Topic;
use crate::case::{bytes, expect, hex, result_of};
use anyhow::{Result, ensure};
use minicbor::Encoder;
use rootcellar_client::entry::Kind;
use rootcellar_client::inventory::{Device, Inventory, Item, Label, Proof};
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

/// The same with another kind, whose number takes one byte.
fn of_kind(kind: u8, extra: &[u8], fields: u64) -> Vec<u8> {
    let item = item(1, "one", extra, fields);
    [&item[..25], &[kind], &item[27..]].concat()
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

/// What an inventory says beside the entries: keys 5 to 9.
fn about() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| encoded(|encoder| drop(encoder.str(text)));
    let texts = |texts: &[&str]| array_of(texts.iter().map(|one| text(one)).collect());
    let bytes = |length: usize| encoded(|encoder| drop(encoder.bytes(&vec![0x71; length])));
    let digests = |count: u8| array_of((0..count).map(|n| [&[0x58, 0x20][..], &[n; 32]].concat()).collect());
    let with = |fields: &[(u8, Vec<u8>)]| {
        let head = vec![0xa3 + u8::try_from(fields.len()).expect("few fields")];
        let body = written(&[&item(1, "one", &[], 6)], false)[1..].to_vec();
        let fields = fields.iter().flat_map(|(key, value)| [&[*key][..], value].concat());
        [head, body, fields.collect()].concat()
    };
    let name = |length| with(&[(5, text(&"é".repeat(length)))]);
    let address = "https://vault.example.org";
    let addresses = |count: usize| with(&[(6, texts(&vec![address; count]))]);
    let proofs = |proofs: Vec<Vec<u8>>| with(&[(7, array_of(proofs))]);
    let quorum = |length| with(&[(8, bytes(length))]);
    let merged = |count| with(&[(9, digests(count))]);
    let everything = [
        (5, text("alice")),
        (6, texts(&[address, "http://localhost:8787"])),
        (7, array_of(vec![proof(2, &[]), proof(3, &[])])),
        (8, bytes(100)),
        (9, digests(2)),
    ];
    vec![
        ("with-everything", with(&everything)),
        ("account-name-longest-in-bytes", name(64)),
        ("account-name-too-long-in-bytes", name(65)),
        ("account-name-empty", with(&[(5, text(""))])),
        ("account-name-with-control-character", with(&[(5, text("al\u{7}ice"))])),
        ("account-name-is-bytes", with(&[(5, bytes(5))])),
        ("addresses-eight", addresses(8)),
        ("addresses-nine", addresses(9)),
        ("addresses-none", addresses(0)),
        ("address-empty", with(&[(6, texts(&[""]))])),
        ("address-longest", with(&[(6, texts(&[&"a".repeat(512)]))])),
        ("address-too-long", with(&[(6, texts(&[&"a".repeat(513)]))])),
        ("address-with-control-character", with(&[(6, texts(&["https://a\n"]))])),
        ("proof-of-a-way-of-a-newer-version", proofs(vec![proof(0x17, &[])])),
        ("proof-with-an-unknown-field", proofs(vec![proof(1, &[0x05, 0xf6])])),
        ("proofs-thirty-two", proofs(vec![proof(1, &[]); 32])),
        ("proofs-thirty-three", proofs(vec![proof(1, &[]); 33])),
        ("proofs-none", proofs(Vec::new())),
        ("proof-without-its-device", proofs(vec![[&[0xa3][..], &proof(1, &[])[1..40]].concat()])),
        ("proof-is-no-map", proofs(vec![vec![0x01]])),
        ("quorum-set-largest", quorum(4096)),
        ("quorum-set-too-large", quorum(4097)),
        ("quorum-set-empty", quorum(0)),
        ("quorum-set-is-an-array", with(&[(8, digests(1))])),
        ("merged-sixty-four", merged(64)),
        ("merged-sixty-five", merged(65)),
        ("merged-none", merged(0)),
        ("merged-digest-short", with(&[(9, array_of(vec![bytes(31)]))])),
    ]
}

/// A proof of this way, with what follows its four fields.
fn proof(way: u8, extra: &[u8]) -> Vec<u8> {
    let head = if extra.is_empty() { 0xa4 } else { 0xa5 };
    let digest = [&[0x03, 0x58, 0x20][..], &[0xd5; 32]].concat();
    [&[head, 0x01, way, 0x02, 0x17][..], &digest, &[0x04, 0x50], &[0xde; 16], extra].concat()
}

fn array_of(items: Vec<Vec<u8>>) -> Vec<u8> {
    [encoded(|encoder| drop(encoder.array(items.len() as u64))), items.concat()].concat()
}

fn encoded(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Encoder::new(&mut out));
    out
}

fn generate() -> Vec<(String, Value)> {
    let digests: Vec<Digest> = (0_u8..3).map(|n| Digest::of(&[n])).collect();
    let (one, two) = (item(1, "one", &[], 6), item(2, "two", &[], 6));
    let list = [&[0xa2, 0x01, 0x03, 0x02, 0x58, 0x20][..], &[9; 32]].concat();
    let full = sample(&digests, Some([1, 2, 3, 4])).encode().to_vec();
    let mut descending = full.clone();
    // The first key of the map is the second byte.
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
        ("phrase-without-fingerprint", written(&[&of_kind(1, &[], 6)], false)),
        ("text-with-fingerprint", written(&[&of_kind(3, &[0x07, 0x44, 1, 2, 3, 4], 7)], false)),
        ("digest-missing", written(&[&[&[0xa5][..], &one[1..one.len() - 35]].concat()], false)),
        ("keys-descending", descending),
        ("trailing-byte", [&full[..], &[0]].concat()),
        ("truncated", full[..full.len() - 1].to_vec()),
        ("no-bytes", Vec::new()),
    ]
    .into_iter()
    .chain(limits())
    .chain(about())
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
            "id": hex(item.id.0), "label": item.label.exact(), "kind": item.kind, "created": item.created_at.0,
            "changed": item.changed_at.0, "digest": hex(item.digest.0), "fingerprint": item.fingerprint.map(hex),
        })
    };
    let mut content = json!({
        "created": inventory.created_at.0,
        "device": { "id": hex(inventory.device.id.0), "label": inventory.device.label.exact() },
        "entries": inventory.items.iter().map(item).collect::<Vec<_>>(),
    });
    if let Some(seen) = &inventory.device_list {
        content["device_list"] = json!({ "number": seen.number.0, "digest": hex(seen.digest.0) });
    }
    let about = &inventory.about;
    if let Some(name) = about.account_name() {
        content["account_name"] = name.into();
    }
    if !about.vault_addresses().is_empty() {
        content["vault_addresses"] = json!(about.vault_addresses());
    }
    let proof = |proof: &Proof| {
        json!({
            "way": proof.way, "proven": proof.proven_at.0, "snapshot": hex(proof.snapshot.0), "device": hex(proof.device.0),
        })
    };
    if !about.proofs.is_empty() {
        content["proofs"] = about.proofs.iter().map(proof).collect();
    }
    if !about.merged.is_empty() {
        content["merged"] = about.merged.iter().map(|digest| hex(digest.0)).collect();
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
