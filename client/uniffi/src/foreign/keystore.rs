//! Who keeps the secrets of an enrolled device: the platform, through the app, or a file of the folder.

use rootcellar_client::files::device_store::{Keyring, SecretBytes};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a keystore did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeystoreFailure {
    /// It is locked, or the person did not unlock it.
    #[error("it is locked")]
    Locked,
    /// There is none on this device.
    #[error("there is none")]
    Unavailable,
    /// Something else.
    #[error("it failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeystoreFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Keeps a device's secrets durably, 64 bytes under a name: Android's Keystore, Apple's Keychain, a desktop's Secret Service.
/// Called on the library's thread, where it may wait for a person.
#[uniffi::export(with_foreign)]
pub trait Keystore: Send + Sync {
    /// Keeps secrets, in place of what was there under this name.
    fn store(&self, name: String, secrets: Vec<u8>) -> Result<(), KeystoreFailure>;

    /// Gives secrets back; nothing where there are none of this name.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, KeystoreFailure>;

    /// Forgets secrets; no failure where there are none.
    fn remove(&self, name: String) -> Result<(), KeystoreFailure>;
}

/// The keystore of an object.
pub(crate) enum Keys {
    /// A file of mode 0600 in the folder.
    Folder,
    App(Arc<dyn Keystore>),
}

impl Keys {
    fn app(&self) -> Result<&Arc<dyn Keystore>, String> {
        match self {
            Self::App(keystore) => Ok(keystore),
            Self::Folder => Err("the secrets are in a keystore, and none was given".to_owned()),
        }
    }
}

impl Keyring for &Keys {
    fn set(&self, entry: &str, secrets: &SecretBytes) -> Result<(), String> {
        self.app()?.store(entry.to_owned(), secrets.to_vec()).map_err(said)
    }

    fn get(&self, entry: &str) -> Result<Option<SecretBytes>, String> {
        let kept = self.app()?.load(entry.to_owned()).map_err(said)?.map(Zeroizing::new);
        let bytes = kept.and_then(|kept| kept.as_slice().try_into().ok());
        Ok(bytes.map(Zeroizing::new))
    }

    fn delete(&self, entry: &str) -> Result<(), String> {
        self.app()?.remove(entry.to_owned()).map_err(said)
    }
}

fn said(failure: KeystoreFailure) -> String {
    failure.to_string()
}
