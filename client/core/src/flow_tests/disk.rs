//! A state store whose disk can be full, and a store of secrets that can fail.

use crate::device::{DeviceSecrets, Enrolment, SecretsId};
use crate::device_file::Owner;
use crate::local_state::LocalState;
use crate::pending_code::PendingCode;
use crate::pending_save::PendingSave;
use crate::secret_store::{Committed, MemorySecretStore, SecretStore, SecretStoreError};
use crate::state_store::{MemoryStateStore, StateStore, StateStoreError};
use std::cell::Cell;
use std::ops::Deref;

/// What a device keeps, and how many writes its disk takes before it is full.
#[derive(Debug, Default)]
pub(super) struct Disk {
    kept: MemoryStateStore,
    writes_left: Cell<Option<u32>>,
}

impl Disk {
    /// From now on takes this many writes, and refuses all that follow.
    pub(super) fn take_only(&self, writes: u32) {
        self.writes_left.set(Some(writes));
    }

    /// From now on takes every write.
    pub(super) fn take_all(&self) {
        self.writes_left.set(None);
    }

    fn room(&self) -> Result<&MemoryStateStore, StateStoreError> {
        let left = self.writes_left.get();
        if left == Some(0) {
            return Err(StateStoreError::new("could not write", "no space left on the device"));
        }
        self.writes_left.set(left.map(|left| left - 1));
        Ok(&self.kept)
    }
}

/// A write to a store of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Stage,
    /// It is staged, and lost at once.
    Keep,
    Commit,
    Abandon,
}

/// A store of secrets, and which of its writes fail.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    kept: MemorySecretStore,
    failing: Cell<&'static [Write]>,
}

impl Secrets {
    /// Which writes fail from now on.
    pub(super) fn fail(&self, failing: &'static [Write]) {
        self.failing.set(failing);
    }

    fn may(&self, write: Write) -> Result<(), SecretStoreError> {
        if self.failing.get().contains(&write) {
            return Err(SecretStoreError::new("keyring", "it is locked"));
        }
        Ok(())
    }
}

impl Deref for Secrets {
    type Target = MemorySecretStore;

    fn deref(&self) -> &MemorySecretStore {
        &self.kept
    }
}

impl SecretStore for Secrets {
    async fn stage(&self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        self.may(Write::Stage)?;
        match self.may(Write::Keep) {
            Ok(()) => self.kept.stage(owner, secrets).await,
            Err(_) => Ok(()),
        }
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        self.may(Write::Commit)?;
        self.kept.commit(secrets).await
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        self.may(Write::Abandon)?;
        self.kept.abandon(secrets).await
    }
}

impl Deref for Disk {
    type Target = MemoryStateStore;

    fn deref(&self) -> &MemoryStateStore {
        &self.kept
    }
}

impl StateStore for Disk {
    async fn store(&self, pending: &PendingSave) -> Result<(), StateStoreError> {
        self.room()?.store(pending).await
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        self.kept.load()
    }

    async fn clear(&self) -> Result<(), StateStoreError> {
        self.room()?.clear().await
    }

    async fn remember(&self, local_state: &LocalState) -> Result<(), StateStoreError> {
        self.room()?.remember(local_state).await
    }

    async fn keep_enrolment(&self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        self.room()?.keep_enrolment(enrolment).await
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        self.kept.enrolment()
    }

    async fn keep_code(&self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        self.room()?.keep_code(code).await
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        self.kept.code()
    }
}
