//! What a sweep has found.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Snapshots that can never be committed any more.
    Snapshots,
    /// Guess budgets that are as good as absent.
    Guesses,
    /// Accounts whose registration broke off.
    Registrations,
    /// Names and locators that lead nowhere.
    Pointers,
    /// Invites that have ended.
    Invites,
    /// Pairing mailboxes that have ended.
    Pairings,
    /// What is left of deleted accounts.
    Tombstones,
    /// What a probe of the store has left.
    Probes,
}

/// Why something stays that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// A snapshot whose save may still be sent again: it goes once another one was saved.
    MayBeSaved,
    /// A snapshot, name or locator whose account's object is not there. No crash leaves a snapshot so: where the store has
    /// lost the account, bringing that object back brings back the backups too.
    AccountMissing,
    /// A full guess budget whose owner is still to hear of tries that failed.
    FailedAttempts,
    /// Damaged, or of a newer version.
    Unreadable,
    /// Of a name that no vault gives.
    Foreign,
    /// It was changed or removed while the sweep looked at it.
    Changed,
    /// The store did not answer, or refused.
    StoreFailed,
}

/// How many objects of how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Objects.
    pub objects: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// What became of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It would be removed.
    Removable(Kind),
    /// It was removed.
    Removed(Kind),
    /// It stays.
    Kept(Kept),
}

/// One object that is not simply in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name in the store.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// A sweep as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether anything was removed; otherwise `removed` is what would be.
    pub applied: bool,
    /// Whether the whole store was walked over.
    pub complete: bool,
    /// All objects.
    pub seen: Tally,
    /// Those that were written within a day: nobody looked into them.
    pub young: Tally,
    /// What was removed, or would be.
    pub removed: BTreeMap<Kind, Tally>,
    /// What nobody uses and stays.
    pub kept: BTreeMap<Kept, Tally>,
    /// How long it took.
    pub seconds: u64,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Report {
    pub(super) fn new(applied: bool) -> Self {
        Self {
            applied,
            complete: false,
            seen: Tally::default(),
            young: Tally::default(),
            removed: BTreeMap::new(),
            kept: BTreeMap::new(),
            seconds: 0,
        }
    }

    pub(super) fn see(&mut self, bytes: u64) {
        self.seen.add(bytes);
    }

    pub(super) fn count(&mut self, outcome: Outcome, bytes: u64) {
        match outcome {
            Outcome::Removable(kind) | Outcome::Removed(kind) => {
                self.removed.entry(kind).or_default().add(bytes);
            }
            Outcome::Kept(reason) => self.kept.entry(reason).or_default().add(bytes),
        }
    }

    /// All that was removed, or would be.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.removed.values().fold(Tally::default(), |all, one| Tally {
            objects: all.objects + one.objects,
            bytes: all.bytes.saturating_add(one.bytes),
        })
    }
}

impl Kind {
    /// Its name in reports and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshots => "snapshots",
            Self::Guesses => "guesses",
            Self::Registrations => "registrations",
            Self::Pointers => "pointers",
            Self::Invites => "invites",
            Self::Pairings => "pairings",
            Self::Tombstones => "tombstones",
            Self::Probes => "probes",
        }
    }
}
