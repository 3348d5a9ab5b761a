//! Arguments and their help.

use clap::{CommandFactory, Parser, Subcommand};
use rootcellar_server::admin::INVITE_LIFETIME;
use rootcellar_server::config::{Flags, duration};
use std::time::Duration;

// Narrower than any terminal, so that no line is wrapped a second time.
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
      Keep the vault in a bucket. At AWS, without --s3-endpoint but with
      --s3-region; on a machine with a role, without keys. Once before that,
      with the same settings: root-secret new, and store init.
  rootcellar-server root-secret words
      Show the root secret as 24 words, to be written down. Like every command,
      it wants the server's own --data, --root-secret-file or --config.
  rootcellar-server root-secret replace
      The root secret and its words are lost: go on with a new one.
  rootcellar-server admin invite new --expires 7d
      Make an invite, with the server running.
  rootcellar-server admin sweep
      Show what could be removed from the store; with --apply, remove it.
  rootcellar-server copy --from /var/lib/rootcellar --to s3://my-vault
      Move the vault to a bucket, while its server runs with --read-only.

Settings: flags over environment (ROOTCELLAR_LISTEN for --listen, and so on)
over the file named by --config over defaults. Unknown names are errors.

Exit codes: 0 done; 1 failed, or the store did not answer; 2 wrong arguments or
settings; 3 what a start needs is missing or wrong (root secret, store, address,
certificate), or the store cannot keep a vault; 4 no server answers, or it is
not healthy.";

const SETTINGS_TOO: &str = "\
All settings may be given here too, to find the same vault as the server does:
--data, --config and so on. rootcellar-server --help lists them.";

/// The whole command line. Commands take the settings too, and do not list them each time.
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

/// The Rootcellar vault: keeps sealed backups of wallet seeds, and learns nothing. Without a command it serves.
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
    /// Ask the running server whether it and its store answer; for containers and service managers
    Healthcheck,
    /// Look at the settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Make the root secret, look at it, or restore it
    RootSecret {
        #[command(subcommand)]
        command: RootSecretCommand,
    },
    /// Begin a vault in a bucket, or look at the store
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Administer the running server through its admin socket
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Copy a vault into another store, or compare the two
    ///
    /// DIR is a data folder, with vault.redb in it. The source's server stands still or serves reads only (--read-only); of a
    /// bucket nobody can tell, so see to it. Every object is read back and compared. A copy that broke off goes on where it
    /// was when the same is run again, and no server serves its target before it has come to its end. A target that holds a
    /// vault is never written, but compared: exit code 1 says that they differ. The root secret is not copied.
    #[command(after_help = "\
Examples:
  rootcellar-server copy --from /var/lib/rootcellar --to s3://my-vault
  rootcellar-server copy --from s3://my-vault/main --to /srv/vault")]
    Copy {
        /// Where the vault is: DIR, s3://BUCKET or s3://BUCKET/PREFIX
        #[arg(long, value_name = "LOCATION")]
        from: String,
        /// Where it is to go; --s3-endpoint and --s3-region apply to buckets on both sides
        #[arg(long, value_name = "LOCATION")]
        to: String,
        /// Print JSON: vault_id, fingerprint, counts and differences
        #[arg(long)]
        json: bool,
    },
    /// Print completions for a shell
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings and the files that they name, and do nothing
    Check,
    /// Print the settings in force, each with its source; none of them is a secret
    Print {
        /// Say that secrets must not be printed; they never are
        #[arg(long)]
        redacted: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Begin a vault in an empty bucket, once for all its servers
    ///
    /// No server does it by itself: with a mistyped bucket or prefix it would serve a second, empty vault. Tries the bucket as
    /// a start does and makes the object vault in it, with the vault ID: that of --vault-id, else the host of
    /// --public-origin. Needs the root secret (root-secret new). Prints the vault ID and the root secret's fingerprint. Where
    /// the same vault is there already it says so and changes nothing; exit code 3 where the bucket is another vault's.
    #[command(after_help = "\
Examples:
  rootcellar-server --s3-bucket my-vault --s3-region eu-central-1 \\
      --root-secret-file root-secret \\
      --public-origin https://vault.example.org store init")]
    Init,
    /// Try whether the store does what a vault rests on: conditional writes, listing, its clock; in a bucket also
    /// versions and what the role may do. Writes a few objects under probe/ and removes them. Exit code 3 if a vault
    /// cannot be kept there. Without --s3-bucket it is about the data folder, whose server must be stopped
    #[command(after_help = "\
Examples:
  rootcellar-server --s3-bucket my-vault --s3-region eu-central-1 store check
  rootcellar-server --data /var/lib/rootcellar store check --json")]
    Check {
        /// Print JSON: store, usable, and checks, each with check, result (ok, note, warning, unclear, failed), meaning
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RootSecretCommand {
    /// Draw one and write it to its file, which must not exist
    New,
    /// Show it as 24 words, to be written down and kept away from the server
    Words,
    /// Show what recognises it; no secret
    Fingerprint,
    /// Read 24 words from standard input and write the root secret's file, which must not exist
    #[command(after_help = "\
Examples:
  rootcellar-server --data /var/lib/rootcellar root-secret from-words
      Ask for the words; on a terminal they do not show.")]
    FromWords,
    /// Put the root secret at hand in the place of one that is lost for good
    ///
    /// Needs a root secret (root-secret new), and no server running on the store. Passphrases that were set before do not
    /// work any more; recovery codes do, and a recovery gives an account its name and a passphrase again. Nothing is
    /// deleted: where the lost root secret is found after all, it can be adopted back.
    #[command(after_help = "\
Examples:
  rootcellar-server root-secret replace
      Say what follows, then ask for the fingerprint that is given up.
  rootcellar-server root-secret replace --replaces FINGERPRINT
      The same without a terminal.")]
    Replace {
        /// The fingerprint that is given up, which the store bears; asked for on a terminal
        // One of 64 begins with a hyphen.
        #[arg(long, value_name = "FINGERPRINT", allow_hyphen_values = true)]
        replaces: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Invites for a vault that takes new accounts by invite
    Invite {
        #[command(subcommand)]
        command: InviteCommand,
    },
    /// The vault's time, by which attempts come back
    Clock {
        #[command(subcommand)]
        command: ClockCommand,
    },
    /// Show what nobody uses any more in the store, or remove it
    ///
    /// Snapshots that can never be saved any more, guess budgets that are full again, registrations that broke off, names
    /// that lead nowhere, expired invites. Nothing younger than a day is touched. It is safe while the server serves, which
    /// does the same by itself now and then (--sweep-interval).
    #[command(after_help = "\
Examples:
  rootcellar-server admin sweep --names
  rootcellar-server admin sweep --apply")]
    Sweep {
        /// Remove what is found
        #[arg(long)]
        apply: bool,
        /// Show the names of the objects too
        #[arg(long)]
        names: bool,
        /// Print JSON: counts and bytes by kind, and every object that is not in use
        #[arg(long)]
        json: bool,
    },
    /// Show what the server is and how it does
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Set the vault's time back to the clock, after a clock that was ahead
    ///
    /// The vault never accepts passphrases while the clock is behind the latest time that it has seen, because attempts would
    /// come back. If the clock was ahead once and is right now, check it, then run this. No attempt comes back by it.
    #[command(after_help = "\
Examples:
  date
  rootcellar-server admin clock set-back")]
    SetBack {
        /// Print JSON: from and to, in seconds since 1970
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// Make an invite for one registration; it is shown this once
    #[command(after_help = "\
Examples:
  rootcellar-server admin invite new
  rootcellar-server admin invite new --expires 12h --json")]
    New {
        /// How long it is good: 30m, 12h, 7d; a minute at least and 366d at most
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = lifetime)]
        expires: Duration,
        /// Print JSON: code, expires_at in seconds since 1970, and registration
        #[arg(long)]
        json: bool,
    },
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    match INVITE_LIFETIME.contains(&time.as_secs()) {
        true => Ok(time),
        false => Err("give a minute at least and 366d at most".to_owned()),
    }
}
