//! Section 15.7, and the new recovery code and the re-key of section 15.6, which bring keyslots too.

use super::account::Head;
use super::login::Permission;
use super::recovery::RecoveryMethod;
use crate::base64url;
use crate::json;
use crate::suite::SuiteId;
use crate::values::{AccountId, DeviceId, Digest, Generation, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// Control part of the answers of `GET /v1/account/device` and `POST /v1/account/restore`; the newest snapshot is the second part.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceResponse {
    /// The account.
    pub account_id: AccountId,
    /// Its suite.
    pub suite: SuiteId,
    /// The generation of its keys.
    pub generation: Generation,
    /// What the device may do.
    pub permission: Permission,
    /// The device's keyslot.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub keyslot: Vec<u8>,
    /// The newest snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The newest device list.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList))]
    pub device_list: Vec<u8>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Body of `POST /v1/account/restore`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Names this attempt.
    pub operation: OperationId,
}

/// What the vault keeps of an enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolledDevice {
    /// The device.
    pub id: DeviceId,
    /// The Ed25519 public key that signs its requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// What it may do.
    pub permission: Permission,
    /// When it was enrolled, by the vault's clock.
    pub enrolled_at: Timestamp,
    /// When it was seen last, by the vault's clock, to the day.
    pub last_seen_at: Timestamp,
}

/// Answer of `GET /v1/account/devices`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DevicesResponse {
    /// Every enrolled device, in the order of their enrolment.
    pub devices: Vec<EnrolledDevice>,
    /// The newest device list; absent where there is none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub list: Option<Vec<u8>>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// A device that is to be enrolled from now on.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// The device.
    pub id: DeviceId,
    /// The Ed25519 public key that signs its requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// What it may do.
    #[serde(deserialize_with = "json::name")]
    pub permission: Permission,
    /// Its keyslot; left out where it keeps the one that it has.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot, required = false))]
    pub keyslot: Option<Vec<u8>>,
}

/// The end of a pairing, as part of a change of devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PairingConfirmation {
    /// The mailbox.
    pub mailbox: Digest,
    /// The last message of the pairing, sealed to the new device.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::PairingMessage))]
    pub confirmation: Vec<u8>,
}

/// Body of `POST /v1/account/devices`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DevicesRequest {
    /// Names this attempt.
    pub operation: OperationId,
    /// The next device list.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList))]
    pub list: Vec<u8>,
    /// Every device that is enrolled from now on.
    #[serde(deserialize_with = "json::objects")]
    pub devices: Vec<DeviceEntry>,
    /// Where this ends a pairing.
    #[serde(deserialize_with = "json::optional_object", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub pairing: Option<PairingConfirmation>,
}

/// Body of `POST /v1/account/recovery-code`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodeRequest {
    /// Names this attempt.
    pub operation: OperationId,
    /// Generation of the account key that is wrapped: the account's.
    pub generation: Generation,
    /// Digest of the locator of the recovery code that this one replaces: the account's.
    pub replaces: Digest,
    /// The recovery methods from now on: exactly one in this version.
    #[serde(deserialize_with = "json::objects")]
    pub recovery_methods: Vec<RecoveryMethod>,
}

/// Control part of the body of `POST /v1/account/rekey`; the snapshot that is the head from then on is the second part.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RekeyRequest {
    /// Names this attempt.
    pub operation: OperationId,
    /// The account's suite, which stays: a change of passphrase alone moves it.
    pub suite: SuiteId,
    /// The generation of the new keys: the account's plus one.
    pub generation: Generation,
    /// Digest of the locator of the recovery code that this one replaces: the account's.
    pub replaces: Digest,
    /// The new account key, wrapped under the passphrase's key.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub passphrase_keyslot: Vec<u8>,
    /// The recovery methods from now on: exactly one in this version.
    #[serde(deserialize_with = "json::objects")]
    pub recovery_methods: Vec<RecoveryMethod>,
    /// The next device list; left out where the account has none and gets none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub list: Option<Vec<u8>>,
    /// Every device that is enrolled from now on, each with its keyslot.
    #[serde(deserialize_with = "json::objects")]
    pub devices: Vec<DeviceEntry>,
}

/// Answer of `POST /v1/account/rekey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RekeyResponse {
    /// The account's newest snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Answer of a change of devices and of a new recovery code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeResponse {
    /// When it took place, by the vault's clock.
    pub time: Timestamp,
}

redacted_debug!(DeviceResponse shows account_id, suite, generation, permission, head, time; hides keyslot, device_list);
redacted_debug!(DeviceEntry shows id, request_key, permission; hides keyslot);
redacted_debug!(RecoveryCodeRequest shows operation, generation, recovery_methods; hides replaces);
redacted_debug!(RekeyRequest shows operation, suite, generation, recovery_methods, devices; hides replaces, passphrase_keyslot, list);
