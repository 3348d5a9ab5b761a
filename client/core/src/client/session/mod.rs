//! A session: what may be done between a login and the end of its 900 seconds (protocol.md section 15.6).
//!
//! A session holds as many of the account's keys as its permission needs, and the newest snapshot that it has seen, both
//! verified. The keys are wiped when it is dropped. Enrolled devices need no login for one (section 15.7).

mod change;
mod delete;
pub(crate) mod devices;
mod history;
mod pairing;
mod passphrase;
mod pending_code;
mod pending_save;
mod recovery_code;
mod rekey;
mod save;

pub use change::Change;
pub use devices::{DeviceChange, KnownDevice, RekeyReason};
pub(crate) use pairing::take_reply;
pub use passphrase::PassphraseSet;
pub use save::Saved;
pub(crate) use save::snapshot_path;

use crate::client::open_account::{Reader, check_continuity};
use crate::client::opened::{Devices, HeadSnapshot};
use crate::client::{Client, OpenedAccount, Platform};
use crate::device_list::DevicesFault;
use crate::entry::Entry;
use crate::error::ClientError;
use crate::inventory::Item;
use crate::key_ring::OwnerKeys;
use crate::keys::AccountKey;
use crate::local_state::LocalState;
use crate::pending_code::Ceremony;
use crate::snapshot::Snapshot;
use crate::transport::{Request, Response};
use rootcellar_spec::wire::account::{Account, Head, SnapshotResponse};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::vault::Vault;
use rootcellar_spec::{AccountId, Digest, EntryId, SuiteId};

/// A session of the owner, or of an enrolled device. A step whose future is dropped leaves the session usable, or over.
pub struct Session<P: Platform> {
    pub(crate) client: Client<P>,
    pub(crate) opened: OpenedAccount,
}

impl<P: Platform> std::fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.opened.fmt(f)
    }
}

impl<P: Platform> Session<P> {
    /// Begins a session with what was opened and verified.
    pub(crate) fn begin(client: Client<P>, mut opened: OpenedAccount) -> Self {
        opened.recall_name();
        Self { client, opened }
    }

    /// The client of this session.
    #[must_use]
    pub fn client(&self) -> &Client<P> {
        &self.client
    }

    /// Whether [`Self::set_passphrase`], [`Self::new_recovery_code`], [`Self::rekey`] or [`Self::delete_account`] has ended the
    /// session, or may have: it was done, or it is not known whether it was, which is so, too, where the step was given up while
    /// the vault was asked. Nothing more is to be done with it then; after any other failure it goes on.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.opened.is_over
    }

    /// The account.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.opened.account
    }

    /// What the device remembers; the state store has it already.
    #[must_use]
    pub fn local_state(&self) -> &LocalState {
        &self.opened.local_state
    }

    /// What the session may do, as the vault says; its keys allow no more than it was given.
    #[must_use]
    pub fn permission(&self) -> Permission {
        self.opened.permission
    }

    /// Whether the passphrase opened the session, which a change of the account's keys needs.
    #[must_use]
    pub fn is_by_passphrase(&self) -> bool {
        self.opened.passphrase_key.is_some()
    }

    /// The account's suite.
    #[must_use]
    pub fn suite(&self) -> SuiteId {
        self.opened.suite
    }

    /// The suites that the vault takes; empty where it did not say, as to a device.
    #[must_use]
    pub fn suites(&self) -> &[SuiteId] {
        &self.opened.suites
    }

    /// Why the vault's word on the account's devices cannot be trusted, where it contradicts itself or what is known. Entries
    /// can still be restored; no device is changed.
    #[must_use]
    pub fn devices_fault(&self) -> Option<DevicesFault> {
        match self.opened.devices {
            Devices::Refused(fault) => Some(fault),
            _ => None,
        }
    }

    /// Failed passphrase tries since the last login, as the vault counts; 0 in the session of a device, which is not told.
    #[must_use]
    pub fn failed_attempts(&self) -> u32 {
        self.opened.failed_attempts
    }

    /// Attempts with the account name that are left before the vault makes everybody wait, as it said at this login by passphrase.
    /// `None` in another session, which is not told. The recovery code has no such limit.
    #[must_use]
    pub fn attempts_left(&self) -> Option<u32> {
        self.opened.attempts_left
    }

    /// Whether a name leads to the account, as the vault says; a device is not told, and takes it that one does. Where none does, because its root secret was replaced or the
    /// registration broke off, [`Self::set_passphrase`] gives it one.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.opened.named
    }

    /// The newest snapshot, verified; `None` before the first save.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.opened.newest.as_ref().map(|newest| &newest.snapshot)
    }

    /// Why the newest snapshot was refused, in a session of [`SnapshotChoice::HeadUnlessRefused`](crate::SnapshotChoice) that has none:
    /// nothing is known of what is backed up then.
    #[must_use]
    pub fn refused_head(&self) -> Option<&ClientError> {
        self.opened.refused_head.as_ref()
    }

    /// Has the next re-key continue the older snapshot that is open, and replace what was saved since: for a user whose newest
    /// snapshots a stolen device has ruined. A device that has seen one of those finds a fork.
    ///
    /// # Errors
    /// As for [`Self::account`]; [`ClientError::OlderBackup`] if no older snapshot is open.
    pub async fn replace_head(&mut self) -> Result<(), ClientError> {
        self.must_be_older()?;
        self.opened.replaced_head = self.account().await?.head;
        Ok(())
    }

    /// As [`Self::replace_head`], without a request, for a code that was drawn after [`Self::replace_head`], here or in an earlier
    /// session: the head is recorded with it. If another device has saved since, [`Self::rekey`] asks for the head again, after it
    /// has recorded that the code is confirmed.
    ///
    /// # Errors
    /// [`ClientError::OlderBackup`] if no older snapshot is open, or no code was drawn to continue one; the state store's own.
    pub fn replace_recorded_head(&mut self) -> Result<(), ClientError> {
        self.must_be_older()?;
        let drawn = self.client.drawn_to_replace(Ceremony::Rekey, self.opened.account)?;
        self.opened.replaced_head = Some(drawn.replaced_head.ok_or(ClientError::OlderBackup)?);
        Ok(())
    }

    fn must_be_older(&self) -> Result<(), ClientError> {
        if self.opened.newest.is_none() || !self.opened.is_older {
            return Err(ClientError::OlderBackup);
        }
        Ok(())
    }

    /// What the vault says of the newest snapshot. Number and digest are verified; its time is the vault's word.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.opened.newest.as_ref().map(|newest| &newest.record)
    }

    /// What is backed up, without the secrets.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        self.snapshot().map_or(&[], |snapshot| &snapshot.inventory.items)
    }

    /// Opens one entry.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `restore`; [`ClientError::RestoreNotAsked`] on a device that has it, before
    /// [`Client::restore_on_device`]. Where there is no such entry, or it does not open.
    pub fn open_entry(&self, id: EntryId) -> Result<Entry, ClientError> {
        let owner = self.owner(Permission::Restore)?;
        if !self.opened.restore_asked {
            return Err(ClientError::RestoreNotAsked);
        }
        self.snapshot()
            .and_then(|snapshot| snapshot.open_entry(id, owner.entry_private))
            .ok_or(ClientError::NoSuchEntry(id))?
            .map_err(|error| ClientError::of_entry(id, error))
    }

    /// The account's name: as it was given at this login, else as the newest snapshot notes it.
    #[must_use]
    pub fn account_name(&self) -> Option<&str> {
        let noted = || self.snapshot().and_then(|snapshot| snapshot.inventory.about.account_name());
        self.opened.name.as_ref().map(|name| name.expose()).or_else(noted)
    }

    /// The vault's addresses that the newest snapshot notes, the one that was used last first.
    #[must_use]
    pub fn vault_addresses(&self) -> &[String] {
        self.snapshot().map_or(&[], |snapshot| snapshot.inventory.about.vault_addresses())
    }

    /// What the vault says of itself: see [`Client::vault_info`].
    ///
    /// # Errors
    /// Where the vault cannot be reached or speaks another version.
    pub async fn vault_info(&mut self) -> Result<Vault, ClientError> {
        self.client.vault_info().await
    }

    /// What the vault keeps of the account.
    ///
    /// # Errors
    /// Where the vault refuses or cannot be reached.
    pub async fn account(&mut self) -> Result<Account, ClientError> {
        self.exchange(Request::get(paths::ACCOUNT)).await?.json()
    }

    /// Digest of the locator of the recovery code that is valid, as the vault says.
    pub(crate) async fn active_code(&mut self) -> Result<Digest, ClientError> {
        let account = self.account().await?;
        account.recovery_code().ok_or(ClientError::MalformedResponse("an account without a recovery method"))
    }

    /// Fetches the newest snapshot anew, for a session that stays open while other devices save.
    ///
    /// # Errors
    /// As for a login; the session keeps what it had then.
    pub async fn refresh(&mut self) -> Result<(), ClientError> {
        if self.opened.is_older {
            return Err(ClientError::OlderBackup);
        }
        let response = self.exchange(Request::get(paths::HEAD)).await?;
        let (answer, bytes) = response.two_parts::<SnapshotResponse>()?;
        let newest = self.reader().newest(answer.head, bytes)?;
        check_continuity(self.opened.local_state.last_seen, newest.as_ref().map(|newest| &newest.snapshot))?;
        match newest {
            Some(newest) => self.advance(newest).await,
            None => Ok(()),
        }
    }

    /// What was opened, for tests that damage it.
    #[cfg(test)]
    pub(crate) fn opened_mut(&mut self) -> &mut OpenedAccount {
        &mut self.opened
    }

    /// Whether the session holds this account key.
    pub(crate) fn has_account_key(&self, key: &AccountKey) -> bool {
        self.opened.has_account_key(key)
    }

    /// Refuses what the session may not do, before any request.
    fn require(&self, needs: Permission) -> Result<(), ClientError> {
        if self.opened.permission < needs { Err(ClientError::NotPermitted { needs }) } else { Ok(()) }
    }

    /// The keys of a holder of the account key, for what needs this permission.
    pub(crate) fn owner(&self, needs: Permission) -> Result<OwnerKeys<'_>, ClientError> {
        self.require(needs)?;
        self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })
    }

    fn reader(&self) -> Reader<'_> {
        let OpenedAccount { account, generation, keys, .. } = &self.opened;
        Reader { account: *account, generation: *generation, keys }
    }

    /// Takes over a verified snapshot as the newest, and remembers it.
    async fn advance(&mut self, newest: HeadSnapshot) -> Result<(), ClientError> {
        self.opened.local_state.last_seen = Some(newest.snapshot.seen());
        self.opened.newest = Some(newest);
        self.keep().await
    }

    /// Has the state store keep what the session has seen.
    async fn keep(&mut self) -> Result<(), ClientError> {
        Ok(self.opened.keep(self.client.state_store()).await?)
    }

    /// Sends a request of this session.
    async fn exchange(&mut self, request: Request) -> Result<Response, ClientError> {
        self.client.exchange_as(&self.opened.authorisation, request).await
    }

    /// Sends the request that ends this session, which goes on where the vault certainly did nothing.
    async fn exchange_last(&mut self, request: Request) -> Result<Response, ClientError> {
        self.opened.is_over = true;
        let answer = self.exchange(request).await;
        self.opened.is_over = !answer.as_ref().is_err_and(ClientError::did_nothing);
        answer
    }
}
