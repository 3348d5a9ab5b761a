//! Section 15.4. The answer is [`super::login::LoginAnswer`] with the recovery keyslot.

use crate::base64url;
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/recovery`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryRequest {
    /// Finds the account; derived from the recovery code.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub locator: [u8; 32],
    /// The fresh Ed25519 public key that signs the session's requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
}

redacted_debug!(RecoveryRequest shows request_key; hides locator);
