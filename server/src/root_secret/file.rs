//! The file of the root secret: 64 hexadecimal digits and a newline, with mode 0600.

use super::{RootSecret, hint};
use crate::error_code::ErrorCode;
use rootcellar_spec::hex;
use rootcellar_vault::entropy::Entropy;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Permission bits of group and others.
const OTHERS: u32 = 0o077;
/// The bit that the mode of a systemd credential may have in addition: the mask of its access list,
/// which only lets the service's user read.
const CREDENTIAL: u32 = 0o040;
/// The length of the secret in hexadecimal digits.
const DIGITS: usize = 2 * RootSecret::BYTES;

/// Why the root secret cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file does not exist, but the store contains a vault.
    #[error(
        "There is no root secret at {0}, but the store already contains a vault. Put the file back, or restore it from \
         its 24 words with: {hint}",
        hint = hint::command(.0, "from-words")
    )]
    Missing(PathBuf),
    /// Users other than the owner may read it.
    #[error("The root secret {path} is readable by other users (mode {mode:03o}). Run: chmod 600 {path}")]
    Exposed {
        /// Of the root secret.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// It is not 64 hexadecimal digits.
    #[error(
        "{0} is not a root secret. It must contain exactly 64 hexadecimal digits and at most one line ending."
    )]
    Malformed(PathBuf),
    /// The file already exists.
    #[error("{0} already exists. Move it first.")]
    Exists(PathBuf),
    /// It cannot be read.
    #[error("Cannot read the root secret {0}. Give this process's user read permission.")]
    Unreadable(PathBuf, #[source] io::Error),
    /// It cannot be written.
    #[error("Cannot write the root secret to {0}. Check the folder, its permissions and the disk.")]
    Unwritable(PathBuf, #[source] io::Error),
}

impl From<&FileError> for ErrorCode {
    fn from(error: &FileError) -> Self {
        match error {
            FileError::Missing(_) => Self::RootSecretMissing,
            FileError::Exposed { .. } => Self::RootSecretExposed,
            FileError::Malformed(_) => Self::RootSecretInvalid,
            FileError::Exists(_) => Self::RootSecretExists,
            FileError::Unreadable(..) => Self::RootSecretUnreadable,
            FileError::Unwritable(..) => Self::RootSecretUnwritable,
        }
    }
}

/// Reads the file.
///
/// # Errors
/// If it is missing, readable by others, or does not contain a root secret.
pub fn read(path: &Path) -> Result<RootSecret, FileError> {
    read_beside(path, credentials().as_deref())
}

/// Whether the file is a systemd credential of this service.
#[must_use]
pub fn is_credential(path: &Path) -> bool {
    credentials().is_some_and(|folder| path.parent() == Some(&folder))
}

fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// Reads the file, which may be in the folder of systemd's credentials.
fn read_beside(path: &Path, credentials: Option<&Path>) -> Result<RootSecret, FileError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        _ => FileError::Unreadable(path.to_owned(), error),
    };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
    let is_credential = credentials.is_some_and(|folder| path.parent() == Some(folder));
    let refused = if is_credential { OTHERS & !CREDENTIAL } else { OTHERS };
    if mode & refused != 0 {
        return Err(FileError::Exposed { path: path.to_owned(), mode });
    }
    // One byte more than the longest valid file, so that excess bytes are detected.
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 3));
    file.take(DIGITS as u64 + 3).read_to_end(&mut text).map_err(unreadable)?;
    let digits = text.strip_suffix(b"\n").map_or(&text[..], |line| line.strip_suffix(b"\r").unwrap_or(line));
    decode(digits).ok_or_else(|| FileError::Malformed(path.to_owned()))
}

/// Writes a new file, and returns when it is on the disk.
///
/// # Errors
/// If the file exists, or the folder cannot be written.
pub fn create(path: &Path, secret: &RootSecret) -> Result<(), FileError> {
    let unwritable = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists(path.to_owned()),
        _ => FileError::Unwritable(path.to_owned(), error),
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
    let written = write(&mut file, secret);
    if let Err(error) = written {
        // An incomplete root secret is useless.
        let _ = std::fs::remove_file(path);
        return Err(unwritable(error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)
}

fn write(file: &mut File, secret: &RootSecret) -> io::Result<()> {
    file.write_all(Zeroizing::new(hex::encode(secret.expose())).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Generates a root secret of 32 random bytes.
#[must_use]
pub fn draw(entropy: &dyn Entropy) -> RootSecret {
    let mut bytes = Box::new([0; RootSecret::BYTES]);
    entropy.fill(bytes.as_mut());
    RootSecret::new(bytes)
}

fn decode(digits: &[u8]) -> Option<RootSecret> {
    let mut bytes = Box::new(Zeroizing::new([0; RootSecret::BYTES]));
    hex::decode_into(digits, bytes.as_mut_slice()).then(|| RootSecret::new(Box::new(**bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    fn secret() -> RootSecret {
        RootSecret::new(Box::new(std::array::from_fn(|i| i as u8 * 7)))
    }

    #[test]
    fn reads_what_it_wrote_and_never_overwrites() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("root-secret");
        create(&path, &secret()).expect("writes");
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);
        assert_eq!(read(&path).expect("reads").expose(), secret().expose());
        assert!(matches!(create(&path, &secret()), Err(FileError::Exists(_))));
    }

    #[test]
    fn refuses_what_others_may_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("root-secret");
        create(&path, &secret()).expect("writes");
        for mode in [0o640, 0o604, 0o620, 0o601] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("chmod");
            assert!(matches!(read(&path), Err(FileError::Exposed { .. })), "{mode:o}");
        }
        std::fs::set_permissions(&path, Permissions::from_mode(0o400)).expect("chmod");
        assert!(read(&path).is_ok());
    }

    #[test]
    fn takes_a_credential_of_systemd_with_the_mode_that_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("root-secret");
        create(&path, &secret()).expect("writes");
        let read_at = |mode, credentials| {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("chmod");
            read_beside(&path, credentials)
        };
        assert!(read_at(0o440, Some(folder.path())).is_ok());
        assert!(read_at(0o440, None).is_err());
        assert!(read_at(0o440, folder.path().parent()).is_err());
        assert!(read_at(0o444, Some(folder.path())).is_err());
        assert!(read_at(0o460, Some(folder.path())).is_err());
    }

    #[test]
    fn refuses_every_other_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("root-secret");
        create(&path, &secret()).expect("writes");
        let digits = "0".repeat(64);
        for text in [
            String::new(),
            digits[1..].to_owned(),
            format!("{digits}0"),
            format!("{digits}\n\n"),
            format!("{digits}\r\n\r\n"),
            format!("{digits}\r\nx"),
            format!("{digits}\nx"),
            format!("{digits}\r"),
            format!("\u{feff}{digits}\n"),
            "g".repeat(64),
        ] {
            std::fs::write(&path, &text).expect("writes");
            assert!(matches!(read(&path), Err(FileError::Malformed(_))), "{text:?}");
        }
        for ending in ["", "\n", "\r\n"] {
            std::fs::write(&path, format!("{digits}{ending}")).expect("writes");
            assert!(read(&path).is_ok(), "{ending:?}");
        }
        std::fs::remove_file(&path).expect("removes");
        assert!(matches!(read(&path), Err(FileError::Missing(_))));
    }
}
