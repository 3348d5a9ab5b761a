//! Requests of a session or of an enrolled device. Its request key signs them, and a header names
//! it (protocol.md section 14).

use super::body::{self, Digested};
use super::signature::SignedRequest;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, Method};
use rootcellar_spec::limits::{DEVICES_BODY_BYTES, SNAPSHOT_BYTES};
use rootcellar_spec::parts;
use rootcellar_spec::request_signature::SESSION_HEADER;
use rootcellar_spec::{Digest, ProblemCode};
use rootcellar_vault::session::{self, ActiveSession};
use serde::de::DeserializeOwned;

/// A request without a body, or with a snapshot as its body.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    /// The sender. Only the account shows whether it was revoked since.
    pub session: ActiveSession,
    /// The snapshot of a `PUT`. Otherwise empty.
    pub body: Bytes,
}

/// A request with a JSON body.
#[derive(Clone, Debug)]
pub struct SessionJson<T> {
    /// The sender. Only the account shows whether it was revoked since.
    pub session: ActiveSession,
    /// The JSON with its digest.
    pub body: Digested<T>,
}

/// A request whose body consists of JSON and an optional snapshot.
#[derive(Clone, Debug)]
pub struct SessionParts<T> {
    /// The sender. Only the account shows whether it was revoked since.
    pub session: ActiveSession,
    /// The JSON. Its digest is that of both parts.
    pub body: Digested<T>,
    /// The snapshot, or `None` if the second part is empty.
    pub snapshot: Option<Bytes>,
}

impl FromRequest<AppState> for SessionRequest {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let is_put = request.method() == Method::PUT;
        let signed = SignedRequest::take(request).await?;
        let session = session_of(&signed.headers, signed.key, state)?;
        if is_put {
            body::check_media_type(&signed.headers, "application/octet-stream")?;
        }
        Ok(Self { session, body: signed.body })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for SessionJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let signed = SignedRequest::take(request).await?;
        let session = session_of(&signed.headers, signed.key, state)?;
        Ok(Self { session, body: Digested::parse(&signed.headers, &signed.body)? })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for SessionParts<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let signed = SignedRequest::take(request).await?;
        let session = session_of(&signed.headers, signed.key, state)?;
        body::check_media_type(&signed.headers, parts::MEDIA_TYPE)?;
        let too_large = |part, limit| {
            Refusal::new(
                ProblemCode::TooLarge,
                format!("The {part} is too large: at most {limit} bytes are allowed."),
            )
        };
        let (control, snapshot) = parts::split(&signed.body).ok_or_else(|| {
            Refusal::malformed("body", "The body must consist of two parts, each after its length.")
        })?;
        if control.len() > DEVICES_BODY_BYTES {
            return Err(too_large("first part", DEVICES_BODY_BYTES));
        }
        let snapshot = snapshot.map(|snapshot| signed.body.slice_ref(snapshot));
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.len() > SNAPSHOT_BYTES) {
            return Err(too_large("snapshot", SNAPSHOT_BYTES));
        }
        let body = Digested { value: body::parse_value(control)?, digest: Digest::of(&signed.body) };
        Ok(Self { session, body, snapshot })
    }
}

/// The sender of a request that was signed with `key`.
///
/// # Errors
/// If the session header is missing, or does not belong to this vault and this key.
pub(crate) fn session_of(
    headers: &HeaderMap,
    key: [u8; 32],
    state: &AppState,
) -> Result<ActiveSession, Refusal> {
    let header = headers.get(SESSION_HEADER).and_then(|value| value.to_str().ok());
    let header =
        header.ok_or_else(|| Refusal::signature("This request needs the header Rootcellar-Session."))?;
    Ok(session::resume(state, header, &key)?)
}
