//! The stack as a whole: every refusal is a problem document.

use super::*;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::routing::{get, post};
use http::StatusCode;
use http_body_util::BodyExt;
use rootcellar_spec::{Problem, ProblemCode};
use std::net::SocketAddr;
use std::time::Duration;
use tower::ServiceExt;

const LIMITS: Limits = Limits {
    max_connections: 9,
    max_handshakes: 9,
    max_in_flight: 9,
    request_memory: 16 << 20,
    rate_per_address: 0,
    starts_per_address: 0,
    request_timeout: Duration::from_secs(5),
};

/// Routes inside the stack, one of which fails.
fn stack(limits: Limits) -> Router {
    let api = Router::new()
        .route("/panic", get(|| async { assert_eq!(request_count(), 1, "canary in a panic") }))
        .route("/v1/json", post(|| async { "ok" }));
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
    let app = stack(LIMITS);
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
    let app = stack(LIMITS);
    let problem = problem(&app, request("GET", "/panic", Body::empty())).await;
    assert_eq!(problem.code, ProblemCode::Internal);
    assert!(!problem.detail.contains("canary"));
}

#[tokio::test]
async fn one_address_is_limited_and_health_is_not() {
    let app = stack(Limits { rate_per_address: 3, ..LIMITS });
    for _ in 0..3 {
        assert_eq!(send(&app, request("POST", "/v1/json", Body::empty())).await.0.status, StatusCode::OK);
    }
    let refused = problem(&app, request("POST", "/v1/json", Body::empty())).await;
    assert_eq!(refused.code, ProblemCode::RateLimited);
    assert!(refused.retry_after.is_some_and(|seconds| (1..=21).contains(&seconds)));
    assert_eq!(send(&app, request("GET", "/healthz", Body::empty())).await.0.status, StatusCode::OK);
}

#[tokio::test]
async fn a_proxy_that_writes_no_address_is_refused_and_its_health_check_is_not() {
    let proxy = "192.0.2.0/24".parse().expect("a network");
    let reach = Reach { trusted_proxies: Proxies::new(vec![proxy]), ..Reach::default() };
    let api = Router::new().route("/v1/json", post(|| async { "ok" }));
    let app = around(api, Router::new().route("/healthz", get(|| async { "ok" })), LIMITS, reach);
    for (written, is_address) in [("198.51.100.7:4711", true), ("unknown", false)] {
        let ask = |method, path| {
            let mut request = request(method, path, Body::empty());
            request.headers_mut().insert("x-forwarded-for", http::HeaderValue::from_static(written));
            request
        };
        assert_eq!(send(&app, ask("GET", "/healthz")).await.0.status, StatusCode::OK);
        if is_address {
            assert_eq!(send(&app, ask("POST", "/v1/json")).await.0.status, StatusCode::OK);
        } else {
            let refused = problem(&app, ask("POST", "/v1/json")).await;
            assert_eq!(
                (refused.code, refused.field.as_deref()),
                (ProblemCode::Malformed, Some("x-forwarded-for"))
            );
        }
    }
}
