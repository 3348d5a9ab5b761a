//! Options about enrolled devices.

use super::AcceptingLogin;
use crate::device_store::SecretStoreOption;
use clap::{Args, Subcommand, ValueEnum};
use rootcellar_spec::wire::login::Permission;
use std::path::PathBuf;

/// What a device may do; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DevicePermission {
    /// See what is backed up, never a seed
    View,
    /// Add, replace and remove entries, without reading them
    Backup,
    /// Read entries, too
    Restore,
    /// Change devices, passphrase, recovery code and keys, too
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
    /// Enrol this device: it then works without the passphrase, as far as its permission goes
    #[arg(long)]
    pub(crate) enrol: bool,
    /// What the enrolled device may do
    #[arg(long, value_enum, default_value_t = DevicePermission::Backup, requires = "enrol")]
    pub(crate) permission: DevicePermission,
    /// Where to keep the device's secrets [default: keyring where one works, else encrypted]
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
    /// List the enrolled devices: label, permission, when they were enrolled and last seen
    #[command(after_help = "Example:\n    rootcellar devices list")]
    List(AcceptingLogin),
    /// Bring this device into an account, with the help of a device that manages it; nothing is typed
    Pair(Pair),
    /// Let a new device in, which shows a pairing text
    Approve(Approve),
    /// Change what a device may do
    Permit(Permit),
    /// Remove a device: it can do nothing from then on
    Revoke(Revoke),
    /// Make this device forget that it is enrolled; the vault is not asked
    Forget(Forget),
}

/// `devices pair`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar devices pair --vault https://vault.example.org
    rootcellar devices pair --vault https://vault.example.org \\
        --device-label 'Pixel 9' --device-secrets encrypted

Shows a QR code and the same as text. On a device that manages the account, run
'rootcellar devices approve' and give it the text. Both show a code of six digits:
only if it is the same, nobody stands between the two. A pairing lives for ten
minutes; neither passphrase nor account name is needed.")]
pub(crate) struct Pair {
    /// What to call this device [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Where to keep the device's secrets [default: keyring where one works, else encrypted]
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

Needs a device with the permission 'manage', the passphrase or the recovery code.
Shows the new device's label and a code of six digits: confirm only if the new
device shows the same.")]
pub(crate) struct Approve {
    /// Read the pairing text from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// What the new device may do [default: asked for]
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

Takes effect at once. A device that could restore or back up had keys of the account
and may have kept them: if that matters, 'rootcellar rekey' gives the account new
ones.")]
pub(crate) struct Permit {
    /// Label of the device, or the first digits of its id (at least 4)
    pub(crate) device: String,
    /// What it may do from now on
    #[arg(value_enum)]
    pub(crate) permission: DevicePermission,
    /// Do not ask
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

Takes effect at once, also on a save that is under way. A device that could restore
or back up may have kept keys of the account: if it is lost, 'rootcellar rekey' gives
the account new ones. Move the funds of seeds that a device with 'restore' may have
shown. If the device left a backup that contradicts the list of devices
('devices-refused'), --accept-history revokes it and saves the backup again.")]
pub(crate) struct Revoke {
    /// Label of the device, or the first digits of its id (at least 4)
    pub(crate) device: String,
    /// Do not ask
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

Removes this device's secrets and what it keeps beside them; commands ask for the
passphrase from then on. The vault still lists the device until 'rootcellar devices
revoke' removes it there.")]
pub(crate) struct Forget {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
