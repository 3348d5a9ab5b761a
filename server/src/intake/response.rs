//! A response counts as memory until its client has taken it.

use crate::admission::{Full, Reservation};
use axum::body::{Body, Bytes};
use axum::response::Response;
use http_body_util::BodyExt;

/// What each response counts for besides its body.
const RESPONSE_BYTES: u64 = 8 << 10;

/// A body, and the memory that it counts for.
struct Pinned {
    bytes: Bytes,
    _held: Reservation,
}

impl AsRef<[u8]> for Pinned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Binds what is held to the response's body: it is returned when the last of its bytes has left.
pub(super) async fn hold(response: Response, mut held: Reservation) -> Result<Response, Full> {
    let (parts, body) = response.into_parts();
    // Every handler's body is whole, and in memory already.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if bytes.is_empty() {
        return Ok(Response::from_parts(parts, Body::empty()));
    }
    let amount = RESPONSE_BYTES + bytes.len() as u64;
    held.resize(amount)?;
    let pinned = Bytes::from_owner(Pinned { bytes, _held: held });
    Ok(Response::from_parts(parts, Body::from(pinned)))
}
