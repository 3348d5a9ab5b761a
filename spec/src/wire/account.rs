//! Bodies of protocol.md section 15.6.

use super::recovery::RecoveryMethodRecord;
use crate::suite::SuiteId;
use crate::values::{AccountId, Digest, Generation, Number, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// The record of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Head {
    /// Counts the account's snapshots from 1.
    pub number: Number,
    /// The operation that saved it.
    pub operation: OperationId,
    /// SHA-256 of the snapshot's bytes.
    pub digest: Digest,
    /// The generation of the keys that encrypt it.
    pub generation: Generation,
    /// Size of the snapshot in bytes.
    pub size: u64,
    /// When it was saved, by the vault's clock.
    pub created_at: Timestamp,
}

/// Response of `GET /v1/account`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The account of the session or device.
    pub account_id: AccountId,
    /// The account's suite.
    pub suite: SuiteId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// When the account was registered, by the vault's clock.
    pub created_at: Timestamp,
    /// The current snapshot. `None` if there is none yet.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The retained snapshots, newest first.
    pub snapshots: Vec<Head>,
    /// Exactly one in this version.
    pub recovery_methods: Vec<RecoveryMethodRecord>,
    /// When the passphrase was set, by the vault's clock.
    pub passphrase_changed_at: Timestamp,
    /// The vault's clock.
    pub time: Timestamp,
}

impl Account {
    /// SHA-256 of the current recovery code's locator.
    #[must_use]
    pub fn recovery_code(&self) -> Option<Digest> {
        self.recovery_methods.first().map(|method| method.locator_digest)
    }
}

/// JSON part of the response to a request for a snapshot, and to a save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotResponse {
    /// The account's current snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The requested or saved snapshot.
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
    /// The ID of this attempt.
    pub operation: OperationId,
}

/// Response of `POST /v1/account/delete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteResponse {
    /// When the account was deleted, by the vault's clock.
    pub time: Timestamp,
}
