//! Padding to size classes (protocol.md section 6.1).

use crate::Topic;
use crate::case::{bytes, expect, hex, result_of};
use anyhow::{Context, Result, ensure};
use rootcellar_client::padding::{pad, unpad};
use rootcellar_spec::Digest;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "padding", generate, check };

fn generate() -> Vec<(String, Value)> {
    let padded = |length| pad(&vec![0xa5; length]).expect("small").to_vec();
    let with = |mut bytes: Vec<u8>, change: fn(&mut Vec<u8>)| {
        change(&mut bytes);
        bytes
    };
    let small = [
        ("empty", padded(0)),
        ("short", padded(5)),
        ("fills-a-class", padded(252)),
        ("one-more-than-a-class", padded(253)),
        ("third-class", padded(600)),
        ("no-bytes", Vec::new()),
        ("shorter-than-a-class", with(padded(5), |bytes| bytes.truncate(255))),
        ("between-classes", with(padded(5), |bytes| bytes.resize(384, 0))),
        ("class-too-large", with(padded(5), |bytes| bytes.resize(512, 0))),
        ("length-does-not-fit", with(padded(5), |bytes| bytes[..4].copy_from_slice(&253_u32.to_be_bytes()))),
        ("length-overflows", with(padded(5), |bytes| bytes[..4].copy_from_slice(&[0xff; 4]))),
        ("not-zero", with(padded(5), |bytes| bytes[255] = 1)),
        ("length-cuts-into-the-plaintext", with(padded(5), |bytes| bytes[3] = 4)),
    ];
    let small = small.map(|(name, padded)| (name, json!({ "padded": hex(&padded) })));
    // Zeros that nobody writes out.
    let large = |length: u32, class: u32| json!({ "padded": hex(length.to_be_bytes()), "zeros": class - 4 });
    let large = [
        ("largest-class", large((1 << 20) - 4, 1 << 20)),
        ("largest-class-of-a-plaintext-for-a-smaller", large(1 << 18, 1 << 20)),
        ("beyond-the-largest-class", large((1 << 20) - 3, 1 << 21)),
    ];
    small
        .into_iter()
        .chain(large)
        .map(|(name, mut vector)| {
            describe(&mut vector).expect("the generator makes vectors that can be read");
            (name.to_owned(), vector)
        })
        .collect()
}

/// The padded bytes, with the zeros that follow those that are written out.
fn padded(vector: &Value) -> Result<Vec<u8>> {
    let mut padded = bytes(vector, "padded")?;
    let zeros = vector["zeros"].as_u64().unwrap_or_default();
    padded.resize(padded.len() + usize::try_from(zeros)?, 0);
    Ok(padded)
}

fn describe(vector: &mut Value) -> Result<()> {
    let padded = padded(vector)?;
    let outcome = unpad(&padded);
    vector["result"] = result_of(&outcome).into();
    match outcome {
        Ok(plaintext) if vector["zeros"].is_null() => vector["plaintext"] = hex(plaintext).into(),
        Ok(plaintext) => vector["plaintext_digest"] = hex(Digest::of(plaintext).0).into(),
        Err(_) => {}
    }
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "plaintext", "plaintext_digest"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))?;
    let padded = padded(vector)?;
    if let Ok(plaintext) = unpad(&padded) {
        ensure!(pad(plaintext).context("too long")?.as_slice() == padded, "padding again gives other bytes");
    }
    Ok(())
}
