//! Where a device keeps its [`LocalState`], its [`Enrolment`], a pending save and a recovery code that is not known to be active,
//! injected.
//!
//! Each write must be durable and atomic when its future completes: after a crash the old or the new content is there, whole.
//! Reads give what was written last, without waiting: a state store over a store that only answers later reads it once, when it
//! is opened.

use crate::device::Enrolment;
use crate::local_state::LocalState;
use crate::lock::locked;
use crate::pending_code::PendingCode;
use crate::pending_save::PendingSave;
use std::error::Error;
use std::sync::{Mutex, MutexGuard};

/// The state store could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{action}: {source}")]
pub struct StateStoreError {
    action: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl StateStoreError {
    /// An error of the state store's medium; `action` says what failed and with which file, as in
    /// `"could not write the pending save"`.
    pub fn new(action: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { action, source: source.into() }
    }
}

/// Keeps what must outlive the program. All sessions of a client share it.
pub trait StateStore {
    /// Keeps a pending save, in place of the one before.
    ///
    /// # Errors
    /// Where it is not durably kept.
    fn store(&self, pending: &PendingSave) -> impl Future<Output = Result<(), StateStoreError>>;

    /// The pending save, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn load(&self) -> Result<Option<PendingSave>, StateStoreError>;

    /// Forgets the pending save; no error where there is none.
    ///
    /// # Errors
    /// Where it may still be there.
    fn clear(&self) -> impl Future<Output = Result<(), StateStoreError>>;

    /// Keeps what the device remembers, in place of what it remembered before.
    ///
    /// # Errors
    /// Where it is not durably kept.
    fn remember(&self, local_state: &LocalState) -> impl Future<Output = Result<(), StateStoreError>>;

    /// Keeps the device's enrolment, in place of the one before; forgets it where there is none any more.
    ///
    /// # Errors
    /// Where it is not durably kept, or may still be there.
    fn keep_enrolment(
        &self,
        enrolment: Option<&Enrolment>,
    ) -> impl Future<Output = Result<(), StateStoreError>>;

    /// The device's enrolment, if it is enrolled.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError>;

    /// Replaces the record of a recovery code; `None` removes it.
    ///
    /// # Errors
    /// Where it is not durably kept, or may still be there.
    fn keep_code(&self, code: Option<&PendingCode>) -> impl Future<Output = Result<(), StateStoreError>>;

    /// The record of a recovery code that is not known to be active, if there is one.
    ///
    /// # Errors
    /// Where it cannot be read, which is not the same as its absence.
    fn code(&self) -> Result<Option<PendingCode>, StateStoreError>;
}

/// A state store that lives no longer than its program.
#[derive(Debug, Default)]
pub struct MemoryStateStore(Mutex<Kept>);

/// What a [`MemoryStateStore`] keeps.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What was remembered last.
    pub local_state: Option<LocalState>,
    /// The pending save.
    pub pending: Option<PendingSave>,
    /// The device's enrolment.
    pub enrolment: Option<Enrolment>,
    /// The record of a recovery code.
    pub code: Option<PendingCode>,
}

impl MemoryStateStore {
    /// What it keeps, to be read or changed. Not to be held while something is waited for.
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        locked(&self.0)
    }
}

impl StateStore for MemoryStateStore {
    async fn store(&self, pending: &PendingSave) -> Result<(), StateStoreError> {
        self.kept().pending = Some(pending.clone());
        Ok(())
    }

    fn load(&self) -> Result<Option<PendingSave>, StateStoreError> {
        Ok(self.kept().pending.clone())
    }

    async fn clear(&self) -> Result<(), StateStoreError> {
        self.kept().pending = None;
        Ok(())
    }

    async fn remember(&self, local_state: &LocalState) -> Result<(), StateStoreError> {
        self.kept().local_state = Some(local_state.clone());
        Ok(())
    }

    async fn keep_enrolment(&self, enrolment: Option<&Enrolment>) -> Result<(), StateStoreError> {
        self.kept().enrolment = enrolment.cloned();
        Ok(())
    }

    fn enrolment(&self) -> Result<Option<Enrolment>, StateStoreError> {
        Ok(self.kept().enrolment.clone())
    }

    async fn keep_code(&self, code: Option<&PendingCode>) -> Result<(), StateStoreError> {
        self.kept().code = code.cloned();
        Ok(())
    }

    fn code(&self) -> Result<Option<PendingCode>, StateStoreError> {
        Ok(self.kept().code.clone())
    }
}

#[cfg(any(test, feature = "test-profile"))]
pub mod contract {
    //! What every store promises, as a test. Each calls this with a store of its own.

    #![allow(clippy::missing_panics_doc, reason = "a test fails by a panic")]

    use super::{Enrolment, LocalState, PendingCode, PendingSave, StateStore};
    use crate::address::VaultUrl;
    use crate::pending_code::{Ceremony, Stage};
    use crate::snapshot::Seen;
    use rootcellar_spec::wire::login::Permission;
    use rootcellar_spec::{
        AccountId, DeviceId, Digest, EntryId, Generation, Number, OperationId, SuiteId, Timestamp,
    };

    const ACCOUNT: AccountId = AccountId([1; 16]);

    fn pending(n: u8) -> PendingSave {
        PendingSave {
            operation: OperationId([n; 16]),
            account_id: ACCOUNT,
            generation: Generation::FIRST,
            snapshot: vec![n; 300],
            added: vec![EntryId([n; 16])],
            removed: vec![],
        }
    }

    fn enrolment(permission: Permission) -> Enrolment {
        Enrolment {
            account_id: ACCOUNT,
            device: DeviceId([2; 16]),
            suite: SuiteId::ONE,
            generation: Generation::FIRST,
            permission,
            keyslot: vec![3; 332],
            newest: None,
        }
    }

    fn code(stage: Stage) -> PendingCode {
        PendingCode {
            vault: VaultUrl::parse("https://vault.example.org").expect("an address"),
            ceremony: Ceremony::RecoveryCode,
            generated_at: Timestamp(7),
            account_id: Some(ACCOUNT),
            replaces: Some(Digest([5; 32])),
            replaced_head: None,
            stage,
        }
    }

    fn local_state(number: u64) -> LocalState {
        let seen = Seen { number: Number(number), digest: Digest([4; 32]) };
        LocalState { last_seen: Some(seen), sealed_name: Some(vec![6; 8]), ..LocalState::of(ACCOUNT) }
    }

    /// Checks an empty store. `reopen` gives the store as the next program finds it, `remembered` what it remembers.
    pub async fn check<S: StateStore>(
        mut store: S,
        reopen: impl Fn(S) -> S,
        remembered: impl Fn(&S) -> Option<LocalState>,
    ) {
        let empty =
            (store.load().expect("read"), store.enrolment().expect("read"), store.code().expect("read"));
        assert_eq!(empty, (None, None, None));
        store.clear().await.expect("nothing to clear");
        store.keep_enrolment(None).await.expect("nothing to forget");
        store.keep_code(None).await.expect("nothing to forget");

        for n in [1, 2] {
            store.store(&pending(n)).await.expect("kept");
            store.remember(&local_state(u64::from(n))).await.expect("kept");
        }
        for permission in [Permission::View, Permission::Backup] {
            store.keep_enrolment(Some(&enrolment(permission))).await.expect("kept");
        }
        for stage in [Stage::Unconfirmed, Stage::Superseded] {
            store.keep_code(Some(&code(stage))).await.expect("kept");
        }
        for _ in 0..2 {
            assert_eq!(store.load().expect("read"), Some(pending(2)));
            assert_eq!(store.enrolment().expect("read"), Some(enrolment(Permission::Backup)));
            assert_eq!(store.code().expect("read"), Some(code(Stage::Superseded)));
            assert_eq!(remembered(&store), Some(local_state(2)));
            store = reopen(store);
        }

        // Each goes by itself.
        store.clear().await.expect("cleared");
        store = reopen(store);
        assert_eq!(store.load().expect("read"), None);
        assert!(store.enrolment().expect("read").is_some() && store.code().expect("read").is_some());
        store.keep_code(None).await.expect("forgotten");
        store = reopen(store);
        assert_eq!(store.code().expect("read"), None);
        assert!(store.enrolment().expect("read").is_some());
        store.keep_enrolment(None).await.expect("forgotten");
        store = reopen(store);
        assert_eq!(store.enrolment().expect("read"), None);
        assert_eq!(remembered(&store), Some(local_state(2)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_store_in_memory_keeps_the_contract() {
        contract::check(MemoryStateStore::default(), |store| store, |store| store.kept().local_state.clone())
            .await;
    }
}
