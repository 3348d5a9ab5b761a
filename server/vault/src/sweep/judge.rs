//! Reads what a rule needs to know about an object, in that order.

use super::object_name::ObjectName;
use super::rules::{self, Usage};
use super::{Kept, Kind};
use crate::Vault;
use crate::account::{self, Account, Found, Pointer, Tombstone};
use crate::budget::Guesses;
use crate::deletion;
use crate::invite::Invite;
use crate::pairing::Mailbox;
use rootcellar_spec::{AccountId, OperationId};
use rootcellar_store::cas::{self, Current, LoadError, Loaded};
use rootcellar_store::{Etag, Key, Listed};
use serde::de::DeserializeOwned;
use std::collections::HashSet;

/// An object that may be removed, at the version that was judged.
pub(super) struct Suspect {
    pub(super) kind: Kind,
    pub(super) etag: Etag,
    /// The account that must get another version first, so that no write that started from this one
    /// can commit.
    pub(super) fence: Option<Box<Current<Account>>>,
}

/// The judgement of an object.
pub(super) enum Judged {
    InUse,
    Keep(Kept),
    Remove(Suspect),
}

/// Judges objects in the order of their names. Those of one account are consecutive, so it is read
/// once.
pub(super) struct Judge<'a> {
    vault: &'a Vault,
    owner: Option<(AccountId, Option<Found>)>,
    /// Accounts that this sweep has removed. Pointers to them may be removed too.
    removed: HashSet<AccountId>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(vault: &'a Vault) -> Self {
        Self { vault, owner: None, removed: HashSet::new() }
    }

    /// The account must be read again.
    pub(super) fn forget_owner(&mut self) {
        self.owner = None;
    }

    /// Records that an object was removed, so that its account is read again.
    pub(super) fn removed(&mut self, key: &Key) {
        self.forget_owner();
        if let Some(ObjectName::Account(id)) = ObjectName::of(key) {
            self.removed.insert(id);
        }
    }

    pub(super) async fn judge(&mut self, listed: &Listed) -> Judged {
        let key = &listed.key;
        let judged = match ObjectName::of(key) {
            None => Ok(Judged::Keep(Kept::Foreign)),
            Some(ObjectName::Vault) => Ok(Judged::InUse),
            Some(ObjectName::Account(id)) => self.account(id).await,
            Some(ObjectName::Snapshot(id, operation, version)) => {
                self.snapshot(key, id, (operation, version)).await
            }
            Some(ObjectName::Name | ObjectName::Locator) => self.pointer(key).await,
            Some(ObjectName::Guesses) => self.guesses(key).await,
            Some(ObjectName::Invite) => self.invite(key).await,
            Some(ObjectName::Pairing) => self.pairing(key).await,
            Some(ObjectName::Probe) => self.probe(key).await,
        };
        judged.unwrap_or_else(Judged::Keep)
    }

    async fn load<T: DeserializeOwned>(&self, key: &Key) -> Result<Loaded<T>, Kept> {
        cas::load(self.vault.store(), key).await.map_err(why_kept)
    }

    /// Reads the account again.
    async fn read_owner(&mut self, id: AccountId) -> Result<Option<&Found>, Kept> {
        self.owner = None;
        let found = self.find(&id).await?;
        Ok(self.owner.insert((id, found)).1.as_ref())
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Found>, Kept> {
        account::find(self.vault.store(), id).await.map_err(why_kept)
    }

    /// The account as it was last read. An older version only keeps more.
    async fn owner(&mut self, id: AccountId) -> Result<Option<&Found>, Kept> {
        if self.owner.as_ref().is_none_or(|(known, _)| *known != id) {
            self.read_owner(id).await?;
        }
        Ok(self.owner.as_ref().and_then(|(_, found)| found.as_ref()))
    }

    async fn account(&mut self, id: AccountId) -> Result<Judged, Kept> {
        let current = match self.read_owner(id).await?.cloned() {
            None => return Err(Kept::Changed),
            Some(Found::Live(current)) => current,
            Some(Found::Deleted(tombstone)) => return self.tombstone(tombstone).await,
        };
        // Most accounts have a snapshot, and need no second read.
        if !current.value().is_unused() {
            return Ok(Judged::InUse);
        }
        let found = self.load::<Pointer>(&current.value().name.pointer()).await?;
        let is_led_to = found.current.is_some_and(|pointer| pointer.value().account_id == id);
        let now = self.vault.time().moment(found.time).earliest;
        let verdict = rules::registration(current.value(), is_led_to, now);
        Ok(judged(Kind::Registrations, current.etag, verdict))
    }

    async fn tombstone(&self, tombstone: Current<Tombstone>) -> Result<Judged, Kept> {
        let remains = deletion::has_remains(self.vault, tombstone.value()).await;
        let verdict = rules::tombstone(remains.map_err(|_| Kept::StoreFailed)?);
        Ok(judged(Kind::Tombstones, tombstone.etag, verdict))
    }

    async fn snapshot(
        &mut self,
        key: &Key,
        id: AccountId,
        (operation, version): (OperationId, u64),
    ) -> Result<Judged, Kept> {
        let vault = self.vault;
        let owner = self.owner(id).await?;
        let verdict = match owner {
            None => Usage::AccountMissing,
            Some(Found::Deleted(_)) => Usage::Remove,
            Some(Found::Live(owner)) => rules::snapshot(owner, &operation, version),
        };
        let (verdict, fence) = match (verdict, owner) {
            (Usage::InUse, _) => return Ok(Judged::InUse),
            (Usage::RemoveBehindFence, Some(Found::Live(owner))) => (Usage::Remove, Some(owner.clone())),
            (other, _) => (other, None),
        };
        let read = vault.store().get(key).await.map_err(|_| Kept::StoreFailed)?;
        let object = read.object.ok_or(Kept::Changed)?;
        Ok(match judged(Kind::Snapshots, object.etag, verdict) {
            Judged::Remove(suspect) => Judged::Remove(Suspect { fence: fence.map(Box::new), ..suspect }),
            other => other,
        })
    }

    async fn pointer(&self, key: &Key) -> Result<Judged, Kept> {
        let pointer = self.load::<Pointer>(key).await?.current.ok_or(Kept::Changed)?;
        let id = pointer.value().account_id;
        let verdict = match self.find(&id).await? {
            Some(Found::Live(account)) => rules::pointer(account.value(), key),
            Some(Found::Deleted(_)) => Usage::Remove,
            None if self.removed.contains(&id) => Usage::Remove,
            None => Usage::AccountMissing,
        };
        Ok(judged(Kind::Pointers, pointer.etag, verdict))
    }

    async fn guesses(&self, key: &Key) -> Result<Judged, Kept> {
        let Loaded { current, time } = self.load::<Guesses>(key).await?;
        let current = current.ok_or(Kept::Changed)?;
        // A full budget is removed, so the clock must be sound.
        let Ok(now) = self.vault.time().now(time) else { return Ok(Judged::InUse) };
        let verdict = rules::guesses(&current.value().after_set_backs(&now.set_backs), now.time);
        Ok(judged(Kind::Guesses, current.etag, verdict))
    }

    async fn invite(&self, key: &Key) -> Result<Judged, Kept> {
        let Loaded { current, time } = self.load::<Invite>(key).await?;
        let current = current.ok_or(Kept::Changed)?;
        let verdict = rules::invite(current.value(), self.vault.time().moment(time).earliest);
        Ok(judged(Kind::Invites, current.etag, verdict))
    }

    async fn pairing(&self, key: &Key) -> Result<Judged, Kept> {
        let Loaded { current, time } = self.load::<Mailbox>(key).await?;
        let current = current.ok_or(Kept::Changed)?;
        let verdict = rules::pairing(current.value(), self.vault.time().moment(time).earliest);
        Ok(judged(Kind::Pairings, current.etag, verdict))
    }

    /// Objects of a probe belong to an earlier start. Each probe uses its own names.
    async fn probe(&self, key: &Key) -> Result<Judged, Kept> {
        let read = self.vault.store().get(key).await.map_err(|_| Kept::StoreFailed)?;
        let object = read.object.ok_or(Kept::Changed)?;
        Ok(judged(Kind::Probes, object.etag, Usage::Remove))
    }
}

fn why_kept(error: LoadError) -> Kept {
    match error {
        LoadError::Store(_) => Kept::StoreFailed,
        LoadError::Damaged(_) | LoadError::Format { .. } => Kept::Unreadable,
    }
}

fn judged(kind: Kind, etag: Etag, verdict: Usage) -> Judged {
    match verdict {
        Usage::InUse => Judged::InUse,
        Usage::Remove | Usage::RemoveBehindFence => Judged::Remove(Suspect { kind, etag, fence: None }),
        Usage::AheadOfAccount => Judged::Keep(Kept::AheadOfAccount),
        Usage::AccountMissing => Judged::Keep(Kept::AccountMissing),
        Usage::FailedAttempts => Judged::Keep(Kept::FailedAttempts),
    }
}
