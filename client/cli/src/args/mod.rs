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
    rootcellar login --enrol --device-label 'Pixel 9'

Secrets are asked for on the terminal or read from files, never taken as
arguments, where other programs could see them. A file with a passphrase or
an invite contains one line in UTF-8. One line ending at its end, LF or CRLF,
is not part of the secret; a second line is refused, even a blank one.";

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
    /// Address of the vault; plain http only to this machine
    #[arg(long, value_name = "URL", env = "ROOTCELLAR_VAULT", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) vault: Option<String>,
    /// Folder that remembers the vault and the account; opens nothing by itself, unless secrets are kept plainly
    /// [default: rootcellar in the XDG data folder]
    #[arg(long, value_name = "DIR", env = "ROOTCELLAR_HOME", hide_env_values = true, global = true, help_heading = GLOBAL)]
    pub(crate) home: Option<PathBuf>,
    /// Read the passphrase from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Read the recovery code from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) recovery_code_file: Option<PathBuf>,
    /// Read the passphrase of this device's own secrets, if they are encrypted, from FILE ('-' for standard input)
    #[arg(long, value_name = "FILE", global = true, help_heading = GLOBAL)]
    pub(crate) device_passphrase_file: Option<PathBuf>,
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
    /// Log in and show where things stand; enrol this device, if asked to
    Login(SignIn),
    /// List the enrolled devices, pair a new one, change what one may do, revoke one
    Devices(Devices),
    /// Show what happened to the account: logins, restores, saves, changes
    #[command(after_help = "\
The program itself logs in by recovery code once after 'register', 'recovery-code
new' and 'rekey', to check that the new code opens the account.")]
    History(Login),
    /// Set a new passphrase
    Passphrase(NewPassphrase),
    /// Have a new recovery code, which ends the old one
    RecoveryCode(RecoveryCode),
    /// Give the account new keys, after somebody may have had the old ones
    Rekey(Rekey),
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
