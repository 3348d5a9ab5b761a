//! What a save changes, and how it is applied to whichever snapshot is the newest (protocol.md sections 10 and 17).

use crate::entry::{self, Entry, EntryPlace};
use crate::error::ClientError;
use crate::inventory::{Device, Inventory, Item, Label};
use crate::keys::EntryPublicKey;
use crate::pending_save::PendingSave;
use crate::randomness::{self, Randomness};
use crate::snapshot::{SealError, Seen, Snapshot};
use rootcellar_spec::{AccountId, Digest, EntryId, Generation, SuiteId, Timestamp, limits};

/// Entries to add and to remove in one save.
#[derive(Debug, Default)]
pub struct Change {
    added: Vec<(Label, Entry, Option<[u8; 4]>)>,
    removed: Vec<EntryId>,
}

impl Change {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry under a new id.
    #[cfg(feature = "fingerprint")]
    #[must_use]
    pub fn add(self, label: Label, entry: Entry) -> Self {
        let fingerprint = crate::fingerprint::of(&entry);
        self.add_shown_as(label, entry, fingerprint)
    }

    /// Adds an entry under a new id, for a program that was built without the feature `fingerprint` and computes a phrase's
    /// master fingerprint by other means; `None` for what has none.
    #[must_use]
    pub fn add_shown_as(mut self, label: Label, entry: Entry, fingerprint: Option<[u8; 4]>) -> Self {
        self.added.push((label, entry, fingerprint));
        self
    }

    /// Removes an entry.
    #[must_use]
    pub fn remove(mut self, id: EntryId) -> Self {
        self.removed.push(id);
        self
    }

    /// Seals what is added. A removal of what the newest snapshot does not hold is an error.
    pub(super) fn seal(
        self,
        newest: Option<&Snapshot>,
        to: &Addressee<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<SealedChange, ClientError> {
        let held = |id| newest.is_some_and(|snapshot| snapshot.inventory.item(id).is_some());
        if let Some(missing) = self.removed.iter().find(|id| !held(**id)) {
            return Err(ClientError::NoSuchEntry(*missing));
        }
        // Sealing takes its time: what cannot be saved is not sealed first.
        if self.added.len() > limits::ENTRIES {
            return Err(SealError::TooManyEntries.into());
        }
        let added = self
            .added
            .into_iter()
            .map(|(label, entry, fingerprint)| to.seal((label, &entry, fingerprint), randomness))
            .collect();
        Ok(SealedChange { added, removed: self.removed })
    }
}

/// What entries are sealed to, and when.
pub(super) struct Addressee<'a> {
    pub(super) suite: SuiteId,
    pub(super) account: AccountId,
    pub(super) generation: Generation,
    pub(super) key: &'a EntryPublicKey,
    pub(super) now: Timestamp,
}

impl Addressee<'_> {
    fn seal(
        &self,
        (label, entry, fingerprint): (Label, &Entry, Option<[u8; 4]>),
        randomness: &mut dyn Randomness,
    ) -> (Item, Vec<u8>) {
        let id = EntryId(randomness::bytes(randomness));
        let place =
            EntryPlace { suite: self.suite, account: self.account, generation: self.generation, entry: id };
        let sealed = entry::seal(entry, self.key, place, randomness);
        (Item::new(id, label, entry.kind(), self.now, Digest::of(&sealed), fingerprint), sealed)
    }
}

/// A change whose entries are sealed: it can be applied to one newest snapshot after the other.
pub(super) struct SealedChange {
    added: Vec<(Item, Vec<u8>)>,
    removed: Vec<EntryId>,
}

impl SealedChange {
    /// The change that an unfinished save was, from its opened snapshot.
    pub(super) fn of_pending(pending: &PendingSave, opened: &Snapshot) -> Self {
        let entries = opened.inventory.items.iter().zip(&opened.sealed_entries);
        let added = entries
            .filter(|(item, _)| pending.added.contains(&item.id))
            .map(|(item, sealed)| (item.clone(), sealed.clone()))
            .collect();
        Self { added, removed: pending.removed.clone() }
    }

    /// The entries that it adds.
    pub(super) fn added(&self) -> Vec<EntryId> {
        self.added.iter().map(|(item, _)| item.id).collect()
    }

    /// The entries that it removes.
    pub(super) fn removed(&self) -> Vec<EntryId> {
        self.removed.clone()
    }

    /// Inventory and sealed entries of the snapshot that follows `newest`. What another device removed meanwhile stays
    /// removed, what it added stays.
    pub(super) fn apply(
        &self,
        newest: Option<&Snapshot>,
        now: Timestamp,
        device: Device,
        device_list: Option<Seen>,
    ) -> (Inventory, Vec<Vec<u8>>) {
        let (former, sealed) = match newest {
            Some(newest) => (newest.inventory.clone(), newest.sealed_entries.clone()),
            None => (Inventory::new(now, device.clone()), Vec::new()),
        };
        let mut inventory = former.continued(now, device, device_list);
        let replaced = |id| self.removed.contains(&id) || self.added.iter().any(|(item, _)| item.id == id);
        let kept = std::mem::take(&mut inventory.items).into_iter().zip(sealed);
        let all = kept.filter(|(item, _)| !replaced(item.id)).chain(self.added.iter().cloned());
        let (items, sealed) = all.unzip();
        inventory.items = items;
        (inventory, sealed)
    }
}
