//! Why a home folder could not be used, and which file of it.

use std::io;
use std::path::PathBuf;

/// The home folder, or a file of it, could not be used. Names paths, and nothing of what is in them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A file could not be read, written, renamed or removed.
    #[error("{doing}: {source}")]
    File {
        /// The act, and the file.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
    /// The folder could not be made, opened or locked.
    #[error("cannot use the home folder {}: {source}", .folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds files of something else, and is left as it is.
    #[error("{} contains other files and is not a Rootcellar home folder", .0.display())]
    Foreign(PathBuf),
    /// Another program uses it.
    #[error("another program is using {}", .0.display())]
    Locked(PathBuf),
    /// A file of it is not what this version writes.
    #[error("{} cannot be read: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It remembers an account, where a new one was to go into it.
    #[error("{} already belongs to an account", .0.display())]
    Used(PathBuf),
    /// It remembers another account.
    #[error("{} belongs to another account", .0.display())]
    OtherAccount(PathBuf),
}

impl FolderError {
    pub(super) fn file(doing: impl Into<String>, source: io::Error) -> Self {
        Self::File { doing: doing.into(), source }
    }

    /// Where JSON ends to be what it should be. What stands there may be a secret: serde's own text repeats it.
    pub(super) fn place(error: &serde_json::Error) -> String {
        format!("line {}, column {} is not what is written there", error.line(), error.column())
    }

    /// Stable text for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Unusable { .. } => "file",
            Self::Foreign(_) => "home-foreign",
            Self::Locked(_) => "home-locked",
            Self::Damaged { .. } => "home-damaged",
            Self::Used(_) | Self::OtherAccount(_) => "home-of-another-account",
        }
    }
}
