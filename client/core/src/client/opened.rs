//! An account that was opened: what a session goes on with, and what is remembered of it (protocol.md sections 10 and 18).

use super::VaultUrl;
use super::authorisation::Authorisation;
use super::login_options::{LoginOptions, SnapshotChoice};
use crate::device::{Cached, Enrolment};
use crate::device_list::{self, DeviceList, DevicesFault};
use crate::error::ClientError;
use crate::inventory::About;
use crate::key_ring::KeyRing;
use crate::keys::{AccountKey, KeyEncryptionKey};
use crate::local_state::LocalState;
use crate::snapshot::{Seen, Snapshot};
use crate::state_store::{StateStore, StateStoreError};
use crate::text::AccountName;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest, Generation, Number, SuiteId, limits};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The newest snapshot, opened, and what the vault says of it.
pub(crate) struct HeadSnapshot {
    /// The snapshot.
    pub(crate) snapshot: Snapshot,
    /// The vault's record of it.
    pub(crate) record: Head,
    /// Its exact bytes.
    pub(crate) sealed: Vec<u8>,
}

impl HeadSnapshot {
    /// What a device keeps of it.
    fn cached(&self) -> Cached {
        Cached { record: self.record.clone(), snapshot: self.sealed.clone() }
    }
}

/// What a session knows of the account's devices.
pub(crate) enum Devices {
    /// Nothing: the vault was not asked yet.
    Unasked,
    /// The newest device list; `None` where the account has none.
    Given(Option<DeviceList>),
    /// What the vault gave contradicts itself or what is known.
    Refused(DevicesFault),
}

/// An account that was opened and verified. Its keys are wiped on drop.
pub(crate) struct OpenedAccount {
    pub(crate) authorisation: Authorisation,
    pub(crate) account: AccountId,
    pub(crate) suite: SuiteId,
    /// The suites that the vault takes; empty where it did not say.
    pub(crate) suites: Vec<SuiteId>,
    pub(crate) generation: Generation,
    pub(crate) permission: Permission,
    pub(crate) keys: KeyRing,
    /// What wraps the passphrase keyslot, where the passphrase opened the account.
    pub(crate) passphrase_key: Option<KeyEncryptionKey>,
    pub(crate) newest: Option<HeadSnapshot>,
    pub(crate) devices: Devices,
    pub(crate) local_state: LocalState,
    /// The account's name, where it was given.
    pub(crate) name: Option<Arc<AccountName>>,
    /// This device's enrolment for this account under its present keys.
    pub(crate) enrolment: Option<Enrolment>,
    pub(crate) failed_attempts: u32,
    /// Attempts with the account name before waits begin; `None` where no passphrase logged in.
    pub(crate) attempts_left: Option<u32>,
    pub(crate) named: bool,
    /// Whether the snapshot is one that was asked for by its number, or is missing because the newest was refused.
    pub(crate) is_older: bool,
    /// Why the newest snapshot was refused, in a session that manages the account without it.
    pub(crate) refused_head: Option<ClientError>,
    /// The head that the next re-key replaces by the older snapshot.
    pub(crate) replaced_head: Option<Head>,
    /// Whether the vault was told that entries may be opened.
    pub(crate) restore_asked: bool,
    /// Whether the person let go of what was seen before.
    pub(crate) accept_history: bool,
    /// Whether the vault has, or may have, ended the session by a step that it was asked for.
    pub(crate) is_over: bool,
}

impl std::fmt::Debug for OpenedAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("account", &self.account).finish_non_exhaustive()
    }
}

impl OpenedAccount {
    /// The options of a login or a recovery that opens the same once more, which was judged when it was opened first.
    pub(crate) fn once_more(&self) -> LoginOptions {
        let (snapshot, accept_history) = match &self.newest {
            _ if !self.is_older => (SnapshotChoice::Head, false),
            Some(older) => (SnapshotChoice::Numbered(older.record.number), true),
            None => (SnapshotChoice::HeadUnlessRefused, false),
        };
        LoginOptions { snapshot, accept_history, ..LoginOptions::default() }
    }

    /// Whether it was opened with this account key, which is compared in constant time.
    pub(crate) fn has_account_key(&self, key: &AccountKey) -> bool {
        let owner = self.keys.owner();
        owner.is_some_and(|owner| bool::from(owner.account.expose().ct_eq(key.expose())))
    }

    /// The newest device list that is known: this device's own, or a newer one that the newest snapshot names.
    pub(crate) fn known_list(&self) -> Option<Seen> {
        // Of two of the same number the last is taken: the device's own.
        self.named_list().into_iter().chain(self.local_state.device_list).max_by_key(|seen| seen.number)
    }

    /// The device list that the newest snapshot names, which counts unless the person let go of what was before.
    fn named_list(&self) -> Option<Seen> {
        let newest = self.newest.as_ref().filter(|_| !self.accept_history)?;
        newest.snapshot.inventory.device_list
    }

    /// Number and ancestors of a snapshot that continues `former`: it follows `former`, or the head that it replaces. `None`
    /// after the last number.
    ///
    /// The ancestors between `former` and a replaced head are zero, since what was saved there is not continued: a device that
    /// has seen one of them finds a fork (protocol.md section 10).
    pub(crate) fn following(&self, former: &Snapshot) -> Option<(Number, Vec<Digest>)> {
        let former_number = former.header.number;
        let Some(head) = self.replaced_head.as_ref().filter(|head| head.number > former_number) else {
            return Some((former_number.next()?, former.ancestors_of_next()));
        };
        let skipped = usize::try_from(head.number.0 - former_number.0 - 1).unwrap_or(usize::MAX);
        let unknown = std::iter::repeat_n(Digest([0; 32]), skipped.min(limits::ANCESTORS));
        let ancestors = std::iter::once(head.digest).chain(unknown).chain(former.ancestors_of_next());
        Some((head.number.next()?, ancestors.take(limits::ANCESTORS).collect()))
    }

    /// Notes in the next inventory what a person must know to log in anywhere: the vault's address, and the account's name
    /// where it is known. A name that was noted and leads to the account no longer is dropped.
    pub(crate) fn note_account(&self, about: &mut About, vault: &VaultUrl) {
        let remembered = self.local_state.name_hash.zip(self.local_state.vault_id.as_ref());
        if let (None, Some((hash, vault_id))) = (&self.name, remembered) {
            about.keep_name_if(|name| name.hash(vault_id) == hash);
        }
        about.note(&vault.to_string(), self.name.as_deref());
    }

    /// Takes over the device list that the vault gave, or the fault in it: it is judged by what this device has seen and by
    /// what the newest snapshot names. A person may let go of both.
    pub(crate) fn take_list(&mut self, list: Result<Option<DeviceList>, DevicesFault>, lets_go: bool) {
        let seen = self.local_state.device_list.filter(|_| !lets_go);
        let known = [seen, self.named_list()];
        let judged = list.and_then(|list| {
            known.iter().try_for_each(|known| device_list::judge(*known, list.as_ref())).map(|()| list)
        });
        self.devices = match judged {
            Ok(list) => {
                self.local_state.device_list = list.as_ref().map(DeviceList::seen);
                Devices::Given(list)
            }
            Err(fault) => Devices::Refused(fault),
        };
    }

    /// Takes over this device's enrolment, with the newest snapshot, and has the state store keep it.
    pub(crate) async fn enrol(
        &mut self,
        fresh: Enrolment,
        state_store: &impl StateStore,
    ) -> Result<(), StateStoreError> {
        let newest = self.newest.as_ref().filter(|_| !self.is_older).map(HeadSnapshot::cached);
        let fresh = Enrolment { newest, ..fresh };
        if self.enrolment.as_ref() != Some(&fresh) {
            state_store.keep_enrolment(Some(&fresh)).await?;
            self.enrolment = Some(fresh);
        }
        Ok(())
    }

    /// Remembers what the account showed: first the newest snapshot, where the device is enrolled, then that it was seen.
    pub(crate) async fn keep(&mut self, state_store: &impl StateStore) -> Result<(), StateStoreError> {
        if let (Some(enrolment), false) = (&mut self.enrolment, self.is_older) {
            let newest = self.newest.as_ref();
            let cached = enrolment.newest.as_ref().map(|cached| cached.record.digest);
            if cached != newest.map(|newest| newest.record.digest) {
                enrolment.newest = newest.map(HeadSnapshot::cached);
                state_store.keep_enrolment(Some(enrolment)).await?;
            }
        }
        self.forget_noted_name();
        state_store.remember(&self.local_state).await
    }
}
