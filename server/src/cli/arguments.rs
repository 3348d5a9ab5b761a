//! The arguments and their help.

use clap::{CommandFactory, Parser, Subcommand};
use rootcellar_server::admin::INVITE_LIFETIME;
use rootcellar_server::config::{Flags, duration};
use std::time::Duration;

// At most 80 columns, so that no terminal wraps a line again.
const EXAMPLES: &str = "\
Examples:
  rootcellar-server
      Serve on 127.0.0.1:8787 from the default data folder.
  rootcellar-server --listen 0.0.0.0:8787 --behind-tls-proxy \\
      --public-origin https://vault.example.org --trusted-proxies 10.0.0.0/8
      Serve behind a proxy that terminates TLS.
  rootcellar-server --listen 0.0.0.0:443 \\
      --tls-cert chain.pem --tls-key key.pem \\
      --public-origin https://vault.example.org
      Serve HTTPS.
  AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=... \\
  rootcellar-server --s3-bucket my-vault --s3-endpoint https://s3.example.org \\
      --root-secret-file /etc/rootcellar/root-secret
      Store the vault in a bucket. On AWS, use --s3-region and no --s3-endpoint;
      on a machine with a role, omit the keys. Before the first start, run
      root-secret new and store init with the same settings.
  rootcellar-server root-secret words
      Show the root secret as 24 words, so that you can write it down. Like all
      commands, it needs the server's --data, --root-secret-file or --config.
  rootcellar-server root-secret replace
      Continue with a new root secret if the old one and its words are lost.
  rootcellar-server admin invite new --expires 7d
      Create an invite while the server runs.
  rootcellar-server admin sweep
      Show the unused objects in the store. With --apply, remove them.
  rootcellar-server copy --from /var/lib/rootcellar --to s3://my-vault
      Move the vault to a bucket while its server runs with --read-only.

Settings: a flag overrides the environment (--listen is ROOTCELLAR_LISTEN, and
so on), which overrides the file given by --config, which overrides the default.
Unknown names are errors.

Exit codes:
  0  success
  1  failed, or the store is not available
  2  invalid arguments or settings
  3  a requirement for starting is missing or wrong: root secret, store,
     address, certificate
  4  no server responds, or it is not healthy
Errors show a code: error[CODE]. deploy/README.md lists the codes.";

const SETTINGS_TOO: &str = "\
This command also accepts all settings, such as --data and --config. Give the
same ones as for the server. rootcellar-server --help lists them.";

/// The whole command line. Every command accepts the settings; only the top level lists them.
pub(crate) fn command() -> clap::Command {
    let mut whole = Arguments::command();
    whole.get_subcommands_mut().for_each(hide_settings);
    whole
}

fn hide_settings(command: &mut clap::Command) {
    let examples = command.get_after_help().map(|examples| format!("{examples}\n\n")).unwrap_or_default();
    *command = Flags::hidden(std::mem::take(command)).after_help(format!("{examples}{SETTINGS_TOO}"));
    command.get_subcommands_mut().for_each(hide_settings);
}

/// Rootcellar vault server: stores end-to-end encrypted backups of wallet seeds. Without a command, it serves
#[derive(Debug, Parser)]
#[command(name = "rootcellar-server", version, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) flags: Flags,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check that the running server and its store respond; for containers and service managers
    Healthcheck,
    /// Check or print the settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Create, show, restore or replace the root secret
    RootSecret {
        #[command(subcommand)]
        command: RootSecretCommand,
    },
    /// Initialise a vault in a bucket, or check the store
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Administer the running server through its admin socket
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Copy a vault to another store, or compare two stores
    ///
    /// DIR is a data folder that contains vault.redb. Stop the source's servers first, or run them with --read-only; for a
    /// bucket, this is not checked. Every object is read back and compared. To resume an interrupted copy, run the same
    /// command again. No server serves an incomplete copy. If the target already contains a vault, the command only compares
    /// the two, and exits with code 1 if they differ. The root secret is not copied.
    #[command(after_help = "\
Examples:
  rootcellar-server copy --from /var/lib/rootcellar --to s3://my-vault
  rootcellar-server copy --from s3://my-vault/main --to /srv/vault")]
    Copy {
        /// Source: DIR, s3://BUCKET or s3://BUCKET/PREFIX
        #[arg(long, value_name = "LOCATION")]
        from: String,
        /// Target, in the same form; --s3-endpoint and --s3-region apply to both
        #[arg(long, value_name = "LOCATION")]
        to: String,
        /// Print JSON: vault_id, fingerprint, counts and differences
        #[arg(long)]
        json: bool,
    },
    /// Print shell completions
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings and the files that they name, without starting or changing anything
    Check,
    /// Print the effective settings, each with its source; they contain no secrets
    Print {
        /// Has no effect, because secrets are never printed
        #[arg(long)]
        redacted: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Initialise a vault in an empty bucket, once for all its servers
    ///
    /// A server never does this itself, so that a mistyped bucket or prefix does not create a second vault. The command
    /// checks the bucket and creates the object `vault` with the vault ID, which is --vault-id or the host of
    /// --public-origin. It needs the root secret (see root-secret new), and prints the vault ID and the root secret's
    /// fingerprint. If the bucket already contains this vault, nothing changes. If it contains another vault, the exit code
    /// is 3.
    #[command(after_help = "\
Examples:
  rootcellar-server --s3-bucket my-vault --s3-region eu-central-1 \\
      --root-secret-file root-secret \\
      --public-origin https://vault.example.org store init")]
    Init,
    /// Test whether the store is suitable for a vault
    ///
    /// Checks conditional writes, listing and the clock; in a bucket also versioning and the role's permissions. Writes a few
    /// objects under probe/ and removes them. The exit code is 3 if the store is not suitable. Without --s3-bucket, it checks
    /// the data folder, whose server must be stopped.
    #[command(after_help = "\
Examples:
  rootcellar-server --s3-bucket my-vault --s3-region eu-central-1 store check
  rootcellar-server --data /var/lib/rootcellar store check --json")]
    Check {
        /// Print JSON: store, usable, and checks with check, result (ok, note, warning, unclear, failed), code and meaning
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RootSecretCommand {
    /// Create a root secret in its file, which must not exist
    New,
    /// Show the root secret as 24 words; write them down and keep them away from the server
    Words,
    /// Show the root secret's fingerprint, which is not secret
    Fingerprint,
    /// Restore the root secret's file, which must not exist, from 24 words on standard input
    #[command(after_help = "\
Examples:
  rootcellar-server --data /var/lib/rootcellar root-secret from-words
      Prompt for the words. On a terminal, the input is hidden.")]
    FromWords,
    /// Replace a permanently lost root secret with the current one
    ///
    /// Needs a new root secret (see root-secret new), and no server running on the store. Existing passphrases stop working.
    /// Recovery codes still work, and a recovery sets account name and passphrase again. Nothing is deleted. If you find the
    /// lost root secret, you can switch back with the same command.
    #[command(after_help = "\
Examples:
  rootcellar-server root-secret replace
      Explain the consequences, then ask for the store's fingerprint.
  rootcellar-server root-secret replace --replaces FINGERPRINT
      Do the same without a prompt.")]
    Replace {
        /// Fingerprint of the store's root secret, as confirmation; a terminal prompts for it
        // One fingerprint in 64 begins with a hyphen.
        #[arg(long, value_name = "FINGERPRINT", allow_hyphen_values = true)]
        replaces: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Create invites, for a vault with --registration invite
    Invite {
        #[command(subcommand)]
        command: InviteCommand,
    },
    /// Correct the vault's time, which decides when attempts become available again
    Clock {
        #[command(subcommand)]
        command: ClockCommand,
    },
    /// Show or remove unused objects in the store
    ///
    /// Unused objects are, for example, snapshots of saves that can no longer complete, guess budgets that are full again, incomplete
    /// registrations, names without an account, and expired invites. Objects younger than a day are never removed. The
    /// command is safe while the server runs. The server does the same regularly (--sweep-interval).
    #[command(after_help = "\
Examples:
  rootcellar-server admin sweep --names
  rootcellar-server admin sweep --apply")]
    Sweep {
        /// Remove the unused objects
        #[arg(long)]
        apply: bool,
        /// List the names of the objects
        #[arg(long)]
        names: bool,
        /// Print JSON: counts and bytes by kind, and each object that is unused or unknown
        #[arg(long)]
        json: bool,
    },
    /// Show the server's version, settings and state
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Set the vault's time back to the clock, after the clock was ahead
    ///
    /// The vault accepts no passphrases while the clock is behind the latest time that it has seen, because a wrong clock
    /// would give attackers more attempts. If the clock was ahead and is correct now, check it, then run this command. It
    /// makes no attempts available.
    #[command(after_help = "\
Examples:
  date
  rootcellar-server admin clock set-back")]
    SetBack {
        /// Print JSON: from and to, in seconds since 1970-01-01 UTC
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// Create an invite for one registration; it is shown only once
    #[command(after_help = "\
Examples:
  rootcellar-server admin invite new
  rootcellar-server admin invite new --expires 12h --json")]
    New {
        /// Lifetime, such as 30m, 12h or 7d; from 1m to 366d
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = lifetime)]
        expires: Duration,
        /// Print JSON: code, expires_at in seconds since 1970-01-01 UTC, and registration
        #[arg(long)]
        json: bool,
    },
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    match INVITE_LIFETIME.contains(&time.as_secs()) {
        true => Ok(time),
        false => Err("Must be from 1m to 366d.".to_owned()),
    }
}
