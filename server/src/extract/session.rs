//! Requests of a session, or of an enrolled device: signed by its request key, with the header that names it
//! (protocol.md section 14).

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

/// A request without a body, or with a sealed object as its body.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    /// Who sent it. Whether that has ended since shows only in the account.
    pub session: ActiveSession,
    /// The body; empty but for `PUT`.
    pub body: Bytes,
}

/// A request with JSON as its body.
#[derive(Clone, Debug)]
pub struct SessionJson<T> {
    /// Who sent it. Whether that has ended since shows only in the account.
    pub session: ActiveSession,
    /// The body.
    pub body: Digested<T>,
}

/// A request with JSON and a snapshot, or nothing, as the two parts of its body.
#[derive(Clone, Debug)]
pub struct SessionParts<T> {
    /// Who sent it. Whether that has ended since shows only in the account.
    pub session: ActiveSession,
    /// The first part; its digest is that of both parts.
    pub body: Digested<T>,
    /// The second part.
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
            Refusal::new(ProblemCode::TooLarge, format!("The {part} may have {limit} bytes at most."))
        };
        let (control, snapshot) = parts::split(&signed.body).ok_or_else(|| {
            Refusal::malformed("body", "The body must be two parts, each behind its length.")
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

/// Who sent a request that `key` signed.
///
/// # Errors
/// Where the header that says so is missing, or is not of this vault and this key.
pub(crate) fn session_of(
    headers: &HeaderMap,
    key: [u8; 32],
    state: &AppState,
) -> Result<ActiveSession, Refusal> {
    let header = headers.get(SESSION_HEADER).and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| Refusal::signature("This request needs Rootcellar-Session."))?;
    Ok(session::resume(state, header, &key)?)
}
