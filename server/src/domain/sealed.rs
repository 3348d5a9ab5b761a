//! What the vault reads of sealed objects, snapshots and device lists (protocol.md sections 10 and 18): whose they are, and
//! what they follow. Nothing of it is authenticated here; the clients do that.

use crate::domain::account::Account;
use crate::domain::{Error, keyslot};
use crate::state::Vault;
use rootcellar_spec::header::{Header, LayoutError};
use rootcellar_spec::{Digest, Generation, Number, OperationId, device_list, snapshot};

/// The header of a snapshot of a suite that the vault offers.
pub(crate) fn read_snapshot(vault: &Vault, bytes: &[u8]) -> Result<Header, Error> {
    read(vault, "snapshot", snapshot::Layout::parse(bytes).map(|layout| layout.header))
}

/// The header of a device list of a suite that the vault offers.
pub(crate) fn read_list(vault: &Vault, bytes: &[u8]) -> Result<Header, Error> {
    read(vault, "list", device_list::Layout::parse(bytes).map(|layout| layout.header))
}

fn read(vault: &Vault, field: &'static str, parsed: Result<Header, LayoutError>) -> Result<Header, Error> {
    match parsed {
        Ok(header) => keyslot::check_suite(vault, field, header.suite).map(|()| header),
        Err(LayoutError::Malformed(problem)) => Err(Error::Malformed { field, problem }),
        Err(LayoutError::UnsupportedVersion(_)) => {
            Err(Error::Unsupported { field, problem: "a format version that this vault does not know" })
        }
        Err(LayoutError::UnsupportedSuite(_)) => {
            Err(Error::Unsupported { field, problem: "a suite that this vault does not know" })
        }
    }
}

/// Whether an object follows the one of this number and digest, or is the first where there is none.
pub(crate) fn follows(header: &Header, before: Option<(Number, Digest)>) -> bool {
    let number = before.map_or(Some(Number::FIRST), |(number, _)| number.next());
    Some(header.number) == number && header.ancestors.first() == before.map(|(_, digest)| digest).as_ref()
}

/// Checks that a device list, which an operation brings, follows the account's newest one.
pub(crate) fn check_list(
    vault: &Vault,
    account: &Account,
    list: &[u8],
    generation: Generation,
    operation: OperationId,
) -> Result<(), Error> {
    let header = read_list(vault, list)?;
    if header.account != account.account_id || header.operation != operation {
        let problem = "the list is of another account or operation";
        return Err(Error::Malformed { field: "list", problem });
    }
    if header.generation != generation {
        return Err(Error::GenerationMoved);
    }
    let newest = account.device_list.as_deref().map(|newest| {
        let layout = device_list::Layout::parse(newest);
        let layout = layout.map_err(|_| Error::Internal("a stored device list is damaged"))?;
        Ok::<_, Error>((layout.header.number, Digest::of(newest)))
    });
    if follows(&header, newest.transpose()?) { Ok(()) } else { Err(Error::DevicesMoved) }
}
