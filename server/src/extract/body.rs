//! Bodies, and JSON that names the field which is wrong.

use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::BodyExt;
use rootcellar_spec::{Digest, OperationId};
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// A JSON body without a signature.
#[derive(Clone, Debug)]
pub struct JsonBody<T>(pub T);

/// A JSON body without a signature, and the digest of its bytes.
#[derive(Clone, Debug)]
pub struct DigestedJson<T>(pub Digested<T>);

/// The `{operation}` of a path. Whether it is one is asked after who sent the request.
#[derive(Clone, Copy, Debug)]
pub struct OperationPath(Option<OperationId>);

impl OperationPath {
    /// The operation.
    ///
    /// # Errors
    /// Where the path does not end in one.
    pub(crate) fn read(self) -> Result<OperationId, Refusal> {
        self.0.ok_or_else(|| {
            Refusal::malformed("operation", "The path must end in 16 bytes as base64url without padding.")
        })
    }
}

/// The bytes of a body that was read when the request was taken in.
pub(super) async fn whole(body: axum::body::Body) -> Result<Bytes, Refusal> {
    let whole =
        body.collect().await.map_err(|_| Refusal::malformed("body", "The request body was truncated."))?;
    Ok(whole.to_bytes())
}

/// Checks the `Content-Type` header, parameters aside.
pub(super) fn check_media_type(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = found.and_then(|value| value.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    Err(Refusal::malformed("content-type", format!("The body must be {expected}.")))
}

/// Reads JSON, all of it; a refusal names the field.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    check_media_type(headers, "application/json")?;
    parse_value(body)
}

/// As [`parse`], for JSON that is only a part of the body.
pub(super) fn parse_value<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // The library takes an array for an object, its values for the members in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::malformed("body", "The body must be one JSON object."));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let text = error.inner().to_string();
        let path = error.path().to_string();
        let field = if path == "." { named_field(&text).unwrap_or("body").to_owned() } else { path };
        Refusal::malformed(field, text)
    })?;
    deserializer.end().map_err(|_| Refusal::malformed("body", "There are bytes behind the JSON object."))?;
    Ok(parsed)
}

/// A missing field has no path; serde names it in backquotes.
fn named_field(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = whole(body).await?;
        parse(&parts.headers, &body).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for DigestedJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = whole(body).await?;
        Digested::parse(&parts.headers, &body).map(Self)
    }
}

impl FromRequestParts<AppState> for OperationPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(Self(text.and_then(|Path(text)| OperationId::parse(&text))))
    }
}

/// A body's JSON value with the digest of its exact bytes.
#[derive(Clone, Debug)]
pub struct Digested<T> {
    /// The value.
    pub value: T,
    /// Digest of the exact bytes.
    pub digest: Digest,
}

impl<T: DeserializeOwned> Digested<T> {
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { value: parse(headers, body)?, digest: Digest::of(body) })
    }
}
