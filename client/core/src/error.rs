//! What can go wrong between a person and the vault: each message says what happened and what to do next.
//!
//! Messages hold no secret. Text that came from the vault is shown as [`crate::shown`] does.

mod incomplete;
#[cfg(test)]
mod listed;
mod newer;
mod outcome;
mod refusal;
mod wait;

pub use incomplete::PairingIncomplete;
pub use newer::Newer;
pub use refusal::Refusal;
use refusal::{how_permitted, why_waiting};
use wait::wait;

use crate::address::{AddressError, VaultUrl};
use crate::device_list::DevicesFault;
use crate::open_error::OpenError;
use crate::outcome::Outcome;
use crate::pairing::OfferedError;
use crate::secret_store::{DeviceStep, NotKept, SecretStoreError};
use crate::snapshot::SealError;
use crate::state_store::StateStoreError;
use crate::text::WeakPassphrase;
use crate::transport::TransportError;
use rootcellar_spec::calendar::date;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, EntryId, Number, ProblemCode, SuiteId, Timestamp, VaultId, limits};

/// Why a flow of the client failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The vault's address cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The vault could not be reached, after several tries.
    #[error("the vault cannot be reached{}", why_unreachable(.0))]
    Unreachable(#[source] TransportError),
    /// An answer that the protocol does not have.
    #[error(
        "the response is not from a Rootcellar vault, or it is damaged ({0}): check the address. If it is right, tell the vault's operator"
    )]
    MalformedResponse(&'static str),
    /// An answer longer than any of the protocol.
    #[error(
        "the response is too long for a Rootcellar vault: check the address. If it is right, tell the vault's operator"
    )]
    ResponseTooLong,
    /// An answer of failure that is not the vault's.
    #[error(
        "the request was refused with HTTP status {0} before it reached the vault: check the address, or try again later"
    )]
    Status(u16),
    /// The vault, or the account, uses what this version does not know.
    #[error("the vault uses {0} that this program does not support: update this program")]
    Unsupported(&'static str),
    /// The vault refused.
    #[error("{0}")]
    Refused(Refusal),
    /// The clocks of device and vault are too far apart for the client to follow the vault's.
    #[error(
        "this device's clock shows {}, but the vault's clock shows {}: set this device's clock, then try again. If it is right, tell the vault's operator",
        date(*.device), date(*.vault)
    )]
    DeviceClock {
        /// What the device's clock shows.
        device: Timestamp,
        /// What the vault said.
        vault: Timestamp,
        /// The vault's refusal.
        #[source]
        refusal: Box<ClientError>,
    },
    /// The device does not know the account's name and was not told it.
    #[error("account name required")]
    NameRequired,
    /// The account has another name than the one that was given or is remembered.
    #[error("the account has another name: use its own name, or none")]
    OtherName,
    /// The new passphrase is too easily guessed.
    #[error(transparent)]
    WeakPassphrase(#[from] WeakPassphrase),
    /// Wrong passphrase or unknown account: nobody outside can tell which.
    #[error(
        "wrong passphrase or unknown account: {}{}", next_try(*.remaining, *.next_wait), since(*.passphrases_since)
    )]
    PassphraseOrAccount {
        /// Tries left before waits begin.
        remaining: u32,
        /// Seconds to wait before the next try.
        next_wait: u64,
        /// When the operator replaced the root secret, if the vault says that they did: no passphrase from before works.
        passphrases_since: Option<Timestamp>,
    },
    /// Too many failed tries for this name.
    #[error(
        "too many attempts: passphrases are accepted again in {}. Your recovery code opens your entries now. Setting a new passphrase has to wait, too", wait(*.retry_after)
    )]
    BudgetSpent {
        /// Seconds to wait before the next try.
        retry_after: u64,
    },
    /// The vault at this address is not the one that this device knows.
    #[error(
        "this is not your vault: this device knows '{pinned}', but the address leads to '{found}'. Check the address"
    )]
    ForeignVault {
        /// The identity that this device remembers.
        pinned: VaultId,
        /// The identity that the vault states.
        found: VaultId,
    },
    /// The vault's OPAQUE key is not the pinned one.
    #[error("this is not the vault that this device knows: its key has changed. {}", why_foreign(*.replaced_at))]
    ForeignServerKey {
        /// When the operator replaced the root secret, if the vault says that they did. A vault that takes another's place
        /// can say so, too: a person asks the operator.
        replaced_at: Option<Timestamp>,
    },
    /// The vault answered with another account than the one that this device knows.
    #[error(
        "the vault responded with another account than this device knows: nothing was shown or changed. If you have created the account again, set this device up again"
    )]
    ForeignAccount,
    /// The keyslot does not open, though the passphrase or code is right.
    #[error(
        "the vault sent keys that do not belong to this account ({0}): nothing was shown or changed. Try the recovery code, and tell the vault's operator"
    )]
    Keyslot(#[source] OpenError),
    /// The snapshot does not open under the account's keys.
    #[error(
        "the vault sent a backup that is damaged or not from this account ({0}): nothing was shown or changed. A lost or stolen device may have saved it. If you have lost none, tell the vault's operator"
    )]
    Snapshot(#[source] OpenError),
    /// One entry does not open.
    #[error(
        "entry {0} cannot be opened ({1}). Look for it in an older backup, and tell the vault's operator"
    )]
    Entry(EntryId, #[source] OpenError),
    /// A newer version wrote what was to be opened.
    #[error(transparent)]
    Newer(#[from] Newer),
    /// An older snapshot than this device has seen.
    #[error(
        "the vault sent an older backup, number {offered}, but this device has seen number {seen}. Nothing was shown or changed. Ask the vault's operator whether the vault was restored from an old copy"
    )]
    Rollback {
        /// What this device has seen.
        seen: Number,
        /// What the vault gave; 0 for none.
        offered: Number,
    },
    /// A history that this device's last snapshot is not part of.
    #[error(
        "the vault sent a different history: its backup number {offered} does not follow from number {seen}, which this device has seen. Nothing was shown or changed. Ask the vault's operator whether the vault was restored from an old copy"
    )]
    Fork {
        /// What this device has seen.
        seen: Number,
        /// What the vault gave.
        offered: Number,
    },
    /// Too many snapshots since this device's last to show that they follow from it.
    #[error(
        "this device has not been used for too long to check the backup: it has seen number {seen}, and the latest is {offered}. Nothing was shown or changed. If your other devices have saved that often, accept the history once"
    )]
    Gap {
        /// What this device has seen.
        seen: Number,
        /// What the vault gave.
        offered: Number,
    },
    /// The vault has lost the bytes of the newest snapshot.
    #[error(
        "the vault has lost the latest backup, number {0}. Nothing was shown or changed. Tell the vault's operator. An older backup may still be there"
    )]
    SnapshotLost(Number),
    /// A snapshot that the vault does not keep, or no longer.
    #[error("the vault has no backup with the number {0}")]
    NoSuchBackup(Number),
    /// A save, where an older snapshot is open.
    #[error("an older backup is open, and changes cannot be saved to it: open the latest one")]
    OlderBackup,
    /// The session or the device may not do this.
    #[error("this needs the permission '{}': {}", .needs.as_str(), how_permitted(*.needs))]
    NotPermitted {
        /// The least permission that suffices.
        needs: Permission,
    },
    /// An entry was to be opened by a device that has not asked the vault for a restore.
    #[error(
        "the vault has not recorded this restore yet: open the entry again to record it in the account's history"
    )]
    RestoreNotAsked,
    /// The device list, the vault's table of devices or what the newest backup says of the list contradict each other.
    #[error("{}", newer::devices_refused(.0))]
    DevicesRefused(#[source] DevicesFault),
    /// There is no such device.
    #[error("the account has no device {0}: check the list of devices")]
    NoSuchDevice(DeviceId),
    /// As many devices as there may be.
    #[error("an account can have at most {} devices: revoke one first", limits::DEVICES)]
    TooManyDevices,
    /// It is not known whether the devices were changed.
    #[error(
        "the outcome is unknown: the devices may have been changed. List them, and try again if they were not ({0})"
    )]
    DevicesUnconfirmed(#[source] Box<ClientError>),
    /// An entry that the newest snapshot does not hold.
    #[error("the backup has no entry {0}: check the list of entries")]
    NoSuchEntry(EntryId),
    /// An entry that does not open stops a change of keys, which seals every entry anew.
    #[error(
        "entry {0} cannot be opened ({1}), so it cannot be encrypted with new keys: nothing was changed. Look for it in an older backup, remove it, and replace the keys again"
    )]
    EntryUnreadable(EntryId, #[source] OpenError),
    /// The change does not fit into a snapshot.
    #[error("the change cannot be saved: {0}")]
    TooMuch(#[from] SealError),
    /// The vault said that it saved, but does not give the snapshot back as it was sent.
    #[error(
        "the vault said that it saved your change, but {0}. The change is stored on this device: try again, and tell the vault's operator"
    )]
    ReadBack(&'static str),
    /// It is not known whether a save or a change took place.
    #[error(
        "the outcome is unknown: the vault may have saved your change. It is stored on this device, and the next command finishes saving it ({0})"
    )]
    Unconfirmed(#[source] Box<ClientError>),
    /// It is not known whether the passphrase was changed.
    #[error(
        "the outcome is unknown: the passphrase may have been changed. Log in with the new one. If that fails, use the old one ({0})"
    )]
    PassphraseUnconfirmed(#[source] Box<ClientError>),
    /// It is not known whether the account was deleted.
    #[error(
        "the outcome is unknown: the account may have been deleted. Log in. If that works, delete it again ({0})"
    )]
    DeletionUnconfirmed(#[source] Box<ClientError>),
    /// Other devices kept saving first.
    #[error(
        "other devices saved first, {0} times. Your change is stored on this device, and the next command finishes saving it"
    )]
    Contended(u32),
    /// An unfinished save stands in the way.
    #[error("an earlier change is not saved yet: finish saving it, or discard it first")]
    PendingSave,
    /// The account was moved to a suite that this version does not know.
    #[error(
        "the account was moved to a newer suite ({}), which this version does not know: nothing was shown or changed. Update this program", .0.0
    )]
    NewerSuite(SuiteId),
    /// The session was not opened by the passphrase.
    #[error("replacing the keys needs the passphrase: log in with it")]
    NotByPassphrase,
    /// The vault tells another history than this device has seen.
    #[error(
        "the vault's history contradicts what this device has seen: events are missing or were changed. Ask the vault's operator whether the vault was restored from an old copy"
    )]
    HistoryContradicted,
    /// A confirmed recovery code is not known to be active.
    #[error("{}", why_waiting(.elsewhere.as_ref()))]
    CodeWaiting {
        /// The vault of its registration, if it is another one.
        elsewhere: Option<VaultUrl>,
    },
    /// It is not known which recovery code is valid.
    #[error(
        "it is not known yet whether the new recovery code is active: keep both codes. The next login finds out, and activates the new one if needed ({0})"
    )]
    RecoveryCodeUnconfirmed(#[source] Box<ClientError>),
    /// It is not known whether the account's keys were changed.
    #[error(
        "it is not known yet whether the account's keys were replaced: keep both recovery codes. The next login with the passphrase finds out, and completes the change if needed ({0})"
    )]
    RekeyUnconfirmed(#[source] Box<ClientError>),
    /// What was read is not what a new device shows.
    #[error(transparent)]
    PairingText(#[from] OfferedError),
    /// Something in a pairing is not as it must be: somebody may be in between.
    #[error("the pairing was refused: {0}. Nothing was changed on this device. Start again on both devices")]
    PairingRefused(&'static str),
    /// The other device did not answer in time.
    #[error(
        "the other device did not respond within {} minutes, and no device was added. Start again on both devices", limits::PAIRING_LIFETIME.as_secs() / 60
    )]
    PairingExpired,
    /// No pairing has come as far as the step that was asked for.
    #[error("this pairing has ended, or it was not started: start again on both devices")]
    NoPairing,
    /// Argon2id failed.
    #[error("the passphrase could not be checked: this needs 64 MiB of free memory")]
    KeyDerivation,
    /// The device's own state store failed.
    #[error(transparent)]
    StateStore(#[from] StateStoreError),
    /// The device's secrets could not be kept: the vault was told of none.
    #[error(transparent)]
    SecretStore(#[from] SecretStoreError),
    /// The vault knows this device's new secrets, and this device has not kept all that goes with them.
    #[error("{}; {} ({source})", .step.done(), .source.to_do())]
    NotCommitted {
        /// What took place.
        step: DeviceStep,
        /// Why it is not complete here.
        source: NotKept,
    },
    /// A step failed, and the secrets that were staged for it could not be removed.
    #[error("{error}. This device could not remove the secrets created for this ({source})")]
    NotAbandoned {
        /// Why they may still be there.
        source: SecretStoreError,
        /// Why the step failed.
        error: Box<ClientError>,
    },
    /// The account lists this device, and its pairing is not complete here.
    #[error(transparent)]
    PairingIncomplete(#[from] PairingIncomplete),
}

impl ClientError {
    /// Stable text for programs: the vault's problem code where it refused, else a code of the client.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "invalid-address",
            Self::Unreachable(_) => "unreachable",
            Self::MalformedResponse(_) => "malformed-response",
            Self::ResponseTooLong => "response-too-long",
            Self::Status(_) => "http-status",
            Self::Unsupported(_) => "unsupported",
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::DeviceClock { .. } => ProblemCode::ClockSkew.as_str(),
            Self::NameRequired => "name-required",
            Self::OtherName => "other-name",
            Self::WeakPassphrase(_) => "weak-passphrase",
            Self::PassphraseOrAccount { .. } => "passphrase-or-account",
            Self::BudgetSpent { .. } => ProblemCode::BudgetSpent.as_str(),
            Self::ForeignVault { .. } => ProblemCode::ForeignVault.as_str(),
            Self::ForeignServerKey { .. } => "foreign-server-key",
            Self::ForeignAccount => "foreign-account",
            Self::Keyslot(_) => "foreign-keyslot",
            Self::Snapshot(_) => "snapshot-refused",
            Self::Rollback { .. } => "rollback",
            Self::Fork { .. } => "fork",
            Self::Gap { .. } => "gap",
            Self::SnapshotLost(_) => "snapshot-lost",
            Self::NoSuchBackup(_) => "no-such-backup",
            Self::OlderBackup => "older-backup",
            Self::NotPermitted { .. } => ProblemCode::NotPermitted.as_str(),
            Self::RestoreNotAsked => "restore-not-asked",
            Self::Newer(newer) => newer.code(),
            Self::DevicesRefused(DevicesFault::Newer) => "newer-format",
            Self::DevicesRefused(_) => "devices-refused",
            Self::NoSuchDevice(_) => "no-such-device",
            Self::TooManyDevices => "too-many-devices",
            Self::DevicesUnconfirmed(_) => "devices-unconfirmed",
            Self::NoSuchEntry(_) => "no-such-entry",
            Self::Entry(..) | Self::EntryUnreadable(..) => "entry-unreadable",
            Self::TooMuch(_) => "too-much",
            Self::ReadBack(_) => "read-back",
            Self::Unconfirmed(_) => "unconfirmed",
            Self::PassphraseUnconfirmed(_) => "passphrase-unconfirmed",
            Self::DeletionUnconfirmed(_) => "deletion-unconfirmed",
            Self::Contended(_) => "contended",
            Self::PendingSave => "pending-save",
            Self::NewerSuite(_) => "newer-suite",
            Self::NotByPassphrase => "not-by-passphrase",
            Self::HistoryContradicted => "history-contradicted",
            Self::CodeWaiting { .. } => "recovery-code-waiting",
            Self::RecoveryCodeUnconfirmed(_) => "recovery-code-unconfirmed",
            Self::RekeyUnconfirmed(_) => "rekey-unconfirmed",
            Self::PairingText(_) => "pairing-text",
            Self::PairingRefused(_) => "pairing-refused",
            Self::PairingExpired => "pairing-expired",
            Self::NoPairing => "no-pairing",
            Self::KeyDerivation => "key-derivation",
            Self::StateStore(_) => "local-state",
            Self::SecretStore(error) => error.code(),
            Self::NotCommitted { step, .. } => step.code(),
            Self::PairingIncomplete(incomplete) => incomplete.code(),
            Self::NotAbandoned { error, .. } => error.code(),
        }
    }

    /// Whether nothing more can come of a pairing after this: both devices begin anew. After any other error its step may be
    /// done again, as long as the mailbox lives.
    #[must_use]
    pub fn ends_pairing(&self) -> bool {
        matches!(
            self,
            Self::PairingExpired
                | Self::PairingRefused(_)
                | Self::ForeignAccount
                | Self::ForeignVault { .. }
                | Self::ForeignServerKey { .. }
                | Self::DevicesUnconfirmed(_)
        )
    }

    /// Whether what the vault gave is not authentic, or not of what this device knows: nothing is to be done on its word.
    #[must_use]
    pub fn is_tampering(&self) -> bool {
        match self {
            Self::DevicesRefused(fault) => *fault != DevicesFault::Newer,
            Self::NotAbandoned { error, .. } => error.is_tampering(),
            other => other.is_unauthentic(),
        }
    }

    fn is_unauthentic(&self) -> bool {
        matches!(
            self,
            Self::ForeignVault { .. }
                | Self::ForeignServerKey { .. }
                | Self::ForeignAccount
                | Self::Keyslot(_)
                | Self::Snapshot(_)
                | Self::SnapshotLost(_)
                | Self::Entry(..)
                | Self::EntryUnreadable(..)
                | Self::Rollback { .. }
                | Self::Fork { .. }
                | Self::Gap { .. }
                | Self::HistoryContradicted
                | Self::PairingRefused(_)
                | Self::ReadBack(_)
        )
    }

    /// The vault's problem code, where the vault refused.
    #[must_use]
    pub fn problem(&self) -> Option<ProblemCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            Self::BudgetSpent { .. } => Some(ProblemCode::BudgetSpent),
            Self::DeviceClock { .. } => Some(ProblemCode::ClockSkew),
            Self::ForeignVault { .. } => Some(ProblemCode::ForeignVault),
            Self::NotAbandoned { error, .. } => error.problem(),
            _ => None,
        }
    }
}

fn why_unreachable(error: &TransportError) -> String {
    let advice = match error {
        TransportError::UnknownAuthority => {
            "if the vault uses a private CA, get its certificate from the operator and trust it on this device"
        }
        TransportError::WrongName => "check the address. If it is right, tell the vault's operator",
        TransportError::Certificate(_) => {
            "check this device's clock. If it is right, tell the vault's operator"
        }
        TransportError::NoTls => "check the address and its port",
        _ => return format!(" ({error}): check the address and the network, then try again"),
    };
    format!(": {error}; {advice}")
}

fn since(passphrases_since: Option<Timestamp>) -> String {
    passphrases_since.map_or_else(String::new, |time| {
        format!(
            ". A passphrase that was set before {} no longer works, because the vault's operator replaced the root secret then: use \
             the recovery code",
            date(time)
        )
    })
}

fn why_foreign(replaced_at: Option<Timestamp>) -> String {
    let Some(time) = replaced_at else {
        return "Nothing was shown or changed. The vault may have been set up again from scratch: ask its operator, over another channel".to_owned();
    };
    format!(
        "It says that its operator replaced a lost root secret at {}: passphrases set before then no longer work, but the recovery \
         code does. An impostor could say so too: ask the operator, over another channel, whether this is true",
        date(time)
    )
}

fn next_try(remaining: u32, next_wait: u64) -> String {
    match (remaining, next_wait) {
        (_, 1..) => format!("the next attempt is possible in {}", wait(next_wait)),
        (0, 0) => "try again".to_owned(),
        (1, 0) => "1 attempt is left before waiting times begin".to_owned(),
        (attempts, 0) => format!("{attempts} attempts are left before waiting times begin"),
    }
}
