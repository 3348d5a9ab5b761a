//! What crosses the border and is no secret, and the entries, which are. Times are seconds since 1970; ids of entries and
//! devices are 32 hexadecimal digits, as the command line shows them.

mod convert;
mod entry;

pub(crate) use convert::{Left, device_id, entry_id};
pub(crate) use entry::{change, label};

/// What a device, or a session, may do; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Permission {
    /// See what is backed up, and never a seed.
    View,
    /// Add, replace and remove entries, without reading them.
    Backup,
    /// Read entries.
    Restore,
    /// Change devices, passphrase, recovery code and keys; delete the account.
    Manage,
}

/// Who may register at a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RegistrationMode {
    /// Everyone.
    Open,
    /// Who has an invite.
    Invite,
    /// Nobody.
    Closed,
}

/// What a vault says of itself. Nothing of it is authenticated beyond TLS.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VaultInfo {
    /// Its identity.
    pub vault_id: String,
    /// Who may register.
    pub registration: RegistrationMode,
    /// When the operator replaced a lost root secret: passphrases from before then do not work.
    pub passphrases_since: Option<u64>,
    /// The vault's clock.
    pub time: u64,
}

/// What this device knows without asking anybody.
#[derive(Clone, Debug, uniffi::Record)]
pub struct DeviceState {
    /// The vault's address.
    pub vault: String,
    /// The account, where one is remembered.
    pub account_id: Option<String>,
    /// This device's id.
    pub device_id: String,
    /// What this device is called.
    pub device_label: String,
    /// What this device may do by itself, where it is enrolled.
    pub enrolled: Option<Permission>,
    /// Whether an enrolment was left open, so that only the vault knows whether this device is enrolled, or by which of its
    /// secrets: going in as a device shows it, and where that is refused, `try_other_secrets`.
    pub enrolment_open: bool,
    /// The number of the newest backup that it has seen.
    pub last_seen: Option<u64>,
    /// Whether a save waits to be finished.
    pub pending_save: bool,
    /// Whether a session is open.
    pub session_open: bool,
    /// A recovery code that this device handed out and that is not known to be active, until it is
    /// [dismissed](crate::RootcellarClient::dismiss_recovery_code).
    pub recovery_code: Option<RecoveryCodeNotice>,
}

/// A new account.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Registration {
    /// The account.
    pub account_id: String,
    /// Seconds until the vault accepts the passphrase, if there were too many attempts with this account name to check it now. The
    /// account is made, and its recovery code opens it.
    pub passphrase_accepted_in_seconds: Option<u64>,
}

/// What a recovery code is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RecoveryCodePurpose {
    /// A new account: [`crate::RootcellarClient::register`].
    Registration,
    /// A new code for the account: [`crate::RootcellarClient::set_recovery_code`].
    RecoveryCode,
    /// New keys for the account: [`crate::RootcellarClient::rekey`].
    Rekey,
}

/// Whether a recovery code that this device handed out is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RecoveryCodeState {
    /// It is.
    Active,
    /// The user confirmed it, and it is not known to be active. The user keeps both codes; the next login finds out.
    Waiting,
    /// The user never confirmed it, and it opens nothing. The former code is valid, if there was one.
    Unconfirmed,
    /// The vault refused it, and it opens nothing. The former code is valid, if there was one.
    Refused,
    /// Another code was set since: only that one is valid.
    Superseded,
}

/// What a user must know of a recovery code that this device handed out. The code itself is not kept.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RecoveryCodeNotice {
    /// What it was drawn for.
    pub purpose: RecoveryCodePurpose,
    /// Whether it is active.
    pub state: RecoveryCodeState,
    /// When it was drawn, by this device's clock.
    pub generated_at: u64,
}

/// What a login, or a recovery, is to do beyond the usual.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct LoginOptions {
    /// Whether entries are to be opened, so that the account's history tells of a restore.
    #[uniffi(default = false)]
    pub to_restore: bool,
    /// The number of an older backup to open instead of the newest. The session then reads, and saves nothing.
    #[uniffi(default = None)]
    pub backup: Option<u64>,
    /// For what needs no entries, such as revoking a device: opens the account even if the newest backup is refused because it
    /// does not open or does not continue what this device has seen. The session then shows no backup
    /// ([`Overview::refused_backup`]) and saves nothing. It changes nothing if `backup` is given.
    #[uniffi(default = false)]
    pub to_manage: bool,
    /// Accepts what is older than, forked from or too far ahead of what this device has seen: for a person who knows why.
    #[uniffi(default = false)]
    pub accept_history: bool,
    /// Takes the key that the vault shows for the vault's: for a person who has asked the operator why it changed.
    #[uniffi(default = false)]
    pub accept_server_key: bool,
}

/// What an enrolled device goes in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Purpose {
    /// To look at what is backed up, or to manage the account: one round trip.
    View,
    /// To manage the account, even if the newest backup is refused: [`LoginOptions::to_manage`].
    Manage,
    /// To save: with what the device keeps, and without a request where that suffices.
    Save,
    /// To open entries, which the vault writes into the account's history: one round trip.
    Restore,
}

/// What became of a save that an earlier operation left unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PendingSaveResult {
    /// There was none.
    None,
    /// It had reached the vault after all.
    AlreadySaved,
    /// It is saved now.
    Saved,
    /// Another device had saved first: both are saved together now.
    Merged,
    /// It could not be finished now, and waits on this device.
    Waiting,
    /// It is of another account: log in to that one, or discard it.
    OtherAccount,
    /// The account's keys have changed since: discard it and add its entries again.
    KeysChanged,
    /// It is damaged on the disk: discard it and add its entries again.
    Damaged,
}

/// Which backup is open.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Backup {
    /// Its number; each save makes the next.
    pub number: u64,
    /// When it was made, by the clock of the device that made it.
    pub created_at: u64,
    /// The device that made it.
    pub device_id: String,
    /// What its owner calls that device.
    pub device_label: String,
}

/// The kind of an entry's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EntryKind {
    /// A BIP-39 phrase.
    Phrase,
    /// A raw seed.
    Seed,
    /// Free text.
    Text,
    /// Of a newer version.
    Unknown,
}

/// What is known of an entry without its secret.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Item {
    /// Names the entry.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// The kind of its secret.
    pub kind: EntryKind,
    /// When it was added, by that device's clock.
    pub created_at: u64,
    /// When it was last changed, by that device's clock.
    pub changed_at: u64,
    /// BIP-32 master fingerprint of a phrase, eight hexadecimal digits.
    pub fingerprint: Option<String>,
}

/// The account as a session shows it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Overview {
    /// The account.
    pub account_id: String,
    /// What the session may do.
    pub permission: Permission,
    /// The backup that is open; absent before the first save, and if the newest was refused.
    pub backup: Option<Backup>,
    /// Why the newest backup was refused, as the `code` of an error, in a session that was opened
    /// [without it](LoginOptions::to_manage): nothing is known of what is backed up.
    pub refused_backup: Option<String>,
    /// What is backed up.
    pub items: Vec<Item>,
    /// Failed passphrase tries since the last login, as the vault counts; 0 in the session of a device, which is not told.
    pub failed_attempts: u32,
    /// Whether a name leads to the account. Where none does, a new passphrase gives it one.
    pub named: bool,
    /// Why the vault's word on the account's devices cannot be trusted, in English. Entries can be restored all the same.
    pub devices_fault: Option<String>,
    /// What became of a save that an earlier operation left.
    pub pending_save: PendingSaveResult,
    /// The account's name: as given at this login, else as the open backup notes it.
    pub account_name: Option<String>,
    /// The vault's addresses that the open backup notes, the one that was used last first.
    pub vault_addresses: Vec<String>,
    /// What was found out when the session was opened about a recovery code that this device handed out.
    pub recovery_code: Option<RecoveryCodeNotice>,
}

/// A backup that the vault keeps.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RetainedBackup {
    /// Its number.
    pub number: u64,
    /// Its size in bytes.
    pub size: u64,
    /// When it was saved, by the vault's clock.
    pub saved_at: u64,
}

/// What the vault keeps of the account, as it says.
#[derive(Clone, Debug, uniffi::Record)]
pub struct AccountState {
    /// The account.
    pub account_id: String,
    /// When it was registered, by the vault's clock.
    pub registered_at: u64,
    /// When its passphrase was set, by the vault's clock.
    pub passphrase_changed_at: u64,
    /// The backups that can be opened, newest first.
    pub backups: Vec<RetainedBackup>,
    /// The vault's clock.
    pub time: u64,
}

/// A secret, as bytes that the app wipes.
#[derive(uniffi::Enum)]
pub enum Secret {
    /// A BIP-39 phrase.
    Phrase {
        /// Its words in UTF-8, between spaces.
        words: Vec<u8>,
        /// The language of its words. Where it is not given, the one is found whose list holds every word.
        #[uniffi(default = None)]
        language: Option<crate::Language>,
        /// The BIP-39 passphrase in UTF-8, as typed.
        #[uniffi(default = None)]
        bip39_passphrase: Option<Vec<u8>>,
    },
    /// A raw seed.
    Seed {
        /// 16 to 64 bytes.
        seed: Vec<u8>,
    },
    /// Free text.
    Text {
        /// 1 to 16,000 bytes of UTF-8.
        text: Vec<u8>,
    },
}

/// What a wallet may need beside the secret. A free text has none.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct EntryDetails {
    /// Derivation paths such as `m/84'/0'/0'`, at most 16.
    #[uniffi(default)]
    pub derivation_paths: Vec<String>,
    /// The network.
    #[uniffi(default = None)]
    pub network: Option<String>,
    /// A date `YYYY-MM-DD` or a block height in decimal: where a rescan may begin.
    #[uniffi(default = None)]
    pub birthday: Option<String>,
}

/// An entry to add.
#[derive(uniffi::Record)]
pub struct NewEntry {
    /// What to call it: 1 to 256 bytes.
    pub label: String,
    /// Its secret.
    pub secret: Secret,
    /// What goes with it.
    #[uniffi(default = None)]
    pub details: Option<EntryDetails>,
}

/// What one save changes. An entry is replaced by removing it and adding another in one change.
#[derive(uniffi::Record)]
pub struct Change {
    /// Entries to add.
    #[uniffi(default)]
    pub add: Vec<NewEntry>,
    /// Ids of entries to remove.
    #[uniffi(default)]
    pub remove: Vec<String>,
}

/// A save that the vault has given back as it was sent.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Saved {
    /// The backup's number.
    pub number: u64,
    /// Ids of the added entries, in the order of the change.
    pub added: Vec<String>,
    /// Whether another device had saved first, so that this backup holds its entries, too.
    pub merged: bool,
    /// What became of an earlier save that was unfinished: saved now or before, its entries are in this backup, and adding them
    /// anew doubles them.
    pub pending_save: PendingSaveResult,
}

/// An entry that was opened.
#[derive(uniffi::Record)]
pub struct Entry {
    /// What is known of it without its secret.
    pub item: Item,
    /// Its secret.
    pub secret: Secret,
    /// What goes with it.
    pub details: EntryDetails,
}

/// What kind of device an enrolment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DeviceKind {
    /// A program that keeps its secrets on one machine.
    App,
    /// A passkey, which may be on several machines.
    Passkey,
    /// A kind that a newer version added.
    Unknown,
}

/// An enrolled device, as its owner signed it and as the vault sees it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// What it may do.
    pub permission: Permission,
    /// What kind of device it is.
    pub kind: DeviceKind,
    /// When it was enrolled, by the clock of the device that enrolled it; signed.
    pub enrolled_at: u64,
    /// When it was seen last, by the vault's clock, to the day.
    pub last_seen_at: u64,
    /// Whether it is this one.
    pub is_this: bool,
}

/// What a device can still do with keys that it held, until a re-key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RekeyReason {
    /// It opens every stored copy of a backup, later ones too.
    ReadsBackups,
    /// It sees the labels in stored copies, and if the vault is malicious, the two can make backups that the account's other
    /// devices take for genuine.
    ForgesBackups,
}

/// What a change of a device came to.
#[derive(Clone, Copy, Debug, uniffi::Record)]
pub struct DeviceChange {
    /// What the device could do before.
    pub former: Permission,
    /// Why a re-key is advised, if it is: the device may have kept keys that it is not to have any more.
    pub rekey_reason: Option<RekeyReason>,
    /// Whether all sessions ended with it, this one too unless it is a device's.
    pub ended_sessions: bool,
}

/// A new device that asks to be let in.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PairingRequest {
    /// The code that both devices show: the person compares.
    pub code: String,
    /// The id that it gives itself.
    pub device_id: String,
    /// What it calls itself: text of somebody who is not trusted yet.
    pub device_label: String,
    /// The enrolled device whose place it would take, which is right only where that very one is paired again.
    pub replaces: Option<Device>,
}
