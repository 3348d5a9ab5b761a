//! The command line: what may be asked, with help and examples. No secret is ever an argument.

use crate::exit::EXIT_CODES;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

const ABOUT: &str = "Back up wallet seeds to a Rootcellar vault, and get them back when the device is lost";

const LONG_ABOUT: &str = "\
Back up wallet seeds to a Rootcellar vault, and get them back when the device is lost.

Seeds are sealed on this device: the vault never sees a seed, a label, the account name or the passphrase. To restore \
on a new device you need the vault's address, the account name and the passphrase; or the recovery code alone.";

const EXAMPLES: &str = "\
Examples:
    rootcellar register --vault https://vault.example.org --account alice
    rootcellar add --label 'Hardware wallet'
    rootcellar list
    rootcellar show 'Hardware wallet'
    rootcellar restore --vault https://vault.example.org --account alice
    rootcellar recover --vault https://vault.example.org

Secrets are asked for on the terminal or read from files, never taken as
arguments, where other programs could see them.";

/// Over the options that every command takes.
const GLOBAL: &str = "Options of every command";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "rootcellar",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Address of the vault; plain http only to this machine
    #[arg(long, value_name = "URL", env = "ROOTCELLAR_VAULT", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) vault: Option<String>,
    /// Folder that remembers the vault and the account; holds nothing that opens the backup
    /// [default: rootcellar in the XDG data folder]
    #[arg(long, value_name = "DIR", env = "ROOTCELLAR_HOME", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) home: Option<PathBuf>,
    /// Read the passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Read the recovery code from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) recovery_code_file: Option<PathBuf>,
    /// Trust the certificates in FILE (PEM) too, for a vault with a certificate of its own authority
    #[arg(long, value_name = "FILE", env = "ROOTCELLAR_CA_FILE", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Print one JSON object: the result on standard output, or the error on standard error
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,
    /// Print results, warnings and errors only
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// Use colour; 'auto' means on a terminal and without NO_COLOR
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, global = true, help_heading = GLOBAL)]
    pub(crate) color: ColorWhen,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Open a new account on a vault and show its recovery code, once
    Register(Register),
    /// Back up a seed phrase, a raw seed or a text
    Add(Add),
    /// List what is backed up, without any secret
    List(Login),
    /// Show the secret of one entry
    Show(Show),
    /// Remove an entry from the newest backup
    Remove(Remove),
    /// Show what this device and the vault know of the account
    Status(Status),
    /// Get every entry back with account name and passphrase, on a new device too
    Restore(Restore),
    /// Get every entry back with the recovery code alone, and set a new passphrase
    Recover(Recover),
    /// Delete the account with all its backups, for good
    DeleteAccount(DeleteAccount),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n    rootcellar completions bash > ~/.local/share/bash-completion/completions/rootcellar"
    )]
    Completions {
        /// The shell to complete in
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n    rootcellar man | man -l -")]
    Man,
}

/// The account, for a device that does not remember it.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Account name; needed once after a recovery, remembered (as a hash) from then on
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Give up an unfinished save that cannot be finished; what it added is lost
    #[arg(long)]
    pub(crate) discard_unfinished: bool,
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
code down on paper: it is shown once, and it opens the backup alone.")]
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
    /// Write the recovery code to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) recovery_code_output: Option<PathBuf>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntryKind {
    /// A BIP-39 phrase of 12 to 24 words
    Bip39,
    /// A raw seed, 16 to 64 bytes in hexadecimal
    Seed,
    /// Any text
    Text,
}

/// `add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar add --label 'Hardware wallet'
    rootcellar add --label Savings --from phrase.txt --derivation-path \"m/84'/0'/0'\"
    rootcellar add --label Node --kind seed --from seed.hex
    rootcellar add --label 'Hidden wallet' --bip39-passphrase --network bitcoin \\
        --birthday 2024-05-01

Without --from the phrase is read on the terminal, without echo.")]
pub(crate) struct Add {
    /// What to call the entry; sealed like the seed
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: String,
    /// Read the secret from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Add it even though the backup holds an entry of this label
    #[arg(long)]
    pub(crate) again: bool,
    /// What the secret is
    #[arg(long, value_enum, default_value_t = EntryKind::Bip39)]
    pub(crate) kind: EntryKind,
    /// Language of the phrase, where its words belong to several lists (english, japanese, ...)
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Option<String>,
    /// Ask for the phrase's BIP-39 passphrase and keep it with the phrase
    #[arg(long, conflicts_with = "bip39_passphrase_file")]
    pub(crate) bip39_passphrase: bool,
    /// Read the BIP-39 passphrase from FILE ('-' for standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) bip39_passphrase_file: Option<PathBuf>,
    /// Derivation path to keep with the seed; may be given up to 16 times
    #[arg(long = "derivation-path", value_name = "PATH")]
    pub(crate) derivation_paths: Vec<String>,
    /// Network to keep with the seed
    #[arg(long, value_name = "NAME")]
    pub(crate) network: Option<String>,
    /// When the wallet was first used: a date YYYY-MM-DD or a block height
    #[arg(long, value_name = "DATE")]
    pub(crate) birthday: Option<String>,
    #[command(flatten)]
    pub(crate) login: Login,
}

/// `show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar show 'Hardware wallet'
    rootcellar show 5f0c2a91 --output wallet.json")]
pub(crate) struct Show {
    /// Label of the entry, or the first digits of its id (at least 4)
    pub(crate) entry: String,
    /// Write the entry, unencrypted, as JSON to a new FILE (mode 0600) instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) login: Login,
}

/// `remove`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar remove 'Old wallet'
    rootcellar remove 5f0c2a91 --yes

The entry is gone from the newest backup; older versions, which the vault keeps
for some time, still hold it.")]
pub(crate) struct Remove {
    /// Label of the entry, or the first digits of its id (at least 4)
    pub(crate) entry: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: Login,
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
    #[arg(long, value_name = "NUMBER")]
    pub(crate) backup: Option<u64>,
    /// Accept a history that contradicts what this device has seen, after you found out why
    #[arg(long)]
    pub(crate) accept_history: bool,
    /// Accept that the vault's key has changed, after its operator confirmed that the root secret was replaced
    #[arg(long)]
    pub(crate) accept_new_key: bool,
}

/// `restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
    rootcellar restore --vault https://vault.example.org --account alice
    rootcellar restore --vault https://vault.example.org --account alice \\
        --output entries.json
    rootcellar restore --backup 41

Look at the number, the date and the device of the backup before you rely on it:
a new device cannot tell by itself that a newer one exists.")]
pub(crate) struct Restore {
    /// Account name; may be left out on a device that remembers the account
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let mut command = Arguments::command();
        command.build();
        for sub in command.get_subcommands() {
            for argument in sub.get_arguments() {
                let name = argument.get_id().as_str();
                let secret =
                    ["passphrase", "code", "invite", "seed", "phrase"].iter().any(|word| name.contains(word));
                let takes_value = argument.get_action().takes_values();
                let is_file = name.ends_with("_file") || name.ends_with("_output");
                assert!(!secret || !takes_value || is_file, "{} --{name}", sub.get_name());
            }
        }
    }
}
