//! The list of hashes, in the format of `sha256sum`, so that `sha256sum --check HASHES` works.

use super::folder::Found;
use super::{HASHES, PageError};
use rootcellar_spec::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// SHA-256 of each file, by its path relative to the folder.
pub(super) type Listed = BTreeMap<String, [u8; 32]>;

/// Why the list is invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashesError {
    /// It is not UTF-8.
    #[error("It is not UTF-8 text.")]
    NotText,
    /// A line, counted from 1, has another format.
    #[error("Line {0} is not 64 hexadecimal digits, two spaces and the path of a file.")]
    Line(usize),
    /// A line, counted from 1, names a file a second time.
    #[error("Line {0} names the same file as an earlier line.")]
    Twice(usize),
}

/// Parses a list. Each line has the hash in hexadecimal, two spaces, and a path.
pub(super) fn parse(bytes: &[u8]) -> Result<Listed, HashesError> {
    let text = std::str::from_utf8(bytes).map_err(|_| HashesError::NotText)?;
    let mut listed = Listed::new();
    for (at, line) in text.lines().enumerate() {
        let (hash, path) = line
            .split_once("  ")
            .and_then(|(hash, path)| {
                Some((hex::decode_array(hash)?, path.strip_prefix("./").unwrap_or(path)))
            })
            .filter(|(_, path)| !path.is_empty())
            .ok_or(HashesError::Line(at + 1))?;
        if listed.insert(path.to_owned(), hash).is_some() {
            return Err(HashesError::Twice(at + 1));
        }
    }
    Ok(listed)
}

/// Checks that every file is listed with its hash, and that every listed file exists.
pub(super) fn compare(folder: &Path, listed: &Listed, found: &Found) -> Result<(), PageError> {
    for (name, bytes) in found.iter().filter(|(name, _)| *name != HASHES) {
        match listed.get(name) {
            Some(hash) if *hash == <[u8; 32]>::from(Sha256::digest(bytes)) => {}
            Some(_) => return Err(PageError::Changed(folder.join(name))),
            None => return Err(PageError::Unlisted(folder.join(name))),
        }
    }
    match listed.keys().find(|name| !found.contains_key(*name)) {
        Some(lost) => Err(PageError::Lost(folder.join(lost))),
        None => Ok(()),
    }
}
