//! Where this device keeps the secrets by which it is enrolled: the platform's keyring, a file sealed under a passphrase of its
//! own (protocol.md section 6.2), or a plain file.
//!
//! `device-secrets.json` in the home folder, mode 0600, says which keeper holds them, and of which account and device they are:
//!
//! ```text
//! {"format":1, "account_id":…, "device_id":…, "store":"keyring", "entry":…}   name of the keyring's item
//! {"format":1, "account_id":…, "device_id":…, "store":"encrypted", "encrypted":…}   base64url of the device file
//! {"format":1, "account_id":…, "device_id":…, "store":"plain", "secrets":…}   base64url of the 64 bytes
//! ```
//!
//! `secrets_id` beside them names the secrets, and `order` is higher for later ones; records of earlier versions have neither. New
//! secrets are kept before the vault learns of the device. They wait in `device-secrets.next.json`, a list of such records, while
//! former ones may still be what the vault knows, and take their place once the vault has said so.

mod error;
mod kind;
mod record;

pub use error::FolderSecretStoreError;
pub use kind::{Chosen, Keyring, SecretBytes, SecretStoreKind};

use super::{FolderError, atomic};
use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::lock::locked;
use crate::secret_store::{Committed, SecretStore, SecretStoreError};
use crate::text::Passphrase;
use record::{Record, StoredSecrets};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use zeroize::Zeroizing;

/// The secrets that count.
pub(super) const SECRETS: &str = "device-secrets.json";
/// Secrets of which the vault has not yet said that it knows them.
pub(super) const NEXT: &str = "device-secrets.next.json";

/// The device's secrets in a home folder, whose lock the caller holds.
#[derive(Debug)]
pub struct FolderSecretStore<K> {
    folder: PathBuf,
    keyring: K,
    chosen: Mutex<Option<Chosen>>,
}

impl<K: Keyring> SecretStore for FolderSecretStore<K> {
    async fn stage(&self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        Ok(self.stage_record(owner, secrets)?)
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        let committed = self.put_in_place(secrets)?;
        // A passphrase is not held for longer than it is needed.
        *locked(&self.chosen) = None;
        Ok(committed)
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        Ok(self.drop_staged(secrets)?)
    }
}

impl From<FolderSecretStoreError> for SecretStoreError {
    fn from(error: FolderSecretStoreError) -> Self {
        Self::new(error.code(), error)
    }
}

impl<K: Keyring> FolderSecretStore<K> {
    /// The store of a home folder.
    #[must_use]
    pub fn new(folder: PathBuf, keyring: K) -> Self {
        Self { folder, keyring, chosen: Mutex::default() }
    }

    /// Who keeps the secrets; `None` where there are none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn kind(&self) -> Result<Option<SecretStoreKind>, FolderSecretStoreError> {
        Ok(self.read(SECRETS)?.map(|record| record.kept.kind()))
    }

    /// Who is to keep the next new secrets. To be called before each step that stages some: nobody is chosen by default.
    pub fn choose(&self, kind: Chosen) {
        *locked(&self.chosen) = Some(kind);
    }

    fn stage_record(&self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), FolderSecretStoreError> {
        // A damaged record names nothing that could be kept.
        let (current, mut staged) = (self.current_unless_damaged()?, self.staged_unless_damaged()?);
        let order = staged.iter().chain(&current).map(|record| record.order).max().unwrap_or_default() + 1;
        let chosen = locked(&self.chosen);
        let chosen = chosen.as_ref().ok_or(FolderSecretStoreError::NotChosen)?;
        let kept = StoredSecrets::make(&secrets.expose(), owner, chosen, &self.keyring)?;
        let record = Record::new(owner, secrets.id(), order, kept);
        if !self.folder.join(SECRETS).exists() {
            return self.write_current(&record);
        }
        staged.push(record);
        self.write_staged(&staged)
    }

    /// What was kept before these secrets is forgotten; of later ones nothing is known yet. An item that a keyring does not forget is no
    /// error: it opens nothing any more.
    fn put_in_place(&self, secrets: SecretsId) -> Result<Committed, FolderSecretStoreError> {
        let is_meant = |record: &Record| record.id == Some(secrets);
        let (meant, others): (Vec<_>, Vec<_>) = self.staged_unless_damaged()?.into_iter().partition(is_meant);
        let current = self.current_unless_damaged()?;
        let already = current.as_ref().filter(|current| is_meant(current));
        let Some(order) = already.or(meant.first()).map(|record| record.order) else {
            return Ok(Committed::Absent);
        };
        let (found, former) = match (already, meant.first()) {
            (None, Some(meant)) => {
                self.write_current(meant)?;
                (Committed::Now, current)
            }
            _ => (Committed::Already, None),
        };
        let (later, earlier): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| other.order > order);
        // They count now. If the list stays as it was, the next commit shortens it.
        if (meant.is_empty() && earlier.is_empty()) || self.write_staged(&later).is_ok() {
            // A record of the same order is the one that counts.
            let copies = meant.into_iter().filter(|copy| copy.order != order);
            for record in former.into_iter().chain(earlier).chain(copies) {
                let _ = self.forget_item(record);
            }
        }
        Ok(found)
    }

    fn drop_staged(&self, secrets: SecretsId) -> Result<(), FolderSecretStoreError> {
        let is_meant = |record: &Record| record.id == Some(secrets);
        let mut staged = self.staged_unless_damaged()?;
        if let Some(at) = staged.iter().rposition(is_meant) {
            let meant = staged.remove(at);
            self.write_staged(&staged)?;
            return self.forget_item(meant);
        }
        match self.current_unless_damaged()?.filter(is_meant) {
            Some(_) => self.drop_current(),
            None => Ok(()),
        }
    }

    /// The secrets of this account and device; `None` where there are none. A record of another account or device counts for
    /// nothing.
    ///
    /// # Errors
    /// Where they cannot be had, or those of `ask`, which gives the passphrase of an encrypted file when it is needed.
    pub fn load<E: From<FolderSecretStoreError>>(
        &self,
        owner: Owner,
        ask: &mut dyn FnMut() -> Result<Passphrase, E>,
    ) -> Result<Option<SecretBytes>, E> {
        match self.read(SECRETS)?.filter(|record| record.owner() == owner) {
            Some(record) => record.kept.open(owner, &self.keyring, ask).map(Some),
            None => Ok(None),
        }
    }

    /// Has other secrets take the place of those that the vault says it does not know: none is lost by its word. Returns whether these
    /// were not tried yet, if it is called each time that the vault refuses; after the last ones the first have their place again.
    ///
    /// # Errors
    /// Where they did not change places.
    pub fn exchange(&self) -> Result<bool, FolderSecretStoreError> {
        let (current, staged) = (self.read(SECRETS)?, self.staged()?);
        let before = current.as_ref().map_or(0, |current| current.order);
        let all: BTreeMap<_, _> =
            staged.into_iter().chain(current).map(|record| (record.order, record)).collect();
        // From the earliest to the latest, and from there to the earlier ones.
        let lower = all.range(..before).next_back();
        let Some((order, next)) = lower.or(all.last_key_value()).filter(|(order, _)| **order != before)
        else {
            return Ok(false);
        };
        self.write_staged(all.values())?;
        self.write_current(next)?;
        self.write_staged(all.values().filter(|record| record.order != *order))?;
        Ok(all.first_key_value().is_some_and(|(first, _)| first != order))
    }

    /// Whether there are secrets of which the vault has not yet said that it knows them.
    #[must_use]
    pub fn has_other(&self) -> bool {
        self.folder.join(NEXT).exists()
    }

    /// Removes all, wherever it is kept, also records that cannot be read. It goes on after what fails.
    ///
    /// # Errors
    /// Where something of it may still be there; [`FolderSecretStoreError::NotForgotten`] where that is at most an item of the keyring,
    /// of which nothing knows any more.
    pub fn remove(&self) -> Result<(), FolderSecretStoreError> {
        match (self.drop_all_staged(), self.drop_current()) {
            (Err(FolderSecretStoreError::NotForgotten(_)), Err(worse)) => Err(worse),
            (staged, current) => staged.and(current),
        }
    }

    /// The record before the item in the keyring: an item that stays behind opens nothing once the vault forgot the device.
    fn drop_current(&self) -> Result<(), FolderSecretStoreError> {
        let record = self.current_unless_damaged()?;
        self.remove_file(SECRETS)?;
        record.map_or(Ok(()), |record| self.forget_item(record))
    }

    fn drop_all_staged(&self) -> Result<(), FolderSecretStoreError> {
        let records = self.staged_unless_damaged()?;
        self.remove_file(NEXT)?;
        records.into_iter().map(|record| self.forget_item(record)).fold(Ok(()), Result::and)
    }

    fn forget_item(&self, record: Record) -> Result<(), FolderSecretStoreError> {
        match record.kept {
            StoredSecrets::Keyring { entry } => {
                self.keyring.delete(&entry).map_err(FolderSecretStoreError::NotForgotten)
            }
            StoredSecrets::Encrypted { .. } | StoredSecrets::Plain { .. } => Ok(()),
        }
    }

    fn current_unless_damaged(&self) -> Result<Option<Record>, FolderSecretStoreError> {
        unless_damaged(self.read(SECRETS))
    }

    fn staged_unless_damaged(&self) -> Result<Vec<Record>, FolderSecretStoreError> {
        unless_damaged(self.staged())
    }

    fn staged(&self) -> Result<Vec<Record>, FolderSecretStoreError> {
        Ok(self.read_as(NEXT, Record::list_from_json)?.unwrap_or_default())
    }

    fn read(&self, name: &str) -> Result<Option<Record>, FolderSecretStoreError> {
        self.read_as(name, Record::from_json)
    }

    fn write_current(&self, record: &Record) -> Result<(), FolderSecretStoreError> {
        self.write(SECRETS, &record.to_json())
    }

    fn write_staged<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<(), FolderSecretStoreError> {
        let records: Vec<_> = records.into_iter().collect();
        if records.is_empty() {
            return self.remove_file(NEXT);
        }
        self.write(NEXT, &Record::list_to_json(&records))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderSecretStoreError> {
        atomic::replace(&self.folder, name, bytes).map_err(|error| {
            FolderError::file(format!("cannot write {name} in the home folder"), error).into()
        })
    }

    fn remove_file(&self, name: &str) -> Result<(), FolderSecretStoreError> {
        atomic::remove(&self.folder, name).map_err(|error| {
            FolderError::file(format!("cannot remove {name} from the home folder"), error).into()
        })
    }

    fn read_as<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, FolderSecretStoreError> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(FolderError::file(format!("cannot read {}", path.display()), error).into());
            }
        };
        parse(&bytes).map(Some).map_err(|why| FolderSecretStoreError::Damaged { path, why })
    }
}

/// A damaged record is to be replaced, and names no secrets.
fn unless_damaged<T: Default>(read: Result<T, FolderSecretStoreError>) -> Result<T, FolderSecretStoreError> {
    match read {
        Err(FolderSecretStoreError::Damaged { .. }) => Ok(T::default()),
        read => read,
    }
}

#[cfg(test)]
mod tests;
