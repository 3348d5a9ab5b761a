//! From the answer to a login to an opened account: everything that the vault gave is checked here, and nothing of it is
//! handed out before (protocol.md sections 7, 10 and 15.3).

use super::{Client, Platform};
use crate::aad::Slot;
use crate::error::ClientError;
use crate::journal::Journal;
use crate::keys::{AccountKey, AccountKeys, KeyEncryptionKey};
use crate::keyslot::{self, KeyBundle, KeyslotPlace};
use crate::memory::Memory;
use crate::open_error::OpenError;
use crate::request_signing::RequestKey;
use crate::snapshot::{self, Continuity, Expected, Seen, Snapshot};
use rootcellar_spec::suite::opaque_bytes::PUBLIC_KEY;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::LoginAnswer;
use rootcellar_spec::{AccountId, Digest, Generation, Number, limits};

/// The lane that a login took.
pub(super) struct Lane {
    /// Which keyslot the vault must have given.
    pub(super) slot: Slot,
    /// What opens it.
    pub(super) key: KeyEncryptionKey,
}

/// The newest snapshot, opened, and what the vault says of it.
pub(crate) struct Newest {
    /// The snapshot.
    pub(crate) snapshot: Snapshot,
    /// The vault's record of it.
    pub(crate) record: Head,
}

/// An account that a login opened and verified; [`Client::session`] goes on with it. Its keys are wiped on drop.
pub struct Opened {
    pub(crate) answer: LoginAnswer,
    pub(crate) request_key: RequestKey,
    pub(crate) account_key: AccountKey,
    pub(crate) keys: AccountKeys,
    pub(crate) newest: Option<Newest>,
    pub(crate) memory: Memory,
    /// Whether the snapshot is one that was asked for by its number, and not the newest.
    pub(crate) is_older: bool,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("account", &self.answer.account_id).finish_non_exhaustive()
    }
}

/// Which account's snapshots are expected, and what opens them.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// The account.
    pub(crate) account: AccountId,
    /// The generation of its keys.
    pub(crate) generation: Generation,
    /// Its keys.
    pub(crate) keys: &'a AccountKeys,
}

impl Reader<'_> {
    /// Opens a snapshot that claims this number.
    pub(crate) fn open(&self, bytes: &[u8], number: Number) -> Result<Snapshot, OpenError> {
        let expected = Expected { account: self.account, generation: self.generation, number };
        snapshot::open(bytes, expected, &self.keys.inventory, &self.keys.save)
    }

    /// Opens what the vault gave as the newest snapshot: its record and its bytes, or neither.
    pub(crate) fn newest(
        &self,
        record: Option<Head>,
        bytes: Option<&[u8]>,
    ) -> Result<Option<Newest>, ClientError> {
        let (record, bytes) = match (record, bytes) {
            (None, None) => return Ok(None),
            (Some(record), Some(bytes)) => (record, bytes),
            (Some(record), None) => return Err(ClientError::SnapshotLost(record.number)),
            (None, Some(_)) => return Err(ClientError::MalformedAnswer("a snapshot without its record")),
        };
        if Digest::of(bytes) != record.digest {
            return Err(ClientError::Snapshot(OpenError::Authentication));
        }
        let snapshot = self.open(bytes, record.number).map_err(ClientError::Snapshot)?;
        Ok(Some(Newest { snapshot, record }))
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

/// What a device knows of an account before a login, and what its person wants of the login.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// What it remembers; `None` on a device that has never seen the account.
    pub(super) memory: Option<Memory>,
    /// Whether to let go of what it has seen.
    pub(super) accept_history: bool,
    /// Whether to let go of the vault's key that it knows.
    pub(super) accept_key: bool,
    /// The snapshot to open instead of the newest.
    pub(super) older: Option<Number>,
}

impl Known {
    /// What a device remembers, and no wishes.
    pub(super) fn remembered(memory: Memory) -> Self {
        Self { memory: Some(memory), ..Self::default() }
    }

    /// The key that the vault must show.
    pub(super) fn pinned_key(&self) -> Option<[u8; PUBLIC_KEY]> {
        self.memory.as_ref().and_then(|memory| memory.server_public_key).filter(|_| !self.accept_key)
    }

    /// Joins what the device remembered with what the vault now says: what it remembers from now on, in which
    /// `last_seen` is what it had seen before.
    fn join(&self, answered: Memory) -> Result<Memory, ClientError> {
        let Some(former) = self.memory.clone() else { return Ok(answered) };
        let same_account = former.account_id == answered.account_id;
        if !same_account && !self.accept_history {
            return Err(ClientError::ForeignAccount);
        }
        let kept = former.name_hash.filter(|_| same_account);
        Ok(Memory {
            identity: answered.identity.or(former.identity),
            name_hash: answered.name_hash.or(kept),
            server_public_key: answered.server_public_key.or(self.pinned_key()),
            last_seen: former.last_seen.filter(|_| same_account),
            ..answered
        })
    }
}

impl<P: Platform> Client<P> {
    /// Checks the answer to a login, opens the newest snapshot or the one that was asked for, and remembers what it showed.
    pub(super) async fn open_account(
        &mut self,
        (answer, bytes): (LoginAnswer, Option<&[u8]>),
        lane: &Lane,
        request_key: RequestKey,
        known: &Known,
        answered: Memory,
    ) -> Result<Opened, ClientError> {
        let mut memory = known.join(answered)?;
        check_answer(&answer)?;
        let account_key = unwrap_keyslot(&answer, lane)?;
        let keys = account_key.account_keys();
        let reader = Reader { account: answer.account_id, generation: answer.generation, keys: &keys };
        let seen = memory.last_seen.filter(|_| !known.accept_history);
        let newest = match known.older {
            Some(number) => Some(self.older(&answer, &request_key, reader, seen, number).await?),
            None => {
                let newest = reader.newest(answer.head.clone(), bytes)?;
                check_continuity(seen, newest.as_ref().map(|newest| &newest.snapshot))?;
                memory.last_seen = newest.as_ref().map(|newest| newest.snapshot.seen());
                newest
            }
        };
        self.injected.journal.remember(&memory)?;
        let is_older = known.older.is_some();
        Ok(Opened { answer, request_key, account_key, keys, newest, memory, is_older })
    }
}

/// Checks what of an answer to a login needs no key.
fn check_answer(answer: &LoginAnswer) -> Result<(), ClientError> {
    if !answer.suite.is_known() {
        return Err(ClientError::Unsupported("a suite"));
    }
    if answer.session.token.len() > limits::TOKEN_BYTES {
        return Err(ClientError::MalformedAnswer("a token that is too long"));
    }
    Ok(())
}

fn unwrap_keyslot(answer: &LoginAnswer, lane: &Lane) -> Result<AccountKey, ClientError> {
    let place = KeyslotPlace {
        suite: answer.suite,
        account: answer.account_id,
        generation: answer.generation,
        slot: lane.slot,
    };
    match keyslot::unwrap(&answer.keyslot, &lane.key, place).map_err(ClientError::Keyslot)? {
        KeyBundle::Full(account_key) => Ok(account_key),
        KeyBundle::Backup { .. } => Err(ClientError::Keyslot(OpenError::Malformed("key bundle"))),
    }
}
