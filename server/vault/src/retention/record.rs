//! What an account keeps of each snapshot: its head, who saved it, and what superseded it.

use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who saved a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<DeviceId>", into = "Option<DeviceId>")]
pub enum Author {
    /// A login. All sessions of an account are one author, because each may delete everything anyway.
    Owner,
    /// An enrolled device that signed the save without a session.
    Device(DeviceId),
}

impl Author {
    fn is_owner(&self) -> bool {
        *self == Self::Owner
    }
}

impl From<Option<DeviceId>> for Author {
    fn from(device: Option<DeviceId>) -> Self {
        device.map_or(Self::Owner, Self::Device)
    }
}

impl From<Author> for Option<DeviceId> {
    fn from(author: Author) -> Self {
        match author {
            Author::Owner => None,
            Author::Device(device) => Some(device),
        }
    }
}

/// A retained snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// What clients are told of it.
    #[serde(flatten)]
    pub head: Head,
    /// Who saved it.
    #[serde(rename = "device", skip_serializing_if = "Author::is_owner", default = "owner")]
    pub author: Author,
    /// How it ceased to be the head; absent for the head itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub superseded: Option<Superseded>,
}

/// How a snapshot ceased to be the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// When, by the vault's clock; never earlier than any time that the account had recorded before. Age counts from here.
    pub at: Timestamp,
    /// Whose save did it.
    #[serde(rename = "device", skip_serializing_if = "Author::is_owner", default = "owner")]
    pub by: Author,
    /// Whether that save pinned it: no thinning takes it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub pinned: bool,
}

fn owner() -> Author {
    Author::Owner
}

impl Retained {
    /// A snapshot that is about to become the head.
    #[must_use]
    pub fn new(head: Head, author: Author) -> Self {
        Self { head, author, superseded: None }
    }

    /// Whose share it counts against: everybody pays for what they saved, and a device also for what it supersedes of the
    /// owner's. So nobody but the owner adds to what counts against another one.
    #[must_use]
    pub fn payer(&self) -> Author {
        match (self.author, self.superseded) {
            (Author::Owner, Some(Superseded { by, .. })) => by,
            (author, _) => author,
        }
    }

    /// Whether a save pinned it.
    pub(super) fn is_pinned(&self) -> bool {
        self.superseded.is_some_and(|superseded| superseded.pinned)
    }
}
