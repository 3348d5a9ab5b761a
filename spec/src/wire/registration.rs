//! Bodies of protocol.md section 15.5, and the passphrase change of section 15.6, which has the
//! same form.

use super::recovery::RecoveryMethod;
use crate::base64url;
use crate::json;
use crate::suite::{SuiteId, opaque_bytes};
use crate::values::{AccountId, Generation, NameHash, OperationId, Timestamp};
use crate::vault_id::VaultId;
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/registration/start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RegistrationStartRequest))]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The vault that the request is for.
    pub vault_id: VaultId,
    /// The account's name hash.
    pub name_hash: NameHash,
    /// OPAQUE's registration request.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::REGISTRATION_REQUEST }>))]
    pub registration_request: [u8; opaque_bytes::REGISTRATION_REQUEST],
}

/// Response of `POST /v1/registration/start` and of `POST /v1/account/passphrase/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RegistrationStartResponse))]
pub struct StartResponse {
    /// OPAQUE's registration response.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::REGISTRATION_RESPONSE }>))]
    pub registration_response: [u8; opaque_bytes::REGISTRATION_RESPONSE],
    /// The vault's encrypted state, for the second request.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
}

/// Body of `POST /v1/registration/finish`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RegistrationFinishRequest))]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// The token of the first response.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// The ID of this attempt.
    pub operation: OperationId,
    /// The ID of the new account.
    pub account_id: AccountId,
    /// The suite of the new account.
    pub suite: SuiteId,
    /// OPAQUE's registration record.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::REGISTRATION_RECORD }>))]
    pub registration_record: [u8; opaque_bytes::REGISTRATION_RECORD],
    /// The account key, wrapped under the passphrase's key.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub passphrase_keyslot: Vec<u8>,
    /// The recovery methods: exactly one in this version.
    #[serde(deserialize_with = "json::objects")]
    pub recovery_methods: Vec<RecoveryMethod>,
    /// The invite, if the vault requires one.
    #[serde(deserialize_with = "json::optional", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub invite: Option<String>,
}

/// Response of `POST /v1/registration/finish`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RegistrationFinishResponse))]
pub struct FinishResponse {
    /// The ID of the new account.
    pub account_id: AccountId,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Body of `POST /v1/account/passphrase/start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassphraseStartRequest {
    /// The name of the account: required if it has none. Otherwise the account's name, or omitted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub name_hash: Option<NameHash>,
    /// OPAQUE's registration request.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::REGISTRATION_REQUEST }>))]
    pub registration_request: [u8; opaque_bytes::REGISTRATION_REQUEST],
}

/// Body of `POST /v1/account/passphrase/finish`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PassphraseFinishRequest {
    /// The token of the first response.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Token))]
    pub token: Vec<u8>,
    /// The ID of this attempt.
    pub operation: OperationId,
    /// The new suite of the account.
    pub suite: SuiteId,
    /// Generation of the wrapped account key: the account's.
    pub generation: Generation,
    /// OPAQUE's registration record.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ opaque_bytes::REGISTRATION_RECORD }>))]
    pub registration_record: [u8; opaque_bytes::REGISTRATION_RECORD],
    /// The account key, wrapped under the new passphrase's key.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub passphrase_keyslot: Vec<u8>,
    /// Whether this moves the account to a newer suite with the same passphrase, without revoking
    /// sessions.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub keep_sessions: bool,
}

/// Response of `POST /v1/account/passphrase/finish`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassphraseFinishResponse {
    /// The vault's clock.
    pub time: Timestamp,
}

redacted_debug!(StartResponse shows registration_response; hides token);
redacted_debug!(FinishRequest shows operation, account_id, suite, recovery_methods;
    hides token, registration_record, passphrase_keyslot, invite);
redacted_debug!(PassphraseFinishRequest shows operation, suite, generation, keep_sessions; hides token, registration_record, passphrase_keyslot);
