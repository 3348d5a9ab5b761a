//! Options of the commands about the account: getting in, getting everything back, changing what opens it.

use super::device::Enrolling;
use clap::{Args, Subcommand};
use rootcellar_client::LoginOptions;
use rootcellar_spec::Number;
use std::path::PathBuf;

/// The account, for a device that does not remember it.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Account name; only needed once after a recovery
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}

/// The account, for a command that a person may have go by what the vault shows.
#[derive(Debug, Args)]
pub(crate) struct AcceptingLogin {
    #[command(flatten)]
    pub(crate) login: Login,
    /// Accept a history or list of devices that contradicts what this device and the latest backup know, after you have found
    /// out why; needs the passphrase or the recovery code
    #[arg(long)]
    pub(crate) accept_history: bool,
}

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Discard a pending save with its changes, and dismiss the message about an inactive recovery code
    #[arg(long)]
    pub(crate) discard_pending_save: bool,
    /// Discard a recovery code that you confirmed and that is not active yet
    #[arg(long)]
    pub(crate) discard_code: bool,
    #[command(flatten)]
    pub(crate) login: Login,
}

/// `register`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar register --vault https://vault.example.org --account alice
    rootcellar register --vault https://vault.example.org --account alice --generate
    rootcellar register --vault https://vault.example.org --account alice \\
        --invite-file invite.txt --device-label 'Office laptop'

Remember the vault's address, the account name and the passphrase. Write the
recovery code down on paper: it is shown only once, and it opens the backup
without account name and passphrase. The account is created after you have
confirmed the code. If the command is interrupted, run it again to complete the
registration.

Each account name has five attempts before waiting times begin. Registering uses
one. One attempt is returned for each day without an attempt.")]
pub(crate) struct Register {
    /// Name of the new account; the vault never sees it
    #[arg(long, value_name = "NAME")]
    pub(crate) account: String,
    /// Name of this device, shown next to each backup [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Read the invite from FILE ('-' for standard input); or set ROOTCELLAR_INVITE
    #[arg(long, value_name = "FILE")]
    pub(crate) invite_file: Option<PathBuf>,
    /// Generate a strong passphrase and show it, instead of asking for one
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) generate: bool,
    /// Write the recovery code to a new FILE (mode 0600) instead of showing it; you need not confirm it then
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
}

/// Getting entries back, by passphrase or by recovery code.
#[derive(Debug, Args)]
pub(crate) struct Retrieval {
    /// Name of this device, shown next to each backup [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Write the entries, unencrypted, as JSON to a new FILE (mode 0600) instead of showing them
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Open the backup with this number instead of the latest; 'status' lists the backups
    #[arg(long, value_name = "NUMBER", conflicts_with = "enrol")]
    pub(crate) backup: Option<u64>,
    /// Accept a history that contradicts what this device has seen, after you have found out why
    #[arg(long)]
    pub(crate) accept_history: bool,
    /// Accept that the vault's key has changed, after its operator has confirmed it
    #[arg(long)]
    pub(crate) accept_new_key: bool,
    #[command(flatten)]
    pub(crate) enrolling: Enrolling,
}

impl Retrieval {
    /// What the login, or the recovery, does beyond the usual.
    pub(crate) fn options(&self) -> LoginOptions {
        LoginOptions {
            to_restore: true,
            snapshot: self.backup.map(Number).into(),
            accept_history: self.accept_history,
            accept_server_key: self.accept_new_key,
        }
    }
}

/// `restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar restore --vault https://vault.example.org --account alice
    rootcellar restore --vault https://vault.example.org --account alice \\
        --output entries.json
    rootcellar restore --backup 41
    rootcellar restore --vault https://vault.example.org --account alice \\
        --enrol --device-label 'Pixel 9'

Check the number, date and device of the backup before you rely on it: a new
device cannot tell whether a newer backup exists. On a terminal, the command asks
before it shows all seeds, unless you use --yes or --output.")]
pub(crate) struct Restore {
    /// Account name; not needed on a device that has used the account before
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Skip the question before all seeds are shown on a terminal
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) retrieval: Retrieval,
}

/// `recover`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar recover --vault https://vault.example.org
    rootcellar recover --vault https://vault.example.org \\
        --recovery-code-file code.txt --new-passphrase-file new.txt --output entries.json

You need neither the account name nor the old passphrase. If the vault's operator
has replaced a lost root secret, the account has lost its name. The command then
asks for one: the old name if nobody has taken it, or another.")]
pub(crate) struct Recover {
    /// Account name, if the account needs one or this device should learn it
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Read the new passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Generate a strong new passphrase and show it, instead of asking for one
    #[arg(long, conflicts_with = "new_passphrase_file")]
    pub(crate) generate: bool,
    #[command(flatten)]
    pub(crate) retrieval: Retrieval,
}

/// `login`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar login
    rootcellar login --enrol --device-label 'Pixel 9'
    rootcellar login --enrol --permission restore --device-secrets encrypted
    rootcellar login --vault https://vault.example.org --account alice --enrol

An enrolled device works without the passphrase, as far as its permission allows.
The default permission, 'backup', can add and remove entries but not show seeds, so
a thief of the device gets none.")]
pub(crate) struct SignIn {
    /// Account name; not needed on a device that has used the account before
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Name of this device [default: as before, or this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    #[command(flatten)]
    pub(crate) enrolling: Enrolling,
}

/// `passphrase`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar passphrase
    rootcellar passphrase --generate
    rootcellar passphrase --passphrase-file old.txt --new-passphrase-file new.txt

The old passphrase stops working immediately. Enrolled devices are not affected.
The account's keys stay the same: someone who has the old passphrase and an old
copy of what the vault stores can still open that copy. If that is possible, use
'rootcellar rekey'.

Each account name has five attempts before waiting times begin. A new passphrase
uses one. One attempt is returned for each day without an attempt. 'rootcellar
status' with the passphrase shows how many are left.")]
pub(crate) struct NewPassphrase {
    /// Read the new passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Generate a strong new passphrase and show it, instead of asking for one
    #[arg(long, conflicts_with = "new_passphrase_file")]
    pub(crate) generate: bool,
    #[command(flatten)]
    pub(crate) login: Login,
}

/// `recovery-code`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n    rootcellar recovery-code new")]
pub(crate) struct RecoveryCode {
    #[command(subcommand)]
    pub(crate) command: RecoveryCodeCommand,
}

/// What to do about the recovery code.
#[derive(Debug, Subcommand)]
pub(crate) enum RecoveryCodeCommand {
    /// Show a new recovery code, then replace the old one with it
    New(RecoveryCodeNew),
}

/// `recovery-code new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar recovery-code new
    rootcellar recovery-code new --recovery-code-output code.txt --yes

The new code is shown or written to the file, and you confirm that you have it.
Confirming activates it and revokes the old one. If the command is interrupted
before you confirm, the old code stays active. If it is interrupted later, the next
command that logs in activates the new one and says so. Keep both papers until a
command says which one is active.")]
pub(crate) struct RecoveryCodeNew {
    /// Write the new recovery code to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
    /// Skip the confirmation prompt; this confirms that you keep the code in the file
    #[arg(long, requires = "recovery_code_output")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: Login,
}

/// `rekey`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar rekey
    rootcellar rekey --recovery-code-output code.txt --yes
    rootcellar rekey --backup 41

Use this if someone may have the account's keys: if you have lost a device that
could restore, or if someone has seen a passphrase or recovery code. It encrypts the
latest backup with new keys, creates a new recovery code, and removes older backups
and all other devices. It needs the passphrase, which stays the same: change it, too,
if someone has seen it. This does not make seeds safe that someone has seen: move
their funds to new ones.")]
pub(crate) struct Rekey {
    /// Write the new recovery code to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
    /// Continue from the backup with this number instead of the latest, and lose what was saved later; 'status' lists the backups
    #[arg(long, value_name = "NUMBER")]
    pub(crate) backup: Option<u64>,
    /// Skip the confirmation prompt; with --recovery-code-output, this also confirms that you keep the code
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}

/// `delete-account`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar delete-account
    rootcellar delete-account --yes-delete alice --passphrase-file passphrase.txt

Afterwards the passphrase and the recovery code open nothing, and anyone can
register the name. If the vault's operator keeps copies of the storage (bucket
versions, backups), the encrypted data stays in them until they expire.")]
pub(crate) struct DeleteAccount {
    /// Name of the account to delete, instead of typing it when asked
    #[arg(long, value_name = "NAME")]
    pub(crate) yes_delete: Option<String>,
}
