//! What a login or a recovery does beyond the usual.

use rootcellar_spec::Number;

/// What a login or a recovery does beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginOptions {
    /// Says that entries are to be opened, so that the account's history tells of a restore. A recovery always does.
    pub to_restore: bool,
    /// Which snapshot to open.
    pub snapshot: SnapshotChoice,
    /// Accepts what the vault gives even though it is older than, forked from or too far ahead of what this device has
    /// seen, or another account's: for a user who knows why, and only for this login. Keys, keyslot and snapshot are
    /// checked all the same; the vault's pinned identity and key stay pinned.
    pub accept_history: bool,
    /// Takes the key that the vault shows for the vault's, whatever this device knows: for a user who has asked the operator
    /// why it changed, and only for this login. After a recovery, the next login with the new passphrase pins the key; without
    /// this, a recovery on a device that knows another key opens the backup, but sets no passphrase.
    pub accept_server_key: bool,
}

/// Which snapshot a login or a recovery opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SnapshotChoice {
    /// The newest.
    #[default]
    Head,
    /// The newest, or none if it is refused because it does not open or does not continue what this device has seen: for what
    /// needs no entries, such as revoking a device. Without a snapshot the session saves nothing, and says why:
    /// [`Session::refused_head`](crate::Session::refused_head).
    HeadUnlessRefused,
    /// The one of this number, if the vault still keeps it. The session reads and may set a passphrase, but saves nothing,
    /// and what the device has seen stays as it was.
    Numbered(Number),
}

impl From<Option<Number>> for SnapshotChoice {
    fn from(number: Option<Number>) -> Self {
        number.map_or(Self::Head, Self::Numbered)
    }
}
