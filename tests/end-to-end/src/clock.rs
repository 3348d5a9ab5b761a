//! A clock for the real programs, moved by the library of `faketime`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A clock that a vault and its clients share, ahead of the machine's by what has passed on it.
#[derive(Clone)]
pub struct Clock(Arc<Parts>);

struct Parts {
    library: PathBuf,
    folder: TempDir,
    ahead: AtomicU64,
}

impl Clock {
    /// A clock that shows the machine's time. `None` where no clock can be moved.
    #[must_use]
    pub fn new() -> Option<Self> {
        let Some(library) = library() else {
            crate::bucket::left_out("clocks that move: faketime is not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Self(Arc::new(Parts { library, folder, ahead: AtomicU64::new(0) }));
        clock.pass(0);
        Some(clock)
    }

    /// Moves the clock of every program that has it, those that run included.
    pub fn pass(&self, seconds: u64) {
        let ahead = self.0.ahead.fetch_add(seconds, Ordering::SeqCst) + seconds;
        let next = self.0.folder.path().join("next");
        fs::write(&next, format!("+{ahead}")).expect("a file");
        fs::rename(next, self.file()).expect("it replaces the former");
    }

    /// Gives a program this clock.
    pub(crate) fn set(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.0.library);
        command.env("FAKETIME_TIMESTAMP_FILE", self.file()).env("FAKETIME_NO_CACHE", "1");
        // What measures time passing continues as it does.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    }

    fn file(&self) -> PathBuf {
        self.0.folder.path().join("time")
    }
}

/// Where Debian puts the library for programs with threads, by the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}
