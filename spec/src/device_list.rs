//! The byte layout of a device list (protocol.md section 18): what the vault reads, and what the
//! client authenticates.
//!
//! Nothing is authenticated here. [`Layout::parse`] only finds the parts; the client verifies the
//! signature.

pub use crate::header::{Header, LayoutError};

use crate::header::{Form, Reader, write_part};
use crate::limits::{DEVICE_LIST_ANCESTORS, DEVICE_LIST_BYTES};

/// The fixed start of a device list.
pub const FORM: Form = Form { magic: *b"RCDEVS\0", most_ancestors: DEVICE_LIST_ANCESTORS };
/// Size of the signature at the end, in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// The parts of a device list, borrowed from its exact bytes.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// The unencrypted header.
    pub header: Header,
    /// The envelope with the encrypted list.
    pub envelope: &'a [u8],
    /// The signed bytes: every byte before the signature.
    pub signed: &'a [u8],
    /// The Ed25519 signature.
    pub signature: &'a [u8; SIGNATURE_BYTES],
}

/// Writes the signed bytes.
#[must_use]
pub fn write_signed(header: &Header, envelope: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    FORM.write(header, &mut out);
    write_part(&mut out, envelope);
    out
}

impl<'a> Layout<'a> {
    /// Finds the parts of `bytes`, which must be exactly one device list.
    ///
    /// # Errors
    /// Malformed before unsupported: the first eight bytes, then version, then suite, then the
    /// rest.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LayoutError> {
        FORM.check_head(&mut Reader(bytes))?;
        if bytes.len() > DEVICE_LIST_BYTES {
            return Err(LayoutError::Malformed("longer than a device list may be"));
        }
        let (signed, signature) =
            bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(LayoutError::Malformed("too short"))?;
        let mut rest = Reader(signed);
        let header = FORM.read(&mut rest)?;
        let envelope = rest.part()?;
        if !rest.0.is_empty() {
            return Err(LayoutError::Malformed("trailing bytes"));
        }
        Ok(Self { header, envelope, signed, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::SuiteId;
    use crate::values::{AccountId, Digest, Generation, Number, OperationId};
    use proptest::prelude::*;

    fn bytes(number: u64) -> Vec<u8> {
        let ancestors =
            (0..FORM.ancestors_of(Number(number))).map(|i| Digest::of(&i.to_be_bytes())).collect();
        let header = Header {
            suite: SuiteId::ONE,
            account: AccountId([1; 16]),
            generation: Generation::FIRST,
            number: Number(number),
            operation: OperationId([2; 16]),
            ancestors,
        };
        let mut bytes = write_signed(&header, b"envelope");
        bytes.extend_from_slice(&[7; SIGNATURE_BYTES]);
        bytes
    }

    #[test]
    fn reads_what_it_wrote_and_nothing_shorter_or_longer() {
        let mut whole = bytes(70);
        let layout = Layout::parse(&whole).expect("a device list");
        assert_eq!(
            (layout.header.ancestors.len(), layout.envelope),
            (DEVICE_LIST_ANCESTORS, &b"envelope"[..])
        );
        assert_eq!(layout.signed.len() + SIGNATURE_BYTES, whole.len());
        for length in 0..whole.len() {
            assert!(Layout::parse(&whole[..length]).is_err(), "{length} bytes");
        }
        whole.push(0);
        assert!(Layout::parse(&whole).is_err());
    }

    #[test]
    fn a_snapshot_is_no_device_list() {
        let mut other = bytes(1);
        other[..6].copy_from_slice(b"RCSNAP");
        assert!(matches!(Layout::parse(&other), Err(LayoutError::Malformed(_))));
    }

    proptest! {
        #[test]
        fn never_panics(mut tail: Vec<u8>) {
            let mut start = bytes(2);
            start.truncate(56);
            start.append(&mut tail);
            let _ = Layout::parse(&start);
        }
    }
}
