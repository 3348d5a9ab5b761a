//! Options about enrolled devices.

use super::AcceptingLogin;
use crate::device_store::SecretStoreOption;
use clap::{Args, Subcommand, ValueEnum};
use rootcellar_spec::wire::login::Permission;
use std::path::PathBuf;

/// What a device may do; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DevicePermission {
    /// See what is backed up, but not the seeds
    View,
    /// Also add, replace and remove entries, but not show seeds
    Backup,
    /// Also show seeds
    Restore,
    /// Also change devices, passphrase, recovery code and keys
    Manage,
}

impl From<DevicePermission> for Permission {
    fn from(permission: DevicePermission) -> Self {
        match permission {
            DevicePermission::View => Self::View,
            DevicePermission::Backup => Self::Backup,
            DevicePermission::Restore => Self::Restore,
            DevicePermission::Manage => Self::Manage,
        }
    }
}

/// Enrolling this device after a login.
#[derive(Debug, Args)]
pub(crate) struct Enrolling {
    /// Enrol this device, so that it works without the passphrase as far as its permission allows
    #[arg(long)]
    pub(crate) enrol: bool,
    /// Permission of the device
    #[arg(long, value_enum, default_value_t = DevicePermission::Backup, requires = "enrol")]
    pub(crate) permission: DevicePermission,
    /// Where to store the device's secrets [default: keyring if it works, otherwise encrypted]
    #[arg(long, value_name = "STORE", value_enum, requires = "enrol")]
    pub(crate) device_secrets: Option<SecretStoreOption>,
}

/// `devices`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
    rootcellar devices
    rootcellar devices pair --vault https://vault.example.org
    rootcellar devices approve
    rootcellar devices permit 'Pixel 9' view
    rootcellar devices revoke 'Pixel 9'
    rootcellar devices forget"
)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) command: Option<DevicesCommand>,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}

/// What to do about devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// List the enrolled devices with their permissions and dates
    #[command(after_help = "Example:\n    rootcellar devices list")]
    List(AcceptingLogin),
    /// Add this device to an account without a passphrase, using a device that manages the account
    Pair(Pair),
    /// Approve a new device that runs 'devices pair'
    Approve(Approve),
    /// Change the permission of a device
    Permit(Permit),
    /// Revoke a device: it loses all access
    Revoke(Revoke),
    /// Remove the enrolment from this device only; the vault is not contacted
    Forget(Forget),
}

/// `devices pair`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices pair --vault https://vault.example.org
    rootcellar devices pair --vault https://vault.example.org \\
        --device-label 'Pixel 9' --device-secrets encrypted

The command shows a QR code and the same content as text. On a device that manages
the account, run 'rootcellar devices approve' and enter the text. Both devices then
show a code of six digits. If the codes are the same, nobody is intercepting the
connection. You have ten minutes. You need neither passphrase nor account name.")]
pub(crate) struct Pair {
    /// Name of this device [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Where to store the device's secrets [default: keyring if it works, otherwise encrypted]
    #[arg(long, value_name = "STORE", value_enum)]
    pub(crate) device_secrets: Option<SecretStoreOption>,
}

/// `devices approve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices approve
    rootcellar devices approve --permission restore
    rootcellar devices approve --from pairing.txt

You need a device with the permission 'manage', the passphrase or the recovery
code. The command shows the new device's name and a code of six digits. Confirm only
if the new device shows the same code.")]
pub(crate) struct Approve {
    /// Read the pairing text from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Permission of the new device [default: asked for]
    #[arg(long, value_enum)]
    pub(crate) permission: Option<DevicePermission>,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}

/// `devices permit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices permit 'Pixel 9' view
    rootcellar devices permit 5f0c2a91 restore --yes

The change takes effect immediately. A device that could restore or back up had keys
of the account and may have kept them. If that matters, replace the keys with
'rootcellar rekey'.")]
pub(crate) struct Permit {
    /// Label of the device, or the first digits of its id (at least 4)
    pub(crate) device: String,
    /// New permission of the device
    #[arg(value_enum)]
    pub(crate) permission: DevicePermission,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}

/// `devices revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices revoke 'Pixel 9'
    rootcellar devices revoke 5f0c2a91 --yes

The device loses access immediately, even for a save in progress. A device that could
restore or back up may have kept keys of the account. If it is lost, replace the keys
with 'rootcellar rekey'. If it could restore, move the funds of the seeds to new ones.
If the device left a backup that contradicts the list of devices ('devices-refused'),
use --accept-history: it revokes the device and saves the backup again.")]
pub(crate) struct Revoke {
    /// Label of the device, or the first digits of its id (at least 4)
    pub(crate) device: String,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}

/// `devices forget`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices forget
    rootcellar devices forget --yes

This removes the device's secrets and its cached backup. Commands then ask for the
passphrase. The vault still lists the device until you remove it there with
'rootcellar devices revoke'.")]
pub(crate) struct Forget {
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
}
