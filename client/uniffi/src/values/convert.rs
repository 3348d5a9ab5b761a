//! Between the library's types and those that cross.

use super::{
    AccountState, Backup, Device, DeviceChange, DeviceKind, EntryKind, Item, LoginOptions, Overview,
    PendingSaveResult, Permission, RecoveryCodeNotice, RecoveryCodePurpose, RecoveryCodeState,
    RegistrationMode, RekeyReason, RetainedBackup, Saved, VaultInfo,
};
use crate::error::RootcellarError;
use crate::session::Bound;
use rootcellar_client::client::SnapshotChoice;
use rootcellar_client::device_list;
use rootcellar_client::entry::Kind;
use rootcellar_client::inventory;
use rootcellar_client::pending_code::{Ceremony, CodeNotice, CodeState};
use rootcellar_client::pending_save::{PendingSaveFault, PendingSaveOutcome};
use rootcellar_client::session::{self, KnownDevice, Session};
use rootcellar_client::snapshot::Snapshot;
use rootcellar_client::{VaultText, client};
use rootcellar_spec::hex;
use rootcellar_spec::wire;
use rootcellar_spec::{DeviceId, EntryId, Number};

impl From<Permission> for wire::login::Permission {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::View => Self::View,
            Permission::Backup => Self::Backup,
            Permission::Restore => Self::Restore,
            Permission::Manage => Self::Manage,
        }
    }
}

impl From<wire::login::Permission> for Permission {
    fn from(permission: wire::login::Permission) -> Self {
        match permission {
            wire::login::Permission::View => Self::View,
            wire::login::Permission::Backup => Self::Backup,
            wire::login::Permission::Restore => Self::Restore,
            wire::login::Permission::Manage => Self::Manage,
        }
    }
}

impl From<LoginOptions> for client::LoginOptions {
    fn from(options: LoginOptions) -> Self {
        let LoginOptions { to_restore, backup, to_manage, accept_history, accept_server_key } = options;
        let snapshot = match backup {
            Some(number) => SnapshotChoice::Numbered(Number(number)),
            None if to_manage => SnapshotChoice::HeadUnlessRefused,
            None => SnapshotChoice::Head,
        };
        Self { to_restore, snapshot, accept_history, accept_server_key }
    }
}

impl From<wire::vault::Vault> for VaultInfo {
    fn from(vault: wire::vault::Vault) -> Self {
        use wire::vault::RegistrationMode as Mode;
        Self {
            vault_id: vault.vault_id.to_string(),
            registration: match vault.registration {
                Mode::Open => RegistrationMode::Open,
                Mode::Invite => RegistrationMode::Invite,
                Mode::Closed => RegistrationMode::Closed,
            },
            passphrases_since: vault.passphrases_since.map(|time| time.0),
            time: vault.time.0,
        }
    }
}

impl From<wire::account::Account> for AccountState {
    fn from(account: wire::account::Account) -> Self {
        let kept = account.snapshots.iter().map(|head| RetainedBackup {
            number: head.number.0,
            size: head.size,
            saved_at: head.created_at.0,
        });
        Self {
            account_id: account.account_id.to_string(),
            registered_at: account.created_at.0,
            passphrase_changed_at: account.passphrase_changed_at.0,
            backups: kept.collect(),
            time: account.time.0,
        }
    }
}

/// Text of another device, safe to show.
fn safe(text: impl AsRef<str>) -> String {
    VaultText::new(text.as_ref()).to_string()
}

impl Overview {
    pub(crate) fn of(session: &Session<Bound>, left: Left) -> Self {
        Self {
            account_id: session.account_id().to_string(),
            permission: session.permission().into(),
            backup: session.snapshot().map(Backup::from),
            refused_backup: session.refused_head().map(|error| error.code().to_owned()),
            items: session.items().iter().map(Item::from).collect(),
            failed_attempts: session.failed_attempts(),
            named: session.is_named(),
            account_name: session.account_name().map(safe),
            vault_addresses: session.vault_addresses().iter().map(safe).collect(),
            devices_fault: session.devices_fault().map(|fault| fault.to_string()),
            pending_save: left.pending_save,
            recovery_code: left.recovery_code.map(Into::into),
        }
    }
}

/// What earlier operations left, which a session shows.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    pub(crate) pending_save: PendingSaveResult,
    pub(crate) recovery_code: Option<CodeNotice>,
}

impl From<CodeNotice> for RecoveryCodeNotice {
    fn from(notice: CodeNotice) -> Self {
        let purpose = match notice.ceremony {
            Ceremony::Registration => RecoveryCodePurpose::Registration,
            Ceremony::RecoveryCode => RecoveryCodePurpose::RecoveryCode,
            Ceremony::Rekey => RecoveryCodePurpose::Rekey,
        };
        let state = match notice.state {
            CodeState::Active => RecoveryCodeState::Active,
            CodeState::Waiting => RecoveryCodeState::Waiting,
            CodeState::Unconfirmed => RecoveryCodeState::Unconfirmed,
            CodeState::Refused => RecoveryCodeState::Refused,
            CodeState::Superseded => RecoveryCodeState::Superseded,
        };
        Self { purpose, state, generated_at: notice.generated_at.0 }
    }
}

impl From<device_list::DeviceKind> for DeviceKind {
    fn from(kind: device_list::DeviceKind) -> Self {
        match kind {
            device_list::DeviceKind::App => Self::App,
            device_list::DeviceKind::Passkey => Self::Passkey,
            _ => Self::Unknown,
        }
    }
}

impl From<&Snapshot> for Backup {
    fn from(snapshot: &Snapshot) -> Self {
        let device = &snapshot.inventory.device;
        Self {
            number: snapshot.header.number.0,
            created_at: snapshot.inventory.created_at.0,
            device_id: hex::encode(&device.id.0),
            device_label: device.label.to_string(),
        }
    }
}

impl From<&inventory::Item> for Item {
    fn from(item: &inventory::Item) -> Self {
        let kinds =
            [(Kind::Bip39, EntryKind::Phrase), (Kind::Seed, EntryKind::Seed), (Kind::Text, EntryKind::Text)];
        let kind = kinds.into_iter().find(|(kind, _)| kind.number() == item.kind);
        Self {
            id: hex::encode(&item.id.0),
            label: item.label.to_string(),
            kind: kind.map_or(EntryKind::Unknown, |(_, kind)| kind),
            created_at: item.created_at.0,
            changed_at: item.changed_at.0,
            fingerprint: item.fingerprint.map(|fingerprint| hex::encode(&fingerprint)),
        }
    }
}

impl Saved {
    pub(crate) fn of(saved: &session::Saved, pending_save: PendingSaveResult) -> Self {
        let added = saved.added.iter().map(|id| hex::encode(&id.0)).collect();
        Self { number: saved.number.0, added, merged: saved.merged, pending_save }
    }
}

impl From<&KnownDevice> for Device {
    fn from(known: &KnownDevice) -> Self {
        Self {
            id: hex::encode(&known.device.id.0),
            label: known.device.label.to_string(),
            permission: known.device.permission.into(),
            kind: known.device.kind.into(),
            enrolled_at: known.device.enrolled_at.0,
            last_seen_at: known.last_seen_at.0,
            is_this: known.is_this,
        }
    }
}

impl From<session::DeviceChange> for DeviceChange {
    fn from(change: session::DeviceChange) -> Self {
        let session::DeviceChange { former, rekey_reason, ended_sessions, .. } = change;
        Self { former: former.into(), rekey_reason: rekey_reason.map(Into::into), ended_sessions }
    }
}

impl From<session::RekeyReason> for RekeyReason {
    fn from(reason: session::RekeyReason) -> Self {
        match reason {
            session::RekeyReason::ForgesBackups => Self::ForgesBackups,
            // A reason of a newer core is no weaker.
            _ => Self::ReadsBackups,
        }
    }
}

impl From<PendingSaveOutcome> for PendingSaveResult {
    fn from(outcome: PendingSaveOutcome) -> Self {
        match outcome {
            PendingSaveOutcome::Nothing => Self::None,
            PendingSaveOutcome::AlreadySaved => Self::AlreadySaved,
            PendingSaveOutcome::Saved => Self::Saved,
            PendingSaveOutcome::Merged => Self::Merged,
            PendingSaveOutcome::CannotFinish(reason) => reason.into(),
            _ => Self::Waiting,
        }
    }
}

impl From<PendingSaveFault> for PendingSaveResult {
    fn from(reason: PendingSaveFault) -> Self {
        match reason {
            PendingSaveFault::OtherAccount => Self::OtherAccount,
            PendingSaveFault::KeysChanged => Self::KeysChanged,
            PendingSaveFault::Damaged => Self::Damaged,
            _ => Self::Waiting,
        }
    }
}

/// The entry of this id.
pub(crate) fn entry_id(text: &str) -> Result<EntryId, RootcellarError> {
    hex::decode_array(text).map(EntryId).ok_or_else(|| no_id("an entry"))
}

/// The device of this id.
pub(crate) fn device_id(text: &str) -> Result<DeviceId, RootcellarError> {
    hex::decode_array(text).map(DeviceId).ok_or_else(|| no_id("a device"))
}

fn no_id(what: &str) -> RootcellarError {
    RootcellarError::input("invalid-id", format!("the id of {what} has 32 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write() {
        let id: [u8; 16] = std::array::from_fn(|at| u8::try_from(at * 17 % 256).expect("small"));
        assert_eq!(entry_id(&hex::encode(&id)).expect("an id").0, id);
        for text in [
            "",
            "0",
            &hex::encode(&id)[1..],
            &format!("{}g", &hex::encode(&id)[1..]),
            &format!("{}00", hex::encode(&id)),
        ] {
            assert_eq!(device_id(text).expect_err("none").code(), "invalid-id", "{text}");
        }
    }
}
