//! The file of the root secret: 64 hexadecimal digits and a newline, mode 0600.

use super::{RootSecret, hint};
use rootcellar_vault::entropy::Entropy;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Permission bits of group and others, and all but reading by the owner.
const OTHERS: u32 = 0o077;
/// What the mode of a credential of systemd shows beside its owner's: the mask of its access list, which lets the
/// service's user read and nobody else.
const CREDENTIAL: u32 = 0o040;
/// Digits of the secret.
const DIGITS: usize = 2 * RootSecret::BYTES;

/// Why there is no root secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// No such file.
    #[error(
        "there is no root secret in {0}, but the store is in use already; put the file back, or restore it from its \
         24 words: {hint}",
        hint = hint::command(.0, "from-words")
    )]
    Missing(PathBuf),
    /// More people than its owner may read it.
    #[error("the root secret in {path} is readable by others (mode {mode:03o}); run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not 64 hexadecimal digits.
    #[error(
        "{0} is not a root secret: it must contain exactly 64 hexadecimal digits and at most one line ending"
    )]
    Malformed(PathBuf),
    /// It is there already.
    #[error("{0} exists already; move it away first")]
    Exists(PathBuf),
    /// It cannot be read.
    #[error("the root secret in {0} cannot be read; give this process's user read permission")]
    Unreadable(PathBuf, #[source] io::Error),
    /// It cannot be written.
    #[error("the root secret cannot be written to {0}; check the folder, its permissions and the disk")]
    Unwritable(PathBuf, #[source] io::Error),
}

/// Reads the file.
///
/// # Errors
/// When it is missing, readable by others, or does not hold a root secret.
pub fn read(path: &Path) -> Result<RootSecret, FileError> {
    read_beside(path, credentials().as_deref())
}

/// Whether the file is one that systemd shows to this service alone.
#[must_use]
pub fn is_credential(path: &Path) -> bool {
    credentials().is_some_and(|folder| path.parent() == Some(&folder))
}

fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// Reads the file, which may be one of the credentials in a folder of systemd's.
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
    // One byte more than the longest that is accepted: what follows it must not be cut off silently.
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 3));
    file.take(DIGITS as u64 + 3).read_to_end(&mut text).map_err(unreadable)?;
    let digits = text.strip_suffix(b"\n").map_or(&text[..], |line| line.strip_suffix(b"\r").unwrap_or(line));
    decode(digits).ok_or_else(|| FileError::Malformed(path.to_owned()))
}

/// Writes a new file that did not exist, and returns when it is on the disk.
///
/// # Errors
/// When there is a file already or the folder does not take it.
pub fn create(path: &Path, secret: &RootSecret) -> Result<(), FileError> {
    let unwritable = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists(path.to_owned()),
        _ => FileError::Unwritable(path.to_owned(), error),
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
    let written = file.write_all(&encode(secret)).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a root secret is none.
        let _ = std::fs::remove_file(path);
        return Err(unwritable(error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)
}

/// Draws a root secret.
#[must_use]
pub fn draw(entropy: &dyn Entropy) -> RootSecret {
    let mut bytes = Box::new([0; RootSecret::BYTES]);
    entropy.fill(bytes.as_mut());
    RootSecret::new(bytes)
}

fn encode(secret: &RootSecret) -> Zeroizing<Vec<u8>> {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 1));
    for byte in secret.expose() {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text.push(b'\n');
    text
}

fn decode(digits: &[u8]) -> Option<RootSecret> {
    if digits.len() != DIGITS {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = Box::new(Zeroizing::new([0; RootSecret::BYTES]));
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(RootSecret::new(Box::new(**bytes)))
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
