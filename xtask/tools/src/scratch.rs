//! A folder for one run, which is removed with the value.

use anyhow::{Context, Result};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty folder that only its owner can enter, in the system's folder for temporary files.
    pub fn new() -> Result<Self> {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.subsec_nanos();
        let name = format!("rootcellar-xtask-{}-{nanoseconds}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        // Fails if the folder exists.
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self(folder))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays is the system's to clear away.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
