//! Where the vault keeps everything: named objects with conditions per name and never across names.
//!
//! The trait has the semantics of S3 with conditional writes, so that a bucket and the embedded store are the same to
//! the rest of the vault. One contract suite runs against every implementation; [`cas`] holds the rules by which a
//! conditional write is pursued until its outcome is clear, whatever the store.

pub mod cas;
#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "memory")]
pub mod memory;
pub mod probe;

use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_spec::Timestamp;
use std::fmt;

/// Name of an object: lower-case ASCII words and hex, joined by `/`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// Identifies one version of an object's bytes; opaque.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub String);

/// An object as it was read.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its bytes.
    pub body: Bytes,
    /// Its version.
    pub etag: Etag,
}

/// The answer to a read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The object, or `None` where there is none.
    pub object: Option<Object>,
    /// The store's clock.
    pub time: Timestamp,
}

/// What must hold for a write to take place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such object (`If-None-Match: *`).
    Absent,
    /// The object is at this version (`If-Match`).
    Matches(Etag),
}

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: Key,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, by the store's clock.
    pub modified: Timestamp,
}

/// One page of a listing, in the order of names.
#[derive(Clone, Debug)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Listed>,
    /// Whether more follow after the last one.
    pub more: bool,
}

/// Why a read or a listing failed. Nothing was changed. Exhaustive: who reads an outcome decides about each.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store does not answer, or answers with a failure of its own.
    #[error("The store does not respond.")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store answers and refuses: a permission, the bucket or the credentials are not right.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
}

/// How a conditional write ended, if not well. Exhaustive: who reads an outcome decides about each.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The condition did not hold: the object exists, or is at another version (412). Not applied. Of an object that
    /// is gone, some stores say this too.
    #[error("The condition of the write was not met.")]
    ConditionFailed,
    /// There is no such object to match (404). Not applied.
    #[error("The object no longer exists.")]
    Gone,
    /// Another write was under way at the same time (409). Not applied; try again.
    #[error("Another write was in progress.")]
    Contended,
    /// The store has no room. Not applied.
    #[error("The store is full.")]
    Full,
    /// The store refuses: a permission, the bucket or the credentials are not right. Not applied.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
    /// No clear answer came: it may have been applied.
    #[error("It is not known whether the write took effect.")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A store of named objects. Every call is durable when it returns; reads see every finished write.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads one object.
    async fn get(&self, key: &Key) -> Result<Read, StoreError>;

    /// Writes one object if the condition holds, and returns its new version.
    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError>;

    /// Removes one object if it is at this version. Gone already is `WriteError::Gone`; some stores answer
    /// `WriteError::ConditionFailed`, or that it is done.
    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError>;

    /// Lists objects whose names begin with `prefix`, after the name `after`, at most 1,000.
    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError>;
}

impl Key {
    /// Takes a name.
    ///
    /// # Panics
    /// When the name holds anything but `a-z 0-9 / - _`; names are made by the vault and never by a client.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(Self::is_name(&name), "an object name is made of a-z 0-9 / - _");
        Self(name)
    }

    /// Takes a name that a store told; `None` where no vault would give an object that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::is_name(name).then(|| Self(name.to_owned()))
    }

    fn is_name(name: &str) -> bool {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-_".contains(&b);
        !name.is_empty() && name.bytes().all(allowed)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
