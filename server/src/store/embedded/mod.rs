//! The embedded store: one transactional file for one process.
//!
//! Each write is one `redb` transaction with immediate durability. An ETag is a counter of all
//! writes with a random number, never a hash of the contents, so that no version can return. If the
//! file fails, it is closed and opened again: its contents are then authoritative, and reads
//! continue.

mod file;
mod open;
mod reader;
mod room;
#[cfg(test)]
mod tests;

pub use open::OpenError;
pub use reader::EmbeddedReader;

use super::{Condition, Etag, Key, Object, Page, Read, Store, StoreError, WriteError};
use async_trait::async_trait;
use bytes::Bytes;
use open::Medium;
use redb::Database;
use room::Room;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// Maximum objects in one page of a listing.
const PAGE: usize = 1000;

/// A store in one file, or in memory for tests. Clones share it.
#[derive(Clone)]
pub struct EmbeddedStore(Arc<Inner>);

struct Inner {
    /// `None` if it could not be opened again after a failure.
    database: RwLock<Option<Database>>,
    medium: Medium,
    room: Option<Room>,
    clock: Arc<dyn Clock>,
}

type Failure = Box<redb::Error>;

impl EmbeddedStore {
    /// Opens the store in the file `path`. Creates it with mode 0600 if it does not exist.
    ///
    /// `reserve` is the number of bytes of the disk to leave free. With less, snapshots are
    /// refused; with less than an eighth, all writes.
    ///
    /// # Errors
    /// If the file is locked by another process, cannot be written or is damaged, or the disk is
    /// full.
    pub fn open(path: &Path, reserve: u64, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let room = Room::new(folder, reserve);
        room.check_start()?;
        Self::start(Medium::File(path.to_owned()), Some(room), clock)
    }

    /// A store in memory, for tests.
    ///
    /// # Errors
    /// If memory runs out.
    pub fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::start(Medium::Memory, None, clock)
    }

    fn start(medium: Medium, room: Option<Room>, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = RwLock::new(Some(medium.open()?));
        Ok(Self(Arc::new(Inner { database, medium, room, clock })))
    }

    /// Whether the store contains no objects.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        let page = self.0.read(|database| file::list(database, "", None, 1)).map_err(unavailable)?;
        Ok(page.objects.is_empty())
    }

    async fn blocking<T, F>(&self, work: F) -> Result<T, tokio::task::JoinError>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> T + Send + 'static,
    {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner)).await
    }
}

impl Inner {
    /// Runs `work` on the database. Opens it again first if an earlier failure closed it.
    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.database.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            self.reopen()?;
        }
        let guard = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = guard.as_ref().ok_or_else(|| Box::new(redb::Error::DatabaseClosed))?;
        work(database)
    }

    /// Closes the file and opens it again, which rolls back uncommitted writes.
    fn reopen(&self) -> Result<(), Failure> {
        let mut guard = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = guard.as_ref()
            && file::is_sound(database)
        {
            return Ok(());
        }
        if !self.medium.can_reopen() {
            return Err(Box::new(redb::Error::PreviousIo));
        }
        *guard = None;
        *guard = Some(self.medium.open_database()?);
        Ok(())
    }

    /// Reads. If a failed write closed the database, opens it again and reads once more.
    fn read<T>(&self, work: impl Fn(&Database) -> Result<T, Failure>) -> Result<T, Failure> {
        match self.with(&work) {
            Err(failure) if needs_reopening(&failure) => {
                self.reopen()?;
                self.with(&work)
            }
            other => other,
        }
    }

    fn put(&self, key: &Key, body: &[u8], condition: &Condition) -> Result<Etag, WriteError> {
        if let Some(room) = &self.room {
            room.check_write(key, body.len())?;
        }
        let random = u64::from_be_bytes(SystemEntropy.bytes());
        match self.with(|database| file::put(database, key, body, condition, random, self.clock.now())) {
            Ok(outcome) => outcome,
            Err(failure) => {
                // The contents after opening again are authoritative.
                let found = self.read(|database| file::get(database, key)).map_err(unknown)?;
                match found {
                    Some(object) if file::bears(&object.etag, random) => Ok(object.etag),
                    _ if is_full(&failure) => Err(WriteError::Full),
                    _ => Err(unknown(failure)),
                }
            }
        }
    }

    fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.with(|database| file::delete(database, key, etag)).unwrap_or_else(|failure| {
            Err(if is_full(&failure) { WriteError::Full } else { unknown(failure) })
        })
    }
}

fn needs_reopening(failure: &redb::Error) -> bool {
    matches!(failure, redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::DatabaseClosed)
}

fn is_full(failure: &redb::Error) -> bool {
    matches!(failure, redb::Error::Io(error) if open::is_out_of_space(error))
}

fn unavailable(failure: Failure) -> StoreError {
    StoreError::Unavailable(failure)
}

fn unknown(failure: Failure) -> WriteError {
    WriteError::Unknown(failure)
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let key = key.clone();
        let object = self
            .blocking(move |inner| inner.read(|database| file::get(database, &key)))
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?
            .map_err(unavailable)?;
        Ok(Read { object, time: self.0.clock.now() })
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let key = key.clone();
        self.blocking(move |inner| inner.put(&key, &body, &condition))
            .await
            .map_err(|error| WriteError::Unknown(Box::new(error)))?
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let (key, etag) = (key.clone(), etag.clone());
        self.blocking(move |inner| inner.delete(&key, &etag))
            .await
            .map_err(|error| WriteError::Unknown(Box::new(error)))?
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        self.blocking(move |inner| inner.read(|database| file::list(database, &prefix, after.as_ref(), PAGE)))
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?
            .map_err(unavailable)
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmbeddedStore").field(&self.0.medium).finish()
    }
}
