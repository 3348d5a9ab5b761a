//! Normalisation of passphrases (protocol.md section 3).

use crate::Topic;
use crate::case::{expect, hex, text};
use anyhow::Result;
use rootcellar_client::text::{Passphrase, TextError};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "passphrases", generate, check };

pub(super) fn result_of<T>(outcome: &Result<T, TextError>) -> &'static str {
    match outcome {
        Ok(_) => "valid",
        Err(TextError::Empty) => "empty",
        Err(TextError::TooLong(_)) => "too-long",
        Err(TextError::Unassigned) => "unassigned",
        Err(_) => "space-in-name",
    }
}

fn generate() -> Vec<(String, Value)> {
    [
        ("ascii", "correct horse battery staple".to_owned()),
        ("white-space-at-ends", " \t\u{3000}seven sheep\u{a0}\r\n".to_owned()),
        ("inner-white-space-stays", "a  b\tc\u{3000}d".to_owned()),
        ("composed", "Gr\u{fc}ne Wiese".to_owned()),
        ("decomposed", "Gru\u{308}ne Wiese".to_owned()),
        ("ligature", "\u{fb01}ve".to_owned()),
        ("hangul", "\u{d55c}\u{ae00}".to_owned()),
        ("full-width", "\u{ff21}\u{ff22}\u{ff23}".to_owned()),
        ("unit-separator-is-not-white-space", "\u{1f}x".to_owned()),
        ("diaeresis-becomes-space", "\u{a8}x".to_owned()),
        ("case-stays", "CaSe".to_owned()),
        ("astral", "\u{1f40c}\u{1f955}".to_owned()),
        ("marks-are-ordered", "q\u{307}\u{323}".to_owned()),
        ("longest", "x".repeat(1024)),
        ("too-long", "x".repeat(1025)),
        ("longest-in-bytes", "\u{1f40c}".repeat(256)),
        ("too-long-in-bytes", "\u{1f40c}".repeat(257)),
        ("longest-in-bytes-after-normalising", "\u{e9}".repeat(341)),
        ("too-long-in-bytes-after-normalising", "\u{e9}".repeat(342)),
        ("too-long-after-normalising", "\u{fdfa}".repeat(40)),
        ("empty", String::new()),
        ("only-white-space", " \u{2003}\n".to_owned()),
        ("unassigned", "a\u{378}".to_owned()),
        ("private-use", "a\u{e000}".to_owned()),
        ("noncharacter", "a\u{ffff}".to_owned()),
    ]
    .into_iter()
    .map(|(name, input)| {
        let outcome = Passphrase::parse(&input);
        let mut vector = json!({ "input": input, "result": result_of(&outcome) });
        if let Ok(passphrase) = outcome {
            vector["normalised"] = hex(passphrase.expose()).into();
        }
        (name.to_owned(), vector)
    })
    .collect()
}

fn check(vector: &Value) -> Result<()> {
    let outcome = Passphrase::parse(text(vector, "input")?);
    expect(vector, "result", result_of(&outcome))?;
    outcome.map_or(Ok(()), |passphrase| expect(vector, "normalised", hex(passphrase.expose())))
}
