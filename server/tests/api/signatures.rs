//! Section 14.

use crate::support::client::{Session, User};
use crate::support::{AUTHORITY, START, TestVault, settings, vault, vault_at};
use axum::body::Body;
use http::{HeaderValue, Request};
use rootcellar_server::state::Authority;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{OperationId, ProblemCode, base64url};
use rootcellar_vault::clock::Clock;

async fn registered(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    (user, session)
}

/// Changes a request after it was signed.
type Edit = fn(&mut Request<Body>, &Session);

/// Sends a header a second time.
fn double(request: &mut Request<Body>, name: &'static str) {
    let value = request.headers()[name].clone();
    request.headers_mut().append(name, value);
}

/// Puts another value behind `name` in the signature's parameters.
fn replace(request: &mut Request<Body>, name: &str, other: &str) {
    let text = request.headers()["signature-input"].to_str().expect("text").to_owned();
    let at = text.find(name).expect("a parameter") + name.len();
    let end = at + text[at..].find([';', '"']).expect("its end");
    assert_ne!(&text[at..end], other);
    let text = format!("{}{other}{}", &text[..at], &text[end..]);
    request.headers_mut().insert("signature-input", text.parse().expect("a header"));
}

const EDITS: [(&str, Edit); 16] = [
    ("method", |r, _| *r.method_mut() = http::Method::GET),
    ("path", |r, _| {
        let other = format!("{}/{}", paths::SNAPSHOTS, OperationId([0x77; 16]));
        *r.uri_mut() = other.parse().expect("a URI");
    }),
    ("query", |r, _| *r.uri_mut() = format!("{}?x", r.uri()).parse().expect("a URI")),
    ("body", |r, _| *r.body_mut() = Body::from("other")),
    ("digest", |r, _| {
        r.headers_mut().remove("content-digest");
    }),
    ("second digest", |r, _| double(r, "content-digest")),
    ("signature", |r, _| {
        r.headers_mut().remove("signature");
    }),
    ("second signature", |r, _| double(r, "signature")),
    ("second parameters", |r, _| double(r, "signature-input")),
    ("no session", |r, _| {
        r.headers_mut().remove("rootcellar-session");
    }),
    ("second session", |r, _| double(r, "rootcellar-session")),
    ("other session", |r, other| {
        let value = HeaderValue::from_str(&other.token).expect("a header");
        r.headers_mut().insert("rootcellar-session", value);
    }),
    ("created", |r, _| replace(r, "created=", &(START + 1).to_string())),
    ("nonce", |r, _| replace(r, "nonce=\"", "AAAAAAAAAAAAAAAAAAAAAA")),
    ("keyid", |r, other| {
        let key = base64url::encode(other.key.verifying_key().as_bytes());
        replace(r, "keyid=\"", &key);
    }),
    ("tag", |r, _| replace(r, "tag=\"", "rootcellar-2")),
];

#[tokio::test]
async fn every_covered_part_counts() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let snapshot = user.snapshot(None, "content");
    let put = || user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
    // Without a body: a GET that has one is refused for that.
    let empty = || user.request(&vault, &session, "PUT", &snapshot.path(), Vec::new());
    let other_session = user.log_in_again(&vault).await;
    for (what, edit) in EDITS {
        let mut request = if what == "method" { empty() } else { put() };
        edit(&mut request, &other_session);
        vault.store.take_calls();
        let reply = vault.send(request).await;
        assert_eq!(reply.status, 401, "{what}: {}", String::from_utf8_lossy(&reply.body));
        reply.problem(ProblemCode::SignatureInvalid);
        assert_eq!(vault.store.take_calls(), [], "{what}");
    }
    vault.send(empty()).await.problem(ProblemCode::Malformed);
    assert_eq!(vault.send(put()).await.status, 200, "the request itself is good");
}

/// What counts is the public origin, whatever host the request says it is for.
#[tokio::test]
async fn a_signature_for_another_authority_is_none() {
    let vault = vault().await;
    let user = User::new("alice");
    let now = vault.clock.now();
    vault.send(user.signed_for(AUTHORITY, now)).await.problem(ProblemCode::SessionEnded);
    for other in ["vault.example.net", "vault.example.org:8443", "localhost"] {
        vault.send(user.signed_for(other, now)).await.problem(ProblemCode::SignatureInvalid);
        let mut renamed = user.signed_for(other, now);
        renamed.headers_mut().insert("host", HeaderValue::from_static(AUTHORITY));
        vault.send(renamed).await.problem(ProblemCode::SignatureInvalid);
    }
}

#[tokio::test]
async fn a_session_is_useless_without_its_key() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let thief = ed25519_dalek::SigningKey::from_bytes(&[6; 32]);
    let now = vault.clock.now();
    let stolen = user.signed("GET", paths::ACCOUNT, Vec::new(), &thief, Some(&session.token), now);
    vault.send(stolen).await.problem(ProblemCode::SessionEnded);
}

#[tokio::test]
async fn time_is_checked_both_ways() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let at = |now| user.signed("GET", paths::ACCOUNT, Vec::new(), &session.key, Some(&session.token), now);
    let now = vault.clock.now();
    let ago = |seconds| rootcellar_spec::Timestamp(now.0 - seconds);
    assert_eq!(vault.send(at(ago(300))).await.status, 200);
    assert_eq!(vault.send(at(now.plus(300))).await.status, 200);
    vault.send(at(ago(301))).await.problem(ProblemCode::ClockSkew);
    vault.send(at(now.plus(301))).await.problem(ProblemCode::ClockSkew);
}

#[tokio::test]
async fn a_session_ends_after_fifteen_minutes() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    vault.pass(899);
    assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200);
    vault.pass(1);
    user.get(&vault, &session, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
}

/// Nonces are not stored. Who records a request can send it again for five minutes, and gains ciphertext or nothing.
#[tokio::test]
async fn a_replayed_request_changes_nothing() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let snapshot = user.snapshot(None, "content");
    let recorded = user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
    let headers = recorded.headers().clone();
    vault.send(recorded).await.parts::<SnapshotResponse>();
    let second = user.snapshot(Some(&snapshot), "newer");
    user.put(&vault, &session, &second).await.parts::<SnapshotResponse>();
    let before = vault.store.contents().await;
    let mut replayed =
        Request::put(snapshot.path()).body(Body::from(snapshot.bytes.clone())).expect("a request");
    *replayed.headers_mut() = headers;
    assert_eq!(vault.send(replayed).await.status, 200);
    assert_eq!(vault.store.contents().await, before);
}

#[tokio::test]
async fn without_a_public_origin_only_loopback_hosts_are_answered() {
    let authority = Authority::Loopback { default_port: 80 };
    let vault = vault_at(authority, settings()).await;
    let user = User::new("alice");
    let now = vault.clock.now();
    // The test's client signs for this authority, which is no loopback one.
    let request = user.recovery_request(&user.recovery, now);
    assert_eq!(request.headers()["host"], AUTHORITY);
    vault.send(request).await.problem(ProblemCode::RecoveryRefused);
    let request = user.signed("GET", paths::ACCOUNT, Vec::new(), &user.recovery, Some("AA"), now);
    let problem = vault.send(request).await.problem(ProblemCode::SignatureInvalid);
    assert!(problem.detail.contains("loopback"), "{}", problem.detail);
    for host in ["localhost:80", "127.0.0.1:8787", "[::1]:9", "LOCALHOST"] {
        let reply = vault.send(user.signed_for(host, now)).await;
        reply.problem(ProblemCode::SessionEnded);
    }
}
