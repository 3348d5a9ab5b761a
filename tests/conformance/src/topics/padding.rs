//! Padding to size classes (protocol.md section 6.1).

use crate::Topic;
use crate::case::{bytes, expect, hex, result_of};
use anyhow::{Context, Result, ensure};
use rootcellar_client::padding::{pad, unpad};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "padding", generate, check };

fn generate() -> Vec<(String, Value)> {
    let padded = |length| pad(&vec![0xa5; length]).expect("small").to_vec();
    let with = |mut bytes: Vec<u8>, change: fn(&mut Vec<u8>)| {
        change(&mut bytes);
        bytes
    };
    [
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
    ]
    .into_iter()
    .map(|(name, padded)| {
        let outcome = unpad(&padded);
        let mut vector = json!({ "padded": hex(&padded), "result": result_of(&outcome) });
        if let Ok(plaintext) = outcome {
            vector["plaintext"] = hex(plaintext).into();
        }
        (name.to_owned(), vector)
    })
    .collect()
}

fn check(vector: &Value) -> Result<()> {
    let padded = bytes(vector, "padded")?;
    let outcome = unpad(&padded);
    expect(vector, "result", result_of(&outcome))?;
    if let Ok(plaintext) = outcome {
        expect(vector, "plaintext", hex(plaintext))?;
        ensure!(pad(plaintext).context("too long")?.as_slice() == padded, "padding again gives other bytes");
    }
    Ok(())
}
