//! What the vault can tell of a keyslot (protocol.md sections 6 and 7): that it has the shape of one.

use crate::domain::Error;
use crate::state::Vault;
use rootcellar_spec::SuiteId;
use rootcellar_spec::limits::KEYSLOT_BYTES;

const VERSION: u8 = 1;
const KIND: u8 = 1;

/// Checks size, format version, kind, and that it is of this suite.
pub(crate) fn check(field: &'static str, keyslot: &[u8], suite: SuiteId) -> Result<(), Error> {
    if suite_of(field, keyslot)? != suite {
        let problem = "the keyslot is of another suite than the request";
        return Err(Error::Malformed { field, problem });
    }
    Ok(())
}

/// Checks size, format version, kind, and that the vault offers its suite: that of a recovery code or a device may be older
/// than the account's.
pub(crate) fn check_offered(vault: &Vault, field: &'static str, keyslot: &[u8]) -> Result<(), Error> {
    check_suite(vault, field, suite_of(field, keyslot)?)
}

/// Checks that the vault offers the suite of what a field holds.
pub(crate) fn check_suite(vault: &Vault, field: &'static str, suite: SuiteId) -> Result<(), Error> {
    if vault.settings().suites.contains(&suite) {
        return Ok(());
    }
    Err(Error::Unsupported { field, problem: "a suite that this vault does not offer" })
}

fn suite_of(field: &'static str, keyslot: &[u8]) -> Result<SuiteId, Error> {
    if keyslot.len() != KEYSLOT_BYTES {
        return Err(Error::Malformed { field, problem: "a keyslot has 332 bytes" });
    }
    if keyslot[0] != VERSION {
        return Err(Error::Unsupported { field, problem: "a format version that this vault does not know" });
    }
    if keyslot[1] != KIND {
        return Err(Error::Malformed { field, problem: "not an envelope of kind keyslot" });
    }
    Ok(SuiteId(u16::from_be_bytes([keyslot[2], keyslot[3]])))
}
