//! Requests of a session: signed by its request key, with its token (protocol.md section 14).

use super::body::{self, Digested};
use super::signature::SignedRequest;
use crate::domain::session::{self, ActiveSession};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::Method;
use rootcellar_spec::base64url;
use rootcellar_spec::limits::{JSON_BODY_BYTES, SNAPSHOT_BYTES};
use rootcellar_spec::request_signature::SESSION_HEADER;
use serde::de::DeserializeOwned;

/// A request without a body, or with a sealed object as its body.
#[derive(Clone, Debug)]
pub struct SessionRequest {
    /// The session. Whether it was ended since shows only in the account.
    pub session: ActiveSession,
    /// The body; empty but for `PUT`.
    pub body: Bytes,
}

/// A request with JSON as its body.
#[derive(Clone, Debug)]
pub struct SessionJson<T> {
    /// The session. Whether it was ended since shows only in the account.
    pub session: ActiveSession,
    /// The body.
    pub body: Digested<T>,
}

impl FromRequest<AppState> for SessionRequest {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let is_put = request.method() == Method::PUT;
        let signed = SignedRequest::read(request, state, if is_put { SNAPSHOT_BYTES } else { 0 }).await?;
        let session = resume(&signed, state)?;
        if is_put {
            body::check_media_type(&signed.headers, "application/octet-stream")?;
        }
        Ok(Self { session, body: signed.body })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for SessionJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let signed = SignedRequest::read(request, state, JSON_BODY_BYTES).await?;
        let session = resume(&signed, state)?;
        Ok(Self { session, body: Digested::parse(&signed.headers, &signed.body)? })
    }
}

fn resume(signed: &SignedRequest, state: &AppState) -> Result<ActiveSession, Refusal> {
    let token = signed.headers.get(SESSION_HEADER).and_then(|value| value.to_str().ok());
    let token = token.ok_or_else(|| Refusal::signature("This request needs Rootcellar-Session."))?;
    let token = base64url::decode(token).unwrap_or_default();
    Ok(session::resume(state, &token, &signed.key)?)
}
