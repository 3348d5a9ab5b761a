//! Opens the file, and explains why it cannot be opened.

use super::{Failure, file};
use crate::error_code::ErrorCode;
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, DatabaseError, ReadOnlyDatabase, StorageError};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Size of the database's page cache, in bytes. The operating system caches more.
const CACHE: usize = 4 << 20;

/// Where the database is stored.
#[derive(Debug)]
pub(super) enum Medium {
    File(PathBuf),
    Memory,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process uses it.
    #[error("{0} is in use by another process. Stop the other server, or use another data folder (--data).")]
    Locked(PathBuf),
    /// Another process has it open for writing, so it cannot be opened for reading.
    #[error("{0} is open for writing in another process. Stop that server, or restart it with --read-only.")]
    Serving(PathBuf),
    /// It does not exist, so it cannot be opened for reading.
    #[error("{0} does not exist. Check the data folder.")]
    Missing(PathBuf),
    /// The process has no permission to write it.
    #[error(
        "Cannot write {0}. Give this process's user write permission, or use another data folder (--data)."
    )]
    NotWritable(PathBuf, #[source] io::Error),
    /// The disk has too little free space.
    #[error(
        "The disk of {path} is full: {free} bytes are free, {needed} are needed. Free some space, or lower --reserve."
    )]
    Full {
        /// Of the file or folder.
        path: PathBuf,
        /// Free bytes on the disk.
        free: u64,
        /// Required free bytes.
        needed: u64,
    },
    /// The file is not a store that this version can read.
    #[error(
        "{0} is damaged or was created by another version. Restore it from a backup, and keep the damaged file."
    )]
    Damaged(PathBuf, #[source] Failure),
    /// Any other error of the system.
    #[error("Cannot open {0}. Check the path and the disk.")]
    Io(PathBuf, #[source] io::Error),
}

impl From<&OpenError> for ErrorCode {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::Locked(_) | OpenError::Serving(_) => Self::StoreInUse,
            OpenError::Missing(_) => Self::StoreMissing,
            OpenError::NotWritable(..) => Self::StoreNotWritable,
            OpenError::Full { .. } => Self::DiskFull,
            OpenError::Damaged(..) => Self::StoreDamaged,
            OpenError::Io(..) => Self::StoreUnreadable,
        }
    }
}

/// Whether the disk or the user's quota is full.
pub(super) fn is_out_of_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Medium {
    /// Opens the database and creates its tables.
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

    /// Opens the database for reading only. Repairs it first if the last process that wrote it did
    /// not close it.
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

/// Explains why a file or folder cannot be opened for writing.
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
