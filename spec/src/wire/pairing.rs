//! Bodies of protocol.md section 15.8.

use crate::base64url;
use crate::values::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// Size of a pairing's opening message, in bytes.
pub const OPENING_BYTES: usize = 64;

/// Body of `POST /v1/account/pairings`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingOpenRequest))]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// The ID of the mailbox.
    pub mailbox: Digest,
    /// The managing device's first message: `enc` and a nonce.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ OPENING_BYTES }>))]
    pub opening: [u8; OPENING_BYTES],
}

/// Response of `POST /v1/account/pairings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingOpenResponse))]
pub struct OpenResponse {
    /// When the mailbox expires, by the vault's clock.
    pub expires_at: Timestamp,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Body of `POST /v1/pairing`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingReadRequest))]
#[serde(deny_unknown_fields)]
pub struct ReadRequest {
    /// The ID of the mailbox.
    pub mailbox: Digest,
}

/// Response of `POST /v1/pairing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingReadResponse))]
pub struct ReadResponse {
    /// The managing device's first message.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ OPENING_BYTES }>))]
    pub opening: [u8; OPENING_BYTES],
    /// The new device's reply, if it was sent.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::PairingMessage, required = false))]
    pub reply: Option<Vec<u8>>,
    /// The managing device's confirmation, if it was sent.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::PairingMessage, required = false))]
    pub confirmation: Option<Vec<u8>>,
    /// When the mailbox expires, by the vault's clock.
    pub expires_at: Timestamp,
    /// The vault's clock.
    pub time: Timestamp,
}

/// Body of `POST /v1/pairing/reply`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingReplyRequest))]
#[serde(deny_unknown_fields)]
pub struct ReplyRequest {
    /// The ID of the mailbox.
    pub mailbox: Digest,
    /// The new device's reply, encrypted to the managing device.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::PairingMessage))]
    pub reply: Vec<u8>,
}

/// Response of `POST /v1/pairing/reply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PairingReplyResponse))]
pub struct ReplyResponse {
    /// The vault's clock.
    pub time: Timestamp,
}
