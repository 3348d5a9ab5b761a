//! From the answer to a login, or to an enrolled device, to an opened account: everything that the vault gave is checked
//! here, and nothing of it is handed out before (protocol.md sections 7, 10, 15.3, 15.7 and 18).

use super::authorisation::Authorisation;
use super::login_options::{LoginOptions, SnapshotChoice};
use super::opened::{Devices, HeadSnapshot, OpenedAccount};
use super::response::AccountResponse;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::device::Enrolment;
use crate::device_list::{self, DeviceList, DevicesFault};
use crate::error::ClientError;
use crate::key_ring::KeyRing;
use crate::keys::KeyEncryptionKey;
use crate::local_state::LocalState;
use crate::open_error::OpenError;
use crate::snapshot::{self, Continuity, Expected, Seen, Snapshot};
use crate::state_store::{StateStore, StateStoreError};
use rootcellar_spec::suite::opaque_bytes::PUBLIC_KEY;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{AccountId, Digest, Generation, Number};

/// What opens the keyslot that a login method gives.
pub(crate) struct KeyslotKey {
    /// Which keyslot the vault must have given.
    pub(crate) slot: Slot,
    /// What opens it.
    pub(crate) key: KeyEncryptionKey,
}

/// Which account's snapshots are expected, and what opens them.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// The account.
    pub(crate) account: AccountId,
    /// The generation of its keys.
    pub(crate) generation: Generation,
    /// Its keys, as far as they are held.
    pub(crate) keys: &'a KeyRing,
}

impl Reader<'_> {
    /// Opens a snapshot that claims this number.
    pub(crate) fn open(&self, bytes: &[u8], number: Number) -> Result<Snapshot, OpenError> {
        let expected = Expected { account: self.account, generation: self.generation, number };
        snapshot::open(bytes, expected, self.keys.inventory(), self.keys.save())
    }

    /// Opens what the vault gave as the newest snapshot: its record and its bytes, or neither.
    pub(crate) fn newest(
        &self,
        record: Option<Head>,
        bytes: Option<&[u8]>,
    ) -> Result<Option<HeadSnapshot>, ClientError> {
        let (record, bytes) = match (record, bytes) {
            (None, None) => return Ok(None),
            (Some(record), Some(bytes)) => (record, bytes),
            (Some(record), None) => return Err(ClientError::SnapshotLost(record.number)),
            (None, Some(_)) => return Err(ClientError::MalformedResponse("a snapshot without its record")),
        };
        if Digest::of(bytes) != record.digest {
            return Err(ClientError::Snapshot(OpenError::Authentication));
        }
        let snapshot = self.open(bytes, record.number).map_err(ClientError::of_snapshot)?;
        Ok(Some(HeadSnapshot { snapshot, record, sealed: bytes.to_vec() }))
    }

    /// The same, which must continue what this device has seen.
    fn continued(
        &self,
        seen: Option<Seen>,
        record: Option<Head>,
        bytes: Option<&[u8]>,
    ) -> Result<Option<HeadSnapshot>, ClientError> {
        let newest = self.newest(record, bytes)?;
        check_continuity(seen, newest.as_ref().map(|newest| &newest.snapshot))?;
        Ok(newest)
    }

    /// Opens what the vault gave as the newest device list.
    pub(crate) fn device_list(&self, bytes: Option<&[u8]>) -> Result<Option<DeviceList>, DevicesFault> {
        let place = (self.account, self.generation);
        let open = |bytes| device_list::open(bytes, place, self.keys.inventory(), self.keys.device_list());
        Ok(bytes.map(open).transpose()?)
    }
}

/// Checks that what the vault gave as the newest snapshot continues what this device has seen (section 10).
pub(crate) fn check_continuity(seen: Option<Seen>, newest: Option<&Snapshot>) -> Result<(), ClientError> {
    let Some(seen) = seen else { return Ok(()) };
    let Some(newest) = newest else {
        return Err(ClientError::Rollback { seen: seen.number, offered: Number(0) });
    };
    let (seen, offered, verdict) = (seen.number, newest.header.number, seen.judge(newest));
    match verdict {
        Continuity::Continues => Ok(()),
        Continuity::Rollback => Err(ClientError::Rollback { seen, offered }),
        Continuity::Fork => Err(ClientError::Fork { seen, offered }),
        Continuity::Gap => Err(ClientError::Gap { seen, offered }),
    }
}

/// Whether a device that may save can have made the newest snapshot so: it needs no key to store bytes that do not open, and its
/// key for saves to store others. An older one than this device has seen can only be the vault's doing.
fn may_be_a_devices_doing(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Snapshot(_)
            | ClientError::Newer(_)
            | ClientError::SnapshotLost(_)
            | ClientError::Fork { .. }
            | ClientError::Gap { .. }
    )
}

/// What a device knows of an account before a login, and what its person wants of the login.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// What it remembers; `None` on a device that has never seen the account.
    pub(super) local_state: Option<LocalState>,
    pub(super) options: LoginOptions,
}

impl Known {
    /// What a device remembers, and no wishes.
    pub(super) fn remembered(local_state: LocalState) -> Self {
        Self { local_state: Some(local_state), ..Self::default() }
    }

    /// The account that it remembers.
    pub(super) fn account(&self) -> Option<AccountId> {
        self.local_state.as_ref().map(|local_state| local_state.account_id)
    }

    /// The key that the vault must show.
    pub(super) fn pinned_key(&self) -> Option<[u8; PUBLIC_KEY]> {
        self.local_state
            .as_ref()
            .and_then(|local_state| local_state.server_public_key)
            .filter(|_| !self.options.accept_server_key)
    }

    /// Joins what the device remembered with what the vault now says: what it remembers from now on, in which
    /// `last_seen` is what it had seen before.
    fn join(&self, answered: LocalState) -> Result<LocalState, ClientError> {
        let Some(former) = self.local_state.clone() else { return Ok(answered) };
        let same_account = former.account_id == answered.account_id;
        if !same_account && !self.options.accept_history {
            return Err(ClientError::ForeignAccount);
        }
        let kept = former.name_hash.filter(|_| same_account);
        Ok(LocalState {
            vault_id: answered.vault_id.or(former.vault_id),
            name_hash: answered.name_hash.or(kept),
            server_public_key: answered.server_public_key.or(self.pinned_key()),
            last_seen: former.last_seen.filter(|_| same_account),
            device_list: former.device_list.filter(|_| same_account),
            history: former.history.filter(|_| same_account),
            sealed_name: former.sealed_name.filter(|_| same_account),
            ..answered
        })
    }
}

impl<P: Platform> Client<P> {
    /// Checks an answer, opens the newest snapshot or the one that was asked for, and remembers what it showed.
    pub(super) async fn open_account(
        &self,
        answer: AccountResponse<'_>,
        keyslot_key: KeyslotKey,
        authorisation: Authorisation,
        known: &Known,
        answered: LocalState,
    ) -> Result<OpenedAccount, ClientError> {
        let mut opened = self.check_account(answer, keyslot_key, authorisation, known, answered).await?;
        opened.keep(self.state_store()).await?;
        Ok(opened)
    }

    /// As [`Self::open_account`], but remembers nothing yet.
    pub(super) async fn check_account(
        &self,
        answer: AccountResponse<'_>,
        keyslot_key: KeyslotKey,
        authorisation: Authorisation,
        known: &Known,
        answered: LocalState,
    ) -> Result<OpenedAccount, ClientError> {
        let local_state = known.join(answered)?;
        let keys = answer.unwrap(&keyslot_key)?;
        let reader = Reader { account: answer.account, generation: answer.generation, keys: &keys };
        let options = known.options;
        let seen = local_state.last_seen.filter(|_| !options.accept_history);
        let (newest, refused_head) = match options.snapshot {
            SnapshotChoice::Numbered(number) => {
                (Some(self.older(&authorisation, reader, seen, number).await?), None)
            }
            choice => match reader.continued(seen, answer.head, answer.snapshot) {
                Err(error)
                    if choice == SnapshotChoice::HeadUnlessRefused && may_be_a_devices_doing(&error) =>
                {
                    (None, Some(error))
                }
                newest => (newest?, None),
            },
        };
        let list = reader.device_list(answer.device_list);
        let mut opened = OpenedAccount {
            authorisation,
            account: answer.account,
            suite: answer.suite,
            suites: answer.suites,
            generation: answer.generation,
            permission: answer.permission,
            keys,
            passphrase_key: (keyslot_key.slot == Slot::Passphrase).then_some(keyslot_key.key),
            newest,
            devices: Devices::Unasked,
            local_state,
            name: None,
            enrolment: self.own_enrolment(answer.account, answer.generation)?,
            failed_attempts: answer.failed_attempts,
            attempts_left: None,
            named: answer.named,
            is_older: matches!(options.snapshot, SnapshotChoice::Numbered(_)) || refused_head.is_some(),
            refused_head,
            replaced_head: None,
            restore_asked: true,
            accept_history: known.options.accept_history,
            is_over: false,
        };
        if !opened.is_older {
            opened.local_state.last_seen = opened.newest.as_ref().map(|newest| newest.snapshot.seen());
        }
        opened.take_list(list, known.options.accept_history);
        Ok(opened)
    }

    /// What the state store has of this device's enrolment for this account under these keys.
    pub(crate) fn own_enrolment(
        &self,
        account: AccountId,
        generation: Generation,
    ) -> Result<Option<Enrolment>, StateStoreError> {
        let fits = |enrolment: &Enrolment| {
            (enrolment.account_id, enrolment.device, enrolment.generation)
                == (account, self.device().id, generation)
        };
        Ok(self.state_store().enrolment()?.filter(fits))
    }
}
