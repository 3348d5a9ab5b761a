//! Section 15.4, and the recovery methods of sections 15.5 and 15.6.

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
    /// Finds the account; derived from the recovery code.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub locator: [u8; 32],
    /// The fresh Ed25519 public key that signs the session's requests.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub request_key: [u8; 32],
}

/// A way to log in by recovery code, as a registration, a new recovery code or a re-key sets it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryMethod {
    /// What the owner calls it, encrypted (section 7.1).
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
    /// Finds the account in a recovery.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub locator: [u8; 32],
    /// The Ed25519 public key that verifies a recovery login: never its seed.
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<32>))]
    pub login_public_key: [u8; 32],
    /// Signature by that key over [`RecoveryMethod::proof_message`].
    #[serde(with = "base64url::array")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Bytes<64>))]
    pub proof: [u8; 64],
}

/// The request that sets a recovery method: its proof counts for no other.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryBinding {
    /// The account.
    pub account: AccountId,
    /// Generation of the account key that the keyslot wraps.
    pub generation: Generation,
    /// The operation of the request.
    pub operation: OperationId,
}

impl RecoveryMethod {
    /// What the recovery login key signs to prove that the client holds it.
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

/// What a vault tells of a recovery method that an account has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryMethodRecord {
    /// Digest of its locator.
    pub locator_digest: Digest,
    /// What the owner calls it, encrypted (section 7.1).
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
