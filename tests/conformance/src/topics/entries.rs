//! Sealed entries and their plaintext (protocol.md section 8).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, number, result_of};
use crate::seeded::Seeded;
use anyhow::Result;
use minicbor::Encoder;
use rootcellar_client::entry::{self, Details, Entry, EntryPlace, Secret};
use rootcellar_client::keys::AccountKey;
use rootcellar_client::phrase::{Language, Phrase};
use rootcellar_spec::{AccountId, EntryId, Generation, SuiteId};
use secrecy::{ExposeSecret, SecretBox};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "entries", generate, check };

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let details = Details {
        derivation_paths: vec!["m/84'/0'/0'".to_owned(), "m/49h/0h/0h/0/7".to_owned()],
        network: Some("bitcoin".to_owned()),
        birthday: Some("2024-02-29".to_owned()),
    };
    let phrase = |bytes: usize, language| Secret::Bip39 {
        phrase: Phrase::from_entropy(&[0x5a; 32][..bytes], language).expect("a BIP-39 length"),
        passphrase: None,
    };
    let with_passphrase = Secret::Bip39 {
        phrase: Phrase::from_entropy(&[0x33; 16], Language::Japanese).expect("16 bytes"),
        passphrase: Some(SecretBox::new(Box::new("\u{30e1} \u{212b}".to_owned()))),
    };
    let encode = |secret, details| Entry::new(secret, details).expect("a valid entry").encode().to_vec();
    vec![
        ("phrase-12-words", encode(phrase(16, Language::English), Details::default())),
        ("phrase-24-words-with-details", encode(phrase(32, Language::Spanish), details.clone())),
        ("phrase-with-passphrase", encode(with_passphrase, Details::default())),
        ("raw-seed", encode(Secret::Seed(SecretBox::new(Box::new(vec![0xc3; 64]))), details)),
        (
            "text",
            encode(
                Secret::Text(SecretBox::new(Box::new("wpkh([d34db33f/84h]…)\n".to_owned()))),
                Details::default(),
            ),
        ),
        ("unusual-details-withhold-nothing", {
            let seed =
                [&[0xa5, 0x01, 0x02, 0x05, 0x81][..], b"\x63xyz", &[0x06], b"\x63a\tb", &[0x07]].concat();
            [&seed[..], b"\x68tomorrow", &[0x08, 0x50], &[1; 16]].concat()
        }),
        (
            "unknown-field-is-carried",
            [&[0xa3, 0x01, 0x03, 0x09][..], b"\x62hi", &[0x18, 0x63, 0x81, 0xf6]].concat(),
        ),
    ]
}

/// Plaintexts that authenticate and are no entries.
fn faults() -> Vec<(&'static str, Vec<u8>)> {
    let seed = |length| [&[0xa2, 0x01, 0x02, 0x08][..], &octets(length)].concat();
    let entropy = |length, tail: &[u8]| [&[0xa3, 0x01, 0x01, 0x02][..], &octets(length), tail].concat();
    vec![
        ("kind-missing", vec![0xa1, 0x09, 0x61, 0x61]),
        ("kind-is-text", [&[0xa2, 0x01][..], b"\x61x", &[0x09], b"\x62hi"].concat()),
        ("kind-negative", [&[0xa2, 0x01, 0x20, 0x09][..], b"\x62hi"].concat()),
        ("entropy-of-17-bytes", entropy(17, &[0x03, 0x00])),
        ("language-negative", entropy(16, &[0x03, 0x20])),
        ("language-of-a-seed", [&[0xa3, 0x01, 0x02, 0x03, 0x18, 0x63, 0x08][..], &octets(16)].concat()),
        ("language-missing", [&[0xa2, 0x01, 0x01, 0x02, 0x50][..], &[1; 16]].concat()),
        ("seed-of-15-bytes", seed(15)),
        ("seed-of-65-bytes", seed(65)),
        ("text-empty", vec![0xa2, 0x01, 0x03, 0x09, 0x60]),
        ("text-with-network", [&[0xa3, 0x01, 0x03, 0x06][..], b"\x61x", &[0x09], b"\x62hi"].concat()),
        ("keys-descending", [&[0xa2, 0x09][..], b"\x62hi", &[0x01, 0x03]].concat()),
        ("map-indefinite", [&[0xbf, 0x01, 0x03, 0x09][..], b"\x62hi", &[0xff]].concat()),
        ("trailing-byte", [&[0xa2, 0x01, 0x03, 0x09][..], b"\x62hi", &[0x00]].concat()),
        ("text-not-utf-8", vec![0xa2, 0x01, 0x03, 0x09, 0x62, 0xff, 0xff]),
        ("no-cbor", vec![0xff]),
        ("network-empty", [&[0xa3, 0x01, 0x02, 0x06, 0x60, 0x08, 0x50][..], &[1; 16]].concat()),
        ("plaintext-too-long", of_length(16_381)),
    ]
}

/// What a newer version may write: unsupported, not damaged.
fn newer() -> Vec<(&'static str, Vec<u8>)> {
    let phrase = |length, language: &[u8]| {
        [&[0xa3, 0x01, 0x01, 0x02][..], &octets(length), &[0x03], language].concat()
    };
    vec![
        ("kind-unknown", vec![0xa1, 0x01, 0x18, 0x2a]),
        ("kind-largest", [&[0xa1, 0x01, 0x1b][..], &[0xff; 8]].concat()),
        (
            "kind-unknown-with-other-meanings-of-known-keys",
            [
                &[0xa6, 0x01, 0x04, 0x02][..],
                b"\x61x",
                &[0x03, 0x81, 0x01, 0x04, 0xf6, 0x05, 0x00, 0x09, 0xa1, 0x00, 0x20],
            ]
            .concat(),
        ),
        ("language-unknown", phrase(16, &[0x0a])),
        ("language-unknown-and-entropy-of-17-bytes", phrase(17, &[0x18, 0x2a])),
    ]
}

/// Texts of two bytes a character, as long as they may be, and one character longer.
fn limits() -> Vec<(&'static str, Vec<u8>)> {
    let text = |characters: usize| encoded(|encoder| drop(encoder.str(&"é".repeat(characters))));
    let free = |characters| [&[0xa2, 0x01, 0x03, 0x09][..], &text(characters)].concat();
    let passphrase = |characters| {
        [&[0xa4, 0x01, 0x01, 0x02][..], &octets(16), &[0x03, 0x00, 0x04], &text(characters)].concat()
    };
    let detail =
        |key: u8, value: Vec<u8>| [&[0xa3, 0x01, 0x02, key][..], &value, &[0x08], &octets(16)].concat();
    let paths = |count: u8, characters| {
        let one = text(characters);
        detail(5, [vec![0x80 + count], one.repeat(usize::from(count))].concat())
    };
    vec![
        ("text-longest-in-bytes", free(8_000)),
        ("text-too-long-in-bytes", free(8_001)),
        ("bip39-passphrase-longest-in-bytes", passphrase(512)),
        ("bip39-passphrase-too-long-in-bytes", passphrase(513)),
        ("network-longest-in-bytes", detail(6, text(32))),
        ("network-too-long-in-bytes", detail(6, text(33))),
        ("birthday-longest-in-bytes", detail(7, text(16))),
        ("birthday-too-long-in-bytes", detail(7, text(17))),
        ("derivation-path-longest-in-bytes", paths(1, 64)),
        ("derivation-path-too-long-in-bytes", paths(1, 65)),
        ("derivation-paths-sixteen", paths(16, 1)),
        ("derivation-paths-seventeen", paths(17, 1)),
        ("plaintext-longest", of_length(16_380)),
        ("derivation-paths-none", detail(5, vec![0x80])),
    ]
}

/// A plaintext of this length, by an unknown field.
fn of_length(length: usize) -> Vec<u8> {
    let known = [&[0xa3, 0x01, 0x03, 0x09][..], b"\x62hi", &[0x18, 0x63]].concat();
    // The head of so many bytes takes three.
    let unknown = octets(length - known.len() - 3);
    [known, unknown].concat()
}

/// A byte string of this length.
fn octets(length: usize) -> Vec<u8> {
    encoded(|encoder| drop(encoder.bytes(&vec![1; length])))
}

fn encoded(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Encoder::new(&mut out));
    out
}

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("entries");
    let (account_key, account, id): ([u8; 32], [u8; 16], [u8; 16]) =
        (seeded.bytes(), seeded.bytes(), seeded.bytes());
    let keys = AccountKey::from_bytes(&account_key).account_keys();
    let place = place(account, 1, id);
    let base = json!({
        "account_key": hex(account_key), "suite": 1, "account": hex(account), "generation": 1, "entry": hex(id),
    });
    let mut vectors = Vec::new();
    let mut add = |name: &str, sealed: &[u8], changes: Value| {
        let mut vector = base.clone();
        vector["sealed"] = hex(sealed).into();
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    let mut sealed = Vec::new();
    for (name, plaintext) in samples().into_iter().chain(newer()).chain(limits()).chain(faults()) {
        sealed = entry::seal_plaintext(&plaintext, &keys.entry_public, place, &mut seeded);
        add(name, &sealed, json!({}));
    }
    let (_, text) = samples().swap_remove(4);
    sealed.clone_from(&entry::seal_plaintext(&text, &keys.entry_public, place, &mut seeded));
    add("another-key", &sealed, json!({ "account_key": hex([7; 32]) }));
    add("another-account", &sealed, json!({ "account": hex([7; 16]) }));
    add("another-generation", &sealed, json!({ "generation": 2 }));
    add("another-entry", &sealed, json!({ "entry": hex([7; 16]) }));
    for (name, at) in
        [("encapsulated-key", 4), ("commitment", 36), ("ciphertext", 68), ("tag", sealed.len() - 1)]
    {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        add(&format!("changed-{name}"), &changed, json!({}));
    }
    for (name, at, value) in [("version-2", 0, 2), ("kind-of-a-keyslot", 1, 1), ("unknown-suite", 3, 9)] {
        let mut changed = sealed.clone();
        changed[at] = value;
        add(name, &changed, json!({}));
    }
    add("version-2-of-another-shape", &[&[2], &sealed[1..5]].concat(), json!({}));
    add("encapsulated-key-zero", &[&sealed[..4], &[0; 32], &sealed[36..]].concat(), json!({}));
    add("empty", &[], json!({}));
    add("truncated-head", &sealed[..83], json!({}));
    add("truncated-ciphertext", &sealed[..sealed.len() - 1], json!({}));
    add("sealed-trailing-byte", &[&sealed[..], &[0]].concat(), json!({}));
    vectors
}

fn place(account: [u8; 16], generation: u32, entry: [u8; 16]) -> EntryPlace {
    EntryPlace {
        suite: SuiteId::ONE,
        account: AccountId(account),
        generation: Generation(generation),
        entry: EntryId(entry),
    }
}

fn describe(vector: &mut Value) -> Result<()> {
    let keys = AccountKey::from_bytes(&array(vector, "account_key")?).account_keys();
    let generation = u32::try_from(number(vector, "generation")?)?;
    let place = place(array(vector, "account")?, generation, array(vector, "entry")?);
    let outcome = entry::open(&bytes(vector, "sealed")?, &keys.entry_private, place);
    vector["result"] = result_of(&outcome).into();
    if let Ok(entry) = outcome {
        vector["plaintext"] = hex(&*entry.encode()).into();
        vector["content"] = content(&entry);
    }
    Ok(())
}

fn content(entry: &Entry) -> Value {
    let mut content = match &entry.secret {
        Secret::Bip39 { phrase, passphrase } => json!({
            "words": phrase.words().as_str(),
            "language": phrase.language().name(),
            "bip39_passphrase": passphrase.as_ref().map(|passphrase| passphrase.expose_secret()),
            "fingerprint": rootcellar_client::fingerprint::master(
                phrase, passphrase.as_ref().map_or("", |passphrase| passphrase.expose_secret()),
            ).map(hex),
        }),
        Secret::Seed(seed) => json!({ "seed": hex(seed.expose_secret()) }),
        Secret::Text(text) => json!({ "text": text.expose_secret() }),
        _ => json!({}),
    };
    let Details { derivation_paths, network, birthday } = &entry.details;
    content["details"] = json!([derivation_paths, network, birthday]);
    content
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    ["result", "plaintext", "content"]
        .into_iter()
        .try_for_each(|field| expect(vector, field, found[field].clone()))
}
