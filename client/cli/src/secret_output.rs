//! Files that hold secrets: created new, readable by their owner alone, on the disk before the command says so.

use crate::exit::{Exit, Failure};
use crate::text;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A new file that is there before the secret is: a command that could not write must not begin.
///
/// Dropped without [`SecretFile::write`], it is removed.
pub(crate) struct SecretFile {
    path: PathBuf,
    file: Option<File>,
}

impl SecretFile {
    /// Creates the file with mode 0600; never overwrites one.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let created = File::options().write(true).create_new(true).mode(0o600).open(path);
        match created {
            Ok(file) => Ok(Self { path: path.to_owned(), file: Some(file) }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
            Err(error) => Err(Failure::file(text::file::Create { file: path.display() }, &error)),
        }
    }

    /// Creates the file if a path was given.
    pub(crate) fn create_if(path: Option<&Path>) -> Result<Option<Self>, Failure> {
        path.map(Self::create).transpose()
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes everything and waits until the disk has it.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            // The folder too: it is there that a new file is known.
            .and_then(|()| File::open(folder(&self.path))?.sync_all())
            .map_err(|error| Failure::file(text::file::Write { file: self.path.display() }, &error))
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // An empty file that stays behind holds nothing.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn exists(path: &Path) -> Failure {
    Failure::new(Exit::Local, "file-exists", text::file::Exists { file: path.display() })
        .advise(text::file::EXISTS_ADVICE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn is_private_and_never_overwrites() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        SecretFile::create(&path).expect("created").write(b"one").expect("written");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(SecretFile::create(&path).err().map(|failure| failure.code), Some("file-exists"));
        assert_eq!(fs::read(&path).expect("read"), b"one");
    }

    #[test]
    fn leaves_nothing_behind_when_nothing_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        drop(SecretFile::create(&path).expect("created"));
        assert!(!path.exists());
    }
}
