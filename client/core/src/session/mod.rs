//! A session: what may be done between a login and the end of its 900 seconds (protocol.md section 15.6).
//!
//! A session holds the account's keys and the newest snapshot that it has seen, both verified. The keys are wiped when it
//! is dropped.

mod change;
mod delete;
mod passphrase;
mod save;
mod unfinished;

pub use change::Change;
pub use save::Saved;
pub(crate) use save::snapshot_path;

use crate::client::open_account::{Newest, Reader, check_continuity};
use crate::client::{Client, Opened, Platform};
use crate::entry::Entry;
use crate::error::ClientError;
use crate::inventory::Item;
use crate::journal::Journal;
use crate::keys::{AccountKey, AccountKeys};
use crate::memory::Memory;
use crate::request_signing::RequestKey;
use crate::snapshot::Snapshot;
use crate::transport::{Request, Response};
use rootcellar_spec::request_signature::SESSION_HEADER;
use rootcellar_spec::wire::account::{Account, Head, SnapshotAnswer};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::vault::Vault;
use rootcellar_spec::{AccountId, EntryId, Generation, SuiteId, base64url};

/// A session of the owner.
pub struct Session<'a, P: Platform> {
    client: &'a mut Client<P>,
    request_key: RequestKey,
    /// Value of the session header.
    token: String,
    account: AccountId,
    suite: SuiteId,
    generation: Generation,
    account_key: AccountKey,
    keys: AccountKeys,
    newest: Option<Newest>,
    memory: Memory,
    failed_attempts: u32,
    named: bool,
    is_older: bool,
}

impl<'a, P: Platform> Session<'a, P> {
    /// Begins a session with what a login verified.
    pub(crate) fn begin(client: &'a mut Client<P>, opened: Opened) -> Self {
        let Opened { answer, request_key, account_key, keys, newest, memory, is_older } = opened;
        Self {
            client,
            request_key,
            token: base64url::encode(&answer.session.token),
            account: answer.account_id,
            suite: answer.suite,
            generation: answer.generation,
            account_key,
            keys,
            newest,
            memory,
            failed_attempts: answer.failed_attempts,
            named: answer.named,
            is_older,
        }
    }

    /// The account.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.account
    }

    /// What the device remembers; the journal has it already.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Failed passphrase tries since the last login, as the vault counts.
    #[must_use]
    pub fn failed_attempts(&self) -> u32 {
        self.failed_attempts
    }

    /// Whether a name leads to the account, as the vault says. Where none does, because its root secret was replaced or the
    /// registration broke off, [`Self::set_passphrase`] gives it one.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named
    }

    /// The newest snapshot, verified; `None` before the first save.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.newest.as_ref().map(|newest| &newest.snapshot)
    }

    /// What the vault says of the newest snapshot. Number and digest are verified; its time is the vault's word.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.newest.as_ref().map(|newest| &newest.record)
    }

    /// What is backed up, without the secrets.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        self.snapshot().map_or(&[], |snapshot| &snapshot.inventory.items)
    }

    /// Opens one entry.
    ///
    /// # Errors
    /// Where there is no such entry, or it does not open.
    pub fn open_entry(&self, id: EntryId) -> Result<Entry, ClientError> {
        self.snapshot()
            .and_then(|snapshot| snapshot.open_entry(id, &self.keys.entry_private))
            .ok_or(ClientError::NoSuchEntry(id))?
            .map_err(ClientError::Snapshot)
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

    /// Fetches the newest snapshot anew, for a session that stays open while other devices save.
    ///
    /// # Errors
    /// As for a login; the session keeps what it had then.
    pub async fn refresh(&mut self) -> Result<(), ClientError> {
        if self.is_older {
            return Err(ClientError::OlderBackup);
        }
        let response = self.exchange(Request::get(paths::HEAD)).await?;
        let (answer, bytes) = response.two_parts::<SnapshotAnswer>()?;
        let newest = self.reader().newest(answer.head, bytes)?;
        check_continuity(self.memory.last_seen, newest.as_ref().map(|newest| &newest.snapshot))?;
        match newest {
            Some(newest) => self.advance(newest),
            None => Ok(()),
        }
    }

    pub(crate) fn account_key(&self) -> &AccountKey {
        &self.account_key
    }

    fn reader(&self) -> Reader<'_> {
        Reader { account: self.account, generation: self.generation, keys: &self.keys }
    }

    /// Takes over a verified snapshot as the newest, and remembers it.
    fn advance(&mut self, newest: Newest) -> Result<(), ClientError> {
        self.memory.last_seen = Some(newest.snapshot.seen());
        self.newest = Some(newest);
        Ok(self.client.injected.journal.remember(&self.memory)?)
    }

    /// Sends a request of this session.
    async fn exchange(&mut self, mut request: Request) -> Result<Response, ClientError> {
        request.headers.push((SESSION_HEADER, self.token.clone()));
        self.client.exchange(request, Some(&self.request_key)).await
    }
}
