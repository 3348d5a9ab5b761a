//! Who may keep a device's secrets.

use crate::device_file::SECRET_BYTES;
use crate::text::Passphrase;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The device's secrets as bytes: device secret and seed of the request key.
pub type SecretBytes = Zeroizing<[u8; SECRET_BYTES]>;

/// A place for a device's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretStoreKind {
    /// The platform's keyring.
    Keyring,
    /// A file, sealed under a passphrase of its own.
    Encrypted,
    /// A file, as they are: whoever can read it can act as this device.
    Plain,
}

/// A keeper with what it needs.
#[derive(Debug)]
pub enum Chosen {
    /// The platform's keyring, which was tried.
    Keyring,
    /// A file under this passphrase.
    Encrypted(Passphrase),
    /// A plain file.
    Plain,
}

impl Chosen {
    /// Which keeper.
    #[must_use]
    pub fn kind(&self) -> SecretStoreKind {
        match self {
            Self::Keyring => SecretStoreKind::Keyring,
            Self::Encrypted(_) => SecretStoreKind::Encrypted,
            Self::Plain => SecretStoreKind::Plain,
        }
    }
}

/// Keeps the secrets of devices under names. What it says of an error is for people, and holds no secret.
pub trait Keyring {
    /// Keeps secrets, in place of what was there.
    ///
    /// # Errors
    /// Where they are not durably kept.
    fn set(&self, entry: &str, secrets: &SecretBytes) -> Result<(), String>;

    /// Gives secrets back; `None` where there are none of this name.
    ///
    /// # Errors
    /// Where it cannot be told.
    fn get(&self, entry: &str) -> Result<Option<SecretBytes>, String>;

    /// Forgets secrets; no error where there are none.
    ///
    /// # Errors
    /// Where they may still be there.
    fn delete(&self, entry: &str) -> Result<(), String>;
}
