//! A response counts as memory until its client has received it.

use crate::admission::{Full, Reservation};
use axum::body::{Body, Bytes};
use axum::response::Response;
use http_body_util::BodyExt;

/// What each response counts for in addition to its body, in bytes.
const RESPONSE_BYTES: u64 = 8 << 10;

/// A body with its reservation.
struct Pinned {
    bytes: Bytes,
    _held: Reservation,
}

impl AsRef<[u8]> for Pinned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Ties the reservation to the response's body. It is returned when the last byte has been sent.
pub(super) async fn hold(response: Response, mut held: Reservation) -> Result<Response, Full> {
    let (parts, body) = response.into_parts();
    // The body of every handler is complete and in memory.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(Response::from_parts(parts, Body::empty()));
    }
    let amount = RESPONSE_BYTES + bytes.len() as u64;
    held.resize(amount)?;
    let pinned = Bytes::from_owner(Pinned { bytes, _held: held });
    Ok(Response::from_parts(parts, Body::from(pinned)))
}
