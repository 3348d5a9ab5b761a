//! Opening the file, and saying in plain words why it does not open.

use super::{Failure, file};
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, DatabaseError, ReadOnlyDatabase, StorageError};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Pages that the database keeps in memory, in bytes; the rest is the operating system's cache.
const CACHE: usize = 4 << 20;

/// Where the database lies.
#[derive(Debug)]
pub(super) enum Medium {
    File(PathBuf),
    Memory,
}

/// Why the store does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it.
    #[error("{0} is in use by another process; stop the other server, or use another data folder (--data)")]
    Locked(PathBuf),
    /// Another process has it open for writing, where it is only to be read.
    #[error(
        "{0} is open for writing in another process; stop that server, or start it again with --read-only"
    )]
    Serving(PathBuf),
    /// It is not there, where it is only to be read.
    #[error("there is no {0}; check the data folder")]
    Missing(PathBuf),
    /// The process may not write it.
    #[error(
        "{0} cannot be written; give its owner write permission and this process that user, or use another data \
         folder (--data)"
    )]
    NotWritable(PathBuf, #[source] io::Error),
    /// The disk has no room.
    #[error(
        "the disk of {path} is full: {free} bytes are free, {needed} are needed; free some space, or lower --reserve"
    )]
    Full {
        /// The file or folder.
        path: PathBuf,
        /// Free bytes.
        free: u64,
        /// Bytes that must be free.
        needed: u64,
    },
    /// The file is there, but is no store that this version reads.
    #[error(
        "{0} is damaged or was made by another version; restore it from a backup, and keep the damaged one"
    )]
    Damaged(PathBuf, #[source] Failure),
    /// Anything else.
    #[error("{0} cannot be opened")]
    Io(PathBuf, #[source] io::Error),
}

/// Whether the disk (or the user's quota) has no room left.
pub(super) fn is_out_of_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Medium {
    /// Opens the database with its tables.
    pub(super) fn open(&self) -> Result<Database, OpenError> {
        self.open_database().map_err(|failure| self.explain(*failure))
    }

    pub(super) fn can_reopen(&self) -> bool {
        matches!(self, Self::File(_))
    }

    pub(super) fn open_database(&self) -> Result<Database, Failure> {
        let failure = |error: DatabaseError| Box::new(redb::Error::from(error));
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE);
        let database = match self {
            Self::File(path) => {
                let file = open_file(path).map_err(|error| failure(error.into()))?;
                builder.create_with_backend(FileBackend::new(file).map_err(failure)?)
            }
            Self::Memory => builder.create_with_backend(InMemoryBackend::new()),
        };
        let database = database.map_err(failure)?;
        file::prepare(&database)?;
        Ok(database)
    }

    /// Opens the database for reading only. Where the last process that wrote it did not close it, it is closed in its stead.
    pub(super) fn open_for_reading(&self) -> Result<ReadOnlyDatabase, OpenError> {
        let Self::File(path) = self else { return Err(OpenError::Missing(PathBuf::from("memory"))) };
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE);
        let opened = match builder.open_read_only(path) {
            Err(DatabaseError::RepairAborted) => {
                drop(self.open()?);
                builder.open_read_only(path)
            }
            other => other,
        };
        opened.map_err(|error| match redb::Error::from(error) {
            redb::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                OpenError::Missing(path.clone())
            }
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                OpenError::Serving(path.clone())
            }
            other => self.explain(other),
        })
    }

    fn explain(&self, failure: redb::Error) -> OpenError {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Memory => PathBuf::from("memory"),
        };
        match failure {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => OpenError::Locked(path),
            redb::Error::Io(error) => explain_io(path, error),
            other => OpenError::Damaged(path, Box::new(other)),
        }
    }
}

/// Says why a file or folder does not open for writing.
pub(super) fn explain_io(path: PathBuf, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotWritable(path, error)
        }
        _ if is_out_of_space(&error) => OpenError::Full { path, free: 0, needed: 1 },
        io::ErrorKind::InvalidData => {
            OpenError::Damaged(path, Box::new(redb::Error::from(StorageError::Io(error))))
        }
        _ => OpenError::Io(path, error),
    }
}

fn open_file(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}
