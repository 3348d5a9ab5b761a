//! Who keeps the secrets of an enrolled device: the platform, through the app, or a file of the folder.

use crate::worker::Calling;
use rootcellar_client::SystemRandomness;
use rootcellar_client::device_file::SECRET_BYTES;
use rootcellar_client::files::device_store::{FolderSecretStoreError, Keyring, SecretBytes};
use rootcellar_client::randomness::bytes;
use rootcellar_spec::hex;
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
/// Called on the library's thread, where it may wait for a person, but for nothing that this object does: a call of the object from
/// in there ends with `SessionState` and the code `called-back`. An app that waits in there for its main thread does not wait for
/// this object on it.
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
#[derive(Clone)]
pub(crate) enum Keys {
    /// A file of mode 0600 in the folder.
    Folder,
    App(AppKeystore),
}

/// The app's keystore, and the sign that it is at work.
#[derive(Clone)]
pub(crate) struct AppKeystore {
    pub(crate) keystore: Arc<dyn Keystore>,
    pub(crate) calling: Calling,
}

impl AppKeystore {
    fn call<T>(&self, work: impl FnOnce(&dyn Keystore) -> Result<T, KeystoreFailure>) -> Result<T, String> {
        let _calling = self.calling.begin();
        work(&*self.keystore).map_err(|failure| failure.to_string())
    }
}

impl Keys {
    /// Keeps, gets and forgets something of no worth: a keystore that fails, or that the person does not unlock, shows it before
    /// anything depends on it.
    pub(crate) fn try_out(&self) -> Result<(), FolderSecretStoreError> {
        if let Self::Folder = self {
            return Ok(());
        }
        let name = format!("rootcellar trial {}", hex::encode(&bytes::<8>(&mut SystemRandomness)));
        let trial = Zeroizing::new(bytes(&mut SystemRandomness));
        self.set(&name, &trial).map_err(FolderSecretStoreError::Keyring)?;
        let kept = self.get(&name);
        // What stays behind is of no worth.
        let _ = self.delete(&name);
        if kept.map_err(FolderSecretStoreError::Keyring)?.is_some_and(|kept| *kept == *trial) {
            return Ok(());
        }
        Err(FolderSecretStoreError::Keyring("it does not give back what it was given".to_owned()))
    }

    fn app(&self) -> Result<&AppKeystore, String> {
        match self {
            Self::App(keystore) => Ok(keystore),
            Self::Folder => Err("the secrets are in a keystore, and none was given".to_owned()),
        }
    }
}

impl Keyring for Keys {
    fn set(&self, entry: &str, secrets: &SecretBytes) -> Result<(), String> {
        self.app()?.call(|app| app.store(entry.to_owned(), secrets.to_vec()))
    }

    fn get(&self, entry: &str) -> Result<Option<SecretBytes>, String> {
        let Some(kept) = self.app()?.call(|app| app.load(entry.to_owned()))?.map(Zeroizing::new) else {
            return Ok(None);
        };
        let mut secrets = Zeroizing::new([0; SECRET_BYTES]);
        if kept.len() != secrets.len() {
            return Err("what it holds has another length than what it was given".to_owned());
        }
        secrets.copy_from_slice(&kept);
        Ok(Some(secrets))
    }

    fn delete(&self, entry: &str) -> Result<(), String> {
        self.app()?.call(|app| app.remove(entry.to_owned()))
    }
}
