//! What the vault can tell of a keyslot (protocol.md sections 6 and 7): that it has the shape of one.

use crate::domain::Error;
use rootcellar_spec::SuiteId;
use rootcellar_spec::limits::KEYSLOT_BYTES;

const VERSION: u8 = 1;
const KIND: u8 = 1;

/// Checks size, format version, kind and suite.
pub(crate) fn check(field: &'static str, keyslot: &[u8], suite: SuiteId) -> Result<(), Error> {
    if keyslot.len() != KEYSLOT_BYTES {
        return Err(Error::Malformed { field, problem: "a keyslot has 332 bytes" });
    }
    if keyslot[0] != VERSION {
        return Err(Error::Unsupported { field, problem: "a format version that this vault does not know" });
    }
    if keyslot[1] != KIND {
        return Err(Error::Malformed { field, problem: "not an envelope of kind keyslot" });
    }
    if keyslot[2..4] != suite.0.to_be_bytes() {
        return Err(Error::Malformed { field, problem: "the keyslot is of another suite than the request" });
    }
    Ok(())
}

/// Checks that the vault knows the suite.
pub(crate) fn check_suite(suite: SuiteId) -> Result<(), Error> {
    if suite.is_known() {
        return Ok(());
    }
    Err(Error::Unsupported { field: "suite", problem: "a suite that this vault does not know" })
}
