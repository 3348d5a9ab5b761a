//! The home folder: what this device remembers between commands, and an unfinished save. No account name, label or seed is in it
//! in the clear, and nothing in it opens the backup but a device's secrets, where a person has them kept plainly.
//!
//! `account.json` holds the vault's address, the device and the library's memory; `pending.json` the unfinished save, sealed;
//! `device.json` what an enrolled device needs to save in one round trip, sealed too; `device-secrets.json` who keeps its secrets
//! ([`crate::device_store`]); `lock` keeps two commands apart. The folder has mode 0700 and its files 0600; each is replaced whole
//! or not at all.

pub(crate) mod atomic;
mod journal;

pub(crate) use journal::HomeJournal;

use crate::device_store::{self, DeviceStore, PlatformKeyring};
use crate::exit::{Exit, Failure};
use rootcellar_client::device::Enrolment;
use rootcellar_client::memory::Memory;
use rootcellar_client::pending::Pending;
use rootcellar_spec::DeviceId;
use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ACCOUNT: &str = "account.json";
const PENDING: &str = "pending.json";
const ENROLMENT: &str = "device.json";
const LOCK: &str = "lock";
/// Everything that may be in the folder.
const OWN: [&str; 6] = [ACCOUNT, PENDING, ENROLMENT, device_store::SECRETS, device_store::NEXT, LOCK];
/// A command that is about to end is waited for: three seconds.
const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);
/// The version of `account.json` that this program reads and writes.
const FORMAT: u32 = 1;

/// Marks the snapshots that this device makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    /// Its id, random.
    pub(crate) id: DeviceId,
    /// Its label, as the person gave it.
    pub(crate) label: String,
}

/// The content of `account.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    format: u32,
    /// The vault's address.
    pub(crate) vault: String,
    /// This device.
    pub(crate) device: Device,
    /// What the library pins and compares.
    pub(crate) memory: Memory,
}

/// A locked home folder. No other command uses it as long as this lives.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    _lock: File,
    remembered: Option<Remembered>,
}

impl Home {
    /// Opens and locks the folder, creating it where it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        create(folder)?;
        refuse_foreign(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(|error| trouble(folder, &error))?;
        let lock = lock(folder)?;
        let mut home = Self { folder: folder.to_owned(), _lock: lock, remembered: None };
        home.remembered = home.read::<Remembered>(ACCOUNT)?;
        if home.remembered.as_ref().is_some_and(|remembered| remembered.format != FORMAT) {
            return Err(home.unreadable(ACCOUNT, "it is of another version"));
        }
        Ok(home)
    }

    /// The account that this device remembers.
    pub(crate) fn remembered(&self) -> Option<&Remembered> {
        self.remembered.as_ref()
    }

    /// The unfinished save.
    pub(crate) fn pending(&self) -> Result<Option<Pending>, Failure> {
        self.read(PENDING)
    }

    /// This device's enrolment, without its secrets.
    pub(crate) fn enrolment(&self) -> Result<Option<Enrolment>, Failure> {
        self.read(ENROLMENT)
    }

    /// Where the secrets of an enrolled device are.
    pub(crate) fn device_store(&self) -> DeviceStore {
        DeviceStore::new(self.folder.clone(), PlatformKeyring)
    }

    /// Forgets that this device is enrolled, as its owner wants: its secrets and what it kept beside them.
    pub(crate) fn forget_enrolment(&self) -> Result<(), Failure> {
        self.device_store().remove()?;
        atomic::remove(&self.folder, ENROLMENT)
            .map_err(|error| Failure::file("Cannot remove device.json from the home folder", &error))
    }

    /// Refuses a folder that remembers an account already.
    pub(crate) fn must_be_unused(&self) -> Result<(), Failure> {
        if self.remembered.is_none() {
            return Ok(());
        }
        let message = format!("{} remembers an account already.", self.folder.display());
        Err(Failure::new(Exit::Local, "home-of-another-account", message)
            .advise("Give the new account a home folder of its own with --home."))
    }

    /// The failure of a command that is about another account than the folder's.
    pub(crate) fn other_account(&self) -> Failure {
        Failure::new(
            Exit::Local,
            "home-of-another-account",
            format!("{} belongs to another account.", self.folder.display()),
        )
        .advise("Give this account a home folder of its own with --home.")
    }

    /// Hands the folder to the library.
    pub(crate) fn into_journal(self, vault: String, device: Device) -> HomeJournal {
        HomeJournal::new(self, vault, device)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        let path = self.folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file(format!("Cannot read {}", path.display()), &error)),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| self.unreadable(name, &error.to_string()))
    }

    fn unreadable(&self, name: &str, why: &str) -> Failure {
        let path = self.folder.join(name);
        Failure::new(Exit::Local, "home-damaged", format!("{} cannot be read: {why}.", path.display()))
            .advise(
                "Move the home folder away and run 'rootcellar restore', or use the version that wrote it.",
            )
    }
}

/// The folder of `--home`, or the default one.
pub(crate) fn folder(option: Option<&Path>) -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = option.filter(|folder| !folder.as_os_str().is_empty()) {
        return Ok(folder.to_owned());
    }
    // The XDG base directory specification has relative paths ignored.
    if let Some(data) = set("XDG_DATA_HOME").filter(|path| path.is_absolute()) {
        return Ok(data.join("rootcellar"));
    }
    let user = set("HOME").ok_or_else(|| {
        Failure::new(Exit::Local, "no-home", "There is no home folder: HOME is not set.")
            .advise("Give one with --home DIR or ROOTCELLAR_HOME.")
    })?;
    Ok(user.join(".local/share/rootcellar"))
}

fn create(folder: &Path) -> Result<(), Failure> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| trouble(folder, &error))?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => Ok(()),
        Err(_) if folder.is_dir() => Ok(()),
        Err(error) => Err(trouble(folder, &error)),
    }
}

/// A folder with other things in it was given by mistake; its mode must not be changed.
fn refuse_foreign(folder: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| trouble(folder, &error))? {
        let name = entry.map_err(|error| trouble(folder, &error))?.file_name();
        let known = OWN.iter().any(|own| name == **own || atomic::is_temporary(&name, own));
        if !known {
            return Err(Failure::new(
                Exit::Local,
                "home-foreign",
                format!("{} holds other files and is no home folder of Rootcellar.", folder.display()),
            )
            .advise("Give a folder of its own with --home; it is created if it is not there."));
        }
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, Failure> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(LOCK))
        .map_err(|error| trouble(folder, &error))?;
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
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Failure::new(
            Exit::Local,
            "home-locked",
            format!("Another rootcellar command is using {}.", folder.display()),
        )
        .advise("Wait until it has ended, then run this again.")),
        Err(error) => Err(trouble(folder, &error.into())),
    }
}

fn trouble(folder: &Path, error: &io::Error) -> Failure {
    Failure::file(format!("Cannot use the home folder {}", folder.display()), error)
        .advise("Give another one with --home DIR or ROOTCELLAR_HOME.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, Failure>) -> Option<&'static str> {
        result.err().map(|failure| failure.code)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn is_private() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("deep/home");
        drop(Home::open(&folder).expect("opened"));
        assert_eq!((mode(&folder), mode(&folder.join(LOCK))), (0o700, 0o600));
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("changed");
        drop(Home::open(&folder).expect("opened"));
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn serves_one_command_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Home::open(folder.path()).expect("opened");
        assert_eq!(code(Home::open(folder.path())), Some("home-locked"));
        drop(first);
        assert!(Home::open(folder.path()).is_ok());
    }

    #[test]
    fn leaves_a_folder_of_other_things_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("letter.txt"), "x").expect("written");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("changed");
        assert_eq!(code(Home::open(folder.path())), Some("home-foreign"));
        assert_eq!(mode(folder.path()), 0o755);
    }

    #[test]
    fn a_damaged_file_is_not_an_absent_one() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(ACCOUNT), "{").expect("written");
        assert_eq!(code(Home::open(folder.path())), Some("home-damaged"));
        fs::remove_file(folder.path().join(ACCOUNT)).expect("removed");
        fs::write(folder.path().join(PENDING), "").expect("written");
        let home = Home::open(folder.path()).expect("opened");
        assert_eq!(code(home.pending()), Some("home-damaged"));
    }
}
