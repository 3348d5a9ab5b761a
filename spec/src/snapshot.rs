//! The byte layout of a snapshot (protocol.md section 10): what the vault reads of it, and what the client authenticates.
//!
//! Nothing is authenticated here. [`Layout::parse`] only finds the parts of exact bytes; the client checks the MAC.

use crate::limits::{ANCESTORS, ENTRIES, SNAPSHOT_BYTES};
use crate::suite::SuiteId;
use crate::values::{AccountId, Digest, Generation, Number, OperationId};

/// The first bytes: name, zero, format version.
pub const MAGIC: &[u8; 7] = b"RCSNAP\0";
/// The format version that this code reads and writes.
pub const FORMAT_VERSION: u8 = 1;
/// Size of the MAC at the end, in bytes.
pub const MAC_BYTES: usize = 64;

/// What stands in the clear before the sealed parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The suite that sealed the snapshot.
    pub suite: SuiteId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// Its place in the account's history.
    pub number: Number,
    /// The operation that made it.
    pub operation: OperationId,
    /// Digests of the snapshots before it, newest first.
    pub ancestors: Vec<Digest>,
}

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The bytes do not have the shape of section 10.
    #[error("malformed snapshot: {0}")]
    Malformed(&'static str),
    /// A format version that this code does not know.
    #[error("unsupported snapshot format version {0}")]
    UnsupportedVersion(u8),
    /// A suite that this code does not know.
    #[error("unsupported suite {}", .0.0)]
    UnsupportedSuite(SuiteId),
}

/// The parts of a snapshot, borrowed from its exact bytes.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// What stands in the clear.
    pub header: Header,
    /// The inventory envelope.
    pub inventory: &'a [u8],
    /// The sealed entries.
    pub entries: Vec<&'a [u8]>,
    /// What the MAC covers: every byte before it.
    pub authenticated: &'a [u8],
    /// The MAC.
    pub mac: &'a [u8; MAC_BYTES],
}

impl Header {
    /// How many ancestors a snapshot of this number names.
    #[must_use]
    pub fn ancestors_of(number: Number) -> usize {
        usize::try_from(number.0.saturating_sub(1)).map_or(ANCESTORS, |before| before.min(ANCESTORS))
    }

    /// The ancestors' digests, joined: what the inventory's associated data takes the digest of.
    #[must_use]
    pub fn joined_ancestors(&self) -> Vec<u8> {
        self.ancestors.iter().flat_map(|digest| digest.0).collect()
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        out.push(FORMAT_VERSION);
        out.extend_from_slice(&self.suite.0.to_be_bytes());
        out.extend_from_slice(&self.account.0);
        out.extend_from_slice(&self.generation.0.to_be_bytes());
        out.extend_from_slice(&self.number.0.to_be_bytes());
        out.extend_from_slice(&self.operation.0);
        let count = u16::try_from(self.ancestors.len()).expect("a snapshot names at most 256 ancestors");
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&self.joined_ancestors());
    }
}

/// Writes every byte that the MAC covers.
///
/// # Panics
/// When there are more than `u16::MAX` entries or ancestors, which the limits exclude.
#[must_use]
pub fn write_authenticated(header: &Header, inventory: &[u8], entries: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    header.write(&mut out);
    write_part(&mut out, inventory);
    let count = u16::try_from(entries.len()).expect("a snapshot holds at most 256 entries");
    out.extend_from_slice(&count.to_be_bytes());
    for entry in entries {
        write_part(&mut out, entry);
    }
    out
}

fn write_part(out: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("a part is smaller than a snapshot");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(part);
}

impl<'a> Layout<'a> {
    /// Finds the parts of `bytes`, which must be exactly one snapshot.
    ///
    /// # Errors
    /// Malformed before unsupported: shape of the first eight bytes, then version, then suite, then the rest.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LayoutError> {
        Header::check_head(&mut Reader(bytes))?;
        if bytes.len() > SNAPSHOT_BYTES {
            return Err(LayoutError::Malformed("longer than a snapshot may be"));
        }
        let (authenticated, mac) =
            bytes.split_last_chunk::<MAC_BYTES>().ok_or(LayoutError::Malformed("too short"))?;
        let mut rest = Reader(authenticated);
        let header = Header::read(&mut rest)?;
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

impl Header {
    /// Magic, version and suite: the first ten bytes, before anything else is looked at.
    fn check_head(rest: &mut Reader<'_>) -> Result<SuiteId, LayoutError> {
        if &rest.array::<7>()? != MAGIC {
            return Err(LayoutError::Malformed("not a snapshot"));
        }
        let [version] = rest.array()?;
        if version != FORMAT_VERSION {
            return Err(LayoutError::UnsupportedVersion(version));
        }
        let suite = SuiteId(rest.u16()?);
        if !suite.is_known() {
            return Err(LayoutError::UnsupportedSuite(suite));
        }
        Ok(suite)
    }

    fn read(rest: &mut Reader<'_>) -> Result<Self, LayoutError> {
        let suite = Self::check_head(rest)?;
        let account = AccountId(rest.array()?);
        let generation = Generation(u32::from_be_bytes(rest.array()?));
        let number = Number(u64::from_be_bytes(rest.array()?));
        let operation = OperationId(rest.array()?);
        if number.0 == 0 || generation.0 == 0 {
            return Err(LayoutError::Malformed("number and generation begin at 1"));
        }
        let count = usize::from(rest.u16()?);
        if count != Self::ancestors_of(number) {
            return Err(LayoutError::Malformed("number and ancestors disagree"));
        }
        let ancestors = (0..count).map(|_| rest.array().map(Digest)).collect::<Result<_, _>>()?;
        Ok(Self { suite, account, generation, number, operation, ancestors })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], LayoutError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(LayoutError::Malformed("truncated"))?;
        self.0 = tail;
        Ok(*head)
    }

    fn u16(&mut self) -> Result<u16, LayoutError> {
        self.array().map(u16::from_be_bytes)
    }

    fn part(&mut self) -> Result<&'a [u8], LayoutError> {
        let length = u32::from_be_bytes(self.array()?) as usize;
        let (part, tail) = self.0.split_at_checked(length).ok_or(LayoutError::Malformed("truncated"))?;
        self.0 = tail;
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(number: u64) -> Header {
        let ancestors =
            (0..Header::ancestors_of(Number(number))).map(|i| Digest::of(&i.to_be_bytes())).collect();
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
        other[8] = 0xff;
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
