//! Small values of the protocol, each with its own type (protocol.md section 1).

use crate::base64url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

macro_rules! bytes_value {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = crate::openapi::Bytes<$bytes>))]
        pub struct $name(#[serde(with = "base64url::array")] pub [u8; $bytes]);

        impl $name {
            /// Size in bytes.
            pub const BYTES: usize = $bytes;

            /// Parses base64url text. `None` if it is not exactly this many bytes in strict
            /// encoding.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                base64url::decode_array(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base64url::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

bytes_value!(
    /// The ID of an account. Random, chosen by the client.
    AccountId,
    16
);
bytes_value!(
    /// The ID of one attempt to change something. Random, chosen by its sender.
    OperationId,
    16
);
bytes_value!(
    /// The ID of an entry in all its versions. Random, chosen by the client.
    EntryId,
    16
);
bytes_value!(
    /// The ID of a device. Random, chosen by the client.
    DeviceId,
    16
);
bytes_value!(
    /// The hash of an account name, which is all that the vault learns of it (section 3).
    NameHash,
    32
);
bytes_value!(
    /// SHA-256 of exact bytes.
    Digest,
    32
);

impl Digest {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// Seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Seconds from `earlier` to `self`. 0 if `earlier` is later, which counts as now.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Adds this many seconds. Saturates.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Absolute difference to `other`, in seconds.
    #[must_use]
    pub fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

/// Counts an account's keys: 1 at registration, and 1 more after each re-key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(minimum = 1))]
pub struct Generation(pub u32);

impl Generation {
    /// The generation of a new account.
    pub const FIRST: Self = Self(1);
}

/// Counts an account's snapshots, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(minimum = 1))]
pub struct Number(pub u64);

impl Number {
    /// The number of an account's first snapshot.
    pub const FIRST: Self = Self(1);

    /// The next number. `None` at the end of the range.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
