//! A state store whose disk can be full, and a store of secrets that can fail.

use crate::device::{DeviceSecrets, Enrolment, SecretsId};
use crate::device_file::Owner;
use crate::local_state::LocalState;
use crate::pending_code::PendingCode;
use crate::pending_save::PendingSave;
use crate::secret_store::{Committed, MemorySecretStore, SecretStore, SecretStoreError};
use crate::state_store::{MemoryStateStore, StateStore, StateStoreError};
use std::ops::{Deref, DerefMut};

/// What a device keeps, and how many writes its disk takes before it is full.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    kept: MemoryStateStore,
    writes_left: Option<u32>,
}

impl Disk {
    /// From now on takes this many writes, and refuses all that follow.
    pub(super) fn take_only(&mut self, writes: u32) {
        self.writes_left = Some(writes);
    }

    /// From now on takes every write.
    pub(super) fn take_all(&mut self) {
        self.writes_left = None;
    }

    fn room(&mut self) -> Result<&mut MemoryStateStore, StateStoreError> {
        match &mut self.writes_left {
            None => Ok(&mut self.kept),
            Some(0) => Err(StateStoreError::new("could not write", "no space left on the device")),
            Some(left) => {
                *left -= 1;
                Ok(&mut self.kept)
            }
        }
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
    failing: &'static [Write],
}

impl Secrets {
    /// Which writes fail from now on.
    pub(super) fn fail(&mut self, failing: &'static [Write]) {
        self.failing = failing;
    }

    fn may(&self, write: Write) -> Result<(), SecretStoreError> {
        if self.failing.contains(&write) {
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
    async fn stage(&mut self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        self.may(Write::Stage)?;
        match self.may(Write::Keep) {
            Ok(()) => self.kept.stage(owner, secrets).await,
            Err(_) => Ok(()),
        }
    }

    async fn commit(&mut self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        self.may(Write::Commit)?;
        self.kept.commit(secrets).await
    }

    async fn abandon(&mut self, secrets: SecretsId) -> Result<(), SecretStoreError> {
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

impl DerefMut for Disk {
    fn deref_mut(&mut self) -> &mut MemoryStateStore {
        &mut self.kept
    }
}

impl StateStore for Disk {
    async fn store(&mut self, pending: &PendingSave) -> Result<(), StateStoreError> {
        self.room()?.store(pending).await
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        self.kept.load()
    }

    async fn clear(&mut self) -> Result<(), StateStoreError> {
        self.room()?.clear().await
    }

    async fn remember(&mut self, local_state: &LocalState) -> Result<(), StateStoreError> {
        self.room()?.remember(local_state).await
    }

    async fn keep_enrolment(&mut self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        self.room()?.keep_enrolment(enrolment).await
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        self.kept.enrolment()
    }

    async fn keep_code(&mut self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        self.room()?.keep_code(code).await
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        self.kept.code()
    }
}
