//! The account's history, held against what this device has seen.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::OpenClient;
use crate::values::Permission;
use rootcellar_client::VaultText;
use rootcellar_client::history::{self, Checked, CheckedEvent, Detail};
use rootcellar_spec::hex;
use rootcellar_spec::wire;

/// Who asked for what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Actor {
    /// A session by passphrase.
    Passphrase,
    /// A session by recovery code.
    RecoveryCode,
    /// An enrolled device.
    Device,
}

/// One of the two streams, each numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Stream {
    /// Everything but saves.
    Acts,
    /// Saves.
    Saves,
}

/// What an event's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EventDetail {
    /// Nothing.
    None,
    /// How often a passphrase failed before it.
    FailedAttempts {
        /// How often.
        count: u64,
    },
    /// What the device may do since.
    Permission {
        /// That.
        permission: Permission,
    },
    /// The number of the backup.
    Backup {
        /// That.
        number: u64,
    },
    /// The generation of the account's keys.
    Generation {
        /// That.
        number: u64,
    },
    /// The account's suite.
    Suite {
        /// That.
        number: u64,
    },
    /// Of a newer vault.
    Unknown {
        /// The number.
        number: u64,
    },
}

/// Something that happened.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HistoryEvent {
    /// Its stream.
    pub stream: Stream,
    /// Its place there.
    pub number: u64,
    /// When, by the vault's clock.
    pub at: u64,
    /// What, as in section 20 of the protocol: `login`, `restore`, `save`, …
    pub kind: String,
    /// How the request was authorised.
    pub by: Actor,
    /// The enrolled device that asked for it.
    pub device_id: Option<String>,
    /// The device that it was about.
    pub subject_id: Option<String>,
    /// More of it.
    pub detail: EventDetail,
    /// Whether the account's present keys and device list bear out that it took place. When, and who it was, are the vault's word.
    pub proven: bool,
}

/// Events that the vault no longer gives and this device never saw.
#[derive(Clone, Copy, Debug, uniffi::Record)]
pub struct MissingEvents {
    /// Of this stream.
    pub stream: Stream,
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

/// What happened to the account: nothing of it contradicts what this device has seen.
#[derive(Clone, Debug, uniffi::Record)]
pub struct History {
    /// The events of both streams, oldest first by the vault's clock.
    pub events: Vec<HistoryEvent>,
    /// What is missing.
    pub missing: Vec<MissingEvents>,
    /// Failed tries since the last login, as the vault counts.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: u64,
}

#[uniffi::export]
impl RootcellarClient {
    /// What happened to the account, as the vault says, with a mark at what this device can show: one round trip.
    pub async fn history(&self) -> Result<History, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| Ok(History::of(&held.session()?.history().await?)))
            .await
    }
}

impl History {
    fn of(checked: &Checked) -> Self {
        let events =
            checked.in_order().into_iter().map(|(stream, event)| HistoryEvent::of(stream.into(), event));
        let events = events.collect();
        let streams = [(Stream::Acts, &checked.acts), (Stream::Saves, &checked.saves)];
        let missing = streams.into_iter().filter_map(|(stream, of)| {
            of.gap.map(|gap| MissingEvents { stream, first: gap.first, last: gap.last })
        });
        let missing = missing.collect();
        Self { events, missing, failed_attempts: checked.failed_attempts, time: checked.time.0 }
    }
}

impl HistoryEvent {
    fn of(stream: Stream, checked: &CheckedEvent) -> Self {
        let event = &checked.event;
        Self {
            stream,
            number: event.number,
            at: event.at.0,
            kind: VaultText::new(&event.kind).to_string(),
            by: match event.by {
                wire::history::Actor::Passphrase => Actor::Passphrase,
                wire::history::Actor::RecoveryCode => Actor::RecoveryCode,
                wire::history::Actor::Device => Actor::Device,
            },
            device_id: event.device.map(|id| hex::encode(&id.0)),
            subject_id: event.subject.map(|id| hex::encode(&id.0)),
            detail: Detail::of(event).into(),
            proven: checked.proven,
        }
    }
}

impl From<history::Stream> for Stream {
    fn from(stream: history::Stream) -> Self {
        match stream {
            history::Stream::Acts => Self::Acts,
            history::Stream::Saves => Self::Saves,
        }
    }
}

impl From<Detail> for EventDetail {
    fn from(detail: Detail) -> Self {
        match detail {
            Detail::Nothing => Self::None,
            Detail::FailedAttempts(count) => Self::FailedAttempts { count },
            Detail::Permission(permission) => Self::Permission { permission: permission.into() },
            Detail::Backup(number) => Self::Backup { number },
            Detail::Generation(number) => Self::Generation { number },
            Detail::Suite(number) => Self::Suite { number },
            Detail::Unknown(number) => Self::Unknown { number },
        }
    }
}
