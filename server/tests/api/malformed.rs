//! Section 13: a malformed request is refused with the field's name, and nothing is written.

use crate::support::client::{Rng, Session, User};
use crate::support::{TestVault, vault};
use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;
use serde_json::{Value, json};

async fn refused(vault: &TestVault, path: &str, body: &Value, code: ProblemCode, field: &str) {
    let problem = vault.post(path, body).await.problem(code);
    assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let vault = vault().await;
    let before = vault.store.contents().await;
    let good = serde_json::to_value(User::new("alice").begin("x").request).expect("serializes");
    let malformed = ProblemCode::Malformed;
    for (field, value) in [
        ("vault_id", json!("UPPER")),
        ("name_hash", json!("AAAA")),
        ("name_hash", json!(7)),
        ("ke1", json!("A".repeat(127))),
        ("ke1", json!("A".repeat(132))),
        ("ke1", json!(rootcellar_spec::base64url::encode(&[0xff; 96]))),
    ] {
        let mut body = good.clone();
        body[field] = value;
        refused(&vault, paths::LOGIN_START, &body, malformed, field).await;
    }
    let mut unknown = good.clone();
    unknown["extra"] = json!(1);
    refused(&vault, paths::LOGIN_START, &unknown, malformed, "extra").await;
    let mut missing = good.clone();
    missing.as_object_mut().expect("an object").remove("ke1");
    refused(&vault, paths::LOGIN_START, &missing, malformed, "ke1").await;
    refused(&vault, paths::LOGIN_START, &json!([]), malformed, "body").await;

    let mut trailing = serde_json::to_vec(&good).expect("serializes");
    trailing.extend_from_slice(b" {}");
    let problem = vault.post_bytes(paths::LOGIN_START, trailing).await.problem(malformed);
    assert_eq!(problem.field.as_deref(), Some("body"));
    assert_eq!(vault.store.contents().await, before);
}

/// Section 13.1.
#[tokio::test]
async fn json_is_one_object_without_repeats_and_its_numbers_are_whole() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let good = user.prepare_registration(&vault, "x").await;
    let text = serde_json::to_string(&good).expect("serializes");
    let of = |body: String| body.into_bytes();
    let suite = |number: &str| of(text.replacen("\"suite\":1", &format!("\"suite\":{number}"), 1));
    let wait = |number: &str| {
        let keyslot = "\"keyslot\":";
        of(text.replacen(keyslot, &format!("\"wait\":{number},{keyslot}"), 1))
    };
    let method = {
        let mut other = serde_json::to_value(&good).expect("serializes");
        let method = other["recovery_methods"][0].take();
        let [keyslot, locator, key, proof] =
            ["keyslot", "locator", "login_public_key", "proof"].map(|name| method[name].clone());
        other["recovery_methods"][0] = json!(["AAAA", 0, keyslot, locator, key, proof]);
        of(other.to_string())
    };
    let malformed = ProblemCode::Malformed;
    for (bytes, code, field) in [
        (method, malformed, "recovery_methods[0]"),
        (of(format!("{},\"invite\":null}}", &text[..text.len() - 1])), malformed, "invite"),
        (of(format!("{{\"suite\":1,{}", &text[1..])), malformed, "suite"),
        (suite("1.0"), malformed, "suite"),
        (suite("1e0"), malformed, "suite"),
        (suite("-1"), malformed, "suite"),
        (suite("\"1\""), malformed, "suite"),
        (wait("18446744073709551615"), ProblemCode::Unsupported, "recovery_methods[0].wait"),
        (wait("18446744073709551616"), malformed, "recovery_methods[0].wait"),
        (wait("null"), malformed, "recovery_methods[0].wait"),
        (of(format!("[{text}]")), malformed, "body"),
    ] {
        let problem = vault.post_bytes(paths::REGISTRATION_FINISH, bytes.clone()).await.problem(code);
        let what = String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(problem.field.as_deref(), Some(field), "{problem:?} for {what}");
    }
}

#[tokio::test]
async fn registration_checks_every_shape_before_it_writes() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let good = user.prepare_registration(&vault, "x").await;
    let good = serde_json::to_value(good).expect("serializes");
    let before = vault.store.contents().await;
    let b64 = |bytes: &[u8]| json!(rootcellar_spec::base64url::encode(bytes));
    let mut other_kind = crate::support::client::keyslot(0);
    other_kind[1] = 2;
    let mut other_suite = crate::support::client::keyslot(0);
    other_suite[3] = 2;
    let mut other_version = crate::support::client::keyslot(0);
    other_version[0] = 2;
    for (field, value, code) in [
        ("suite", json!(2), ProblemCode::Unsupported),
        ("suite", json!(65536), ProblemCode::Malformed),
        ("passphrase_keyslot", b64(&[1; 331]), ProblemCode::Malformed),
        ("passphrase_keyslot", b64(&[1; 333]), ProblemCode::Malformed),
        ("passphrase_keyslot", b64(&other_kind), ProblemCode::Malformed),
        ("passphrase_keyslot", b64(&other_suite), ProblemCode::Malformed),
        ("passphrase_keyslot", b64(&other_version), ProblemCode::Unsupported),
        ("registration_record", b64(&[0xff; 192]), ProblemCode::Malformed),
        ("registration_record", b64(&[0; 193]), ProblemCode::Malformed),
        ("token", b64(&[0; 1025]), ProblemCode::Malformed),
    ] {
        let mut body = good.clone();
        body[field] = value;
        refused(&vault, paths::REGISTRATION_FINISH, &body, code, field).await;
    }
    assert_eq!(vault.store.contents().await, before);
}

#[tokio::test]
async fn content_types_and_sizes_are_kept() {
    let vault = vault().await;
    let body = serde_json::to_vec(&User::new("alice").begin("x").request).expect("serializes");
    let plain = Request::post(paths::LOGIN_START).body(Body::from(body.clone())).expect("a request");
    let problem = vault.send(plain).await.problem(ProblemCode::Malformed);
    assert_eq!(problem.field.as_deref(), Some("content-type"));
    let mut long = body.clone();
    long.resize(rootcellar_spec::limits::JSON_BODY_BYTES, b' ');
    assert_eq!(vault.post_bytes(paths::LOGIN_START, long.clone()).await.status, 200);
    long.push(b' ');
    vault.post_bytes(paths::LOGIN_START, long).await.problem(ProblemCode::TooLarge);
}

#[tokio::test]
async fn paths_and_methods_are_kept() {
    let vault = vault().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    vault.send(get("/v1/nothing")).await.problem(ProblemCode::NotFound);
    vault.send(get(paths::LOGIN_START)).await.problem(ProblemCode::MethodNotAllowed);
    let about = vault.send(get(paths::VAULT)).await.json::<Value>();
    assert_eq!(about["vault_id"], vault.state.vault_id().as_str());
    assert_eq!(about["protocol"], 1);
}

async fn registered(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    (user, session)
}

#[tokio::test]
async fn snapshots_are_checked_before_anything_is_written() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let before = vault.store.contents().await;
    let good = user.snapshot(None, "content");
    let put =
        async |bytes: Vec<u8>| vault.send(user.request(&vault, &session, "PUT", &good.path(), bytes)).await;
    for length in [0, 10, 63, 64, 100, good.bytes.len() - 1] {
        put(good.bytes[..length].to_vec()).await.problem(ProblemCode::Malformed);
    }
    let mut trailing = good.bytes.clone();
    trailing.push(0);
    put(trailing).await.problem(ProblemCode::Malformed);
    for (index, code) in
        [(0, ProblemCode::Malformed), (7, ProblemCode::Unsupported), (8, ProblemCode::Unsupported)]
    {
        let mut other = good.bytes.clone();
        other[index] ^= 0x10;
        let problem = put(other).await.problem(code);
        assert_eq!(problem.field.as_deref(), Some("snapshot"));
    }
    put(vec![0; (1 << 20) + 1]).await.problem(ProblemCode::TooLarge);
    let mut json = user.request(&vault, &session, "PUT", &good.path(), good.bytes.clone());
    json.headers_mut().insert("content-type", "application/json".parse().expect("a header"));
    vault.send(json).await.problem(ProblemCode::Malformed);
    let path = format!("{}/AAAA", paths::SNAPSHOTS);
    let problem = user.get(&vault, &session, &path).await.problem(ProblemCode::Malformed);
    assert_eq!(problem.field.as_deref(), Some("operation"));
    assert_eq!(vault.store.contents().await, before);
}

/// Bytes that a stranger may send anywhere: always a 4xx problem, never a panic, nothing written.
#[test]
fn no_body_makes_the_vault_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let vault = runtime.block_on(vault());
    let before = runtime.block_on(vault.store.contents());
    let user = User::new("nobody");
    let rng = Rng::new(3);
    let all = [
        paths::LOGIN_START,
        paths::LOGIN_FINISH,
        paths::RECOVERY,
        paths::REGISTRATION_START,
        paths::REGISTRATION_FINISH,
        paths::PASSPHRASE_START,
        paths::PASSPHRASE_FINISH,
    ];
    let fields =
        ["vault_id", "name_hash", "ke1", "token", "ke3", "request_key", "locator", "operation", "suite"];
    let value = prop_oneof![
        any::<u64>().prop_map(|n| json!(n)),
        ".{0,40}".prop_map(|text| json!(text)),
        prop::sample::select(vec![16_usize, 32, 64, 96, 192])
            .prop_map(move |size| json!(rootcellar_spec::base64url::encode(&rng.bytes::<192>()[..size]))),
    ];
    let body = prop::collection::btree_map(prop::sample::select(fields.to_vec()), value, 0..6);
    proptest!(ProptestConfig::with_cases(200), |(path in prop::sample::select(all.to_vec()), body in body)| {
        let body = serde_json::to_vec(&body).expect("serializes");
        let signed = user.signed("POST", path, body, &user.recovery, None, vault.clock.now());
        let reply = runtime.block_on(vault.send(signed));
        prop_assert!((400..500).contains(&reply.status), "{}", reply.status);
        prop_assert_eq!(&reply.headers["content-type"], "application/problem+json");
    });
    assert_eq!(runtime.block_on(vault.store.contents()), before);
}
