//! Section 15.1.

use crate::base64url;
use crate::suite::{SuiteId, opaque_bytes::PUBLIC_KEY};
use crate::values::Timestamp;
use crate::vault_id::VaultId;
use serde::{Deserialize, Serialize};

/// The protocol version that this crate describes.
pub const PROTOCOL: u32 = 1;

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Everyone.
    Open,
    /// Who has an invite.
    Invite,
    /// Nobody.
    Closed,
}

/// Answer of `GET /v1/vault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Vault {
    /// The protocol version.
    pub protocol: u32,
    /// The vault ID.
    pub vault_id: VaultId,
    /// The vault's OPAQUE public key, to pin.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ PUBLIC_KEY }>))]
    pub server_public_key: [u8; PUBLIC_KEY],
    /// The suites that the vault accepts.
    pub suites: Vec<SuiteId>,
    /// Who may register.
    pub registration: RegistrationMode,
    /// When the operator replaced a lost root secret: passphrases from before then do not work. Absent where that never was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub passphrases_since: Option<Timestamp>,
    /// The vault's clock.
    pub time: Timestamp,
}
