//! Request signatures (protocol.md section 14).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, text};
use anyhow::Result;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rootcellar_spec::request_signature::{Covered, Parameters, parse_signature, signature_header};
use rootcellar_spec::{Timestamp, content_digest};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "request-signatures", generate, check };

fn generate() -> Vec<(String, Value)> {
    let body = br#"{"locator":"AAAA"}"#;
    let post = json!({ "method": "POST", "authority": "vault.example.org", "path": "/v1/recovery", "query": "", "body": hex(body) });
    let get = json!({
        "method": "GET", "authority": "localhost:8787", "path": "/v1/account", "query": "a=b&c", "body": "", "session": "AAECAw",
    });
    let mut vectors = vec![
        ("without-session".to_owned(), signed(&post)),
        ("with-session-and-query".to_owned(), signed(&get)),
    ];
    let mut add = |name: &str, field: &str, change: &dyn Fn(&str) -> String| {
        let mut vector = signed(&get);
        vector[field] = change(vector[field].as_str().expect("a text")).into();
        vector["result"] = verify(&vector).expect("the generator makes vectors that can be read").into();
        for only_of_valid in ["signature_base", "private_key"] {
            vector.as_object_mut().expect("an object").remove(only_of_valid);
        }
        assert_ne!(vector["result"], "valid", "{name}");
        vectors.push((name.to_owned(), vector));
    };
    for (name, field, value) in [
        ("another-method", "method", "PUT"),
        ("another-authority", "authority", "localhost:8788"),
        ("another-path", "path", "/v1/account/"),
        ("another-query", "query", "a=b"),
        ("another-body", "body", "00"),
        ("another-session", "session", "AAECAx"),
    ] {
        add(name, field, &|_| value.to_owned());
    }
    for (name, from, to) in [
        ("another-time", "created=1750000000", "created=1750000001"),
        ("component-left-out", "\"@query\" ", ""),
        ("component-added", "\"@query\"", "\"@query\" \"date\""),
        ("components-in-another-order", "\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
        ("session-not-covered", " \"rootcellar-session\"", ""),
        ("parameter-added", ";tag=", ";expires=1850000000;tag="),
        ("another-tag", "rootcellar-1", "rootcellar-2"),
        ("another-label", "rc=", "sig1="),
        ("nonce-with-trailing-bits", "7u7g\"", "7u7h\""),
        ("key-padded", "\";tag", "=\";tag"),
    ] {
        add(name, "signature_input", &|header| header.replacen(from, to, 1));
    }
    add("another-key-than-expected", "public_key", &|_| hex([7; 32]));
    add("two-signatures", "signature_input", &|header| {
        format!("{header}, {}", header.replacen("rc=", "other=", 1))
    });
    add("signature-of-another-request", "signature", &|_| {
        text(&signed(&post), "signature").expect("a text").to_owned()
    });
    add("signature-short", "signature", &|_| "rc=:AAAA:".to_owned());
    add("signature-without-colons", "signature", &|header| header.replace(':', ""));
    vectors.push(("names-another-key".to_owned(), naming_another_key(&get)));
    vectors
}

fn own_key() -> SigningKey {
    SigningKey::from_bytes(&[0x1d; 32])
}

/// Signed by the expected key, with the name of another.
fn naming_another_key(request: &Value) -> Value {
    let other = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
    let mut vector = signed_as(request, other);
    vector["result"] = verify(&vector).expect("the generator makes vectors that can be read").into();
    for only_of_valid in ["signature_base", "private_key"] {
        vector.as_object_mut().expect("an object").remove(only_of_valid);
    }
    vector
}

fn signed(request: &Value) -> Value {
    signed_as(request, own_key().verifying_key().to_bytes())
}

fn signed_as(request: &Value, named: [u8; 32]) -> Value {
    let key = own_key();
    let mut vector = request.clone();
    let parameters = Parameters { created: Timestamp(1_750_000_000), nonce: [0xee; 16], key: named };
    let digest = content_digest::of(&bytes(request, "body").expect("hex"));
    let covered = covered(request, &digest).expect("the generator's requests are whole");
    let base = covered.signature_base(&parameters);
    vector["private_key"] = hex(key.to_bytes()).into();
    vector["public_key"] = hex(key.verifying_key().to_bytes()).into();
    vector["content_digest"] = digest.clone().into();
    vector["signature_base"] = base.clone().into();
    vector["signature_input"] = parameters.input_header(covered.session.is_some()).into();
    vector["signature"] = signature_header(&key.sign(base.as_bytes()).to_bytes()).into();
    vector["result"] = "valid".into();
    vector
}

fn covered<'a>(vector: &'a Value, content_digest: &'a str) -> Result<Covered<'a>> {
    Ok(Covered {
        method: text(vector, "method")?,
        authority: text(vector, "authority")?,
        path: text(vector, "path")?,
        query: text(vector, "query")?,
        content_digest,
        session: vector["session"].as_str(),
    })
}

fn verify(vector: &Value) -> Result<&'static str> {
    let digest = content_digest::of(&bytes(vector, "body")?);
    let covered = covered(vector, &digest)?;
    let parameters = Parameters::parse(text(vector, "signature_input")?, covered.session.is_some());
    let (Some(parameters), Some(signature)) = (parameters, parse_signature(text(vector, "signature")?))
    else {
        return Ok("malformed");
    };
    if parameters.key != array(vector, "public_key")? {
        return Ok("authentication");
    }
    let base = covered.signature_base(&parameters);
    let verified = VerifyingKey::from_bytes(&parameters.key)
        .and_then(|key| key.verify_strict(base.as_bytes(), &Signature::from_bytes(&signature)));
    Ok(if verified.is_ok() { "valid" } else { "authentication" })
}

fn check(vector: &Value) -> Result<()> {
    expect(vector, "result", verify(vector)?)?;
    if vector["result"] == "valid" {
        let key = SigningKey::from_bytes(&array(vector, "private_key")?);
        let base = text(vector, "signature_base")?;
        expect(vector, "signature", signature_header(&key.sign(base.as_bytes()).to_bytes()))?;
        let parameters = Parameters::parse(text(vector, "signature_input")?, vector["session"].is_string());
        let digest = text(vector, "content_digest")?;
        expect(
            vector,
            "signature_base",
            covered(vector, digest)?.signature_base(&parameters.expect("it verified")),
        )?;
    }
    Ok(())
}
