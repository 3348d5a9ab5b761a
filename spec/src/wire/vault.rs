//! Bodies of protocol.md section 15.1.

use crate::base64url;
use crate::suite::{SuiteId, opaque_bytes::PUBLIC_KEY};
use crate::values::Timestamp;
use crate::vault_id::VaultId;
use serde::{Deserialize, Serialize};

/// The protocol version of this crate.
pub const PROTOCOL: u32 = 1;

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Anyone may register.
    Open,
    /// Anyone with an invite may register.
    Invite,
    /// No one may register.
    Closed,
}

/// Response of `GET /v1/vault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Vault {
    /// Always [`PROTOCOL`] in this version.
    pub protocol: u32,
    /// The permanent ID of the vault.
    pub vault_id: VaultId,
    /// The vault's OPAQUE public key, which clients pin.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<{ PUBLIC_KEY }>))]
    pub server_public_key: [u8; PUBLIC_KEY],
    /// The suites that the vault supports, newest first.
    pub suites: Vec<SuiteId>,
    /// Who may register.
    pub registration: RegistrationMode,
    /// When the operator replaced a lost root secret. Passphrases that were set earlier do not
    /// work. Absent if this never happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub passphrases_since: Option<Timestamp>,
    /// The vault's clock.
    pub time: Timestamp,
}
