//! Responses for files of the page (RFC 9110 sections 8.8.3, 12.5.3 and 13.1.2).

use super::Page;
use super::file::{Coding, File, Variant};
use super::headers::{HEADERS, STRICT_TRANSPORT_SECURITY};
use crate::handlers::vault;
use crate::middleware::RouteName;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::sync::Arc;

/// The route's name in logs and metrics, for every file of the page.
const ROUTE: RouteName = RouteName("page");

#[derive(Clone)]
struct Served {
    page: Arc<Page>,
    strict_transport: bool,
}

/// Serves the page where `api` has no route. With `strict_transport`, browsers are told to use TLS
/// only.
pub fn around(api: Router, page: Page, strict_transport: bool) -> Router {
    let served = Served { page: Arc::new(page), strict_transport };
    let fallback = Router::new().fallback(answer).with_state(served);
    api.fallback_service(fallback)
}

async fn answer(State(served): State<Served>, request: Request) -> Response {
    // The path is compared without decoding: no file has an escaped name.
    let Some(file) = served.page.find(request.uri().path()) else {
        return vault::not_found().await.into_response();
    };
    let mut response = match *request.method() {
        Method::GET => of(file, request.headers(), true),
        Method::HEAD => of(file, request.headers(), false),
        _ => refuse_method().await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if served.strict_transport {
        let value = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response.extensions_mut().insert(ROUTE);
    response
}

async fn refuse_method() -> Response {
    let mut response = vault::method_not_allowed().await.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn of(file: &File, request: &HeaderMap, with_body: bool) -> Response {
    let variant = choose(file, request);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ETAG, variant.tag.clone());
    headers.insert(header::CACHE_CONTROL, file.cache.clone());
    if file.variants.len() > 1 {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_known(variant, request) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, file.media_type.clone());
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(variant.bytes.len()));
    if let Some(coding) = variant.coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    if with_body {
        *response.body_mut() = Body::from(variant.bytes.clone());
    }
    response
}

/// The best variant that the browser accepts. The plain bytes if it accepts no compression.
fn choose<'f>(file: &'f File, request: &HeaderMap) -> &'f Variant {
    let taken = |variant: &&Variant| variant.coding.is_none_or(|coding| takes(request, coding));
    file.variants.iter().find(taken).expect("the last one has no coding")
}

/// Whether `Accept-Encoding` names this encoding with a weight above zero.
fn takes(request: &HeaderMap, coding: Coding) -> bool {
    elements(request, &header::ACCEPT_ENCODING).any(|element| {
        let mut parts = element.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding.name()));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// Whether the browser already has these bytes.
fn is_known(variant: &Variant, request: &HeaderMap) -> bool {
    elements(request, &header::IF_NONE_MATCH).any(|tag| {
        // A proxy that recompresses makes an ETag weak.
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == variant.tag.as_bytes()
    })
}

/// The elements of a header with a list. Our ETags contain no comma.
fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}
