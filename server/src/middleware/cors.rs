//! Lets pages of the configured origins use the vault (`page-origins`; the Fetch standard, "HTTP
//! extensions"). Browsers send no credentials with these requests, and other origins get no header.
//!
//! The headers are added around the whole stack, so that a page can read refusals too. Preflight
//! requests count for the limit per address, and are handled before anything expensive. `tower-http`
//! has one layer for both: preflights would bypass the limit, or its refusals would be unreadable.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use rootcellar_spec::wire::paths;
use std::sync::Arc;

/// The methods that a page may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT");
/// The headers that clients send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-digest, content-type, rootcellar-login-mac, rootcellar-session, signature, signature-input",
);
/// The response headers that a page may read, apart from the safelisted ones.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static("date, retry-after, rootcellar-request-id");
/// How long a browser may cache a preflight response, in seconds. Browsers cap it at a day or less.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// The origins whose pages may use the vault, in the form in which browsers send them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageOrigins(Arc<[HeaderValue]>);

impl PageOrigins {
    /// Allows exactly these origins.
    #[must_use]
    pub fn new(origins: Vec<HeaderValue>) -> Self {
        Self(origins.into())
    }

    /// The origin of the request, if it is allowed and the request is for the API.
    fn asking(&self, request: &Request) -> Option<HeaderValue> {
        let mut origins = request.headers().get_all(header::ORIGIN).iter();
        let only = origins.next().filter(|_| origins.next().is_none())?;
        (is_api(request) && self.0.contains(only)).then(|| only.clone())
    }
}

fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with(paths::ALL)
}

/// Lets a page of an allowed origin read the response, whatever it is.
pub(super) async fn allow(State(origins): State<PageOrigins>, request: Request, next: Next) -> Response {
    if origins.0.is_empty() || !is_api(&request) {
        return next.run(request).await;
    }
    let asking = origins.asking(&request);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = asking {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
    response
}

/// Handles the preflight request that a browser sends before such a request.
pub(super) async fn answer_preflight(
    State(origins): State<PageOrigins>,
    request: Request,
    next: Next,
) -> Response {
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight || origins.asking(&request).is_none() {
        return next.run(request).await;
    }
    let mut headers = HeaderMap::new();
    let permitted: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    headers.extend(permitted);
    (StatusCode::NO_CONTENT, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_spec::{content_digest, request_signature};

    /// A header that is missing from the list would block every such request in the browser.
    #[test]
    fn every_header_of_the_protocol_may_be_sent() {
        let mut needed = [
            "content-type",
            content_digest::HEADER,
            request_signature::INPUT_HEADER,
            request_signature::LOGIN_MAC_HEADER,
            request_signature::SESSION_HEADER,
            request_signature::SIGNATURE_HEADER,
        ];
        needed.sort_unstable();
        assert_eq!(REQUEST_HEADERS, needed.join(", ").as_str());
    }
}
