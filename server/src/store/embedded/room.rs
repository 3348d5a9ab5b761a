//! Free space on the disk. Saves stop before the disk is full, so that logins can still be charged,
//! and reads continue.

use super::OpenError;
use super::open::explain_io;
use crate::store::{Key, WriteError};
use std::io;
use std::path::{Path, PathBuf};

/// Writes other than snapshots must leave this fraction of the reserve free: one eighth.
const LAST_PART: u64 = 8;

/// Monitors the free space of one file system.
#[derive(Debug)]
pub(super) struct Room {
    folder: PathBuf,
    reserve: u64,
}

impl Room {
    pub(super) fn new(folder: &Path, reserve: u64) -> Self {
        Self { folder: folder.to_owned(), reserve }
    }

    /// Refuses a start with so little space that logins could not be charged.
    pub(super) fn check_start(&self) -> Result<(), OpenError> {
        let free = self.free().map_err(|error| explain_io(self.folder.clone(), error))?;
        let needed = (self.reserve / LAST_PART).max(1);
        if free < needed {
            return Err(OpenError::Full { path: self.folder.clone(), free, needed });
        }
        Ok(())
    }

    /// Refuses a write that would use the reserve. Snapshots must leave all of it free.
    pub(super) fn check_write(&self, key: &Key, bytes: usize) -> Result<(), WriteError> {
        let kept = if is_snapshot(key) { self.reserve } else { self.reserve / LAST_PART };
        let free = self.free().map_err(|error| WriteError::Unknown(Box::new(error)))?;
        if free < kept.saturating_add(bytes as u64) {
            return Err(WriteError::Full);
        }
        Ok(())
    }

    fn free(&self) -> io::Result<u64> {
        let found = rustix::fs::statvfs(&self.folder)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }
}

fn is_snapshot(key: &Key) -> bool {
    key.as_str().contains("/snapshots/")
}
