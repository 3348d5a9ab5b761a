//! Options of the commands about the account: getting in, getting everything back, changing what opens it.

use super::device::Enrolling;
use clap::{Args, Subcommand};
use rootcellar_client::LoginOptions;
use rootcellar_spec::Number;
use std::path::PathBuf;

/// The account, for a device that does not remember it.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Account name; needed once after a recovery, remembered (as a hash) from then on
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}

/// The account, for a command that a person may have go by what the vault shows.
#[derive(Debug, Args)]
pub(crate) struct AcceptingLogin {
    #[command(flatten)]
    pub(crate) login: Login,
    /// Let go of what this device and the newest backup know of the account's history and devices, after you found out why;
    /// needs the passphrase or the recovery code
    #[arg(long)]
    pub(crate) accept_history: bool,
}

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Discard an unfinished save, whose additions are lost, and the message about an inactive recovery code
    #[arg(long)]
    pub(crate) discard_pending_save: bool,
    /// Give up a recovery code that you confirmed and that is not active yet: this device never activates it
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

Remember the address, the account name and the passphrase. Write the recovery
code down on paper: it is shown once, and it opens the backup alone. The account is
created after you have confirmed the code. If the command is interrupted, run it
again: it completes what was begun.

A registration uses one of five attempts that an account name has before the vault
makes everybody wait; each day without an attempt gives one back.")]
pub(crate) struct Register {
    /// Name of the new account; the vault never learns it
    #[arg(long, value_name = "NAME")]
    pub(crate) account: String,
    /// What backups made here are marked with [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Read the invite from FILE ('-' for standard input); ROOTCELLAR_INVITE holds one too
    #[arg(long, value_name = "FILE")]
    pub(crate) invite_file: Option<PathBuf>,
    /// Make a strong passphrase and show it, instead of asking for one
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) generate: bool,
    /// Write the recovery code to a new FILE (mode 0600) instead of showing it, which counts as confirmed
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
}

/// Getting entries back, by passphrase or by recovery code.
#[derive(Debug, Args)]
pub(crate) struct Retrieval {
    /// What backups made here are marked with [default: this machine's name]
    #[arg(long, value_name = "LABEL")]
    pub(crate) device_label: Option<String>,
    /// Write the entries, unencrypted, as JSON to a new FILE (mode 0600) instead of showing them
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Open the backup of this number instead of the newest; 'status' names those that the vault keeps
    #[arg(long, value_name = "NUMBER", conflicts_with = "enrol")]
    pub(crate) backup: Option<u64>,
    /// Accept a history that contradicts what this device has seen, after you found out why
    #[arg(long)]
    pub(crate) accept_history: bool,
    /// Accept that the vault's key has changed, after its operator confirmed that the root secret was replaced
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

Look at the number, the date and the device of the backup before you rely on it:
a new device cannot tell by itself that a newer one exists. On a terminal it asks
before it shows every seed; --yes or --output does not ask.")]
pub(crate) struct Restore {
    /// Account name; may be left out on a device that remembers the account
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Do not ask before every secret is shown on a terminal
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

Works without the account name and without the old passphrase. Only where no
name leads to the account any more, because the vault's operator replaced a lost
root secret, it asks for one: the former, if nobody took it, or another.")]
pub(crate) struct Recover {
    /// Account name, where the account needs one; else this device learns it
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Read the new passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Make a strong new passphrase and show it, instead of asking for one
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

An enrolled device saves without the passphrase. Unless you ask for more, it adds,
replaces and removes entries and cannot show a seed: a thief of it gets none.")]
pub(crate) struct SignIn {
    /// Account name; may be left out on a device that remembers the account
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// What to call this device [default: as remembered, else this machine's name]
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

The old passphrase ends at once, and so does every login by it; enrolled devices
go on. The account's keys stay the same: who had the old passphrase together with
an old copy of the vault's store can still open that copy. If that may be so, use
'rootcellar rekey'.

A new passphrase uses one of five attempts that the account name has before the
vault makes everybody wait; each day without an attempt gives one back. 'rootcellar
status' with the passphrase shows how many are left.")]
pub(crate) struct NewPassphrase {
    /// Read the new passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Make a strong new passphrase and show it, instead of asking for one
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
    /// Show a new recovery code, then put it in the place of the old one
    New(RecoveryCodeNew),
}

/// `recovery-code new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar recovery-code new
    rootcellar recovery-code new --recovery-code-output code.txt --yes

The new code is shown, or written to the file, and you confirm that you have it.
Confirming activates it and revokes the old one. If the command is interrupted
before, the old code stays valid; afterwards, the next command that logs in
activates the new one and says so. Keep both papers until one is said to be valid.")]
pub(crate) struct RecoveryCodeNew {
    /// Write the new recovery code to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
    /// Skip the confirmation prompt: states that the code in the file is kept
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

For when somebody may have had the account's keys: a device that could restore was
lost, or a passphrase or recovery code was seen. Draws new keys, seals the newest
backup anew, makes a new recovery code, drops older backups and every device; this
one stays enrolled, if it is. It needs the passphrase, which stays the same: change
it, too, if it was seen. Seeds that may have been seen are not safe again by this:
move what they control to new ones.")]
pub(crate) struct Rekey {
    /// Write the new recovery code to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
    /// Continue with the backup of this number instead of the newest, and drop what was saved since; 'status' lists them
    #[arg(long, value_name = "NUMBER")]
    pub(crate) backup: Option<u64>,
    /// Skip the confirmation prompt; with --recovery-code-output it also states that the code is kept
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

Neither the passphrase nor the recovery code opens anything afterwards, and
anybody may register the name. Copies that the vault's operator keeps of the
store (versions of a bucket, backups) hold it, sealed, until they end.")]
pub(crate) struct DeleteAccount {
    /// The name of the account that is to be deleted, instead of typing it when asked
    #[arg(long, value_name = "NAME")]
    pub(crate) yes_delete: Option<String>,
}
