//! Nothing that clients compete for is held while one of them lets the vault wait (spec/decisions/0009-admission.md).

use crate::support::client::User;
use crate::support::pausing::{At, Pausing, Says};
use crate::support::{TestVault, vault};
use axum::Router;
use axum::body::{Body, Bytes};
use ed25519_dalek::SigningKey;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::body::{Frame, SizeHint};
use rootcellar_server::admission::Admission;
use rootcellar_server::config::Limits;
use rootcellar_server::middleware::ClientAddress;
use rootcellar_server::router;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Problem, ProblemCode, base64url};
use rootcellar_vault::clock::Clock;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::ServiceExt;

const ATTACKER: &str = "198.51.100.7";
const VICTIM: &str = "203.0.113.9";

const LIMITS: Limits = Limits {
    max_connections: 1,
    max_handshakes: 1,
    max_in_flight: 1,
    request_memory: 32 << 20,
    rate_per_address: 0,
    starts_per_address: 0,
    request_timeout: Duration::from_secs(5),
};

fn within(vault: &TestVault, limits: Limits) -> Router {
    router::api_within(vault.state.clone(), &Admission::new(&limits))
}

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: IpAddr = address.parse().expect("an address");
    request.extensions_mut().insert(ClientAddress(address));
    request
}

fn ask() -> Request<Body> {
    Request::get(paths::VAULT).body(Body::empty()).expect("a request")
}

async fn status(app: &Router, request: Request<Body>) -> StatusCode {
    app.clone().oneshot(request).await.expect("the router never fails").status()
}

async fn problem(app: &Router, request: Request<Body>) -> Problem {
    let response = app.clone().oneshot(request).await.expect("the router never fails");
    let body = response.into_body().collect().await.expect("a whole body").to_bytes();
    serde_json::from_slice(&body).expect("a problem document")
}

/// A request whose body begins and does not end.
fn unfinished() -> (Request<Body>, http_body_util::channel::Sender<Bytes, axum::Error>) {
    let (mut sender, body) = Channel::<Bytes, axum::Error>::new(1);
    sender.try_send(Frame::data(Bytes::from_static(b"{"))).expect("there is room");
    let request = Request::post(paths::LOGIN_START).header("content-type", "application/json");
    (request.body(Body::new(body)).expect("a request"), sender)
}

/// A body of this length that must not be read.
struct Unread(u64);

impl hyper::body::Body for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        unreachable!("the body is read")
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

#[tokio::test]
async fn a_slot_is_not_held_while_a_body_is_awaited() {
    let vault = vault().await;
    let app = within(&vault, LIMITS);
    let mut senders = Vec::new();
    for _ in 0..8 {
        let (request, sender) = unfinished();
        senders.push(sender);
        tokio::spawn(app.clone().oneshot(from(ATTACKER, request)));
    }
    // Each is taken in: the first part of its body has been read.
    for sender in &mut senders {
        sender.send_data(Bytes::from_static(b" ")).await.expect("is read");
        sender.send_data(Bytes::from_static(b" ")).await.expect("is read");
    }
    for _ in 0..8 {
        assert_eq!(status(&app, from(ATTACKER, ask())).await, StatusCode::OK);
        assert_eq!(status(&app, from(VICTIM, ask())).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_address_holds_its_share_of_memory_and_no_more() {
    let vault = vault().await;
    let app = within(&vault, LIMITS);
    let mut senders = Vec::new();
    // An eighth of 32 MiB is 64 requests, each of which counts for 64 KiB.
    for _ in 0..64 {
        let (request, mut sender) = unfinished();
        tokio::spawn(app.clone().oneshot(from(ATTACKER, request)));
        sender.send_data(Bytes::from_static(b" ")).await.expect("is read");
        sender.send_data(Bytes::from_static(b" ")).await.expect("is read");
        senders.push(sender);
    }
    let refused = problem(&app, from(ATTACKER, ask())).await;
    assert_eq!((refused.code, refused.retry_after), (ProblemCode::Busy, Some(1)));
    assert_eq!(status(&app, from(VICTIM, ask())).await, StatusCode::OK);
    drop(senders);
    while status(&app, from(ATTACKER, ask())).await != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

/// What a response occupies is free again when its last byte has left, and not before.
#[tokio::test]
async fn responses_that_are_not_taken_count_for_their_client() {
    let vault = vault().await;
    let app = within(&vault, LIMITS);
    let mut kept = Vec::new();
    loop {
        let response = app.clone().oneshot(from(ATTACKER, ask())).await.expect("the router never fails");
        if response.status() != StatusCode::OK {
            break;
        }
        kept.push(response.into_body().collect().await.expect("a whole body").to_bytes());
    }
    assert!(kept.len() <= 512, "{}", kept.len());
    assert_eq!(status(&app, from(VICTIM, ask())).await, StatusCode::OK);
    kept.truncate(kept.len() - 16);
    assert_eq!(status(&app, from(ATTACKER, ask())).await, StatusCode::OK);
}

#[tokio::test]
async fn a_body_is_not_read_before_the_signature_has_been_verified() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let app = within(&vault, LIMITS);
    let path = user.snapshot(None, "content").path();
    let good = user.request(&vault, &session, "PUT", &path, vec![7; 1 << 20]);
    for header in ["signature", "signature-input", "content-digest", "rootcellar-session"] {
        let (mut parts, _) = user.request(&vault, &session, "PUT", &path, vec![7; 1 << 20]).into_parts();
        parts.headers.remove(header);
        let refused =
            problem(&app, from(ATTACKER, Request::from_parts(parts, Body::new(Unread(1 << 20))))).await;
        assert_eq!(refused.code, ProblemCode::SignatureInvalid, "{header}");
    }
    // The one that is read is not what was signed.
    let (parts, _) = good.into_parts();
    let other = Request::from_parts(parts, Body::from(vec![8; 1 << 20]));
    assert_eq!(problem(&app, from(ATTACKER, other)).await.code, ProblemCode::SignatureInvalid);
}

/// Anyone can make a key and sign with it.
#[tokio::test]
async fn a_large_body_is_not_read_for_a_device_that_the_vault_does_not_know() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let app = within(&vault, LIMITS);
    let (key, now) = (SigningKey::from_bytes(&[7; 32]), vault.clock.now());
    let device = |account: &[u8]| format!("device.{}", base64url::encode(&[account, &[7; 16]].concat()));
    for session in [device(&[9; 16]), device(&user.account.0)] {
        for (method, path) in [("PUT", user.snapshot(None, "x").path()), ("POST", paths::REKEY.to_owned())] {
            let signed = user.signed(method, &path, vec![7; 1 << 20], &key, Some(&session), now);
            let (parts, _) = signed.into_parts();
            let refused =
                problem(&app, from(ATTACKER, Request::from_parts(parts, Body::new(Unread(1 << 20))))).await;
            assert_eq!(refused.code, ProblemCode::DeviceRevoked, "{method}");
        }
    }
}

#[tokio::test]
async fn a_length_beyond_the_limit_is_refused_at_once() {
    let vault = vault().await;
    let app = within(&vault, LIMITS);
    for (method, path, length) in [
        ("GET", paths::VAULT, 1),
        ("POST", paths::LOGIN_START, (32 << 10) + 1),
        ("POST", paths::DEVICES, (128 << 10) + 1),
        ("GET", paths::HEAD, 1),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::new(Unread(length))).expect("a request");
        assert_eq!(problem(&app, from(ATTACKER, request)).await.code, ProblemCode::TooLarge, "{path}");
    }
}

/// Work that takes too long ends, and what waits for its slot gets it.
#[tokio::test]
async fn a_slot_is_waited_for_and_work_has_an_end() {
    let vault = vault().await;
    let store = Pausing::new(vault.store.clone(), Says::Gone, At::Before(0));
    let limits = Limits { request_timeout: Duration::from_secs(1), ..LIMITS };
    let app = within(&vault.replica_on(store.clone()), limits);
    let user = User::new("alice");
    let recovery = user.recovery_request(&user.recovery, vault.clock.now());
    let hangs = tokio::spawn({
        let app = app.clone();
        async move { problem(&app, from(ATTACKER, recovery)).await }
    });
    store.reached().await;
    assert_eq!(hangs.await.expect("ends").code, ProblemCode::Timeout);
    // Nobody waits for it any more, and it holds its slot until it has ended.
    let waits = tokio::spawn({
        let app = app.clone();
        async move { status(&app, from(VICTIM, ask())).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waits.is_finished(), "the slot is held");
    store.go_on();
    assert_eq!(waits.await.expect("ends"), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_vain_hears_that_the_vault_is_busy() {
    let vault = vault().await;
    let store = Pausing::new(vault.store.clone(), Says::Gone, At::Before(0));
    let limits = Limits { request_timeout: Duration::from_secs(60), ..LIMITS };
    let app = within(&vault.replica_on(store.clone()), limits);
    let user = User::new("alice");
    let recovery = user.recovery_request(&user.recovery, vault.clock.now());
    tokio::spawn(app.clone().oneshot(from(ATTACKER, recovery)));
    store.reached().await;
    let refused = problem(&app, from(VICTIM, ask())).await;
    assert_eq!((refused.code, refused.retry_after), (ProblemCode::Busy, Some(1)));
}
