//! Section 15.6.

use super::recovery::RecoveryMethodRecord;
use crate::suite::SuiteId;
use crate::values::{AccountId, Digest, Generation, Number, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the vault keeps of a snapshot beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Head {
    /// Its place in the account's history.
    pub number: Number,
    /// The operation that made it.
    pub operation: OperationId,
    /// Digest of its bytes.
    pub digest: Digest,
    /// The generation of the keys that sealed it.
    pub generation: Generation,
    /// Its size in bytes.
    pub size: u64,
    /// When it was saved, by the vault's clock.
    pub created_at: Timestamp,
}

/// Answer of `GET /v1/account`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The account.
    pub account_id: AccountId,
    /// Its suite.
    pub suite: SuiteId,
    /// The generation of its keys.
    pub generation: Generation,
    /// When it was registered, by the vault's clock.
    pub created_at: Timestamp,
    /// The newest snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The retained snapshots, newest first.
    pub snapshots: Vec<Head>,
    /// The recovery methods.
    pub recovery_methods: Vec<RecoveryMethodRecord>,
    /// When the passphrase was set, by the vault's clock.
    pub passphrase_changed_at: Timestamp,
    /// The vault's clock.
    pub time: Timestamp,
}

impl Account {
    /// Digest of the locator of the recovery code that is valid.
    #[must_use]
    pub fn recovery_code(&self) -> Option<Digest> {
        self.recovery_methods.first().map(|method| method.locator_digest)
    }
}

/// Control part of the answer to a request for a snapshot, and to a save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotResponse {
    /// The account's newest snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The snapshot that was asked for by operation, or was saved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub snapshot: Option<Head>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Body of `POST /v1/account/delete`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteRequest {
    /// Names this attempt.
    pub operation: OperationId,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteResponse {
    /// When the account was deleted, by the vault's clock.
    pub time: Timestamp,
}
