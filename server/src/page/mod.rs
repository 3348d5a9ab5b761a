//! The page that a vault can serve in addition to its API (`--web`, off by default).
//!
//! All files of a folder that `cargo xtask page` built are read at start, compared with the list of
//! hashes in the folder, and served from memory. The server thus serves exactly the listed files,
//! whatever happens to the folder later. SECURITY.md says what this guarantees to users of the
//! page, and what it does not.

mod file;
mod folder;
mod hashes;
pub mod headers;
mod response;

pub use hashes::HashesError;
pub use response::around;

use crate::error_code::ErrorCode;
use file::File;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The list of hashes, in the format of `sha256sum`. It contains exactly the other files of the
/// folder.
pub const HASHES: &str = "HASHES";
/// The file that is served at `/`.
pub const INDEX: &str = "index.html";

/// The page's configuration, which comes from its host and not from the folder.
const CONFIG: &str = "/config.json";
/// Tells the page that the vault is at its own origin.
const HERE: &[u8] = b"{\"vault\":\".\"}";

/// Maximum files of a page, including compressed ones.
pub const MOST_FILES: usize = 256;
/// Maximum total size of a page, in bytes.
pub const MOST_BYTES: u64 = 32 << 20;
/// Maximum nesting of folders.
const MOST_DEPTH: usize = 4;

/// Why a folder is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A file or folder cannot be read.
    #[error("Cannot read {0} of the page. Build the page with cargo xtask page and set --web to its folder.")]
    Read(PathBuf, #[source] io::Error),
    /// `index.html` or `HASHES` is missing.
    #[error(
        "The page's folder {folder} has no {name}. Build the page with cargo xtask page and set --web to its folder."
    )]
    Missing {
        /// The page's folder.
        folder: PathBuf,
        /// `index.html` or `HASHES`.
        name: &'static str,
    },
    /// A file that a build does not create: not a regular file, or with a name or type that is not
    /// served.
    #[error("{0} {1}. Remove it, or rebuild the page with cargo xtask page.")]
    Foreign(PathBuf, &'static str),
    /// Too many files, or too large ones.
    #[error(
        "The folder {0} has more than {MOST_FILES} files or {bytes} MiB. Check that --web is the page's folder.",
        bytes = MOST_BYTES >> 20
    )]
    TooMuch(PathBuf),
    /// The list of hashes is invalid.
    #[error("The page's list of hashes {0} is invalid. Rebuild the page with cargo xtask page.")]
    Hashes(PathBuf, #[source] HashesError),
    /// A file does not match its hash.
    #[error(
        "The page's file {0} does not match its hash in {HASHES}, so it was changed. Find out why, then copy or build \
         the page again."
    )]
    Changed(PathBuf),
    /// A listed file is missing.
    #[error("The page's file {0} is listed in {HASHES} but missing. Copy or build the page again.")]
    Lost(PathBuf),
    /// A file is not listed.
    #[error("The page's file {0} is not listed in {HASHES}. Remove it, or rebuild the page.")]
    Unlisted(PathBuf),
}

impl From<&PageError> for ErrorCode {
    fn from(error: &PageError) -> Self {
        match error {
            PageError::Read(..) => Self::PageUnreadable,
            PageError::Missing { .. } => Self::PageIncomplete,
            PageError::Foreign(..) => Self::PageFileUnexpected,
            PageError::TooMuch(_) => Self::PageTooLarge,
            PageError::Hashes(..) => Self::PageHashesInvalid,
            PageError::Changed(_) => Self::PageFileChanged,
            PageError::Lost(_) => Self::PageFileMissing,
            PageError::Unlisted(_) => Self::PageFileUnlisted,
        }
    }
}

/// A page in memory.
#[derive(Debug)]
pub struct Page {
    /// The files by the path of the request.
    files: BTreeMap<String, File>,
}

impl Page {
    /// Reads a folder and compares it with its list of hashes.
    ///
    /// # Errors
    /// If a file is missing, unexpected, changed or not listed, or the page is too large.
    pub fn load(folder: &Path) -> Result<Self, PageError> {
        let mut found = folder::read(folder)?;
        let missing = |name| PageError::Missing { folder: folder.to_owned(), name };
        let listed = found.get(HASHES).ok_or_else(|| missing(HASHES))?;
        let listed = hashes::parse(listed).map_err(|error| PageError::Hashes(folder.join(HASHES), error))?;
        if !found.contains_key(INDEX) {
            return Err(missing(INDEX));
        }
        hashes::compare(folder, &listed, &found)?;
        let mut files = BTreeMap::new();
        let plain: Vec<String> = found.keys().filter(|name| file::coding(name).is_none()).cloned().collect();
        for name in plain {
            let file = File::take(folder, &name, &mut found)?;
            if name == INDEX {
                files.insert("/".to_owned(), file.clone());
            }
            files.insert(format!("/{name}"), file);
        }
        match found.keys().next() {
            // The files that are left are compressed variants of missing files.
            Some(left) => Err(PageError::Foreign(
                folder.join(left),
                "is compressed, and the file that it belongs to is missing",
            )),
            None => {
                files.insert(CONFIG.to_owned(), File::said("application/json", HERE));
                Ok(Self { files })
            }
        }
    }

    fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }
}
