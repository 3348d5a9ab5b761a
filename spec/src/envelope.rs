//! The unencrypted part of an envelope (protocol.md section 6): format version, kind, suite and
//! size class.

use crate::suite::SuiteId;

/// Bytes that an envelope adds to its padded plaintext.
pub const OVERHEAD_BYTES: usize = 76;
/// Kind of a keyslot.
pub const KEYSLOT: u8 = 1;
/// Kind of a recovery method's label.
pub const RECOVERY_LABEL: u8 = 9;

const VERSION: u8 = 1;
const SMALLEST_CLASS: usize = 256;
const CLASSES: u32 = 13;

/// Why bytes are not an envelope of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The length is not that of a size class, or exceeds the limit.
    Length,
    /// The format version is not supported.
    Version,
    /// The envelope has another kind.
    Kind,
}

/// Size of an envelope with this size class of padded plaintext, in bytes.
#[must_use]
pub const fn size_of_class(class: usize) -> usize {
    class + OVERHEAD_BYTES
}

/// The suite of an envelope of this kind with at most `longest` bytes.
///
/// # Errors
/// The first problem: the length, then the fields in their order.
pub fn suite_of(envelope: &[u8], kind: u8, longest: usize) -> Result<SuiteId, EnvelopeError> {
    let is_size = (0..CLASSES).any(|k| size_of_class(SMALLEST_CLASS << k) == envelope.len());
    let head = envelope.first_chunk::<4>().filter(|_| is_size && envelope.len() <= longest);
    let [version, found, suite @ ..] = *head.ok_or(EnvelopeError::Length)?;
    if version != VERSION {
        return Err(EnvelopeError::Version);
    }
    if found != kind {
        return Err(EnvelopeError::Kind);
    }
    Ok(SuiteId(u16::from_be_bytes(suite)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_the_length_of_a_size_class() {
        let lengths: Vec<usize> =
            (0..5000).filter(|length| suite_of(&vec![1; *length], 1, 2124).is_ok()).collect();
        assert_eq!(lengths, [332, 588, 1100, 2124]);
        assert!(suite_of(&vec![1; (1 << 20) + OVERHEAD_BYTES], 1, usize::MAX).is_ok(), "the largest class");
        assert!(suite_of(&vec![1; (1 << 21) + OVERHEAD_BYTES], 1, usize::MAX).is_err());
    }

    #[test]
    fn version_kind_and_suite_are_read_in_this_order() {
        let mut envelope = vec![0; 332];
        assert_eq!(suite_of(&envelope[1..], 1, 332), Err(EnvelopeError::Length));
        assert_eq!(suite_of(&envelope, 1, 332), Err(EnvelopeError::Version));
        envelope[0] = 1;
        assert_eq!(suite_of(&envelope, 1, 332), Err(EnvelopeError::Kind));
        envelope[1..4].copy_from_slice(&[1, 0xff, 1]);
        assert_eq!(suite_of(&envelope, 1, 332), Ok(SuiteId(0xff01)));
    }
}
