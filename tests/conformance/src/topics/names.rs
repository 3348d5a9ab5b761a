//! Normalisation and hashing of account names (protocol.md section 3).

use super::passphrases::result_of;
use crate::Topic;
use crate::case::{expect, hex, text};
use anyhow::Result;
use rootcellar_client::text::AccountName;
use rootcellar_spec::Identity;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "names", generate, check };

fn generate() -> Vec<(String, Value)> {
    let vault = "vault.example.org";
    [
        ("ascii", "alice", vault),
        ("another-identity", "alice", "localhost"),
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
        ("control-character", "al\u{7}ice", vault),
        ("empty", "  ", vault),
        ("unassigned", "\u{378}", vault),
        ("private-use", "\u{f8ff}", vault),
        ("too-long", &"n".repeat(129), vault),
        ("longest", &"n".repeat(128), vault),
        ("longest-in-bytes", &"\u{e9}".repeat(64), vault),
        ("too-long-in-bytes", &"\u{e9}".repeat(65), vault),
    ]
    .into_iter()
    .map(|(name, input, identity)| {
        let mut vector = json!({ "input": input, "identity": identity });
        describe(&mut vector, input, identity);
        (name.to_owned(), vector)
    })
    .collect()
}

fn describe(vector: &mut Value, input: &str, identity: &str) {
    let outcome = AccountName::parse(input);
    vector["result"] = result_of(&outcome).into();
    if let Ok(name) = outcome {
        let identity = Identity::try_from(identity.to_owned()).expect("the vectors' identities are valid");
        vector["normalised"] = name.expose().into();
        vector["name_hash"] = hex(name.hash(&identity).0).into();
    }
}

fn check(vector: &Value) -> Result<()> {
    let mut found = json!({});
    describe(&mut found, text(vector, "input")?, text(vector, "identity")?);
    ["result", "normalised", "name_hash"]
        .into_iter()
        .try_for_each(|field| expect(vector, field, found[field].clone()))
}
