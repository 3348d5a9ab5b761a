//! The ways to recover an account (protocol.md section 15.5): a list with exactly one in this
//! version.
//!
//! A request that sets one proves that its sender has the login key. If a client stored a wrong
//! key, such as the seed instead of the public key, its recovery code would not work.

use crate::Vault;
use crate::ed25519;
use crate::names::LocatorDigest;
use crate::{Error, keyslot};
use rootcellar_spec::limits::RECOVERY_METHODS;
use rootcellar_spec::wire::recovery::{self as wire, RecoveryBinding, RecoveryMethodRecord};
use rootcellar_spec::{AccountId, Generation, OperationId, SuiteId, base64url};
use serde::{Deserialize, Serialize};

/// A recovery method of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecoveryMethod {
    /// The locator of the account. A pointer from any other locator does not count.
    pub(crate) locator: LocatorDigest,
    #[serde(with = "base64url::vec")]
    pub(crate) keyslot: Vec<u8>,
    #[serde(with = "base64url::array")]
    pub(crate) login_public_key: [u8; 32],
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    pub(crate) label: Option<Vec<u8>>,
    /// Seconds from a recovery request to its release.
    pub(crate) wait: u64,
}

impl RecoveryMethod {
    pub(crate) fn record(&self) -> RecoveryMethodRecord {
        RecoveryMethodRecord { locator_digest: self.locator.0, label: self.label.clone(), wait: self.wait }
    }
}

/// The context in which a request sets recovery methods.
pub(crate) struct Setting {
    pub(crate) account: AccountId,
    pub(crate) generation: Generation,
    pub(crate) operation: OperationId,
    /// The required suite of the keyslots. `None` for any that the vault offers.
    pub(crate) suite: Option<SuiteId>,
}

/// Checks the recovery methods of a request, including their proofs.
///
/// # Errors
/// [`Error::Malformed`] or [`Error::Unsupported`], with the member.
pub(crate) fn check(
    vault: &Vault,
    methods: &[wire::RecoveryMethod],
    setting: &Setting,
) -> Result<Vec<RecoveryMethod>, Error> {
    let field = "recovery_methods";
    if methods.is_empty() {
        return Err(Error::Malformed { field, problem: "An account needs a recovery method. Send one." });
    }
    if methods.len() > RECOVERY_METHODS {
        return Err(Error::Unsupported {
            field,
            problem: "This vault supports one recovery method per account. Send exactly one.",
        });
    }
    methods.iter().map(|method| check_one(vault, method, setting)).collect()
}

/// Checks the only method. Errors name it as the first one.
fn check_one(
    vault: &Vault,
    method: &wire::RecoveryMethod,
    setting: &Setting,
) -> Result<RecoveryMethod, Error> {
    if method.wait != 0 {
        let problem = "This vault does not support waiting times. Omit `wait`.";
        return Err(Error::Unsupported { field: "recovery_methods[0].wait", problem });
    }
    if let Some(label) = &method.label {
        keyslot::check_label(vault, "recovery_methods[0].label", label)?;
    }
    match setting.suite {
        Some(suite) => keyslot::check("recovery_methods[0].keyslot", &method.keyslot, suite)?,
        None => keyslot::check_offered(vault, "recovery_methods[0].keyslot", &method.keyslot)?,
    }
    if !ed25519::is_public_key(&method.login_public_key) {
        let problem = "Not a valid Ed25519 public key.";
        return Err(Error::Malformed { field: "recovery_methods[0].login_public_key", problem });
    }
    let Setting { account, generation, operation, .. } = *setting;
    let binding = RecoveryBinding { account, generation, operation };
    if !ed25519::verifies(&method.login_public_key, &method.proof_message(binding), &method.proof) {
        let problem = "The proof does not verify. Sign with the recovery login key, and send its public key, not its seed.";
        return Err(Error::Malformed { field: "recovery_methods[0].proof", problem });
    }
    Ok(RecoveryMethod {
        locator: LocatorDigest::of(&method.locator),
        keyslot: method.keyslot.clone(),
        login_public_key: method.login_public_key,
        label: method.label.clone(),
        wait: method.wait,
    })
}
