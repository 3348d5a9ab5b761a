//! Gives each request an ID, which connects a user's report with a log line (protocol.md section
//! 13).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use rootcellar_spec::base64url;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};

/// The header with the ID, on every response.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("rootcellar-request-id");

/// The ID of one request: 9 random bytes as base64url. It never comes from the client.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Assigns the ID. Also forbids caching, except for files of the page, which have their own header.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = base64url::encode(&SystemEntropy.bytes::<9>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, HeaderValue::try_from(id).expect("base64url is plain ASCII"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
