//! Where a program keeps the secrets by which its device is enrolled, injected.
//!
//! The client decides when: new secrets are staged before the vault learns of them, and committed or abandoned once it is known what
//! the vault did. While that is not known they stay staged, beside the former ones.

use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::lock::locked;
use crate::state_store::StateStoreError;
use std::error::Error;
use std::sync::Mutex;

/// A step that gives this device new secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStep {
    /// The device was enrolled.
    Enrolment,
    /// The account's keys were changed, and the device was enrolled under the new ones.
    Rekey,
}

impl DeviceStep {
    /// Stable text for programs: the step took place, and something is left to do on this device.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolled-not-committed",
            Self::Rekey => "rekeyed-not-committed",
        }
    }

    /// What took place.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Enrolment => "this device is enrolled",
            Self::Rekey => "the account has new keys, and the new recovery code is active",
        }
    }
}

/// Why a step that took place is not complete on this device.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotKept {
    /// The new secrets could not be committed, so the former ones may still count.
    #[error(transparent)]
    Secrets(#[from] SecretStoreError),
    /// The secret store does not have the new secrets.
    #[error("its new secrets are missing")]
    Absent,
    /// The new secrets count, and the state store failed.
    #[error(transparent)]
    State(#[from] StateStoreError),
}

impl NotKept {
    /// What is left to do.
    pub(crate) fn to_do(&self) -> &'static str {
        match self {
            Self::Secrets(_) => {
                "this device's new secrets have not replaced the old ones yet: try the other secrets"
            }
            Self::Absent => "this device does not have its new secrets: enrol it again",
            Self::State(_) => "this device could not store everything: the next session asks the vault again",
        }
    }
}

/// What [`SecretStore::commit`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// The secrets were staged, and count from now on.
    Now,
    /// They counted already.
    Already,
    /// The store does not have them.
    Absent,
}

/// A device's secrets could not be written or removed. Contains nothing of them.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct SecretStoreError {
    code: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl SecretStoreError {
    /// An error of the store's medium, and its stable text for programs.
    pub fn new(code: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code, source: source.into() }
    }

    /// Stable text for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The error of the store's medium, if it is of this type.
    pub fn medium<E: Error + 'static>(self) -> Option<Box<E>> {
        self.source.downcast().ok()
    }
}

/// Keeps the secrets of an enrolled device. All sessions of a client share it. Each write is durable when its future completes.
pub trait SecretStore {
    /// Keeps new secrets beside those that count, and beside others that are staged: any of them may be what the vault knows. If none
    /// count, these may count at once.
    ///
    /// # Errors
    /// If they are not durably kept. No others are lost.
    fn stage(
        &self,
        owner: Owner,
        secrets: &DeviceSecrets,
    ) -> impl Future<Output = Result<(), SecretStoreError>>;

    /// The vault knows these secrets: they count from now on, and those that were kept before them are forgotten. Of secrets that were
    /// staged after them, nothing is known yet: they stay staged.
    ///
    /// # Errors
    /// If others may still count; these stay.
    fn commit(&self, secrets: SecretsId) -> impl Future<Output = Result<Committed, SecretStoreError>>;

    /// The vault was not told of these secrets, which were just staged: they are forgotten. The same secrets stay if they were kept
    /// before, too.
    ///
    /// # Errors
    /// If they may still be there.
    fn abandon(&self, secrets: SecretsId) -> impl Future<Output = Result<(), SecretStoreError>>;
}

/// A store that lives no longer than its program.
#[derive(Debug, Default)]
pub struct MemorySecretStore(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    current: Option<DeviceSecrets>,
    staged: Vec<DeviceSecrets>,
}

impl MemorySecretStore {
    /// The secrets that count.
    #[must_use]
    pub fn current(&self) -> Option<DeviceSecrets> {
        locked(&self.0).current.as_ref().map(copy)
    }

    /// Secrets of which it is not known whether the vault knows them, the latest last.
    #[must_use]
    pub fn staged(&self) -> Vec<DeviceSecrets> {
        locked(&self.0).staged.iter().map(copy).collect()
    }
}

fn copy(secrets: &DeviceSecrets) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&secrets.expose())
}

impl SecretStore for MemorySecretStore {
    async fn stage(&self, _: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        locked(&self.0).staged.push(copy(secrets));
        Ok(())
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        let Kept { current, staged } = &mut *locked(&self.0);
        if let Some(at) = staged.iter().position(|staged| staged.id() == secrets) {
            *current = staged.drain(..=at).next_back();
            staged.retain(|staged| staged.id() != secrets);
            return Ok(Committed::Now);
        }
        let counts = current.as_ref().is_some_and(|current| current.id() == secrets);
        Ok(if counts { Committed::Already } else { Committed::Absent })
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        let staged = &mut locked(&self.0).staged;
        if let Some(at) = staged.iter().rposition(|staged| staged.id() == secrets) {
            staged.remove(at);
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "test-profile"))]
pub mod contract {
    //! What every store promises, as tests. Each calls this with a store of its own.

    #![allow(clippy::missing_panics_doc, reason = "a test fails by a panic")]

    use super::{Committed, DeviceSecrets, Owner, SecretStore};
    use rootcellar_spec::{AccountId, DeviceId};

    const OWNER: Owner = Owner { account: AccountId([1; 16]), device: DeviceId([2; 16]) };

    fn secrets(n: u8) -> DeviceSecrets {
        DeviceSecrets::from_bytes(&[n; DeviceSecrets::BYTES])
    }

    async fn stage(store: &impl SecretStore, n: u8) {
        store.stage(OWNER, &secrets(n)).await.expect("is staged");
    }

    async fn commit(store: &impl SecretStore, n: u8, found: Committed) {
        assert_eq!(store.commit(secrets(n).id()).await.expect("is answered"), found);
    }

    async fn abandon(store: &impl SecretStore, n: u8) {
        store.abandon(secrets(n).id()).await.expect("is abandoned");
    }

    /// Checks an empty store. `reopen` gives the store as the next program finds it, `current` the first byte of the secrets that
    /// count.
    pub async fn check<S: SecretStore>(
        mut store: S,
        reopen: impl Fn(S) -> S,
        current: impl Fn(&S) -> Option<u8>,
    ) {
        stage(&store, 1).await;
        abandon(&store, 1).await;
        store = reopen(store);
        assert_eq!(current(&store), None, "what was abandoned is gone");

        stage(&store, 2).await;
        let found = store.commit(secrets(2).id()).await.expect("is committed");
        assert_ne!(found, Committed::Absent, "the first may count at once");
        store = reopen(store);
        assert_eq!(current(&store), Some(2), "what was committed counts");

        stage(&store, 3).await;
        store = reopen(store);
        assert_eq!(current(&store), Some(2), "what is staged does not count");
        abandon(&store, 3).await;
        commit(&store, 3, Committed::Absent).await;
        store = reopen(store);
        assert_eq!(current(&store), Some(2), "what was abandoned is not committed");

        stage(&store, 4).await;
        stage(&store, 5).await;
        stage(&store, 6).await;
        store = reopen(store);
        commit(&store, 5, Committed::Now).await;
        store = reopen(store);
        assert_eq!(current(&store), Some(5), "the program that commits need not be the one that staged");
        commit(&store, 4, Committed::Absent).await;
        commit(&store, 2, Committed::Absent).await;
        commit(&store, 5, Committed::Already).await;
        store = reopen(store);
        assert_eq!(current(&store), Some(5), "what was kept before is forgotten");
        commit(&store, 6, Committed::Now).await;
        store = reopen(store);
        assert_eq!(current(&store), Some(6), "of what was staged later nothing was known");

        // A second attempt with the same secrets, which the vault was not told of.
        stage(&store, 7).await;
        stage(&store, 7).await;
        stage(&store, 7).await;
        abandon(&store, 7).await;
        store = reopen(store);
        commit(&store, 7, Committed::Now).await;
        stage(&store, 7).await;
        abandon(&store, 7).await;
        assert_eq!(current(&reopen(store)), Some(7), "the first attempt may have arrived");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_store_in_memory_keeps_the_contract() {
        let first = |secrets: DeviceSecrets| secrets.expose()[0];
        contract::check(MemorySecretStore::default(), |store| store, |store| store.current().map(first))
            .await;
    }
}
