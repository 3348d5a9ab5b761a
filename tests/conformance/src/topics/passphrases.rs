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
        Err(TextError::Unassigned(_)) => "unassigned",
        Err(TextError::Untypable(_)) => "untypable",
        Err(_) => "space-in-name",
    }
}

/// Adds the character that a text was refused for, if it was.
pub(super) fn add_character<T>(vector: &mut Value, outcome: &Result<T, TextError>) {
    if let Err(TextError::Unassigned(found) | TextError::Untypable(found) | TextError::SpaceInName(found)) =
        outcome
    {
        vector["code_point"] = format!("U+{:04X}", u32::from(found.character)).into();
        vector["position"] = found.position.into();
    }
}

fn generate() -> Vec<(String, Value)> {
    [
        ("ascii", "correct horse battery staple".to_owned()),
        ("white-space-at-ends", " \t\u{3000}seven sheep\u{a0}\r\n".to_owned()),
        ("inner-white-space-stays", "a  b\u{a0}c\u{3000}d".to_owned()),
        ("inner-tab", "seven\tsheep".to_owned()),
        ("inner-line-break", "seven\nsheep".to_owned()),
        ("inner-line-separator", "seven\u{2028}sheep".to_owned()),
        ("nul", "seven sheep\0".to_owned()),
        ("c1-control", " seven\u{9b}sheep".to_owned()),
        ("zero-width-space", "seven\u{200b} sheep".to_owned()),
        ("zero-width-joiner", "\u{1f468}\u{200d}\u{1f469}".to_owned()),
        ("variation-selector", "\u{2764}\u{fe0f}".to_owned()),
        ("bidirectional-override", "seven \u{202e}sheep".to_owned()),
        ("tag-character", "\u{1f3f4}\u{e0067}\u{e007f}".to_owned()),
        ("emoji-of-one-code-point", "\u{1f600}\u{1f1e9}\u{1f1ea}\u{1f44d}\u{1f3fd}".to_owned()),
        ("unassigned-after-untypable", "a\u{200b}\u{378}".to_owned()),
        ("composed", "Gr\u{fc}ne Wiese".to_owned()),
        ("decomposed", "Gru\u{308}ne Wiese".to_owned()),
        ("ligature", "\u{fb01}ve".to_owned()),
        ("hangul", "\u{d55c}\u{ae00}".to_owned()),
        ("full-width", "\u{ff21}\u{ff22}\u{ff23}".to_owned()),
        ("unit-separator-is-not-stripped", "\u{1f}x".to_owned()),
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
        if let Ok(passphrase) = &outcome {
            vector["normalised"] = hex(passphrase.expose()).into();
        } else {
            add_character(&mut vector, &outcome);
        }
        (name.to_owned(), vector)
    })
    .collect()
}

fn check(vector: &Value) -> Result<()> {
    let outcome = Passphrase::parse(text(vector, "input")?);
    expect(vector, "result", result_of(&outcome))?;
    let mut found = json!({});
    add_character(&mut found, &outcome);
    for field in ["code_point", "position"] {
        expect(vector, field, found[field].clone())?;
    }
    outcome.map_or(Ok(()), |passphrase| expect(vector, "normalised", hex(passphrase.expose())))
}
