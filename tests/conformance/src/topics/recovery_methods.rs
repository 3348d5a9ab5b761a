//! Recovery methods and their proofs (protocol.md section 15.5).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, number, text};
use crate::seeded::Seeded;
use anyhow::Result;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_spec::ed25519::is_canonical;
use rootcellar_spec::wire::recovery::{RecoveryBinding, RecoveryMethod};
use rootcellar_spec::{AccountId, Generation, OperationId};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "recovery-methods", generate, check };

/// The name of a vector, and what is changed of a method after it was proven.
type Alteration = (&'static str, fn(&mut RecoveryMethod));

const ALTERATIONS: [Alteration; 7] = [
    ("another-label", |method| method.label = Some(vec![9; 588])),
    ("label-left-out", |method| method.label = None),
    ("another-waiting-time", |method| method.wait += 1),
    ("another-keyslot", |method| method.keyslot[331] ^= 1),
    ("another-locator", |method| method.locator[0] ^= 1),
    ("another-proof", |method| method.proof[0] ^= 1),
    ("proof-of-nothing", |method| method.proof = [0; 64]),
];

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("recovery-methods");
    let (account, operation): ([u8; 16], [u8; 16]) = (seeded.bytes(), seeded.bytes());
    let code = RecoveryCode::from_entropy(&seeded.bytes());
    let binding = RecoveryBinding {
        account: AccountId(account),
        generation: Generation(3),
        operation: OperationId(operation),
    };
    let keyslot: [u8; 332] = seeded.bytes();
    let method = code.method(keyslot.to_vec(), binding);
    let mut labelled = RecoveryMethod { label: Some(vec![9; 332]), wait: 604_800, ..method.clone() };
    let key = code.login_key();
    let sign =
        |method: &RecoveryMethod, key: &SigningKey| key.sign(&method.proof_message(binding)).to_bytes();
    labelled.proof = sign(&labelled, &key);

    let mut vectors = Vec::new();
    let mut add = |name: &str, method: &RecoveryMethod, changes: Value| {
        let mut vector = json!({
            "account": hex(account), "generation": 3, "operation": hex(operation), "method": member(method),
        });
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        let proven = is_proven(&vector).expect("the generator makes vectors that can be read");
        vector["result"] = if proven { "valid" } else { "malformed" }.into();
        if proven {
            vector["seed"] = hex(key.to_bytes()).into();
            vector["message"] = hex(method.proof_message(binding)).into();
        }
        vectors.push((name.to_owned(), vector));
    };
    add("without-label", &method, json!({}));
    add("with-label-and-waiting-time", &labelled, json!({}));
    add("of-another-account", &method, json!({ "account": hex([7; 16]) }));
    add("of-another-generation", &method, json!({ "generation": 2 }));
    add("of-another-operation", &method, json!({ "operation": hex([7; 16]) }));
    for (name, alter) in ALTERATIONS {
        let mut altered = labelled.clone();
        alter(&mut altered);
        add(name, &altered, json!({}));
    }
    let other = SigningKey::from_bytes(&[7; 32]);
    add(
        "proven-by-another-key",
        &RecoveryMethod { proof: sign(&method, &other), ..method.clone() },
        json!({}),
    );
    for (name, public_key) in keys(&mut seeded) {
        let mut wrong = RecoveryMethod { login_public_key: public_key, ..method.clone() };
        wrong.proof = sign(&wrong, &key);
        add(name, &wrong, json!({}));
    }
    vectors
}

/// What replaces the public key, signed for by the right one.
fn keys(seeded: &mut Seeded) -> Vec<(&'static str, [u8; 32])> {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xf0, 0x7f);
    let mut seed = |is_point: bool| loop {
        let seed = seeded.bytes();
        if VerifyingKey::from_bytes(&seed).is_ok() == is_point {
            return seed;
        }
    };
    vec![
        ("a-seed-that-is-a-point", seed(true)),
        ("a-seed-that-is-no-point", seed(false)),
        ("a-key-of-small-order", identity),
        ("a-key-in-another-encoding", non_canonical),
    ]
}

fn member(method: &RecoveryMethod) -> Value {
    let mut member = json!({
        "wait": method.wait, "keyslot": hex(&method.keyslot), "locator": hex(method.locator),
        "login_public_key": hex(method.login_public_key), "proof": hex(method.proof),
    });
    if let Some(label) = &method.label {
        member["label"] = hex(label).into();
    }
    member
}

fn method(member: &Value) -> Result<RecoveryMethod> {
    Ok(RecoveryMethod {
        label: member["label"].is_string().then(|| bytes(member, "label")).transpose()?,
        wait: number(member, "wait")?,
        keyslot: bytes(member, "keyslot")?,
        locator: array(member, "locator")?,
        login_public_key: array(member, "login_public_key")?,
        proof: array(member, "proof")?,
    })
}

fn binding(vector: &Value) -> Result<RecoveryBinding> {
    Ok(RecoveryBinding {
        account: AccountId(array(vector, "account")?),
        generation: Generation(u32::try_from(number(vector, "generation")?)?),
        operation: OperationId(array(vector, "operation")?),
    })
}

fn is_proven(vector: &Value) -> Result<bool> {
    let method = method(&vector["method"])?;
    let message = method.proof_message(binding(vector)?);
    let key = VerifyingKey::from_bytes(&method.login_public_key).ok();
    let key = key.filter(|_| is_canonical(&method.login_public_key));
    let proof = Signature::from_bytes(&method.proof);
    Ok(key.is_some_and(|key| key.verify_strict(&message, &proof).is_ok()))
}

fn check(vector: &Value) -> Result<()> {
    let proven = is_proven(vector)?;
    expect(vector, "result", if proven { "valid" } else { "malformed" })?;
    if proven {
        let message = method(&vector["method"])?.proof_message(binding(vector)?);
        expect(vector, "message", hex(&message))?;
        let proof = SigningKey::from_bytes(&array(vector, "seed")?).sign(&message);
        assert_eq!(text(&vector["method"], "proof")?, hex(proof.to_bytes()));
    }
    Ok(())
}
