//! The answer or body of two parts: JSON, then a snapshot or nothing (protocol.md section 13).

use crate::encode_parts;
use crate::limits::{DEVICES_BODY_BYTES, SNAPSHOT_BYTES};

/// Content type of an answer of two parts.
pub const MEDIA_TYPE: &str = "application/vnd.rootcellar.parts";

/// Longest body of two parts, in bytes.
pub const PARTS_BODY_BYTES: usize = 4 + DEVICES_BODY_BYTES + 4 + SNAPSHOT_BYTES;

/// Joins control part and snapshot; pass an empty slice where there is no snapshot.
#[must_use]
pub fn join(control: &[u8], snapshot: &[u8]) -> Vec<u8> {
    encode_parts::encode_parts(&[control, snapshot])
}

/// Splits an answer into control part and snapshot; `None` where the bytes have another shape.
#[must_use]
pub fn split(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let [control, snapshot] = encode_parts::split::<2>(bytes)?;
    Some((control, (!snapshot.is_empty()).then_some(snapshot)))
}
