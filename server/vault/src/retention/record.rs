//! What an account records of each snapshot: its head, its author, and what superseded it.

use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

/// The author of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<DeviceId>", into = "Option<DeviceId>")]
pub enum Author {
    /// A login. All sessions of an account are one author, because each of them may delete
    /// everything anyway.
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
    /// What clients see of it.
    #[serde(flatten)]
    pub head: Head,
    /// The author of the save.
    #[serde(rename = "device", skip_serializing_if = "Author::is_owner", default = "owner")]
    pub author: Author,
    /// The version of the account that first named it. The name of its object contains it.
    pub version: u64,
    /// How it was superseded. `None` for the head.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub superseded: Option<Superseded>,
}

/// How a snapshot was superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// The time, by the vault's clock, but never before a time that the account had recorded. Age
    /// counts from here.
    pub at: Timestamp,
    /// The author of the save that superseded it.
    #[serde(rename = "device", skip_serializing_if = "Author::is_owner", default = "owner")]
    pub by: Author,
    /// Whether that save pinned it, so that it is never thinned.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub pinned: bool,
}

fn owner() -> Author {
    Author::Owner
}

impl Retained {
    /// A snapshot that this version of the account is going to make the head.
    #[must_use]
    pub fn new(head: Head, author: Author, version: u64) -> Self {
        Self { head, author, version, superseded: None }
    }

    /// The author whose share it counts against: its own author, or a device that superseded a
    /// snapshot of the owner's. Only the owner can therefore add to what counts against another
    /// author.
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
