//! The library's [`StateStore`] on a home folder.

use super::{ACCOUNT, CODE, Device, ENROLMENT, FORMAT, Folder, FolderError, PENDING, Remembered, atomic};
use crate::device::Enrolment;
use crate::local_state::LocalState;
use crate::lock::locked;
use crate::pending_code::PendingCode;
use crate::pending_save::PendingSave;
use crate::state_store::{StateStore, StateStoreError};
use serde::Serialize;
use std::io;

/// A home folder in the library's hands; keeps its lock.
#[derive(Debug)]
pub struct FolderStateStore {
    home: Folder,
    vault: String,
    device: Device,
}

impl FolderStateStore {
    pub(super) fn new(home: Folder, vault: String, device: Device) -> Self {
        Self { home, vault, device }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.home
    }

    /// Forgets the account, with an unfinished save of it: the folder is as it was before the first run.
    ///
    /// # Errors
    /// Where a file of it may still be there.
    pub fn forget(&self) -> Result<(), FolderError> {
        for name in [PENDING, CODE, ENROLMENT, ACCOUNT] {
            atomic::remove(&self.home.folder, name).map_err(|error| {
                FolderError::file(format!("cannot remove {}", self.home.folder.join(name).display()), error)
            })?;
        }
        *locked(&self.home.remembered) = None;
        Ok(())
    }

    fn write(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
        atomic::replace(&self.home.folder, name, &bytes)
    }
}

impl StateStore for FolderStateStore {
    async fn store(&self, pending: &PendingSave) -> Result<(), StateStoreError> {
        self.write(PENDING, pending).map_err(|error| {
            StateStoreError::new("could not write the pending save to the home folder", error)
        })
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        self.home.pending().map_err(|error| {
            StateStoreError::new("could not read the pending save in the home folder", error)
        })
    }

    async fn clear(&self) -> Result<(), StateStoreError> {
        atomic::remove(&self.home.folder, PENDING).map_err(|error| {
            StateStoreError::new("could not remove the pending save from the home folder", error)
        })
    }

    async fn remember(&self, local_state: &LocalState) -> Result<(), StateStoreError> {
        const DOING: &str = "could not write what this device remembers to the home folder";
        let before = &mut *locked(&self.home.remembered);
        if before.as_ref().is_some_and(|before| before.local_state.account_id != local_state.account_id) {
            return Err(StateStoreError::new(DOING, self.home.other_account()));
        }
        let remembered = Remembered {
            format: FORMAT,
            vault: self.vault.clone(),
            device: self.device.clone(),
            local_state: local_state.clone(),
        };
        if before.as_ref() != Some(&remembered) {
            self.write(ACCOUNT, &remembered).map_err(|error| StateStoreError::new(DOING, error))?;
            *before = Some(remembered);
        }
        Ok(())
    }

    async fn keep_enrolment(&self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        match enrolment {
            Some(enrolment) => self.write(ENROLMENT, enrolment),
            None => atomic::remove(&self.home.folder, ENROLMENT),
        }
        .map_err(|error| {
            StateStoreError::new("could not write this device's enrolment to the home folder", error)
        })
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        self.home.enrolment().map_err(|error| {
            StateStoreError::new("could not read this device's enrolment in the home folder", error)
        })
    }

    async fn keep_code(&self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        match code {
            Some(code) => self.write(CODE, code),
            None => atomic::remove(&self.home.folder, CODE),
        }
        .map_err(|error| {
            StateStoreError::new("could not write the state of the recovery code to the home folder", error)
        })
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        self.home.pending_code().map_err(|error| {
            StateStoreError::new("could not read the state of the recovery code in the home folder", error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_store::contract;
    use rootcellar_spec::{AccountId, DeviceId, Generation, NameHash, OperationId};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn state_store(folder: &Path) -> FolderStateStore {
        let device = Device { id: DeviceId([7; 16]), label: "Laptop".to_owned() };
        Folder::open(folder).expect("opened").into_state_store("http://localhost:1".to_owned(), device)
    }

    fn local_state(account: u8) -> LocalState {
        LocalState {
            vault_id: "localhost".to_owned().try_into().ok(),
            name_hash: Some(NameHash([1; 32])),
            ..LocalState::of(AccountId([account; 16]))
        }
    }

    fn pending() -> PendingSave {
        PendingSave {
            operation: OperationId([1; 16]),
            account_id: AccountId([2; 16]),
            generation: Generation::FIRST,
            snapshot: vec![3; 100],
            added: vec![],
            removed: vec![],
        }
    }

    #[tokio::test]
    async fn keeps_the_contract() {
        let folder = tempfile::tempdir().expect("a folder");
        let reopen = |before: FolderStateStore| {
            // The folder is locked as long as it is open.
            drop(before);
            state_store(folder.path())
        };
        let remembered =
            |store: &FolderStateStore| store.folder().remembered().map(|known| known.local_state.clone());
        contract::check(state_store(folder.path()), reopen, remembered).await;
    }

    #[tokio::test]
    async fn the_next_command_finds_what_this_one_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = state_store(folder.path());
        first.remember(&local_state(2)).await.expect("kept");
        first.store(&pending()).await.expect("kept");
        drop(first);

        let home = Folder::open(folder.path()).expect("opened");
        let remembered = home.remembered().expect("remembered").clone();
        assert_eq!(remembered.local_state, local_state(2));
        assert_eq!(
            (remembered.vault.as_str(), remembered.device.label.as_str()),
            ("http://localhost:1", "Laptop")
        );
        assert_eq!(home.pending().expect("readable"), Some(pending()));
        for name in [ACCOUNT, PENDING] {
            let mode = fs::metadata(folder.path().join(name)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        drop(home);

        state_store(folder.path()).clear().await.expect("cleared");
        assert_eq!(Folder::open(folder.path()).expect("opened").pending().expect("readable"), None);
    }

    #[tokio::test]
    async fn forgets_all_of_an_account_that_was_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let state_store = state_store(folder.path());
        state_store.remember(&local_state(2)).await.expect("kept");
        state_store.store(&pending()).await.expect("kept");
        state_store.forget().expect("forgets");
        drop(state_store);
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|file| file.expect("one").file_name())
            .collect();
        assert_eq!(left, [crate::files::LOCK]);
        self::state_store(folder.path()).remember(&local_state(3)).await.expect("another account may come");
    }

    #[tokio::test]
    async fn never_forgets_one_account_for_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let state_store = state_store(folder.path());
        state_store.remember(&local_state(2)).await.expect("kept");
        assert!(state_store.remember(&local_state(3)).await.is_err());
        drop(state_store);
        let home = Folder::open(folder.path()).expect("opened");
        assert_eq!(
            home.remembered().map(|remembered| remembered.local_state.account_id),
            Some(AccountId([2; 16]))
        );
        assert_eq!(home.must_be_unused().err().map(|error| error.code()), Some("home-of-another-account"));
    }
}
