//! What a newer version wrote: nothing is wrong with it, and this version cannot read it.

use super::ClientError;
use crate::device_list::DevicesFault;
use crate::open_error::OpenError;
use rootcellar_spec::EntryId;

/// Which part of an account has a format, suite or kind that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Newer {
    /// One entry.
    #[error("a newer version of this program saved this entry: update this program to open it")]
    Entry,
    /// An entry that was to be sealed under new keys.
    #[error(
        "a newer version of this program saved entry {0}: update this program, then replace the keys. Nothing was changed"
    )]
    EntryToRekey(EntryId),
    /// The keyslot that was to open the account.
    #[error(
        "a newer version of this program replaced the account's keys: update this program. Nothing was shown or changed"
    )]
    Keyslot,
    /// The backup as a whole.
    #[error(
        "a newer version of this program saved this backup: update this program. Nothing was shown or changed"
    )]
    Backup,
}

impl Newer {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Entry | Self::EntryToRekey(_) => "newer-entry",
            Self::Keyslot | Self::Backup => "newer-format",
        }
    }
}

/// What to say of a device list that cannot be used.
pub(super) fn devices_refused(fault: &DevicesFault) -> String {
    match fault {
        DevicesFault::Newer => format!("{fault}. No device was changed, and you can still restore entries"),
        _ => format!(
            "the vault's list of devices cannot be trusted: {fault}. No device was changed, and you can still restore \
             entries. Tell the vault's operator"
        ),
    }
}

impl ClientError {
    /// A keyslot that does not open.
    pub(crate) fn of_keyslot(error: OpenError) -> Self {
        match error {
            OpenError::Unsupported => Newer::Keyslot.into(),
            other => Self::Keyslot(other),
        }
    }

    /// A snapshot that does not open.
    pub(crate) fn of_snapshot(error: OpenError) -> Self {
        match error {
            OpenError::Unsupported => Newer::Backup.into(),
            other => Self::Snapshot(other),
        }
    }

    /// An entry that does not open.
    pub(crate) fn of_entry(entry: EntryId, error: OpenError) -> Self {
        match error {
            OpenError::Unsupported => Newer::Entry.into(),
            other => Self::Entry(entry, other),
        }
    }

    /// An entry that does not open, and stops a change of keys.
    pub(crate) fn of_entry_to_rekey(entry: EntryId, error: OpenError) -> Self {
        match error {
            OpenError::Unsupported => Newer::EntryToRekey(entry).into(),
            other => Self::EntryUnreadable(entry, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_wrote_is_neither_damaged_nor_tampering() {
        let entry = EntryId([1; 16]);
        for (error, code) in [
            (ClientError::of_entry(entry, OpenError::Unsupported), "newer-entry"),
            (ClientError::of_entry_to_rekey(entry, OpenError::Unsupported), "newer-entry"),
            (ClientError::of_keyslot(OpenError::Unsupported), "newer-format"),
            (ClientError::of_snapshot(OpenError::Unsupported), "newer-format"),
            (ClientError::DevicesRefused(OpenError::Unsupported.into()), "newer-format"),
        ] {
            assert_eq!(error.code(), code);
            assert!(!error.is_tampering(), "{error}");
            let text = error.to_string();
            assert!(text.contains("newer version") && text.contains("update this program"), "{text}");
            assert!(!text.contains("damaged") && !text.contains("operator"), "{text}");
        }
        // Of one entry nothing is said of the others, which are shown.
        assert!(!ClientError::of_entry(entry, OpenError::Unsupported).to_string().contains("Nothing was"));
    }

    #[test]
    fn what_does_not_authenticate_stays_tampering() {
        for error in [OpenError::Authentication, OpenError::Malformed("CBOR")] {
            for refused in [
                ClientError::of_entry(EntryId([1; 16]), error),
                ClientError::of_entry_to_rekey(EntryId([1; 16]), error),
                ClientError::of_keyslot(error),
                ClientError::of_snapshot(error),
                ClientError::DevicesRefused(error.into()),
            ] {
                assert!(refused.is_tampering(), "{refused}");
            }
        }
    }
}
