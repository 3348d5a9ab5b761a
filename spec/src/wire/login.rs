//! Sections 15.2 and 15.3.

use super::account::Head;
use crate::base64url;
use crate::json;
use crate::limits;
use crate::suite::{SuiteId, opaque_bytes};
use crate::values::{AccountId, Generation, NameHash, Timestamp};
use crate::vault_id::VaultId;
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/login/start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginStartRequest))]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The vault that the client means.
    pub vault_id: VaultId,
    /// The account's name hash.
    pub name_hash: NameHash,
    /// OPAQUE's KE1.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE1 }>))]
    pub ke1: [u8; opaque_bytes::KE1],
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginStartResponse))]
pub struct StartResponse {
    /// The suite of the account.
    pub suite: SuiteId,
    /// OPAQUE's KE2.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE2 }>))]
    pub ke2: [u8; opaque_bytes::KE2],
    /// The vault's state, sealed.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// What the next try will find if this one fails.
    pub budget: Budget,
    /// Room for the masked slots of a vault quorum. Pseudorandom in this version: a client ignores what it holds.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ limits::QUORUM_SLOTS_BYTES }>))]
    pub quorum_slots: [u8; limits::QUORUM_SLOTS_BYTES],
}

/// What the next try will find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Budget {
    /// Tries left before waits begin.
    pub remaining: u32,
    /// Seconds to wait before the next try.
    pub next_wait: u64,
}

/// Body of `POST /v1/login/finish`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginFinishRequest))]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// The token of the first trip.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// OPAQUE's KE3.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE3 }>))]
    pub ke3: [u8; opaque_bytes::KE3],
    /// The fresh Ed25519 public key that signs this request and the session's.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// What the person is about to do, for the history; left out, it is a login.
    #[serde(deserialize_with = "json::optional_name", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub purpose: Option<Purpose>,
}

/// What a login is for, as the client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginPurpose))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Anything else than a restore.
    Login,
    /// To open entries.
    Restore,
}

/// What a session or a device may do; each includes those before it. Logins by passphrase or recovery code manage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// See what is backed up, and never a seed.
    View,
    /// Add, replace and remove entries, without reading them.
    Backup,
    /// Read entries.
    Restore,
    /// Change devices, passphrase, recovery code and keys; delete the account.
    Manage,
}

impl Permission {
    /// Every permission, the least first.
    pub const ALL: [Self; 4] = [Self::View, Self::Backup, Self::Restore, Self::Manage];

    /// The number that stands for it in a device list and in the history (sections 18 and 20).
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::View => 1,
            Self::Backup => 2,
            Self::Restore => 3,
            Self::Manage => 4,
        }
    }

    /// The permission that a number stands for.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.number() == number)
    }

    /// The permission of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    /// Its name, as on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Manage => "manage",
        }
    }

    /// Whether a device of this permission holds the account key.
    #[must_use]
    pub fn holds_account_key(self) -> bool {
        self >= Self::Restore
    }
}

/// A session: useless without the request key that it was issued to.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Value of the `Rootcellar-Session` header, as bytes.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// When it ends, by the vault's clock.
    pub expires_at: Timestamp,
    /// What it may do.
    pub permission: Permission,
}

/// Control part of the answer to a finished login and to a recovery login.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginResponse {
    /// The account.
    pub account_id: AccountId,
    /// Its suite.
    pub suite: SuiteId,
    /// The suites that the vault takes.
    pub suites: Vec<SuiteId>,
    /// The generation of its keys.
    pub generation: Generation,
    /// The keyslot of the login method that logged in.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub keyslot: Vec<u8>,
    /// The session.
    pub session: Session,
    /// Whether an account name leads to the account. Where none does, a change of passphrase gives it one.
    pub named: bool,
    /// The newest snapshot, which is the second part of the answer.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The newest device list (section 18); absent where there is none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub device_list: Option<Vec<u8>>,
    /// Failed tries since the last login.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: Timestamp,
}

redacted_debug!(StartResponse shows suite, ke2, budget; hides token, quorum_slots);
redacted_debug!(FinishRequest shows request_key, purpose; hides token, ke3);
redacted_debug!(Session shows expires_at, permission; hides token);
