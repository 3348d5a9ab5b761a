//! A save that has begun: written to the disk before it is sent, so that the next program can finish it
//! (protocol.md section 17). The snapshot in it is sealed; nothing here opens the backup.

use rootcellar_spec::{AccountId, Digest, EntryId, Generation, OperationId, base64url};
use serde::{Deserialize, Serialize};

/// An unfinished save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSave {
    /// The operation that the save is.
    pub operation: OperationId,
    /// The account that it is for.
    pub account_id: AccountId,
    /// The generation of the keys that sealed it.
    pub generation: Generation,
    /// The snapshot, as it is sent.
    #[serde(with = "base64url::vec")]
    pub snapshot: Vec<u8>,
    /// Entries that this save adds or replaces.
    pub added: Vec<EntryId>,
    /// Entries that this save removes.
    pub removed: Vec<EntryId>,
}

impl PendingSave {
    /// Digest of the snapshot.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.snapshot)
    }
}

/// What became of an unfinished save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PendingSaveOutcome {
    /// There was none.
    Nothing,
    /// It had reached the vault after all.
    AlreadySaved,
    /// The same bytes were sent again and are now saved.
    Saved,
    /// Another device had saved first: its entries and these are now saved together.
    Merged,
    /// It cannot be finished and stays on the disk until it is discarded.
    CannotFinish(PendingSaveFault),
}

/// Why an unfinished save cannot be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PendingSaveFault {
    /// Another account's.
    #[error("the pending save belongs to another account: log in to that account, or discard the save")]
    OtherAccount,
    /// The account's keys have changed since.
    #[error("the account's keys were replaced after the pending save: discard it and add its entries again")]
    KeysChanged,
    /// Altered or damaged on the disk.
    #[error("the pending save is damaged on this device: discard it and add its entries again")]
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let pending = PendingSave {
            operation: OperationId([1; 16]),
            account_id: AccountId([2; 16]),
            generation: Generation::FIRST,
            snapshot: vec![3; 100],
            added: vec![EntryId([4; 16])],
            removed: vec![],
        };
        let text = serde_json::to_string(&pending).expect("serializes");
        assert_eq!(serde_json::from_str::<PendingSave>(&text).ok(), Some(pending));
    }
}
