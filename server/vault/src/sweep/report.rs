//! The result of a sweep.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kinds of unused objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Snapshots that no account names.
    Snapshots,
    /// Guess budgets that are equivalent to absent ones.
    Guesses,
    /// Accounts of incomplete registrations.
    Registrations,
    /// Names and locators without an account.
    Pointers,
    /// Expired invites.
    Invites,
    /// Expired pairing mailboxes.
    Pairings,
    /// Tombstones of deleted accounts.
    Tombstones,
    /// Remains of store probes.
    Probes,
}

/// Why an unused or unknown object is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// A snapshot of a version that its account has not reached: the store contains an older
    /// version of the account than before.
    AheadOfAccount,
    /// A snapshot, name or locator whose account's object is missing. No crash causes this for a
    /// snapshot: if the store has lost the account, restoring that object also restores the
    /// backups.
    AccountMissing,
    /// A full guess budget with failed attempts that its owner has not seen.
    FailedAttempts,
    /// Damaged, or from a newer version.
    Unreadable,
    /// A name that a vault does not use.
    Foreign,
    /// Changed or removed during the sweep.
    Changed,
    /// The store did not respond, or refused the request.
    StoreFailed,
}

/// A number of objects with their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Number of objects.
    pub objects: u64,
    /// Total size in bytes.
    pub bytes: u64,
}

/// What the sweep did with one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It would be removed.
    Removable(Kind),
    /// It was removed.
    Removed(Kind),
    /// It is kept.
    Kept(Kept),
}

/// One object that is unused or unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name in the store.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What the sweep did with it.
    pub outcome: Outcome,
}

/// The result of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether objects were removed. Otherwise `removed` lists what would be.
    pub applied: bool,
    /// Whether the whole store was checked.
    pub complete: bool,
    /// All objects.
    pub seen: Tally,
    /// Objects written within a day. They were not read.
    pub young: Tally,
    /// The removed objects, or those that would be.
    pub removed: BTreeMap<Kind, Tally>,
    /// The unused and unknown objects that are kept.
    pub kept: BTreeMap<Kept, Tally>,
    /// Duration in seconds.
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

    /// All objects that were removed, or would be.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.removed.values().fold(Tally::default(), |all, one| Tally {
            objects: all.objects + one.objects,
            bytes: all.bytes.saturating_add(one.bytes),
        })
    }
}

impl Kind {
    /// The name in reports and metrics.
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
