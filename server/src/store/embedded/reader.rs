//! The file opened for reading only. Any number of processes may open it like this, but none for
//! writing at the same time. A read-only vault thus shares it with a copy.

use super::open::{Medium, OpenError};
use super::{PAGE, file, unavailable};
use crate::store::read_only::refused;
use crate::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use async_trait::async_trait;
use bytes::Bytes;
use redb::ReadOnlyDatabase;
use rootcellar_vault::clock::Clock;
use std::path::Path;
use std::sync::Arc;

/// A store in a file that is only read.
#[derive(Clone)]
pub struct EmbeddedReader {
    database: Arc<ReadOnlyDatabase>,
    clock: Arc<dyn Clock>,
}

impl EmbeddedReader {
    /// Opens the store in the file `path`, which must exist. After a crash it is repaired first,
    /// which needs write permission.
    ///
    /// # Errors
    /// If the file is missing, open for writing in another process, damaged or unreadable.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = Medium::File(path.to_owned()).open_for_reading()?;
        Ok(Self { database: Arc::new(database), clock })
    }
}

#[async_trait]
impl Store for EmbeddedReader {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let (database, name) = (self.database.clone(), key.clone());
        let object = tokio::task::spawn_blocking(move || file::get(&*database, &name))
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?
            .map_err(unavailable)?;
        Ok(Read { object, time: self.clock.now() })
    }

    async fn put(&self, _: &Key, _: Bytes, _: Condition) -> Result<Etag, WriteError> {
        Err(refused())
    }

    async fn delete(&self, _: &Key, _: &Etag) -> Result<(), WriteError> {
        Err(refused())
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let (database, prefix, after) = (self.database.clone(), prefix.to_owned(), after.cloned());
        tokio::task::spawn_blocking(move || file::list(&*database, &prefix, after.as_ref(), PAGE))
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?
            .map_err(unavailable)
    }
}
