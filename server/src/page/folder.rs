//! Reads the folder of a page: only regular files with plain names, with limits, and nothing from
//! outside the folder.

use super::{HASHES, MOST_BYTES, MOST_DEPTH, MOST_FILES, PageError, file};
use bytes::Bytes;
use rustix::fs::OFlags;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The bytes of every file, by its path relative to the folder, with `/` as the separator.
pub(super) type Found = BTreeMap<String, Bytes>;

/// Reads all files in the folder.
pub(super) fn read(folder: &Path) -> Result<Found, PageError> {
    let root = folder.canonicalize().map_err(|error| PageError::Read(folder.to_owned(), error))?;
    let mut walk = Walk { folder, root, found: Found::new(), bytes: 0 };
    walk.enter(folder, "", 0)?;
    Ok(walk.found)
}

struct Walk<'f> {
    folder: &'f Path,
    /// The canonical path. The folder itself may be a symbolic link.
    root: PathBuf,
    found: Found,
    bytes: u64,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), PageError> {
        let failed = |error| PageError::Read(folder.to_owned(), error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if is_plain(name) => format!("{prefix}{name}"),
                _ => return Err(PageError::Foreign(path, "has a name that is not allowed in a page")),
            };
            // A symbolic link may only point into the folder.
            let target = path.canonicalize().map_err(|error| PageError::Read(path.clone(), error))?;
            if !target.starts_with(&self.root) {
                return Err(PageError::Foreign(path, "is a symbolic link to outside the page's folder"));
            }
            match target.is_dir() {
                true if depth == MOST_DEPTH => return Err(PageError::TooMuch(self.folder.to_owned())),
                true => self.enter(&path, &format!("{name}/"), depth + 1)?,
                false => self.take(path, name)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, path: PathBuf, name: String) -> Result<(), PageError> {
        if name != HASHES && file::media_type(file::uncoded(&name)).is_none() {
            return Err(PageError::Foreign(path, "has a type that is not served"));
        }
        let failed = |error| PageError::Read(path.clone(), error);
        // The file is opened once, so that the checked file is the one that is read. Opening does
        // not wait for the writer of a pipe.
        let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
        let mut opened =
            fs::File::options().read(true).custom_flags(nonblocking).open(&path).map_err(failed)?;
        if !opened.metadata().map_err(failed)?.is_file() {
            return Err(PageError::Foreign(path, "is not a regular file"));
        }
        let room = MOST_BYTES - self.bytes;
        let mut bytes = Vec::new();
        opened.by_ref().take(room + 1).read_to_end(&mut bytes).map_err(failed)?;
        if self.found.len() == MOST_FILES || bytes.len() as u64 > room {
            return Err(PageError::TooMuch(self.folder.to_owned()));
        }
        self.bytes += bytes.len() as u64;
        self.found.insert(name, bytes.into());
        Ok(())
    }
}

/// Letters, digits, `-`, `_` and `.`, without a leading dot. Such a name needs no escaping in a
/// URL.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.starts_with('.') && name.bytes().all(plain)
}
