//! Checks envelopes that the vault cannot decrypt (protocol.md sections 6, 7 and 7.1).

use crate::Error;
use crate::Vault;
use rootcellar_spec::SuiteId;
use rootcellar_spec::envelope::{self, EnvelopeError, KEYSLOT, RECOVERY_LABEL};
use rootcellar_spec::limits::{KEYSLOT_BYTES, RECOVERY_LABEL_BYTES};

/// Checks size, format version, kind, and that the suite is this one.
pub(crate) fn check(field: &'static str, keyslot: &[u8], suite: SuiteId) -> Result<(), Error> {
    if suite_of(field, keyslot)? != suite {
        let problem = "The keyslot and the request have different suites.";
        return Err(Error::Malformed { field, problem });
    }
    Ok(())
}

/// Checks size, format version, kind, and that the vault offers the suite. The suite of a recovery
/// code or a device may be older than the account's.
pub(crate) fn check_offered(vault: &Vault, field: &'static str, keyslot: &[u8]) -> Result<(), Error> {
    check_suite(vault, field, suite_of(field, keyslot)?)
}

/// Like [`check_offered`], for the label of a recovery method.
pub(crate) fn check_label(vault: &Vault, field: &'static str, label: &[u8]) -> Result<(), Error> {
    let suite = envelope::suite_of(label, RECOVERY_LABEL, RECOVERY_LABEL_BYTES);
    check_suite(vault, field, suite.map_err(|error| refusal(field, error))?)
}

/// Checks that the vault offers the suite.
pub(crate) fn check_suite(vault: &Vault, field: &'static str, suite: SuiteId) -> Result<(), Error> {
    if vault.settings().suites.contains(&suite) {
        return Ok(());
    }
    Err(Error::Unsupported { field, problem: "This vault does not offer the suite." })
}

fn suite_of(field: &'static str, keyslot: &[u8]) -> Result<SuiteId, Error> {
    envelope::suite_of(keyslot, KEYSLOT, KEYSLOT_BYTES).map_err(|error| refusal(field, error))
}

fn refusal(field: &'static str, error: EnvelopeError) -> Error {
    match error {
        EnvelopeError::Length => {
            let problem = "The length is not valid for this kind of envelope.";
            Error::Malformed { field, problem }
        }
        EnvelopeError::Version => {
            Error::Unsupported { field, problem: "This vault does not know the format version." }
        }
        EnvelopeError::Kind => Error::Malformed { field, problem: "The envelope is of another kind." },
    }
}
