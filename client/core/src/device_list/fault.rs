//! Whether a device list can be trusted: what the device has seen, what the newest snapshot names and what the vault tells
//! beside it must agree (protocol.md section 18).

use super::{Device, DeviceList};
use crate::continuity::{Continuity, Seen};
use crate::open_error::OpenError;
use rootcellar_spec::Number;
use rootcellar_spec::wire::devices::EnrolledDevice;

/// Why the vault's word on the devices cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DevicesFault {
    /// The list does not open, or the owner did not sign it.
    #[error("it is damaged or not this account's ({0})")]
    Opening(#[source] OpenError),
    /// A newer version wrote the list.
    #[error("a newer version of this program wrote the list of devices: update this program")]
    Newer,
    /// An older list than the one that is known, or none.
    #[error("number {offered} was sent, but number {seen} is known")]
    Rollback {
        /// The one that is known.
        seen: Number,
        /// What the vault gave; 0 for none.
        offered: Number,
    },
    /// A list that does not follow from the one that is known.
    #[error("number {offered} does not follow from number {seen}, which is known")]
    Fork {
        /// The one that is known.
        seen: Number,
        /// What the vault gave.
        offered: Number,
    },
    /// The vault enrols devices that the list does not name, or the other way round.
    #[error("the vault accepts other devices than the list names")]
    Table,
}

impl From<OpenError> for DevicesFault {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unsupported => Self::Newer,
            other => Self::Opening(other),
        }
    }
}

/// Judges the list that the vault gave as the newest, if any, by one that is known: because this device has seen it, or
/// because the newest snapshot names it.
///
/// # Errors
/// An older list, none, or one that does not follow.
pub fn judge(known: Option<Seen>, list: Option<&DeviceList>) -> Result<(), DevicesFault> {
    let Some(known) = known else { return Ok(()) };
    let Some(list) = list else {
        return Err(DevicesFault::Rollback { seen: known.number, offered: Number(0) });
    };
    let (seen, offered) = (known.number, list.header.number);
    match known.judge_list(list) {
        // The owner's signature shows where it comes from.
        Continuity::Continues | Continuity::Gap => Ok(()),
        Continuity::Rollback => Err(DevicesFault::Rollback { seen, offered }),
        Continuity::Fork => Err(DevicesFault::Fork { seen, offered }),
    }
}

/// Compares the list with the vault's table of the devices that it lets in.
///
/// # Errors
/// Where a device of the one is not in the other, with the same request key and permission.
pub fn same_as_table(list: Option<&DeviceList>, table: &[EnrolledDevice]) -> Result<(), DevicesFault> {
    let listed = list.map_or(&[][..], |list| &list.contents.devices);
    let matches = |device: &Device, row: &EnrolledDevice| {
        (row.id, row.request_key, row.permission) == (device.id, device.request_key, device.permission)
    };
    let all_listed = listed.iter().all(|device| table.iter().any(|row| matches(device, row)));
    if listed.len() == table.len() && all_listed { Ok(()) } else { Err(DevicesFault::Table) }
}
