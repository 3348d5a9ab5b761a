//! Encrypted labels of recovery methods (protocol.md section 7.1).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, number, result_of};
use crate::seeded::Seeded;
use anyhow::Result;
use rootcellar_client::aad::{AssociatedData, ObjectKind};
use rootcellar_client::envelope;
use rootcellar_client::inventory::Label;
use rootcellar_client::keys::AccountKey;
use rootcellar_client::recovery_label::{self, RecoveryLabelPlace};
use rootcellar_spec::{AccountId, Digest, Generation, SuiteId};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "recovery-labels", generate, check };

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("recovery-labels");
    let (account, account_key): ([u8; 16], [u8; 32]) = (seeded.bytes(), seeded.bytes());
    let locator_digest = Digest::of(&seeded.bytes::<32>());
    let base = json!({
        "account": hex(account), "account_key": hex(account_key), "generation": 1, "locator_digest": hex(locator_digest.0),
    });
    let keys = AccountKey::from_bytes(&account_key).account_keys();
    let place = RecoveryLabelPlace {
        suite: SuiteId::ONE,
        account: AccountId(account),
        generation: Generation::FIRST,
        locator_digest,
    };
    let mut seal = |text: &str| {
        let label = Label::parse(text).expect("a label");
        recovery_label::seal(&label, &keys.inventory, place, &mut seeded)
    };
    let (short, longest) = (seal("Sheet in the safe"), seal(&"Ö".repeat(128)));
    let mut vectors = Vec::new();
    let mut add = |name: &str, label: &[u8], changes: Value| {
        let mut vector = base.clone();
        vector["label"] = hex(label).into();
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    add("short", &short, json!({}));
    add("of-256-bytes", &longest, json!({}));
    add("another-account", &short, json!({ "account": hex([7; 16]) }));
    add("another-account-key", &short, json!({ "account_key": hex([7; 32]) }));
    add("another-generation", &short, json!({ "generation": 2 }));
    add("another-method", &short, json!({ "locator_digest": hex([7; 32]) }));
    add("kind-of-a-keyslot", &[&short[..1], &[1], &short[2..]].concat(), json!({}));
    add("version-2", &[&[2], &short[1..]].concat(), json!({}));
    add("version-2-of-another-shape", &[&[2], &short[1..5]].concat(), json!({}));
    add("unknown-suite", &[&short[..2], &[0x7f], &short[3..]].concat(), json!({}));
    add("truncated", &short[..331], json!({}));
    add("truncated-head", &short[..75], json!({}));
    let place = ObjectKind::RecoveryLabel(locator_digest);
    let aad = AssociatedData {
        suite: SuiteId::ONE,
        account: AccountId(account),
        generation: Generation::FIRST,
        place,
    };
    for (name, plaintext) in plaintexts() {
        let sealed = envelope::seal(keys.inventory.expose(), &aad, &plaintext, &mut Seeded::new(name));
        add(name, &sealed.expect("small"), json!({}));
    }
    vectors
}

/// Plaintexts that authenticate: what they hold is another matter.
fn plaintexts() -> Vec<(&'static str, Vec<u8>)> {
    let too_long = [&[0xa1, 0x01, 0x79, 0x01, 0x01][..], &[b'x'; 257]].concat();
    vec![
        ("with-an-unknown-key", vec![0xa2, 0x01, 0x61, b'x', 0x09, 0x07]),
        ("empty-map", vec![0xa0]),
        ("empty-text", vec![0xa1, 0x01, 0x60]),
        ("of-257-bytes", too_long),
        ("control-character", vec![0xa1, 0x01, 0x62, b'x', 0x0a]),
        ("bytes-instead-of-text", vec![0xa1, 0x01, 0x41, b'x']),
        ("trailing-byte", vec![0xa1, 0x01, 0x61, b'x', 0x00]),
    ]
}

fn read(vector: &Value) -> Result<Result<Label, rootcellar_client::OpenError>> {
    let place = RecoveryLabelPlace {
        suite: SuiteId::ONE,
        account: AccountId(array(vector, "account")?),
        generation: Generation(u32::try_from(number(vector, "generation")?)?),
        locator_digest: Digest(array(vector, "locator_digest")?),
    };
    let keys = AccountKey::from_bytes(&array(vector, "account_key")?).account_keys();
    Ok(recovery_label::open(&bytes(vector, "label")?, &keys.inventory, place))
}

fn describe(vector: &mut Value) -> Result<()> {
    let opened = read(vector)?;
    vector["result"] = result_of(&opened).into();
    if let Ok(label) = opened {
        vector["text"] = label.exact().into();
    }
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let opened = read(vector)?;
    expect(vector, "result", result_of(&opened))?;
    expect(vector, "text", opened.ok().map(|label| label.exact().to_owned()))
}
