//! Bodies and responses with two parts: JSON, then a snapshot or nothing (protocol.md section 13).

use crate::encode_parts;
use crate::limits::{DEVICES_BODY_BYTES, SNAPSHOT_BYTES};

/// Content type of a body with two parts.
pub const MEDIA_TYPE: &str = "application/vnd.rootcellar.parts";

/// Maximum size of a body with two parts, in bytes.
pub const PARTS_BODY_BYTES: usize = 4 + DEVICES_BODY_BYTES + 4 + SNAPSHOT_BYTES;

/// Joins JSON and snapshot. Pass an empty slice if there is no snapshot.
#[must_use]
pub fn join(control: &[u8], snapshot: &[u8]) -> Vec<u8> {
    encode_parts::encode_parts(&[control, snapshot])
}

/// Splits a body into JSON and snapshot. `None` if it is not two parts.
#[must_use]
pub fn split(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let [control, snapshot] = encode_parts::split::<2>(bytes)?;
    Some((control, (!snapshot.is_empty()).then_some(snapshot)))
}
