//! Bytes in JSON, in URLs and in a pairing's text (protocol.md section 1).

use crate::Topic;
use crate::case::{expect, hex, text};
use anyhow::Result;
use rootcellar_spec::base64url;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "base64url", generate, check };

fn generate() -> Vec<(String, Value)> {
    [
        ("empty", ""),
        ("one-byte", "_w"),
        ("two-bytes", "__8"),
        ("three-bytes", "-_Az"),
        ("sixteen-bytes", "7u7u7u7u7u7u7u7u7u7u7g"),
        ("one-byte-with-trailing-bits", "_x"),
        ("two-bytes-with-trailing-bits", "__9"),
        ("sixteen-bytes-with-trailing-bits", "7u7u7u7u7u7u7u7u7u7u7h"),
        ("padded", "_w=="),
        ("padded-where-none-is-needed", "-_Az===="),
        ("of-the-other-alphabet", "+/Az"),
        ("of-one-character-more", "-_AzA"),
        ("with-space", "-_ Az"),
        ("with-line-end", "-_Az\n"),
        ("with-a-dot", "-_.z"),
        ("not-ascii", "-_A\u{ff3a}"),
    ]
    .into_iter()
    .map(|(name, text)| {
        let mut vector = json!({ "text": text });
        describe(&mut vector, text);
        (name.to_owned(), vector)
    })
    .collect()
}

fn describe(vector: &mut Value, text: &str) {
    let found = base64url::decode(text);
    vector["result"] = if found.is_some() { "valid" } else { "malformed" }.into();
    if let Some(bytes) = found {
        vector["bytes"] = hex(bytes).into();
    }
}

fn check(vector: &Value) -> Result<()> {
    let mut found = json!({});
    describe(&mut found, text(vector, "text")?);
    ["result", "bytes"].into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
