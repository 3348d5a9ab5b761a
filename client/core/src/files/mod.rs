//! The home folder of a native program: what this device remembers between runs, and an unfinished save. No account name, label
//! or seed is in it in the clear, and nothing in it opens the backup but a device's secrets, where a person has them kept plainly.
//!
//! `account.json` holds the vault's address, the device and the library's memory; `pending-save.json` the unfinished save, sealed;
//! `pending-code.json` a recovery code that is not known to be active, without the code itself;
//! `enrolment.json` what an enrolled device needs to save in one round trip, sealed too; `device-secrets.json` who keeps its secrets
//! ([`device_store`]); `lock` keeps two programs apart. The folder has mode 0700 and its files 0600; each is replaced whole or not
//! at all.

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
compile_error!(
    "the feature `files` needs file locks and an exchange of two files: Linux, Android and Apple's systems have both"
);

mod atomic;
pub mod device_store;
mod error;
mod state_store;

pub use error::FolderError;
pub use state_store::FolderStateStore;

use crate::address::VaultUrl;
use crate::device::Enrolment;
use crate::local_state::LocalState;
use crate::lock::locked;
use crate::pending_code::PendingCode;
use crate::pending_save::PendingSave;
use device_store::{FolderSecretStore, FolderSecretStoreError, Keyring};
use rootcellar_spec::DeviceId;
use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

const ACCOUNT: &str = "account.json";
const PENDING: &str = "pending-save.json";
const ENROLMENT: &str = "enrolment.json";
const CODE: &str = "pending-code.json";
const LOCK: &str = "lock";
/// Everything that may be in the folder.
const OWN: [&str; 7] = [ACCOUNT, PENDING, CODE, ENROLMENT, device_store::SECRETS, device_store::NEXT, LOCK];
/// What a system's file manager, or its search for pictures, puts into any folder.
const SYSTEMS_OWN: [&str; 2] = [".DS_Store", ".nomedia"];
/// A program that is about to end is waited for: three seconds.
const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);
/// The version of `account.json` that this program reads and writes.
const FORMAT: u32 = 1;

/// Marks the snapshots that this device makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id, random.
    pub id: DeviceId,
    /// Its label, as the person gave it.
    pub label: String,
}

/// The content of `account.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    format: u32,
    /// The vault's address.
    pub vault: String,
    /// This device.
    pub device: Device,
    /// What the library pins and compares.
    pub local_state: LocalState,
}

impl Remembered {
    /// Whether this is the address at which the device knows its vault. At another one it does not go in by itself: its requests
    /// prove nothing of the vault, and only a login shows that it is the same.
    #[must_use]
    pub fn is_at(&self, vault: &VaultUrl) -> bool {
        VaultUrl::parse(&self.vault).is_ok_and(|known| known.to_string() == vault.to_string())
    }
}

/// A locked home folder. No other program uses it as long as this lives.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    _lock: File,
    remembered: Mutex<Option<Remembered>>,
}

impl Folder {
    /// Opens and locks the folder, creating it where it is not there. Waits for another program up to three seconds.
    ///
    /// # Errors
    /// Where it cannot be used, another program uses it, or it holds what this version cannot read.
    pub fn open(folder: &Path) -> Result<Self, FolderError> {
        create(folder)?;
        refuse_foreign(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(|error| trouble(folder, error))?;
        let lock = lock(folder)?;
        let home = Self { folder: folder.to_owned(), _lock: lock, remembered: Mutex::default() };
        let remembered = home.read::<Remembered>(ACCOUNT)?;
        if remembered.as_ref().is_some_and(|remembered| remembered.format != FORMAT) {
            return Err(home.unreadable(ACCOUNT, "it is of another version"));
        }
        *locked(&home.remembered) = remembered;
        Ok(home)
    }

    /// The account that this device remembers.
    #[must_use]
    pub fn remembered(&self) -> Option<Remembered> {
        locked(&self.remembered).clone()
    }

    /// The unfinished save.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn pending(&self) -> Result<Option<PendingSave>, FolderError> {
        self.read(PENDING)
    }

    /// The record of a recovery code that is not known to be active.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn pending_code(&self) -> Result<Option<PendingCode>, FolderError> {
        self.read(CODE)
    }

    /// Forgets the record of a recovery code, as [`Client::discard_code`](crate::Client::discard_code) does: for a registration, which
    /// leaves no account to log in to.
    ///
    /// # Errors
    /// Where it may still be there.
    pub fn forget_code(&self) -> Result<(), FolderError> {
        atomic::remove(&self.folder, CODE)
            .map_err(|error| FolderError::file("cannot remove the record of a recovery code", error))
    }

    /// This device's enrolment, without its secrets.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, FolderError> {
        self.read(ENROLMENT)
    }

    /// Where the secrets of an enrolled device are; what is in a keyring is in this one.
    #[must_use]
    pub fn device_store<K: Keyring>(&self, keyring: K) -> FolderSecretStore<K> {
        FolderSecretStore::new(self.folder.clone(), keyring)
    }

    /// Forgets that this device is enrolled, as its owner wants: its secrets and what it kept beside them.
    ///
    /// # Errors
    /// Where something of it may still be there.
    pub fn forget_enrolment(&self, keyring: impl Keyring) -> Result<(), FolderSecretStoreError> {
        let secrets = self.device_store(keyring).remove();
        atomic::remove(&self.folder, ENROLMENT)
            .map_err(|error| FolderError::file("cannot remove enrolment.json from the home folder", error))?;
        secrets
    }

    /// Refuses a folder that remembers an account already.
    ///
    /// # Errors
    /// [`FolderError::Used`].
    pub fn must_be_unused(&self) -> Result<(), FolderError> {
        if locked(&self.remembered).is_none() {
            return Ok(());
        }
        Err(FolderError::Used(self.folder.clone()))
    }

    /// The error of a program that is about another account than the folder's.
    #[must_use]
    pub fn other_account(&self) -> FolderError {
        FolderError::OtherAccount(self.folder.clone())
    }

    /// Hands the folder to the library, for the vault at this address and this device.
    #[must_use]
    pub fn into_state_store(self, vault: String, device: Device) -> FolderStateStore {
        FolderStateStore::new(self, vault, device)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FolderError> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FolderError::file(format!("cannot read {}", path.display()), error)),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| self.unreadable(name, &FolderError::place(&error)))
    }

    fn unreadable(&self, name: &str, why: &str) -> FolderError {
        FolderError::Damaged { path: self.folder.join(name), why: why.to_owned() }
    }
}

fn create(folder: &Path) -> Result<(), FolderError> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| trouble(folder, error))?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => Ok(()),
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(trouble(folder, error)),
    }
}

/// A folder with other things in it was given by mistake; its mode must not be changed.
fn refuse_foreign(folder: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(folder).map_err(|error| trouble(folder, error))? {
        let name = entry.map_err(|error| trouble(folder, error))?.file_name();
        let known = OWN.iter().any(|own| name == **own || atomic::is_temporary(&name, own))
            || SYSTEMS_OWN.iter().any(|own| name == **own);
        if !known {
            return Err(FolderError::Foreign(folder.to_owned()));
        }
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(LOCK))
        .map_err(|error| trouble(folder, error))?;
    let busy = Err(rustix::io::Errno::WOULDBLOCK);
    let mut locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
    for _ in 0..LOCK_TRIES {
        if locked != busy {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
    }
    match locked {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(FolderError::Locked(folder.to_owned())),
        Err(error) => Err(trouble(folder, error.into())),
    }
}

fn trouble(folder: &Path, source: io::Error) -> FolderError {
    FolderError::Unusable { folder: folder.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, FolderError>) -> Option<&'static str> {
        result.err().map(|error| error.code())
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn is_private() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("deep/home");
        drop(Folder::open(&folder).expect("opened"));
        assert_eq!((mode(&folder), mode(&folder.join(LOCK))), (0o700, 0o600));
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("changed");
        drop(Folder::open(&folder).expect("opened"));
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn serves_one_program_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Folder::open(folder.path()).expect("opened");
        assert_eq!(code(Folder::open(folder.path())), Some("home-locked"));
        drop(first);
        assert!(Folder::open(folder.path()).is_ok());
    }

    #[test]
    fn leaves_a_folder_of_other_things_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("letter.txt"), "x").expect("written");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("changed");
        assert_eq!(code(Folder::open(folder.path())), Some("home-foreign"));
        assert_eq!(mode(folder.path()), 0o755);
        let own = tempfile::tempdir().expect("a folder");
        fs::write(own.path().join(".DS_Store"), "x").expect("written");
        assert!(Folder::open(own.path()).is_ok(), "what a file manager leaves makes it no other folder");
    }

    #[test]
    fn a_damaged_file_is_not_an_absent_one() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(ACCOUNT), "{").expect("written");
        assert_eq!(code(Folder::open(folder.path())), Some("home-damaged"));
        fs::remove_file(folder.path().join(ACCOUNT)).expect("removed");
        fs::write(folder.path().join(PENDING), "").expect("written");
        let home = Folder::open(folder.path()).expect("opened");
        assert_eq!(code(home.pending()), Some("home-damaged"));
    }
}
