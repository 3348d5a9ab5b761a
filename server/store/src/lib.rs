//! The interface of stores: named objects with conditional writes per object.
//!
//! The trait has the semantics of S3 with conditional writes, so that a bucket and the embedded
//! store are equal for the vault. One contract suite tests every implementation. [`cas`] has the
//! rules for retrying a conditional write until its outcome is known, for every store.

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

/// The name of an object: lower-case ASCII words and hexadecimal digits, joined by `/`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// An opaque version of an object's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Etag(pub String);

/// An object and its version.
#[derive(Clone, Debug)]
pub struct Object {
    /// The bytes of the object.
    pub body: Bytes,
    /// The version of these bytes.
    pub etag: Etag,
}

/// The result of a read.
#[derive(Clone, Debug)]
pub struct Read {
    /// `None` if the object does not exist.
    pub object: Option<Object>,
    /// The store's current time.
    pub time: Timestamp,
}

/// The condition of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The object does not exist (`If-None-Match: *`).
    Absent,
    /// The object has this version (`If-Match`).
    Matches(Etag),
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name of the object.
    pub key: Key,
    /// In bytes.
    pub size: u64,
    /// The time of its last write, by the store's clock.
    pub modified: Timestamp,
}

/// A page of a listing, in the order of names.
#[derive(Clone, Debug)]
pub struct Page {
    /// At most 1,000.
    pub objects: Vec<Listed>,
    /// Whether more objects follow the last one.
    pub more: bool,
}

/// Why a read or a listing failed. Exhaustive, because callers decide about each case.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store does not respond, or reports a failure of its own.
    #[error("The store does not respond.")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store refuses: a permission, the bucket or the credentials are wrong.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
}

/// Why a conditional write failed. Exhaustive, because callers decide about each case.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The condition is not met: the object exists, or has another version (412). Not applied. Some
    /// stores also report this for a missing object.
    #[error("The condition of the write was not met.")]
    ConditionFailed,
    /// The object to match does not exist (404). Not applied.
    #[error("The object no longer exists.")]
    Gone,
    /// Another write was in progress (409). Not applied; retry.
    #[error("Another write was in progress.")]
    Contended,
    /// The store is full. Not applied.
    #[error("The store is full.")]
    Full,
    /// The store refuses: a permission, the bucket or the credentials are wrong. Not applied.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
    /// There was no clear response. The write may have been applied.
    #[error("It is not known whether the write took effect.")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A store of named objects. Every write is durable when it returns, and reads see every completed
/// write.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads one object.
    async fn get(&self, key: &Key) -> Result<Read, StoreError>;

    /// Writes one object if the condition is met, and returns its new version.
    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError>;

    /// Removes one object if it has this version. A missing object is
    /// `WriteError::Gone`. Some stores report `WriteError::ConditionFailed`, or success.
    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError>;

    /// Lists at most 1,000 objects whose names start with `prefix` and follow `after`.
    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError>;
}

impl Key {
    /// A name that the vault chose.
    ///
    /// # Panics
    /// If the name contains anything except `a-z 0-9 / - _`. Names never come from a client.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(Self::is_name(&name), "an object name is made of a-z 0-9 / - _");
        Self(name)
    }

    /// A name from a store. `None` if a vault would not use it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::is_name(name).then(|| Self(name.to_owned()))
    }

    fn is_name(name: &str) -> bool {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-_".contains(&b);
        !name.is_empty() && name.bytes().all(allowed)
    }

    /// The name as text.
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
