//! Bodies of protocol.md section 15.4, and the recovery methods of sections 15.5 and 15.6.

use crate::base64url;
use crate::encode_parts::encode_parts;
use crate::labels;
use crate::values::{AccountId, Digest, Generation, OperationId};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/recovery`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryRequest {
    /// Identifies the account. Derived from the recovery code.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub locator: [u8; 32],
    /// The new Ed25519 public key that signs the session's requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
}

/// A way to log in by recovery code, as set by a registration, a new recovery code or a re-key.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryMethod {
    /// The owner's label, encrypted (section 7.1).
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::RecoveryLabel, required = false))]
    pub label: Option<Vec<u8>>,
    /// Seconds from a recovery request to its release. Must be 0 in this version.
    #[serde(skip_serializing_if = "is_zero", default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub wait: u64,
    /// The account key, wrapped under the recovery code's key.
    #[serde(with = "base64url::vec")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Keyslot))]
    pub keyslot: Vec<u8>,
    /// Identifies the account in a recovery.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub locator: [u8; 32],
    /// The Ed25519 public key that verifies a recovery login. Not its seed.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub login_public_key: [u8; 32],
    /// Signature by that key over [`RecoveryMethod::proof_message`].
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<64>))]
    pub proof: [u8; 64],
}

/// The request that sets a recovery method. Its proof is valid for no other request.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryBinding {
    /// The account of the request.
    pub account: AccountId,
    /// Generation of the wrapped account key.
    pub generation: Generation,
    /// The operation ID of the request.
    pub operation: OperationId,
}

impl RecoveryMethod {
    /// The message that the recovery login key signs, to prove that the client has it.
    #[must_use]
    pub fn proof_message(&self, binding: RecoveryBinding) -> Vec<u8> {
        encode_parts(&[
            labels::RECOVERY_LOGIN_PROOF.as_bytes(),
            &binding.account.0,
            &binding.generation.0.to_be_bytes(),
            &binding.operation.0,
            self.label.as_deref().unwrap_or_default(),
            &self.wait.to_be_bytes(),
            &self.locator,
            &self.login_public_key,
            &Digest::of(&self.keyslot).0,
        ])
    }
}

/// The vault's record of a recovery method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryMethodRecord {
    /// SHA-256 of the locator.
    pub locator_digest: Digest,
    /// The owner's label, encrypted (section 7.1).
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::RecoveryLabel, required = false))]
    pub label: Option<Vec<u8>>,
    /// Seconds from a recovery request to its release.
    #[serde(skip_serializing_if = "is_zero", default)]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub wait: u64,
}

fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}

redacted_debug!(RecoveryRequest shows request_key; hides locator);
redacted_debug!(RecoveryMethod shows wait, login_public_key; hides label, keyslot, locator, proof);
