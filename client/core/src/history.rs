//! The account's history (protocol.md section 20): what the vault says happened, held against what this device remembers
//! and against what it can check.

mod check;
mod proof;
#[cfg(test)]
mod tests;

pub use check::{HistoryError, check};
pub use proof::Evidence;

use rootcellar_spec::wire::history::{Event, kind};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// The last event of a stream that a device has seen; number 0 and a zero digest before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Its number.
    pub number: u64,
    /// Its chain digest.
    pub digest: Digest,
}

/// What a device remembers of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistorySeen {
    /// Of everything but saves.
    pub acts: Tip,
    /// Of saves.
    pub saves: Tip,
}

/// One of the two streams of a history, each numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Everything but saves.
    Acts,
    /// Saves.
    Saves,
}

/// Events that the vault no longer gives and this device never saw, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

/// An event, and whether this device can show that it took place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedEvent {
    /// What the vault says.
    pub event: Event,
    /// Whether what the event says took place is shown by what the owner's keys authenticate. Its time, and who did it, are
    /// the vault's word either way.
    pub proven: bool,
}

/// A stream whose chain holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedStream {
    /// The events, oldest first.
    pub events: Vec<CheckedEvent>,
    /// What lies between what this device had seen and the first of them.
    pub gap: Option<Gap>,
}

/// A history that contradicts nothing that this device has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Everything but saves.
    pub acts: CheckedStream,
    /// Saves.
    pub saves: CheckedStream,
    /// Failed tries of the account's name since the last login, as the vault counts.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: Timestamp,
    /// What to remember of it.
    pub seen: HistorySeen,
}

impl Checked {
    /// Acts and saves together, oldest first by the vault's clock; in each stream the order stays.
    #[must_use]
    pub fn in_order(&self) -> Vec<(Stream, &CheckedEvent)> {
        let mut acts = self.acts.events.iter().map(|event| (Stream::Acts, event)).peekable();
        let mut saves = self.saves.events.iter().map(|event| (Stream::Saves, event)).peekable();
        let next = std::iter::from_fn(|| match (acts.peek(), saves.peek()) {
            (Some((_, act)), Some((_, save))) if save.event.at < act.event.at => saves.next(),
            (Some(_), _) => acts.next(),
            (None, _) => saves.next(),
        });
        next.collect()
    }
}

/// What an event's number means, which depends on its kind (section 20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// How often a passphrase failed before it.
    FailedAttempts(u64),
    /// What the device may do since.
    Permission(Permission),
    /// The number of the backup.
    Backup(u64),
    /// The generation of the account's keys.
    Generation(u64),
    /// The account's suite.
    Suite(u64),
    /// Of a kind, or a permission, that this library does not know.
    Unknown(u64),
}

impl Detail {
    /// What the number of this event means.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let number = event.detail;
        match event.kind.as_str() {
            kind::LOGIN | kind::RESTORE => Self::FailedAttempts(number),
            kind::ENROLMENT | kind::PAIRING | kind::PERMISSION => {
                let known = u8::try_from(number).ok().and_then(Permission::from_number);
                known.map_or(Self::Unknown(number), Self::Permission)
            }
            kind::SAVE => Self::Backup(number),
            kind::REKEY => Self::Generation(number),
            kind::SUITE => Self::Suite(number),
            kind::REGISTRATION
            | kind::RECOVERY
            | kind::PASSPHRASE
            | kind::RECOVERY_CODE
            | kind::REVOCATION => Self::Nothing,
            _ => Self::Unknown(number),
        }
    }
}
