//! Options of the commands about entries.

use super::{AcceptingLogin, Login};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntryKind {
    /// A BIP-39 phrase of 12 to 24 words
    Bip39,
    /// A raw seed of 16 to 64 bytes in hexadecimal
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

Without --from, you type the phrase on the terminal. It is not shown.")]
pub(crate) struct Add {
    /// Label of the entry; it is encrypted, too
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: String,
    /// Read the secret from FILE ('-' for standard input) instead of asking
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Add it even if the backup already has an entry with this label
    #[arg(long)]
    pub(crate) again: bool,
    /// Type of the secret
    #[arg(long, value_enum, default_value_t = EntryKind::Bip39)]
    pub(crate) kind: EntryKind,
    /// Language of the phrase, if its words are on several lists (english, japanese, ...)
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Option<String>,
    /// Ask for the phrase's BIP-39 passphrase and store it with the phrase
    #[arg(long, conflicts_with = "bip39_passphrase_file")]
    pub(crate) bip39_passphrase: bool,
    /// Read the BIP-39 passphrase from FILE ('-' for standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) bip39_passphrase_file: Option<PathBuf>,
    /// Derivation path to store with the seed; can be given up to 16 times
    #[arg(long = "derivation-path", value_name = "PATH")]
    pub(crate) derivation_paths: Vec<String>,
    /// Network to store with the seed
    #[arg(long, value_name = "NAME")]
    pub(crate) network: Option<String>,
    /// When the wallet was first used: a date (YYYY-MM-DD) or a block height
    #[arg(long, value_name = "DATE")]
    pub(crate) birthday: Option<String>,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
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

The entry is removed from the latest backup. Older backups still contain it. The
vault keeps them for a limited time.")]
pub(crate) struct Remove {
    /// Label of the entry, or the first digits of its id (at least 4)
    pub(crate) entry: String,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) login: AcceptingLogin,
}
