//! Bodies of protocol.md sections 15.9 and 20.

use crate::encode_parts::encode_parts;
use crate::labels;
use crate::values::{DeviceId, Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// Response of `GET /v1/account/history`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// All events except saves.
    pub acts: Stream,
    /// The saves.
    pub saves: Stream,
    /// Failed attempts with the account's name since the last login.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: Timestamp,
}

/// The newest events of a stream, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = HistoryStream))]
pub struct Stream {
    /// Chain digest of the event before the first of these. Zero if this is the first of all.
    pub base: Digest,
    /// The events, with consecutive numbers.
    pub events: Vec<Event>,
}

/// How a request was authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = HistoryActor))]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A session by passphrase.
    Passphrase,
    /// A session by recovery code.
    RecoveryCode,
    /// An enrolled device.
    Device,
}

/// An event of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = HistoryEvent))]
pub struct Event {
    /// Counts the events of the stream from 1.
    pub number: u64,
    /// The time of the event, by the vault's clock.
    pub at: Timestamp,
    /// One of [`kind`], or a kind of a newer vault.
    pub kind: String,
    /// How the request was authorised.
    pub by: Actor,
    /// The enrolled device whose key signed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub device: Option<DeviceId>,
    /// The device that the event is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub subject: Option<DeviceId>,
    /// A number. Its meaning depends on the kind.
    pub detail: u64,
}

/// The kinds of section 20.
pub mod kind {
    /// The account was registered.
    pub const REGISTRATION: &str = "registration";
    /// A login by passphrase.
    pub const LOGIN: &str = "login";
    /// A login by passphrase, or a device's request, to decrypt entries.
    pub const RESTORE: &str = "restore";
    /// A login by recovery code.
    pub const RECOVERY: &str = "recovery";
    /// The passphrase was changed.
    pub const PASSPHRASE: &str = "passphrase";
    /// The recovery code was replaced.
    pub const RECOVERY_CODE: &str = "recovery-code";
    /// The account's keys were changed.
    pub const REKEY: &str = "rekey";
    /// The account moved to a newer suite.
    pub const SUITE: &str = "suite";
    /// A device was enrolled in a session of the owner.
    pub const ENROLMENT: &str = "enrolment";
    /// A device was enrolled by pairing.
    pub const PAIRING: &str = "pairing";
    /// A device's permission changed.
    pub const PERMISSION: &str = "permission";
    /// A device was removed.
    pub const REVOCATION: &str = "revocation";
    /// A snapshot was saved.
    pub const SAVE: &str = "save";
}

impl Actor {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::RecoveryCode => "recovery-code",
            Self::Device => "device",
        }
    }
}

impl Event {
    /// The chain digest of this event, given that of the previous event.
    #[must_use]
    pub fn digest(&self, before: &Digest) -> Digest {
        let bytes = |id: &Option<DeviceId>| id.map_or_else(Vec::new, |id| id.0.to_vec());
        Digest::of(&encode_parts(&[
            labels::HISTORY.as_bytes(),
            &before.0,
            &self.number.to_be_bytes(),
            &self.at.0.to_be_bytes(),
            self.kind.as_bytes(),
            self.by.as_str().as_bytes(),
            &bytes(&self.device),
            &bytes(&self.subject),
            &self.detail.to_be_bytes(),
        ]))
    }
}

impl Stream {
    /// A stream without events.
    #[must_use]
    pub fn empty() -> Self {
        Self { base: Digest([0; 32]), events: Vec::new() }
    }
}
