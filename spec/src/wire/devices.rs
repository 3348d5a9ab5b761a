//! Bodies of protocol.md section 15.7, and the new recovery code and the re-key of section 15.6.

use super::account::Head;
use super::login::Permission;
use super::recovery::RecoveryMethod;
use crate::base64url;
use crate::json;
use crate::suite::SuiteId;
use crate::values::{AccountId, DeviceId, Digest, Generation, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

/// JSON part of the responses of `GET /v1/account/device` and `POST /v1/account/restore`. The
/// current snapshot is the second part.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceResponse {
    /// The account of the device.
    pub account_id: AccountId,
    /// The account's suite.
    pub suite: SuiteId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// The permission of the device.
    pub permission: Permission,
    /// The keyslot of the device.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub keyslot: Vec<u8>,
    /// The current snapshot. `None` if there is none yet.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The current device list.
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
    /// The ID of this attempt.
    pub operation: OperationId,
}

/// The vault's record of an enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrolledDevice {
    /// The ID of the device.
    pub id: DeviceId,
    /// The Ed25519 public key that signs its requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// The permission of the device.
    pub permission: Permission,
    /// When it was enrolled, by the vault's clock.
    pub enrolled_at: Timestamp,
    /// When the device was last seen, by the vault's clock, rounded down to a day.
    pub last_seen_at: Timestamp,
}

/// Response of `GET /v1/account/devices`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DevicesResponse {
    /// The enrolled devices, in the order of their enrolment.
    pub devices: Vec<EnrolledDevice>,
    /// The current device list. Absent if there is none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub list: Option<Vec<u8>>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// A device that is enrolled after the change.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// The ID of the device.
    pub id: DeviceId,
    /// The Ed25519 public key that signs its requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
    /// The permission of the device.
    #[serde(deserialize_with = "json::name")]
    pub permission: Permission,
    /// The keyslot of the device. Omitted if it keeps the current one.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot, required = false))]
    pub keyslot: Option<Vec<u8>>,
}

/// The last message of a pairing, as part of a change of devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PairingConfirmation {
    /// The ID of the mailbox.
    pub mailbox: Digest,
    /// The last message of the pairing, encrypted to the new device.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::PairingMessage))]
    pub confirmation: Vec<u8>,
}

/// Body of `POST /v1/account/devices`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DevicesRequest {
    /// The ID of this attempt.
    pub operation: OperationId,
    /// The next device list.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList))]
    pub list: Vec<u8>,
    /// All devices that are enrolled after the change.
    #[serde(deserialize_with = "json::objects")]
    pub devices: Vec<DeviceEntry>,
    /// Present if this completes a pairing.
    #[serde(deserialize_with = "json::optional_object", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub pairing: Option<PairingConfirmation>,
}

/// Body of `POST /v1/account/recovery-code`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodeRequest {
    /// The ID of this attempt.
    pub operation: OperationId,
    /// Generation of the wrapped account key: the account's.
    pub generation: Generation,
    /// SHA-256 of the locator of the recovery code to replace: the account's.
    pub replaces: Digest,
    /// The new recovery methods: exactly one in this version.
    #[serde(deserialize_with = "json::objects")]
    pub recovery_methods: Vec<RecoveryMethod>,
}

/// JSON part of the body of `POST /v1/account/rekey`. The second part is the new head.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RekeyRequest {
    /// The ID of this attempt.
    pub operation: OperationId,
    /// The account's suite, which does not change. Only a passphrase change changes it.
    pub suite: SuiteId,
    /// The generation of the new keys: the account's plus one.
    pub generation: Generation,
    /// SHA-256 of the locator of the recovery code to replace: the account's.
    pub replaces: Digest,
    /// The new account key, wrapped under the passphrase's key.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub passphrase_keyslot: Vec<u8>,
    /// The new recovery methods: exactly one in this version.
    #[serde(deserialize_with = "json::objects")]
    pub recovery_methods: Vec<RecoveryMethod>,
    /// The next device list. Omitted if the account has none and gets none.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::DeviceList, required = false))]
    pub list: Option<Vec<u8>>,
    /// All devices that are enrolled after the change, each with its keyslot.
    #[serde(deserialize_with = "json::objects")]
    pub devices: Vec<DeviceEntry>,
}

/// Response of `POST /v1/account/rekey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RekeyResponse {
    /// The account's current snapshot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub head: Option<Head>,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Response of a change of devices and of a new recovery code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeResponse {
    /// The time of the change, by the vault's clock.
    pub time: Timestamp,
}

redacted_debug!(DeviceResponse shows account_id, suite, generation, permission, head, time; hides keyslot, device_list);
redacted_debug!(DeviceEntry shows id, request_key, permission; hides keyslot);
redacted_debug!(RecoveryCodeRequest shows operation, generation, recovery_methods; hides replaces);
redacted_debug!(RekeyRequest shows operation, suite, generation, recovery_methods, devices; hides replaces, passphrase_keyslot, list);
