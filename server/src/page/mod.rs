//! The page that a vault may serve beside its interface (`--web`, off by default).
//!
//! All files of a folder that `cargo xtask page` built are read once, at start, compared with the list of hashes that
//! lies among them, and served from memory: what is served is what is listed, whatever happens to the folder later.
//! What this can promise to somebody who opens the page, and what it cannot, is in SECURITY.md.

mod file;
mod folder;
mod hashes;
pub mod headers;
mod response;

pub use hashes::HashesError;
pub use response::around;

use file::File;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The list of hashes, in the form of `sha256sum`: every other file of the folder, and no more.
pub const HASHES: &str = "HASHES";
/// What is shown at `/`.
pub const INDEX: &str = "index.html";

/// What the page's host tells the page, beside the files that are listed.
const CONFIG: &str = "/config.json";
/// The vault is at the page's own origin.
const HERE: &[u8] = b"{\"vault\":\".\"}";

/// Most files of a page, precompressed ones included.
pub const MOST_FILES: usize = 256;
/// Most bytes of all files together.
pub const MOST_BYTES: u64 = 32 << 20;
/// How deep folders may lie in folders.
const MOST_DEPTH: usize = 4;

/// Why a folder is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A file or folder cannot be read.
    #[error(
        "the page's {0} cannot be read; build the page with cargo xtask page and name its folder with --web"
    )]
    Read(PathBuf, #[source] io::Error),
    /// A file that every page has is missing.
    #[error(
        "the page has no {name} in {folder}; build the page with cargo xtask page and name its folder with --web"
    )]
    Missing {
        /// The folder that was named.
        folder: PathBuf,
        /// `index.html` or `HASHES`.
        name: &'static str,
    },
    /// Nothing that a build makes: no plain file, or one with a name that no page has.
    #[error("{0} {1}; remove it, or build the page anew with cargo xtask page")]
    Foreign(PathBuf, &'static str),
    /// Too many files, or too large ones.
    #[error(
        "the page in {0} has more than {MOST_FILES} files or {bytes} MiB; is it the right folder?",
        bytes = MOST_BYTES >> 20
    )]
    TooMuch(PathBuf),
    /// The list of hashes is none.
    #[error("the page's list of hashes, {0}, is not one; build the page anew with cargo xtask page")]
    Hashes(PathBuf, #[source] HashesError),
    /// A file is not the one that is listed.
    #[error(
        "the page's file {0} is not the one that {HASHES} lists: somebody or something changed it; copy or build the \
         page anew, and find out what happened"
    )]
    Changed(PathBuf),
    /// A file is listed and not there.
    #[error("the page's file {0} is listed in {HASHES} and is not there; copy or build the page anew")]
    Lost(PathBuf),
    /// A file is there and not listed.
    #[error("the page's file {0} is not listed in {HASHES}; remove it, or build the page anew")]
    Unlisted(PathBuf),
}

/// A page, in memory.
#[derive(Debug)]
pub struct Page {
    /// By the path of a request.
    files: BTreeMap<String, File>,
}

impl Page {
    /// Reads a folder whole and compares it with its list of hashes.
    ///
    /// # Errors
    /// Where a file is missing, too much, not listed or not what is listed; each error says what to do.
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
            // What is left is precompressed, and of no file that there is.
            Some(left) => Err(PageError::Foreign(folder.join(left), "belongs to no file beside it")),
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
