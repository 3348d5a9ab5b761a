//! The stack as a whole: every refusal is a problem document.

use super::*;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::routing::{get, post, put};
use http::StatusCode;
use http_body_util::BodyExt;
use rootcellar_spec::limits::{JSON_BODY_BYTES, SNAPSHOT_BYTES};
use rootcellar_spec::{Problem, ProblemCode};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::Notify;
use tower::ServiceExt;

const LIMITS: Limits = Limits {
    max_in_flight: 2,
    rate_per_address: 0,
    starts_per_address: 0,
    request_timeout: Duration::from_secs(5),
};

/// Routes that behave badly, inside the stack; one that hangs until it is told.
fn stack(limits: Limits, entered: Arc<Notify>) -> Router {
    let hang = move || async move {
        entered.notify_one();
        std::future::pending::<()>().await;
    };
    let api = Router::new()
        .route("/panic", get(|| async { assert_eq!(request_count(), 1, "canary in a panic") }))
        .route("/hang", get(hang))
        .route("/v1/json", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route(
            "/v1/account/snapshots/{op}",
            put(|body: axum::body::Bytes| async move { body.len().to_string() }),
        );
    around(api, Router::new().route("/healthz", get(|| async { "ok" })), limits, Reach::default())
}

/// Never one.
fn request_count() -> usize {
    0
}

fn request(method: &str, path: &str, body: Body) -> Request {
    let mut request = Request::builder().method(method).uri(path).body(body).expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 9))));
    request
}

async fn send(app: &Router, request: Request) -> (http::response::Parts, Vec<u8>) {
    let (parts, body) = app.clone().oneshot(request).await.expect("an answer").into_parts();
    (parts, body.collect().await.expect("a body").to_bytes().to_vec())
}

async fn problem(app: &Router, request: Request) -> Problem {
    let (parts, body) = send(app, request).await;
    let problem: Problem = serde_json::from_slice(&body).expect("a problem document");
    assert_eq!(parts.headers["content-type"], "application/problem+json");
    assert_eq!(parts.status.as_u16(), problem.status);
    assert!(parts.headers.contains_key(REQUEST_ID));
    let retry_after = parts.headers.get("retry-after").and_then(|value| value.to_str().ok());
    assert_eq!(retry_after.map(str::to_owned), problem.retry_after.map(|seconds| seconds.to_string()));
    problem
}

#[tokio::test]
async fn answers_bear_an_id_and_are_not_kept() {
    let app = stack(LIMITS, Arc::default());
    let (first, _) = send(&app, request("GET", "/healthz", Body::empty())).await;
    let mut forged = request("GET", "/healthz", Body::empty());
    forged.headers_mut().insert(REQUEST_ID, http::HeaderValue::from_static("mine"));
    let (second, _) = send(&app, forged).await;
    assert_eq!(first.headers["cache-control"], "no-store");
    assert_ne!(first.headers[REQUEST_ID], second.headers[REQUEST_ID]);
    assert_ne!(second.headers[REQUEST_ID], "mine");
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_message() {
    let app = stack(LIMITS, Arc::default());
    let problem = problem(&app, request("GET", "/panic", Body::empty())).await;
    assert_eq!(problem.code, ProblemCode::Internal);
    assert!(!problem.detail.contains("canary"));
}

#[tokio::test]
async fn bodies_end_at_their_limit() {
    let app = stack(LIMITS, Arc::default());
    let cases = [
        ("POST", "/v1/json", JSON_BODY_BYTES),
        ("PUT", "/v1/account/snapshots/x", SNAPSHOT_BYTES),
        ("PUT", "/v1/json", JSON_BODY_BYTES),
    ];
    for (method, path, limit) in cases {
        let (fits, _) = send(&app, request(method, path, vec![0; limit].into())).await;
        assert_ne!(fits.status, StatusCode::PAYLOAD_TOO_LARGE, "{method} {path}");
        for announced in [true, false] {
            let mut long = request(method, path, vec![0; limit + 1].into());
            if announced {
                long.headers_mut().insert("content-length", http::HeaderValue::from(limit + 1));
            }
            assert_eq!(problem(&app, long).await.code, ProblemCode::TooLarge, "{method} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_is_ended() {
    let app = stack(LIMITS, Arc::default());
    let problem = problem(&app, request("GET", "/hang", Body::empty())).await;
    assert_eq!((problem.code, problem.retry_after), (ProblemCode::Timeout, Some(1)));
}

#[tokio::test]
async fn a_full_vault_says_so_at_once_and_is_still_alive() {
    let entered = Arc::new(Notify::new());
    let app = stack(LIMITS, entered.clone());
    let mut hanging = Vec::new();
    for _ in 0..LIMITS.max_in_flight {
        let app = app.clone();
        hanging.push(tokio::spawn(app.oneshot(request("GET", "/hang", Body::empty()))));
        entered.notified().await;
    }
    let refused = problem(&app, request("POST", "/v1/json", Body::empty())).await;
    assert_eq!((refused.code, refused.retry_after), (ProblemCode::Busy, Some(1)));
    assert_eq!(send(&app, request("GET", "/healthz", Body::empty())).await.0.status, StatusCode::OK);
    // A client that goes away gives its place back.
    hanging.pop().expect("two hang").abort();
    while send(&app, request("POST", "/v1/json", Body::empty())).await.0.status != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_address_is_limited_and_health_is_not() {
    let app = stack(Limits { rate_per_address: 3, ..LIMITS }, Arc::default());
    for _ in 0..3 {
        assert_eq!(send(&app, request("POST", "/v1/json", Body::empty())).await.0.status, StatusCode::OK);
    }
    let refused = problem(&app, request("POST", "/v1/json", Body::empty())).await;
    assert_eq!(refused.code, ProblemCode::RateLimited);
    assert!(refused.retry_after.is_some_and(|seconds| (1..=21).contains(&seconds)));
    assert_eq!(send(&app, request("GET", "/healthz", Body::empty())).await.0.status, StatusCode::OK);
}
