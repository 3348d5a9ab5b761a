//! Bodies of protocol.md sections 15.2 and 15.3.

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
    /// The vault that the request is for.
    pub vault_id: VaultId,
    /// The account's name hash.
    pub name_hash: NameHash,
    /// OPAQUE's KE1.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE1 }>))]
    pub ke1: [u8; opaque_bytes::KE1],
}

/// Response of `POST /v1/login/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginStartResponse))]
pub struct StartResponse {
    /// The account's suite.
    pub suite: SuiteId,
    /// OPAQUE's KE2.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE2 }>))]
    pub ke2: [u8; opaque_bytes::KE2],
    /// The vault's encrypted state, for the second request.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// What the next attempt will find if this one fails.
    pub budget: Budget,
    /// Reserved for the masked slots of a vault quorum. Pseudorandom in this version; clients
    /// ignore it.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ limits::QUORUM_SLOTS_BYTES }>))]
    pub quorum_slots: [u8; limits::QUORUM_SLOTS_BYTES],
}

/// What the next attempt will find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Budget {
    /// Attempts left before waits begin.
    pub remaining: u32,
    /// Seconds to wait before the next attempt.
    pub next_wait: u64,
}

/// Body of `POST /v1/login/finish`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginFinishRequest))]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// The token of the first response.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// OPAQUE's KE3.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE3 }>))]
    pub ke3: [u8; opaque_bytes::KE3],
    /// The new Ed25519 public key that signs this request and those of the session.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// The purpose of the login, for the history. If omitted, it is a login.
    #[serde(deserialize_with = "json::optional_name", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub purpose: Option<Purpose>,
}

/// The purpose of a login, as the client states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginPurpose))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Any purpose except a restore.
    Login,
    /// To decrypt entries.
    Restore,
}

/// The permissions of a session or a device. Each includes those before it. Logins by passphrase or
/// recovery code have [`Self::Manage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// See what is backed up, but no seeds.
    View,
    /// Add, replace and remove entries without reading them.
    Backup,
    /// Read entries.
    Restore,
    /// Change devices, passphrase, recovery code and keys, and delete the account.
    Manage,
}

impl Permission {
    /// All permissions, the lowest first.
    pub const ALL: [Self; 4] = [Self::View, Self::Backup, Self::Restore, Self::Manage];

    /// The number in a device list and in the history (sections 18 and 20).
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::View => 1,
            Self::Backup => 2,
            Self::Restore => 3,
            Self::Manage => 4,
        }
    }

    /// The permission with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.number() == number)
    }

    /// The permission with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Manage => "manage",
        }
    }

    /// Whether a device with this permission has the account key.
    #[must_use]
    pub fn holds_account_key(self) -> bool {
        self >= Self::Restore
    }
}

/// A session. It is useless without its request key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Value of the `Rootcellar-Session` header before base64url.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// When the session expires, by the vault's clock.
    pub expires_at: Timestamp,
    /// The permission of the session.
    pub permission: Permission,
}

/// JSON part of the response to a completed login and to a recovery login.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginResponse {
    /// The account that logged in.
    pub account_id: AccountId,
    /// The account's suite.
    pub suite: SuiteId,
    /// The suites that the vault supports, newest first.
    pub suites: Vec<SuiteId>,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// The keyslot of the login method that was used.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub keyslot: Vec<u8>,
    /// The new session.
    pub session: Session,
    /// Whether the account has a name. If not, a passphrase change gives it one.
    pub named: bool,
    /// The current snapshot, which is the second part of the response.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The current device list (section 18). Absent if there is none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub device_list: Option<Vec<u8>>,
    /// Failed attempts since the last login.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: Timestamp,
}

redacted_debug!(StartResponse shows suite, ke2, budget; hides token, quorum_slots);
redacted_debug!(FinishRequest shows request_key, purpose; hides token, ke3);
redacted_debug!(Session shows expires_at, permission; hides token);
