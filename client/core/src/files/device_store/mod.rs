//! Where this device keeps the secrets by which it is enrolled: the platform's keyring, a file sealed under a passphrase of its
//! own (protocol.md section 6.2), or a plain file.
//!
//! `device-secrets.json` in the home folder, mode 0600, says which keeper holds them, and of which account and device they are:
//!
//! ```text
//! {"format":1, "account_id":…, "device_id":…, "keeper":"keyring", "entry":…}   name of the keyring's item
//! {"format":1, "account_id":…, "device_id":…, "keeper":"sealed", "sealed":…}   base64url of the device file
//! {"format":1, "account_id":…, "device_id":…, "keeper":"plain", "secrets":…}   base64url of the 64 bytes
//! ```
//!
//! `secrets_id` beside them names the secrets; records of earlier versions have none. New secrets are kept before the vault learns
//! of the device. They wait in `device-secrets.next.json` while former ones may still be what the vault knows, and take their place
//! once the vault has said so.

mod error;
mod keeper;
mod kept;

pub use error::DeviceStoreError;
pub use keeper::{Chosen, Keeper, Keyring, SecretBytes};

use super::{FolderError, atomic};
use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::secret_store::{Committed, SecretStore, SecretStoreError};
use crate::text::Passphrase;
use kept::{Kept, Record};
use std::fs;
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The secrets that count.
pub(super) const SECRETS: &str = "device-secrets.json";
/// Secrets of which the vault has not yet said that it knows them.
pub(super) const NEXT: &str = "device-secrets.next.json";

/// The device's secrets in a home folder, whose lock the caller holds.
#[derive(Debug)]
pub struct DeviceStore<K> {
    folder: PathBuf,
    keyring: K,
    chosen: Chosen,
}

impl<K: Keyring> SecretStore for DeviceStore<K> {
    async fn stage(&mut self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        Ok(self.write_staged(owner, secrets)?)
    }

    async fn commit(&mut self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        Ok(self.put_in_place(secrets)?)
    }

    async fn abandon(&mut self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        Ok(self.drop_staged(secrets)?)
    }
}

impl From<DeviceStoreError> for SecretStoreError {
    fn from(error: DeviceStoreError) -> Self {
        Self::new(error.code(), error)
    }
}

impl<K: Keyring> DeviceStore<K> {
    /// The store of a home folder.
    #[must_use]
    pub fn new(folder: PathBuf, keyring: K) -> Self {
        Self { folder, keyring, chosen: Chosen::Keyring }
    }

    /// Who keeps the secrets; `None` where there are none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn keeper(&self) -> Result<Option<Keeper>, DeviceStoreError> {
        Ok(self.read(SECRETS)?.map(|record| record.kept.keeper()))
    }

    /// Who is to keep new secrets; the platform's keyring, unless another is chosen.
    pub fn choose(&mut self, keeper: Chosen) {
        self.chosen = keeper;
    }

    fn write_staged(&self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), DeviceStoreError> {
        let name = if self.folder.join(SECRETS).exists() { NEXT } else { SECRETS };
        forgetting(self.drop_file(NEXT))?;
        let kept = Kept::make(&secrets.expose(), owner, &self.chosen, &self.keyring)?;
        let bytes = Record::new(owner, secrets.id(), kept).into_json();
        atomic::replace(&self.folder, name, &bytes)
            .map_err(|error| FolderError::file(format!("cannot write {name} in the home folder"), error))?;
        Ok(())
    }

    /// An item of the former that a keyring does not forget is no error: it opens nothing any more.
    fn put_in_place(&self, secrets: SecretsId) -> Result<Committed, DeviceStoreError> {
        if !self.holds(NEXT, secrets)? {
            let counts = self.holds(SECRETS, secrets)?;
            return Ok(if counts { Committed::Already } else { Committed::Absent });
        }
        // What cannot be read of the former names no item that could be forgotten.
        let former = self.read(SECRETS).unwrap_or_default();
        atomic::rename(&self.folder, NEXT, SECRETS)
            .map_err(|error| FolderError::file(format!("cannot rename {NEXT} in the home folder"), error))?;
        forgetting(self.forget_item(former))?;
        Ok(Committed::Now)
    }

    fn drop_staged(&self, secrets: SecretsId) -> Result<(), DeviceStoreError> {
        for name in [NEXT, SECRETS] {
            if self.holds(name, secrets)? {
                return self.drop_file(name);
            }
        }
        Ok(())
    }

    /// Whether these are the secrets of a record. One of an earlier version does not name its own, and a damaged one has none.
    fn holds(&self, name: &str, secrets: SecretsId) -> Result<bool, DeviceStoreError> {
        match self.read(name) {
            Err(DeviceStoreError::Damaged { .. }) => Ok(false),
            read => Ok(read?.is_some_and(|record| record.id == Some(secrets))),
        }
    }

    /// The secrets of this account and device; `None` where there are none. A record of another account or device counts for
    /// nothing.
    ///
    /// # Errors
    /// Where they cannot be had, or those of `ask`, which gives the passphrase of a sealed file when it is needed.
    pub fn load<E: From<DeviceStoreError>>(
        &self,
        owner: Owner,
        ask: &mut dyn FnMut() -> Result<Passphrase, E>,
    ) -> Result<Option<SecretBytes>, E> {
        match self.read(SECRETS)?.filter(|record| record.owner() == owner) {
            Some(record) => record.kept.open(owner, &self.keyring, ask).map(Some),
            None => Ok(None),
        }
    }

    /// Has the secrets of which the vault has not yet said that it knows them change places with those that it says it does not
    /// know: none is lost by its word. Returns whether there were any.
    ///
    /// # Errors
    /// Where they did not change places.
    pub fn exchange(&self) -> Result<bool, DeviceStoreError> {
        if self.read(NEXT)?.is_none() {
            return Ok(false);
        }
        atomic::exchange(&self.folder, NEXT, SECRETS).map_err(|error| {
            FolderError::file(format!("cannot exchange {NEXT} and {SECRETS} in the home folder"), error)
        })?;
        Ok(true)
    }

    /// Whether there are secrets of which the vault has not yet said that it knows them.
    #[must_use]
    pub fn has_other(&self) -> bool {
        self.folder.join(NEXT).exists()
    }

    /// Removes all, wherever it is kept, also records that cannot be read. It goes on after what fails.
    ///
    /// # Errors
    /// Where something of it may still be there; [`DeviceStoreError::NotForgotten`] where that is at most an item of the keyring,
    /// of which nothing knows any more.
    pub fn remove(&self) -> Result<(), DeviceStoreError> {
        let (next, secrets) = (self.drop_file(NEXT), self.drop_file(SECRETS));
        match (next, secrets) {
            (Err(DeviceStoreError::NotForgotten(_)), Err(worse)) => Err(worse),
            (next, secrets) => next.and(secrets),
        }
    }

    /// The record before the item in the keyring: an item that stays behind opens nothing once the vault forgot the device.
    fn drop_file(&self, name: &str) -> Result<(), DeviceStoreError> {
        let record = match self.read(name) {
            // It is to go, and names no item that could be forgotten.
            Err(DeviceStoreError::Damaged { .. }) => None,
            read => read?,
        };
        atomic::remove(&self.folder, name).map_err(|error| {
            FolderError::file(format!("cannot remove {name} from the home folder"), error)
        })?;
        self.forget_item(record)
    }

    fn forget_item(&self, record: Option<Record>) -> Result<(), DeviceStoreError> {
        match record.map(|record| record.kept) {
            Some(Kept::Keyring { entry }) => {
                self.keyring.delete(&entry).map_err(DeviceStoreError::NotForgotten)
            }
            _ => Ok(()),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Record>, DeviceStoreError> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(FolderError::file(format!("cannot read {}", path.display()), error).into());
            }
        };
        Record::from_json(&bytes).map(Some).map_err(|why| DeviceStoreError::Damaged { path, why })
    }
}

/// Lets an item that the keyring did not forget be: the records do not name it any more.
fn forgetting(result: Result<(), DeviceStoreError>) -> Result<(), DeviceStoreError> {
    match result {
        Err(DeviceStoreError::NotForgotten(_)) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
