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
//! New secrets are kept before the vault learns of the device. They wait in `device-secrets.next.json` while former ones may still
//! be what the vault knows, and take their place once the vault has said so.

mod choice;
mod kept;
mod platform;

pub(crate) use choice::{Chosen, Keeper, choose, device_passphrase};
pub(crate) use platform::{Keyring, PlatformKeyring};

use crate::exit::{Exit, Failure};
use crate::home::atomic;
use kept::{Kept, Record};
use rootcellar_client::device_file::{Owner, SECRET_BYTES};
use std::fs;
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The secrets that count.
pub(crate) const SECRETS: &str = "device-secrets.json";
/// Secrets of which the vault has not yet said that it knows them.
pub(crate) const NEXT: &str = "device-secrets.next.json";

/// The device's secrets as bytes: device secret and seed of the request key.
pub(crate) type SecretBytes = Zeroizing<[u8; SECRET_BYTES]>;

/// Gives the passphrase of the sealed file, when it is needed.
pub(crate) type AskPassphrase<'a> =
    &'a mut dyn FnMut() -> Result<rootcellar_client::text::Passphrase, Failure>;

/// The device's secrets in a home folder, whose lock the caller holds.
#[derive(Debug)]
pub(crate) struct DeviceStore<K = PlatformKeyring> {
    folder: PathBuf,
    keyring: K,
}

/// Secrets that were kept before the vault was told of them: to be settled either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) struct Pending {
    name: &'static str,
}

impl<K: Keyring> DeviceStore<K> {
    /// The store of a home folder.
    pub(crate) fn new(folder: PathBuf, keyring: K) -> Self {
        Self { folder, keyring }
    }

    /// Who keeps the secrets; `None` where there are none.
    pub(crate) fn keeper(&self) -> Result<Option<Keeper>, Failure> {
        Ok(self.read(SECRETS)?.map(|record| record.kept.keeper()))
    }

    /// Keeps new secrets, beside former ones where there are any.
    pub(crate) fn keep(
        &self,
        secrets: &SecretBytes,
        owner: Owner,
        chosen: &Chosen,
    ) -> Result<Pending, Failure> {
        let name = if self.folder.join(SECRETS).exists() { NEXT } else { SECRETS };
        self.drop_file(NEXT)?;
        let record = Record::new(owner, Kept::make(secrets, owner, chosen, &self.keyring)?);
        let bytes = record.into_json();
        atomic::replace(&self.folder, name, &bytes)
            .map_err(|error| Failure::file(format!("Cannot write {name} in the home folder"), &error))?;
        Ok(Pending { name })
    }

    /// The vault knows them: they take the place of former ones.
    pub(crate) fn settle(&self, pending: Pending) -> Result<(), Failure> {
        if pending.name == SECRETS {
            return Ok(());
        }
        let former = self.read(SECRETS)?;
        atomic::rename(&self.folder, NEXT, SECRETS)
            .map_err(|error| Failure::file(format!("Cannot rename {NEXT} in the home folder"), &error))?;
        self.forget_item(former)
    }

    /// The vault does not know them: they are removed.
    pub(crate) fn abandon(&self, pending: Pending) -> Result<(), Failure> {
        self.drop_file(pending.name)
    }

    /// The secrets of this account and device; `None` where there are none. A record of another account or device counts for
    /// nothing.
    pub(crate) fn load(&self, owner: Owner, ask: AskPassphrase<'_>) -> Result<Option<SecretBytes>, Failure> {
        match self.read(SECRETS)?.filter(|record| record.owner() == owner) {
            Some(record) => record.kept.open(owner, &self.keyring, ask).map(Some),
            None => Ok(None),
        }
    }

    /// Has the secrets of which the vault has not yet said that it knows them change places with those that it says it does not
    /// know: none is lost by its word. Returns whether there were any.
    pub(crate) fn exchange(&self) -> Result<bool, Failure> {
        if self.read(NEXT)?.is_none() {
            return Ok(false);
        }
        atomic::exchange(&self.folder, NEXT, SECRETS).map(|()| true).map_err(|error| {
            Failure::file(format!("Cannot exchange {NEXT} and {SECRETS} in the home folder"), &error)
        })
    }

    /// Removes all, wherever it is kept.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        self.drop_file(NEXT)?;
        self.drop_file(SECRETS)
    }

    /// The record before the item in the keyring: an item that stays behind opens nothing once the vault forgot the device.
    fn drop_file(&self, name: &str) -> Result<(), Failure> {
        let record = self.read(name)?;
        atomic::remove(&self.folder, name)
            .map_err(|error| Failure::file(format!("Cannot remove {name} from the home folder"), &error))?;
        self.forget_item(record)
    }

    fn forget_item(&self, record: Option<Record>) -> Result<(), Failure> {
        match record.map(|record| record.kept) {
            Some(Kept::Keyring { entry }) => self.keyring.delete(&entry).map_err(|error| {
                Failure::new(
                    Exit::Local,
                    "keyring",
                    format!("Cannot remove an item from the keyring: {error}."),
                )
            }),
            _ => Ok(()),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Record>, Failure> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file(format!("Cannot read {}", path.display()), &error)),
        };
        Record::from_json(&bytes).map(Some).map_err(|why| {
            Failure::new(Exit::Local, "home-damaged", format!("{} cannot be read: {why}.", path.display()))
                .advise("Remove it, and enrol this device anew: 'rootcellar login --enrol'.")
        })
    }
}

#[cfg(test)]
mod tests;
