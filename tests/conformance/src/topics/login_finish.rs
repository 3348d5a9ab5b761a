//! The second request of a login: its MAC, and what its signature covers (protocol.md sections 14 and 15.3).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, number, text};
use anyhow::Result;
use ed25519_dalek::{Signer, SigningKey};
use rootcellar_client::keys::SessionKey;
use rootcellar_client::request_signing::login_mac;
use rootcellar_spec::request_signature::{Covered, Parameters, signature_header};
use rootcellar_spec::wire::login::{FinishRequest, Purpose};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{NameHash, Timestamp, base64url, content_digest};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "login-finish", generate, check };

/// What the vectors vary of a whole request.
const INPUTS: &[&str] =
    &["session_key", "name_hash", "token", "ke3", "request_key", "authority", "created", "nonce", "body"];

fn whole(purpose: Option<Purpose>) -> Value {
    let key = SigningKey::from_bytes(&[0x2b; 32]);
    let finish = FinishRequest {
        token: vec![0x70; 77],
        ke3: [0x33; 64],
        request_key: key.verifying_key().to_bytes(),
        purpose,
    };
    let body = serde_json::to_vec(&finish).expect("has a JSON form");
    json!({
        "session_key": hex([0x5e; 64]), "name_hash": hex([0x4e; 32]), "token": hex(&finish.token), "ke3": hex(finish.ke3),
        "request_key": hex(key.to_bytes()), "authority": "vault.example.org", "created": 1_750_000_000_u64,
        "nonce": hex([0xee; 16]), "body": hex(body),
    })
}

fn generate() -> Vec<(String, Value)> {
    let login = whole(None);
    let mut vectors: Vec<(String, Value)> =
        [("login", login.clone()), ("restore", whole(Some(Purpose::Restore)))]
            .into_iter()
            .map(|(name, mut vector)| {
                let made = made(&vector).expect("the generator's vectors are whole");
                vector["result"] = "valid".into();
                for (field, value) in made {
                    vector[field] = value.into();
                }
                (name.to_owned(), vector)
            })
            .collect();
    let right = vectors[0].1["login_mac"].as_str().expect("a text").to_owned();
    let last = char::from(right.as_bytes()[85] + 1);
    for (name, changes) in [
        ("another-session-key", json!({ "session_key": hex([7; 64]) })),
        ("another-name", json!({ "name_hash": hex([7; 32]) })),
        ("another-token", json!({ "token": hex([7; 77]) })),
        ("another-ke3", json!({ "ke3": hex([7; 64]) })),
        ("another-request-key", json!({ "request_key": hex([7; 32]) })),
        ("another-body", json!({ "body": "7b7d" })),
        ("mac-padded", json!({ "login_mac": format!("{right}==") })),
        ("mac-short", json!({ "login_mac": right[..43] })),
        ("mac-with-trailing-bits", json!({ "login_mac": format!("{}{last}", &right[..85]) })),
    ] {
        let mut vector = login.clone();
        vector["login_mac"] = right.clone().into();
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        vector["result"] = verify(&vector).expect("the generator's vectors are whole").into();
        assert_ne!(vector["result"], "valid", "{name}");
        vectors.push((name.to_owned(), vector));
    }
    vectors
}

fn mac(vector: &Value) -> Result<String> {
    let finish = FinishRequest {
        token: bytes(vector, "token")?,
        ke3: array(vector, "ke3")?,
        request_key: SigningKey::from_bytes(&array(vector, "request_key")?).verifying_key().to_bytes(),
        purpose: None,
    };
    let key = SessionKey::from_bytes(&array(vector, "session_key")?).login_mac_key();
    Ok(login_mac(&key, &NameHash(array(vector, "name_hash")?), &finish, &bytes(vector, "body")?).1)
}

/// The headers that a client sends.
fn made(vector: &Value) -> Result<[(&'static str, String); 4]> {
    let key = SigningKey::from_bytes(&array(vector, "request_key")?);
    let digest = content_digest::of(&bytes(vector, "body")?);
    let parameters = Parameters {
        created: Timestamp(number(vector, "created")?),
        nonce: array(vector, "nonce")?,
        key: key.verifying_key().to_bytes(),
    };
    let covered = Covered {
        method: "POST",
        authority: text(vector, "authority")?,
        path: paths::LOGIN_FINISH,
        query: "",
        content_digest: &digest,
        session: None,
    };
    let signature = key.sign(covered.signature_base(&parameters).as_bytes());
    Ok([
        ("login_mac", mac(vector)?),
        ("content_digest", digest.clone()),
        ("signature_input", parameters.input_header(false)),
        ("signature", signature_header(&signature.to_bytes())),
    ])
}

fn verify(vector: &Value) -> Result<&'static str> {
    let given = base64url::decode_array::<64>(text(vector, "login_mac")?);
    Ok(match given {
        None => "malformed",
        Some(_) if text(vector, "login_mac")? == mac(vector)? => "valid",
        Some(_) => "authentication",
    })
}

fn check(vector: &Value) -> Result<()> {
    expect(vector, "result", verify(vector)?)?;
    if vector["result"] != "valid" {
        return Ok(());
    }
    INPUTS.iter().try_for_each(|input| {
        anyhow::ensure!(!vector[*input].is_null(), "{input} is missing");
        Ok(())
    })?;
    made(vector)?.into_iter().try_for_each(|(field, value)| expect(vector, field, value))
}
