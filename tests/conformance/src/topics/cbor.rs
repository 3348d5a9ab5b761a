//! The form of CBOR items, as values of a key that no reader knows (protocol.md section 1).

use crate::Topic;
use crate::case::{bytes, expect, hex, result_of, text};
use crate::seeded::Seeded;
use anyhow::{Context, Result, ensure};
use rootcellar_client::OpenError;
use rootcellar_client::inventory::Inventory;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "cbor", generate, check };

/// How many items of [`random`] one vector holds.
const RANDOM_ITEMS: usize = 600;

fn valid() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("unsigned", vec![0x17]),
        ("unsigned-largest", [&[0x1b][..], &[0xff; 8]].concat()),
        ("negative-smallest", [&[0x3b][..], &[0xff; 8]].concat()),
        ("bytes", vec![0x42, 0xff, 0x00]),
        ("text", b"\x66a\xc3\xa9\xe2\x82\xac".to_vec()),
        ("text-of-four-bytes-a-character", b"\x64\xf0\x9f\xa5\x95".to_vec()),
        ("array", vec![0x83, 0xf4, 0xf5, 0xf6]),
        ("map", vec![0xa3, 0x00, 0x00, 0x17, 0x00, 0x18, 0x18, 0x00]),
        ("map-empty", vec![0xa0]),
        ("map-key-largest", [&[0xa2, 0x00, 0x00, 0x1b][..], &[0xff; 8], &[0x00]].concat()),
        ("nested-16-with-the-map-around-it", [vec![0x81; 15], vec![0x00]].concat()),
        ("nested-maps-and-arrays", [[0x81, 0xa1, 0x00].repeat(7), vec![0x80]].concat()),
    ]
}

fn other_types() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("undefined", vec![0xf7]),
        ("simple-0", vec![0xe0]),
        ("simple-32", vec![0xf8, 0x20]),
        ("simple-24-reserved", vec![0xf8, 0x18]),
        ("simple-true-in-two-bytes", vec![0xf8, 0x15]),
        ("float-half", vec![0xf9, 0x3c, 0x00]),
        ("float-half-like-true", vec![0xf9, 0x00, 0x15]),
        ("float-single", vec![0xfa, 0x3f, 0x80, 0x00, 0x00]),
        ("float-double", vec![0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("tag-0", b"\xc0\x6a2024-05-31".to_vec()),
        ("tag-bignum", vec![0xc2, 0x41, 0x01]),
        ("tag-self-described", vec![0xd9, 0xd9, 0xf7, 0x00]),
    ]
}

fn other_forms() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("break-alone", vec![0xff]),
        ("indefinite-array", vec![0x9f, 0x00, 0xff]),
        ("indefinite-map", vec![0xbf, 0x01, 0x00, 0xff]),
        ("indefinite-map-broken-off-after-a-key", vec![0xbf, 0x01, 0xff]),
        ("indefinite-bytes", vec![0x5f, 0x41, 0x00, 0xff]),
        ("indefinite-text", vec![0x7f, 0x61, 0x61, 0xff]),
        ("reserved-length-28", vec![0x1c]),
        ("reserved-length-28-and-16-bytes", [&[0x1c][..], &[1; 16]].concat()),
        ("reserved-length-30", vec![0x5e]),
        ("unsigned-not-shortest-1", vec![0x18, 0x17]),
        ("unsigned-not-shortest-2", vec![0x19, 0x00, 0xff]),
        ("unsigned-not-shortest-4", vec![0x1a, 0x00, 0x00, 0xff, 0xff]),
        ("unsigned-not-shortest-8", vec![0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
        ("negative-not-shortest", vec![0x38, 0x00]),
        ("bytes-length-not-shortest", vec![0x58, 0x01, 0x00]),
        ("text-length-not-shortest", vec![0x78, 0x01, 0x61]),
        ("array-length-not-shortest", vec![0x98, 0x00]),
        ("map-length-not-shortest", vec![0xb8, 0x00]),
        ("map-key-not-shortest", vec![0xa1, 0x18, 0x01, 0x00]),
        ("map-key-text", vec![0xa1, 0x61, 0x61, 0x00]),
        ("map-key-negative", vec![0xa1, 0x20, 0x00]),
        ("map-key-twice", vec![0xa2, 0x01, 0x00, 0x01, 0x00]),
        ("map-keys-descending", vec![0xa2, 0x02, 0x00, 0x01, 0x00]),
        ("text-not-utf-8", vec![0x61, 0xff]),
        ("text-overlong", vec![0x62, 0xc0, 0x80]),
        ("text-surrogate", vec![0x63, 0xed, 0xa0, 0x80]),
        ("text-beyond-unicode", vec![0x64, 0xf4, 0x90, 0x80, 0x80]),
        ("text-ends-within-a-character", vec![0x61, 0xc3]),
        ("array-ends-early", vec![0x82, 0x00]),
        ("array-of-huge-length", [&[0x9b][..], &[0xff; 8]].concat()),
        ("bytes-of-huge-length", [&[0x5b][..], &[0xff; 8]].concat()),
        ("head-ends-early", vec![0x19, 0x01]),
        ("two-items", vec![0x00, 0x00]),
        ("no-bytes", Vec::new()),
        ("nested-17-with-the-map-around-it", [vec![0x81; 16], vec![0x00]].concat()),
        ("nested-17-empty-map", [vec![0x81; 15], vec![0xa1, 0x00, 0xa0]].concat()),
        ("nested-5000", [vec![0x81; 5_000], vec![0x00]].concat()),
    ]
}

/// Items that are of the form nearly everywhere, so that about half of them are of it everywhere.
fn random(seeded: &mut Seeded, levels: u8) -> Vec<u8> {
    let [choice, argument, fault] = seeded.bytes();
    if fault < 6 {
        return vec![choice, argument];
    }
    let count = usize::from(argument % 4);
    match choice % 8 {
        0 => head(0, argument),
        1 => head(1, argument),
        2 => [head(2, argument % 40), vec![choice; usize::from(argument % 40)]].concat(),
        3 => [
            head(3, argument % 28 + 2),
            "é".repeat(15).into_bytes()[..usize::from(argument % 28 + 2)].to_vec(),
        ]
        .concat(),
        4 | 5 if levels > 0 => {
            let items = (0..count).flat_map(|_| random(seeded, levels - 1)).collect();
            [head(4, argument % 4), items].concat()
        }
        6 if levels > 0 => {
            let fields =
                (0..argument % 4).flat_map(|key| [head(0, key * 20), random(seeded, levels - 1)].concat());
            let fields = fields.collect();
            [head(5, argument % 4), fields].concat()
        }
        _ => vec![0xf4 + argument % 3],
    }
}

/// A head in its shortest form.
fn head(major: u8, argument: u8) -> Vec<u8> {
    if argument < 24 { vec![major << 5 | argument] } else { vec![major << 5 | 24, argument] }
}

fn generate() -> Vec<(String, Value)> {
    let single = valid().into_iter().chain(other_types()).chain(other_forms()).map(|(name, item)| {
        let result = result_of(&read(&item).map(drop));
        (name.to_owned(), json!({ "item": hex(&item), "result": result }))
    });
    let mut vectors: Vec<(String, Value)> = single.collect();
    let mut seeded = Seeded::new("cbor");
    let items: Vec<Vec<u8>> = (0..RANDOM_ITEMS).map(|_| random(&mut seeded, 5)).collect();
    let formed: Vec<bool> = items.iter().map(|item| read(item).is_ok()).collect();
    let items: Vec<String> = items.iter().map(hex).collect();
    vectors.push(("random".to_owned(), json!({ "items": items, "formed": formed, "result": "valid" })));
    vectors
}

/// An inventory without entries, whose last key nobody knows.
fn inventory(item: &[u8]) -> Vec<u8> {
    let device = [&[0xa2, 0x01, 0x50][..], &[1; 16], b"\x02\x65phone"].concat();
    [&[0xa4, 0x01, 0x05, 0x02][..], &device, &[0x03, 0x80, 0x18, 0xff], item].concat()
}

fn read(item: &[u8]) -> Result<Inventory, OpenError> {
    Inventory::decode(&inventory(item))
}

fn check(vector: &Value) -> Result<()> {
    if vector["items"].is_array() {
        let items = vector["items"].as_array().context("items")?;
        for (place, item) in items.iter().enumerate() {
            let item = bytes(&json!({ "item": item }), "item")?;
            ensure!(vector["formed"][place] == read(&item).is_ok(), "item {place}");
        }
        return Ok(());
    }
    let item = bytes(vector, "item")?;
    let found = read(&item);
    expect(vector, "result", result_of(&found))?;
    if text(vector, "result")? == "valid" {
        ensure!(found?.encode().as_slice() == inventory(&item), "the value was not written back as it was");
    }
    Ok(())
}
