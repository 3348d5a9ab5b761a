//! The command line: what may be asked, with help and examples. No secret is ever an argument.

mod account;
mod device;
mod entry;

pub(crate) use account::{
    AcceptingLogin, DeleteAccount, Login, NewPassphrase, Recover, RecoveryCode, RecoveryCodeCommand,
    RecoveryCodeNew, Register, Rekey, Restore, SignIn, Status,
};
pub(crate) use device::{
    Approve, DevicePermission, Devices, DevicesCommand, Enrolling, Forget, Pair, Permit, Revoke,
};
pub(crate) use entry::{Add, EntryKind, Remove, Show};

use crate::exit::EXIT_CODES;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

const ABOUT: &str = "Back up wallet seeds to a Rootcellar vault, and restore them after you lose a device";

const LONG_ABOUT: &str = "\
Back up wallet seeds to a Rootcellar vault, and restore them after you lose a device.

Your seeds are encrypted on this device. The vault never sees your seeds, labels, account name or passphrase. To \
restore on a new device, you need the vault's address and either the account name and passphrase or the recovery code.";

const EXAMPLES: &str = "\
Examples:
    rootcellar register --vault https://vault.example.org --account alice
    rootcellar add --label 'Hardware wallet'
    rootcellar list
    rootcellar show 'Hardware wallet'
    rootcellar restore --vault https://vault.example.org --account alice
    rootcellar recover --vault https://vault.example.org
    rootcellar login --enrol --device-label 'Pixel 9'

Secrets are never taken as arguments, because other programs can see those. They
are asked for on the terminal or read from files. A file with a passphrase or an
invite contains a single line of UTF-8 text. One line ending at the end (LF or
CRLF) is not part of the secret. A second line is refused, even if it is blank.";

/// Over the options that every command takes.
const GLOBAL: &str = "Global options";

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

/// The commands that take the recovery code in the place of the passphrase; `login` where it enrols.
const BY_CODE: [&str; 8] =
    ["recover", "login", "passphrase", "new", "delete-account", "approve", "permit", "revoke"];

impl Arguments {
    /// Reads the command line.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let mut command = Self::description();
        let read = |command: &mut clap::Command| {
            let matches = command.try_get_matches_from_mut(std::env::args_os())?;
            Self::from_arg_matches(&matches)
        };
        read(&mut command).map_err(|mut error| {
            // clap's own names every option that was given, those of variables too, as if all were needed.
            if error.get(ContextKind::Usage).is_some() {
                let usage = named(&mut command, std::env::args_os().skip(1)).render_usage();
                error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
            }
            error
        })
    }

    /// What may be asked, as help, man page and completions describe it.
    pub(crate) fn description() -> clap::Command {
        let command = Self::command();
        let options: Vec<_> =
            command.get_arguments().filter(|argument| argument.is_global_set()).cloned().collect();
        let mut command = with_options_of_every_command(command, &options);
        command.build();
        command
    }
}

/// The command that these words name.
fn named(command: &mut clap::Command, words: impl Iterator<Item = OsString>) -> &mut clap::Command {
    words.fold(command, |command, word| {
        let name = word.to_str().filter(|name| command.find_subcommand(name).is_some()).map(str::to_owned);
        match name {
            Some(name) => command.find_subcommand_mut(&name).expect("it was found"),
            None => command,
        }
    })
}

/// Gives each command the options of every command, as clap would; that for the recovery code is hidden where it is refused.
fn with_options_of_every_command(mut command: clap::Command, options: &[clap::Arg]) -> clap::Command {
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let takes_code = BY_CODE.contains(&name.as_str());
        command = command.mut_subcommand(&name, |sub| {
            let own = options.iter().cloned().map(|option| {
                let is_idle = option.get_id() == "recovery_code_file" && !takes_code;
                option.hide(is_idle)
            });
            with_options_of_every_command(sub, options).args(own)
        });
    }
    command
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Address of the vault; plain http is only allowed to this machine
    #[arg(long, value_name = "URL", env = "ROOTCELLAR_VAULT", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) vault: Option<String>,
    /// Folder for what this device knows of the vault and the account; nobody can open your backup with it alone, unless the
    /// device's secrets are stored unencrypted [default: rootcellar in the XDG data folder]
    #[arg(long, value_name = "DIR", env = "ROOTCELLAR_HOME", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) home: Option<PathBuf>,
    /// Read the passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Read the recovery code from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) recovery_code_file: Option<PathBuf>,
    /// Read the device passphrase, which encrypts this device's own secrets, from FILE ('-' for standard input)
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) device_passphrase_file: Option<PathBuf>,
    /// Also trust the PEM certificates in FILE, for a vault that uses a private CA
    #[arg(long, value_name = "FILE", env = "ROOTCELLAR_CA_FILE", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Print one JSON object: the result on standard output, or the error on standard error
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,
    /// Print results, warnings and errors only
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// When to use colour; 'auto' means on a terminal, unless NO_COLOR is set
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
    /// Create an account on a vault and show its recovery code once
    Register(Register),
    /// Back up a seed phrase, a raw seed or a text
    Add(Add),
    /// List the backed-up entries, without secrets
    List(Login),
    /// Show the secret of one entry
    Show(Show),
    /// Remove an entry from the latest backup
    Remove(Remove),
    /// Show the state of the account, its backups and this device
    Status(Status),
    /// Restore all entries with the account name and passphrase
    Restore(Restore),
    /// Restore all entries with the recovery code, and set a new passphrase
    Recover(Recover),
    /// Log in and show a summary; --enrol also enrols this device
    Login(SignIn),
    /// List, pair, permit or revoke devices
    Devices(Devices),
    /// Show the account's history: logins, restores, saves and changes
    #[command(after_help = "\
After 'register', 'recovery-code new' and 'rekey', the program logs in with the
new recovery code once to test it. That login appears in the history.")]
    History(Login),
    /// Set a new passphrase
    Passphrase(NewPassphrase),
    /// Generate a new recovery code and revoke the old one
    RecoveryCode(RecoveryCode),
    /// Replace the account's keys, in case someone has had the old ones
    Rekey(Rekey),
    /// Permanently delete the account and all its backups
    DeleteAccount(DeleteAccount),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n    rootcellar completions bash > ~/.local/share/bash-completion/completions/rootcellar"
    )]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n    rootcellar man | man -l -")]
    Man,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let mut command = Arguments::command();
        command.build();
        let nested = command.get_subcommands().flat_map(clap::Command::get_subcommands);
        for sub in command.get_subcommands().chain(nested) {
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
