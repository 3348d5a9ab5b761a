//! Arguments and their help.

use clap::{Parser, Subcommand};
use rootcellar_server::config::{Flags, duration};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  rootcellar-server
      Serve on 127.0.0.1:8787 from the default data folder.
  rootcellar-server --listen 0.0.0.0:8787 --behind-tls-proxy --public-origin https://vault.example.org \\
      --trusted-proxies 10.0.0.0/8
      Serve behind a proxy that terminates TLS.
  rootcellar-server --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem --public-origin https://vault.example.org
      Serve HTTPS.
  rootcellar-server root-secret words
      Show the root secret as 24 words, to be written down.
  rootcellar-server admin invite new --expires 7d
      Make an invite, with the server running.

Settings: flags over environment (ROOTCELLAR_LISTEN for --listen, and so on) over the file named by --config over
defaults. Unknown names are errors.

Exit codes: 0 done; 1 failed; 2 wrong arguments or settings; 3 the server cannot start (root secret, store, address,
certificate); 4 no server answers, or it is not healthy.";

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
    /// Look at the root secret, or restore it
    RootSecret {
        #[command(subcommand)]
        command: RootSecretCommand,
    },
    /// Administer the running server through its admin socket
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
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
    /// Print the settings in force, each with its source
    Print {
        /// Secrets are never printed; saying so is required, so that nobody expects them
        #[arg(long, required = true)]
        redacted: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RootSecretCommand {
    /// Show it as 24 words, to be written down and kept away from the server
    Words,
    /// Show what recognises it; no secret
    Fingerprint,
    /// Read 24 words from standard input and write the root secret's file, which must not exist
    FromWords,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Invites for a vault that takes new accounts by invite
    Invite {
        #[command(subcommand)]
        command: InviteCommand,
    },
    /// Show what the server is and how it does
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// Make an invite for one registration; it is shown this once
    New {
        /// How long it is good: 30m, 12h, 7d
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration)]
        expires: Duration,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
