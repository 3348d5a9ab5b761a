//! The three ways in which reading fails (protocol.md section 1).

use rootcellar_spec::snapshot::LayoutError;

/// Why sealed bytes could not be opened. It never tells which part of an authentication failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes do not have the shape of the protocol.
    #[error("the data is damaged: {0}")]
    Malformed(&'static str),
    /// A format version or a suite that this version does not know.
    #[error("the data was written by a newer version: update this program")]
    Unsupported,
    /// The data was altered, or belongs to another key, account or place.
    #[error("authentication failed: the data was altered or belongs elsewhere")]
    Authentication,
}

impl From<LayoutError> for OpenError {
    fn from(error: LayoutError) -> Self {
        match error {
            LayoutError::Malformed(what) => Self::Malformed(what),
            LayoutError::UnsupportedVersion(_) | LayoutError::UnsupportedSuite(_) => Self::Unsupported,
        }
    }
}
