//! Why a device's secrets cannot be had or kept.

use crate::device_file::DeviceFileError;
use crate::files::FolderError;
use crate::open_error::OpenError;
use std::path::PathBuf;

/// A device's secrets could not be kept, had or removed. Holds nothing of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderSecretStoreError {
    /// A file of the home folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The record of who keeps them is not what this version writes.
    #[error("{} cannot be read: {why}", .path.display())]
    Damaged {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// New secrets, and no [`Chosen`](super::Chosen) to keep them: a mistake of the program.
    #[error("no store for this device's secrets was chosen")]
    NotChosen,
    /// The keyring failed; its own words.
    #[error("the platform's keyring does not work: {0}")]
    Keyring(String),
    /// The keyring did not remove an item; its own words.
    #[error("cannot remove an item from the keyring: {0}")]
    NotForgotten(String),
    /// The keyring does not hold them any more.
    #[error("this device's secrets are no longer in the platform's keyring")]
    Lost,
    /// A wrong passphrase and an altered file look alike.
    #[error("wrong device passphrase, or the file with this device's secrets was altered")]
    Passphrase,
    /// Argon2id failed.
    #[error("the passphrase could not be checked: this needs 64 MiB of free memory")]
    KeyDerivation,
    /// The encrypted file is none, or of a newer version.
    #[error(transparent)]
    Encrypted(OpenError),
}

impl FolderSecretStoreError {
    /// Stable text for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Folder(error) => error.code(),
            Self::Encrypted(OpenError::Unsupported) => "newer-format",
            Self::Damaged { .. } | Self::Encrypted(_) => "home-damaged",
            Self::Keyring(_) | Self::NotForgotten(_) => "keyring",
            Self::NotChosen => "secret-store-not-chosen",
            Self::Lost => "device-secrets-lost",
            Self::Passphrase => "device-passphrase",
            Self::KeyDerivation => "key-derivation",
        }
    }
}

impl From<DeviceFileError> for FolderSecretStoreError {
    fn from(error: DeviceFileError) -> Self {
        match error {
            DeviceFileError::Open(OpenError::Authentication) => Self::Passphrase,
            DeviceFileError::Open(other) => Self::Encrypted(other),
            DeviceFileError::KeyDerivation => Self::KeyDerivation,
        }
    }
}
