//! The common header of snapshots and device lists (protocol.md sections 10 and 18): account,
//! number, and what it follows.

use crate::suite::SuiteId;
use crate::values::{AccountId, Digest, Generation, Number, OperationId};

/// The supported format version.
pub const FORMAT_VERSION: u8 = 1;

/// The unencrypted header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The suite of the encrypted parts.
    pub suite: SuiteId,
    /// The account of the object.
    pub account: AccountId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// Counts the account's objects of this kind from 1.
    pub number: Number,
    /// The operation that created the object.
    pub operation: OperationId,
    /// SHA-256 of earlier objects, newest first.
    pub ancestors: Vec<Digest>,
}

/// Why bytes do not have this layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The bytes do not have the form of section 10 or 18.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The format version is not supported.
    #[error("unsupported format version {0}")]
    UnsupportedVersion(u8),
    /// The suite is not supported.
    #[error("unsupported suite {}", .0.0)]
    UnsupportedSuite(SuiteId),
}

/// The differences between the two kinds.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The first bytes: a name and a zero byte.
    pub magic: [u8; 7],
    /// Maximum ancestors in the header.
    pub most_ancestors: usize,
}

impl Header {
    /// The concatenated digests of the ancestors, whose digest is part of the associated data.
    #[must_use]
    pub fn joined_ancestors(&self) -> Vec<u8> {
        self.ancestors.iter().flat_map(|digest| digest.0).collect()
    }
}

impl Form {
    /// How many ancestors the object with this number has in its header.
    #[must_use]
    pub fn ancestors_of(&self, number: Number) -> usize {
        let before = usize::try_from(number.0.saturating_sub(1));
        before.map_or(self.most_ancestors, |before| before.min(self.most_ancestors))
    }

    /// Writes magic, format version and header.
    pub(crate) fn write(&self, header: &Header, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.magic);
        out.push(FORMAT_VERSION);
        out.extend_from_slice(&header.suite.0.to_be_bytes());
        out.extend_from_slice(&header.account.0);
        out.extend_from_slice(&header.generation.0.to_be_bytes());
        out.extend_from_slice(&header.number.0.to_be_bytes());
        out.extend_from_slice(&header.operation.0);
        let count = u16::try_from(header.ancestors.len()).expect("at most 256 ancestors are named");
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&header.joined_ancestors());
    }

    /// Checks magic, version and suite: the first ten bytes, before anything else.
    pub(crate) fn check_head(&self, rest: &mut Reader<'_>) -> Result<SuiteId, LayoutError> {
        if rest.array::<7>()? != self.magic {
            return Err(LayoutError::Malformed("not of this kind"));
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

    pub(crate) fn read(&self, rest: &mut Reader<'_>) -> Result<Header, LayoutError> {
        let suite = self.check_head(rest)?;
        let account = AccountId(rest.array()?);
        let generation = Generation(u32::from_be_bytes(rest.array()?));
        let number = Number(u64::from_be_bytes(rest.array()?));
        let operation = OperationId(rest.array()?);
        if number.0 == 0 || generation.0 == 0 {
            return Err(LayoutError::Malformed("number and generation begin at 1"));
        }
        let count = usize::from(rest.u16()?);
        if count != self.ancestors_of(number) {
            return Err(LayoutError::Malformed("number and ancestors disagree"));
        }
        let ancestors = (0..count).map(|_| rest.array().map(Digest)).collect::<Result<_, _>>()?;
        Ok(Header { suite, account, generation, number, operation, ancestors })
    }
}

/// Reads from the front of the bytes.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], LayoutError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(LayoutError::Malformed("truncated"))?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, LayoutError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Reads a length-prefixed part.
    pub(crate) fn part(&mut self) -> Result<&'a [u8], LayoutError> {
        let length = u32::from_be_bytes(self.array()?) as usize;
        let (part, tail) = self.0.split_at_checked(length).ok_or(LayoutError::Malformed("truncated"))?;
        self.0 = tail;
        Ok(part)
    }
}

/// Writes a length-prefixed part.
pub(crate) fn write_part(out: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("a part is smaller than a snapshot");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(part);
}
