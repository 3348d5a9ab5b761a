//! Normalisation and hashing of account names (protocol.md section 3).

use super::passphrases::{add_character, result_of};
use crate::Topic;
use crate::case::{expect, hex, text};
use anyhow::Result;
use rootcellar_client::text::AccountName;
use rootcellar_spec::VaultId;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "names", generate, check };

/// Names that nobody can type again from what is seen.
const UNTYPABLE: [(&str, &str); 29] = [
    ("nul", "alice\0"),
    ("inner-tab", "al\tice"),
    ("soft-hyphen", "al\u{ad}ice"),
    ("combining-grapheme-joiner", "al\u{34f}ice"),
    ("arabic-number-sign", "\u{600}1"),
    ("arabic-letter-mark", "\u{61c}\u{639}\u{644}\u{64a}"),
    ("hangul-filler", "al\u{3164}ice"),
    ("half-width-hangul-filler", "al\u{ffa0}ice"),
    ("khmer-inherent-vowel", "al\u{17b4}ice"),
    ("mongolian-vowel-separator", "al\u{180e}ice"),
    ("zero-width-space", " \u{200b}alice"),
    ("zero-width-non-joiner", "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645}"),
    ("zero-width-joiner", "al\u{200d}ice"),
    ("left-to-right-mark", "alice\u{200e}"),
    ("bidirectional-override", "\u{202e}ecila"),
    ("line-separator", "al\u{2028}ice"),
    ("word-joiner", "al\u{2060}ice"),
    ("bidirectional-isolate", "\u{2067}alice\u{2069}"),
    ("braille-blank", "al\u{2800}ice"),
    ("variation-selector", "\u{2764}\u{fe0f}"),
    ("byte-order-mark", "\u{feff}alice"),
    ("interlinear-annotation", "al\u{fff9}ice"),
    ("egyptian-format-control", "\u{13000}\u{13430}\u{13000}"),
    ("shorthand-format-control", "al\u{1bca0}ice"),
    ("musical-format-control", "al\u{1d173}ice"),
    ("tag-character", "alice\u{e0041}"),
    ("variation-selector-supplement", "\u{8fbb}\u{e0100}"),
    ("untypable-and-space", "a\u{200b} b"),
    ("control-character", "al\u{7}ice"),
];

fn generate() -> Vec<(String, Value)> {
    let vault = "vault.example.org";
    [
        ("ascii", "alice", vault),
        ("another-vault-id", "alice", "localhost"),
        ("case-and-ends", " ALICE\n", vault),
        ("mail-address", "Alice@Example.org", vault),
        ("sharp-s", "Stra\u{df}e", vault),
        ("final-sigma", "\u{3a3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}", vault),
        ("dotted-capital-i", "\u{130}stanbul", vault),
        ("ligature", "\u{fb01}ona", vault),
        ("decomposed", "Rene\u{301}", vault),
        ("ypogegrammeni", "\u{345}\u{3b1}", vault),
        ("ypogegrammeni-before-an-accent", "\u{1fb3}\u{301}", vault),
        ("full-width", "\u{ff22}\u{ff4f}\u{ff42}", vault),
        ("superscript", "x\u{b2}", vault),
        ("folded-twice", "\u{1d2c}lice", vault),
        ("folded-twice-to-several-letters", "\u{2121}", vault),
        ("inner-space", "al ice", vault),
        ("space-of-a-compatibility-character", "  al\u{b4}ice", vault),
        ("persian-without-joiner", "\u{645}\u{6cc}\u{631}\u{648}\u{645}", vault),
        ("empty", "  ", vault),
        ("unassigned", "\u{378}", vault),
        ("private-use", "\u{f8ff}", vault),
        ("too-long", &"n".repeat(129), vault),
        ("longest", &"n".repeat(128), vault),
        ("longest-in-bytes", &"\u{e9}".repeat(64), vault),
        ("too-long-in-bytes", &"\u{e9}".repeat(65), vault),
    ]
    .into_iter()
    .chain(UNTYPABLE.map(|(name, input)| (name, input, vault)))
    .map(|(name, input, vault_id)| {
        let mut vector = json!({ "input": input, "vault_id": vault_id });
        describe(&mut vector, input, vault_id);
        (name.to_owned(), vector)
    })
    .collect()
}

fn describe(vector: &mut Value, input: &str, vault_id: &str) {
    let outcome = AccountName::parse(input);
    vector["result"] = result_of(&outcome).into();
    add_character(vector, &outcome);
    if let Ok(name) = outcome {
        let vault_id = VaultId::try_from(vault_id.to_owned()).expect("the vectors' identities are valid");
        vector["normalised"] = name.expose().into();
        vector["name_hash"] = hex(name.hash(&vault_id).0).into();
    }
}

fn check(vector: &Value) -> Result<()> {
    let mut found = json!({});
    describe(&mut found, text(vector, "input")?, text(vector, "vault_id")?);
    ["result", "normalised", "name_hash", "code_point", "position"]
        .into_iter()
        .try_for_each(|field| expect(vector, field, found[field].clone()))
}
