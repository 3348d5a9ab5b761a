//! A store that refuses writes.

use super::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// Refuses every write to another store.
#[derive(Clone)]
pub struct ReadOnly(Arc<dyn Store>);

impl ReadOnly {
    /// Refuses writes to this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

/// The error of every write.
pub(super) fn refused() -> WriteError {
    WriteError::Refused { reason: "The store is open for reading only.".to_owned() }
}

#[async_trait]
impl Store for ReadOnly {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.0.get(key).await
    }

    async fn put(&self, _: &Key, _: Bytes, _: Condition) -> Result<Etag, WriteError> {
        Err(refused())
    }

    async fn delete(&self, _: &Key, _: &Etag) -> Result<(), WriteError> {
        Err(refused())
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.0.list(prefix, after).await
    }
}
