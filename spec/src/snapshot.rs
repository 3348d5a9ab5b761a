//! The byte layout of a snapshot (protocol.md section 10): what the vault reads, and what the
//! client authenticates.
//!
//! Nothing is authenticated here. [`Layout::parse`] only finds the parts; the client verifies the
//! MAC.

pub use crate::header::{Header, LayoutError};

use crate::header::{Form, Reader, write_part};
use crate::limits::{ANCESTORS, ENTRIES, SNAPSHOT_BYTES};

/// The fixed start of a snapshot.
pub const FORM: Form = Form { magic: *b"RCSNAP\0", most_ancestors: ANCESTORS };
/// Size of the MAC at the end, in bytes.
pub const MAC_BYTES: usize = 64;

/// The parts of a snapshot, borrowed from its exact bytes.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// The unencrypted header.
    pub header: Header,
    /// The envelope with the inventory.
    pub inventory: &'a [u8],
    /// The encrypted entries.
    pub entries: Vec<&'a [u8]>,
    /// The authenticated bytes: every byte before the MAC.
    pub authenticated: &'a [u8],
    /// HMAC-SHA-512 over the authenticated bytes.
    pub mac: &'a [u8; MAC_BYTES],
}

/// Writes the authenticated bytes.
///
/// # Panics
/// If there are more than `u16::MAX` entries or ancestors, which the limits exclude.
#[must_use]
pub fn write_authenticated(header: &Header, inventory: &[u8], entries: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    FORM.write(header, &mut out);
    write_part(&mut out, inventory);
    let count = u16::try_from(entries.len()).expect("a snapshot holds at most 256 entries");
    out.extend_from_slice(&count.to_be_bytes());
    for entry in entries {
        write_part(&mut out, entry);
    }
    out
}

impl<'a> Layout<'a> {
    /// Finds the parts of `bytes`, which must be exactly one snapshot.
    ///
    /// # Errors
    /// Malformed before unsupported: the first eight bytes, then version, then suite, then the
    /// rest.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LayoutError> {
        FORM.check_head(&mut Reader(bytes))?;
        if bytes.len() > SNAPSHOT_BYTES {
            return Err(LayoutError::Malformed("longer than a snapshot may be"));
        }
        let (authenticated, mac) =
            bytes.split_last_chunk::<MAC_BYTES>().ok_or(LayoutError::Malformed("too short"))?;
        let mut rest = Reader(authenticated);
        let header = FORM.read(&mut rest)?;
        let inventory = rest.part()?;
        let count = usize::from(rest.u16()?);
        if count > ENTRIES {
            return Err(LayoutError::Malformed("more entries than a snapshot may hold"));
        }
        let entries = (0..count).map(|_| rest.part()).collect::<Result<_, _>>()?;
        if !rest.0.is_empty() {
            return Err(LayoutError::Malformed("trailing bytes"));
        }
        Ok(Self { header, inventory, entries, authenticated, mac })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::SuiteId;
    use crate::values::{AccountId, Digest, Generation, Number, OperationId};
    use proptest::prelude::*;

    fn header(number: u64) -> Header {
        let ancestors =
            (0..FORM.ancestors_of(Number(number))).map(|i| Digest::of(&i.to_be_bytes())).collect();
        Header {
            suite: SuiteId::ONE,
            account: AccountId([1; 16]),
            generation: Generation::FIRST,
            number: Number(number),
            operation: OperationId([2; 16]),
            ancestors,
        }
    }

    fn bytes(number: u64, entries: &[&[u8]]) -> Vec<u8> {
        let mut bytes = write_authenticated(&header(number), b"inventory", entries);
        bytes.extend_from_slice(&[7; MAC_BYTES]);
        bytes
    }

    #[test]
    fn reads_what_it_wrote() {
        let bytes = bytes(300, &[b"one", b"", b"three"]);
        let layout = Layout::parse(&bytes).expect("a snapshot");
        assert_eq!(layout.header, header(300));
        assert_eq!(layout.inventory, b"inventory");
        assert_eq!(layout.entries, [&b"one"[..], b"", b"three"]);
        assert_eq!(layout.mac, &[7; MAC_BYTES]);
        assert_eq!(layout.authenticated.len() + MAC_BYTES, bytes.len());
    }

    #[test]
    fn refuses_every_truncation_and_any_trailing_byte() {
        let whole = bytes(3, &[b"one"]);
        for length in 0..whole.len() {
            assert!(Layout::parse(&whole[..length]).is_err(), "{length} bytes");
        }
        let mut longer = whole;
        longer.push(0);
        assert!(Layout::parse(&longer).is_err());
    }

    #[test]
    fn tells_version_and_suite_apart_from_malformed() {
        let mut other = bytes(1, &[]);
        other[7] = 2;
        assert_eq!(Layout::parse(&other).err(), Some(LayoutError::UnsupportedVersion(2)));
        other[7] = 1;
        other[8] = 0xfe;
        assert!(matches!(Layout::parse(&other), Err(LayoutError::UnsupportedSuite(_))));
        assert!(
            matches!(Layout::parse(&other[..10]), Err(LayoutError::UnsupportedSuite(_))),
            "before any length"
        );
        assert!(matches!(Layout::parse(&other[..9]), Err(LayoutError::Malformed(_))));
    }

    proptest! {
        #[test]
        fn never_panics(mut tail: Vec<u8>) {
            let mut start = bytes(2, &[]);
            start.truncate(56);
            start.append(&mut tail);
            let _ = Layout::parse(&start);
        }
    }
}
