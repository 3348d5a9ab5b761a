//! Request bodies. A refusal names the wrong field of the JSON.

use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::BodyExt;
use rootcellar_spec::{Digest, OperationId};
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// An unsigned JSON body.
#[derive(Clone, Debug)]
pub struct JsonBody<T>(pub T);

/// An unsigned JSON body, with the digest of its bytes.
#[derive(Clone, Debug)]
pub struct DigestedJson<T>(pub Digested<T>);

/// The `{operation}` of a path. It is validated after the sender is known.
#[derive(Clone, Copy, Debug)]
pub struct OperationPath(Option<OperationId>);

impl OperationPath {
    /// The operation ID.
    ///
    /// # Errors
    /// If the path does not end in 16 bytes as base64url.
    pub(crate) fn read(self) -> Result<OperationId, Refusal> {
        self.0.ok_or_else(|| {
            Refusal::malformed(
                "operation",
                "The path must end in an operation ID: 16 bytes as base64url without padding.",
            )
        })
    }
}

/// The bytes of a body that is already in memory.
pub(super) async fn whole(body: axum::body::Body) -> Result<Bytes, Refusal> {
    let whole = body
        .collect()
        .await
        .map_err(|_| Refusal::malformed("body", "The request body was truncated. Send the request again."))?;
    Ok(whole.to_bytes())
}

/// Checks the `Content-Type` header, ignoring its parameters.
pub(super) fn check_media_type(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = found.and_then(|value| value.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected)) {
        return Ok(());
    }
    Err(Refusal::malformed("content-type", format!("The Content-Type must be {expected}.")))
}

/// Parses the whole body as JSON. A refusal names the field.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    check_media_type(headers, "application/json")?;
    parse_value(body)
}

/// Like [`parse`], for JSON that is only one part of the body.
pub(super) fn parse_value<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // serde accepts an array for a struct, with the values in the order of its members.
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
    deserializer.end().map_err(|_| Refusal::malformed("body", "The body must end after the JSON object."))?;
    Ok(parsed)
}

/// serde gives no path for a missing field, but names it in backquotes.
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

/// A JSON value with the digest of its exact bytes.
#[derive(Clone, Debug)]
pub struct Digested<T> {
    /// The parsed JSON.
    pub value: T,
    /// SHA-256 of the exact bytes.
    pub digest: Digest,
}

impl<T: DeserializeOwned> Digested<T> {
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { value: parse(headers, body)?, digest: Digest::of(body) })
    }
}
