//! Request signatures: RFC 9421 with the profile of protocol.md section 14.
//!
//! A signature covers the exact request: method, authority, path, query, every byte of the body,
//! and the session token if there is one. Nonces are not stored: writes are conditional or
//! idempotent, and reads return ciphertext.

use super::body::{self, Digested};
use crate::problem::Refusal;
use crate::state::{AppState, Authority};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts, uri};
use rootcellar_spec::limits::SIGNATURE_WINDOW;
use rootcellar_spec::request_signature::{
    Covered, INPUT_HEADER, Parameters, SESSION_HEADER, SIGNATURE_HEADER, parse_signature,
};
use rootcellar_spec::{ProblemCode, content_digest, vault_id};
use rootcellar_vault::Error;
use rootcellar_vault::ed25519;
use serde::de::DeserializeOwned;
use std::fmt;
use url::Url;

/// The result of a verified signature. The signature covers the head of a request and the digest of
/// its body, so it is verified before the body is read.
#[derive(Clone)]
pub(crate) struct Verified {
    /// The Ed25519 public key that signed the request. The caller must find out whose key it is.
    pub(crate) key: [u8; 32],
    digest: String,
}

/// A request with a verified signature.
#[derive(Clone)]
pub(super) struct SignedRequest {
    /// The Ed25519 public key that signed the request. The caller must find out whose key it is.
    pub(super) key: [u8; 32],
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// JSON signed with a key that belongs to no session yet: the second request of a login, and a
/// recovery login.
#[derive(Clone)]
pub struct SelfSigned<T> {
    /// The Ed25519 public key that signed the request, 32 bytes.
    pub key: [u8; 32],
    /// All headers of the request.
    pub headers: HeaderMap,
    /// The JSON with its digest.
    pub body: Digested<T>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for SelfSigned<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Refusal> {
        let signed = SignedRequest::take(request).await?;
        if signed.headers.contains_key(SESSION_HEADER) {
            return Err(Refusal::signature("This request must not have the header Rootcellar-Session."));
        }
        let body = Digested::parse(&signed.headers, &signed.body)?;
        Ok(Self { key: signed.key, headers: signed.headers, body })
    }
}

/// Omits the headers, which contain session tokens and MACs.
impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for SelfSigned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfSigned").field("key", &self.key).field("body", &self.body).finish_non_exhaustive()
    }
}

impl SignedRequest {
    /// Takes a request whose signature was already verified.
    pub(super) async fn take(request: Request) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let Some(verified) = parts.extensions.remove::<Verified>() else {
            return Err(Error::Internal("a route takes signed requests and is not listed as signed").into());
        };
        Ok(Self { key: verified.key, headers: parts.headers, body: body::whole(body).await? })
    }
}

impl Verified {
    /// Verifies the signature of a request, which needs only its head.
    ///
    /// # Errors
    /// If it is missing, has another profile, is too old or too new, or does not verify.
    pub(crate) fn read(parts: &Parts, state: &AppState) -> Result<Self, Refusal> {
        let session = optional(&parts.headers, SESSION_HEADER)?;
        let digest = required(&parts.headers, content_digest::HEADER)?;
        let parameters = Parameters::parse(required(&parts.headers, INPUT_HEADER)?, session.is_some())
            .ok_or_else(|| {
                Refusal::signature("Signature-Input does not match the signature profile of the protocol.")
            })?;
        let signature = parse_signature(required(&parts.headers, SIGNATURE_HEADER)?).ok_or_else(|| {
            Refusal::signature("Signature does not match the signature profile of the protocol.")
        })?;
        let authority = authority(parts, state.authority())?;
        let covered = Covered {
            method: parts.method.as_str(),
            authority: &authority,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or(""),
            content_digest: digest,
            session,
        };
        let base = covered.signature_base(&parameters);
        if !ed25519::verifies(&parameters.key, base.as_bytes(), &signature) {
            return Err(Refusal::signature("The request signature does not verify."));
        }
        if parameters.created.distance(state.now()) > SIGNATURE_WINDOW.as_secs() {
            let detail = "The signature's time is too far from the vault's. Set the clock by the Date header of this response.";
            return Err(Refusal::new(ProblemCode::ClockSkew, detail));
        }
        Ok(Self { key: parameters.key, digest: digest.to_owned() })
    }

    /// Checks that the body is the signed one.
    ///
    /// # Errors
    /// If its digest differs.
    pub(crate) fn check_body(&self, body: &[u8]) -> Result<(), Refusal> {
        if self.digest == content_digest::of(body) {
            return Ok(());
        }
        Err(Refusal::signature("Content-Digest is not the SHA-256 of the body."))
    }
}

/// The value that `@authority` must have.
fn authority(parts: &Parts, configured: &Authority) -> Result<String, Refusal> {
    let default_port = match configured {
        Authority::Public(authority) => return Ok(authority.clone()),
        Authority::Loopback { default_port } => *default_port,
    };
    let invalid =
        || Refusal::signature("This vault has no public origin, so it accepts only loopback hosts.");
    let found: uri::Authority = match parts.uri.authority() {
        Some(authority) => authority.clone(),
        None => required(&parts.headers, header::HOST.as_str())?.parse().map_err(|_| invalid())?,
    };
    let url = Url::parse(&format!("http://{}", found.host())).map_err(|_| invalid())?;
    if !vault_id::is_loopback(&url) || found.as_str().contains('@') {
        return Err(invalid());
    }
    let host = found.host().to_ascii_lowercase();
    Ok(match found.port_u16() {
        Some(port) if port != default_port => format!("{host}:{port}"),
        _ => host,
    })
}

fn optional<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str()).transpose();
    match (value, values.next()) {
        (Ok(value), None) => Ok(value),
        _ => Err(Refusal::signature("A header that the signature covers was sent twice or is not text.")),
    }
}

fn required<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    optional(headers, name)?.ok_or_else(|| {
        Refusal::signature(
            "The headers Signature-Input, Signature, Content-Digest and Host must each be sent once.",
        )
    })
}
