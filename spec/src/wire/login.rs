//! Sections 15.2 and 15.3.

use super::account::Head;
use crate::base64url;
use crate::identity::Identity;
use crate::suite::{SuiteId, opaque_bytes};
use crate::values::{AccountId, Generation, NameHash, Timestamp};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/login/start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginStartRequest))]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The vault that the client means.
    pub identity: Identity,
    /// The account's name hash.
    pub name_hash: NameHash,
    /// OPAQUE's KE1.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::KE1 }>))]
    pub ke1: [u8; opaque_bytes::KE1],
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LoginStartAnswer))]
pub struct StartAnswer {
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
}

/// What a session may do (design: view, backup, restore, manage). Logins by passphrase or recovery code manage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Everything that the owner may do.
    Manage,
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
pub struct LoginAnswer {
    /// The account.
    pub account_id: AccountId,
    /// Its suite.
    pub suite: SuiteId,
    /// The generation of its keys.
    pub generation: Generation,
    /// The keyslot of the lane that logged in.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ crate::limits::KEYSLOT_BYTES }>))]
    pub keyslot: Vec<u8>,
    /// The session.
    pub session: Session,
    /// Whether an account name leads to the account. Where none does, a change of passphrase gives it one.
    pub named: bool,
    /// The newest snapshot, which is the second part of the answer.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// Failed tries since the last login.
    pub failed_attempts: u32,
    /// The vault's clock.
    pub time: Timestamp,
}

redacted_debug!(StartAnswer shows suite, ke2, budget; hides token);
redacted_debug!(FinishRequest shows request_key; hides token, ke3);
redacted_debug!(Session shows expires_at, permission; hides token);
