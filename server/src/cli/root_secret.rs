//! `root-secret new`, `words`, `fingerprint` and `from-words`.

use super::arguments::RootSecretCommand;
use super::failure::Failure;
use super::{replace_root_secret, say};
use anyhow::Context;
use rootcellar_server::config::Config;
use rootcellar_server::error_code::ErrorCode;
use rootcellar_server::root_secret::{RootSecret, file, hint, words};
use rootcellar_server::serve;
use rootcellar_vault::entropy::SystemEntropy;
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Most bytes that are read as 24 words.
const LONGEST: u64 = 4096;

const NO_WORDS: &str = "Cannot read the words from standard input.";

/// There is no root secret at this path.
fn missing(path: &Path) -> Failure {
    let text = format!(
        "There is no root secret at {}. Create one with root-secret new, or set --root-secret-file. For a data folder, \
         the server creates it on first start.",
        path.display()
    );
    Failure::new(ErrorCode::RootSecretMissing, text)
}

pub(crate) fn run(config: &Config, command: &RootSecretCommand) -> anyhow::Result<()> {
    let path = &config.root_secret_file;
    match command {
        RootSecretCommand::Replace { replaces } => replace_root_secret::run(config, replaces.as_deref()),
        RootSecretCommand::New => {
            let secret = file::draw(&SystemEntropy);
            write(config, &secret)?;
            say(&format!("Created the root secret {} in {}.", fingerprint(&secret), path.display()))?;
            let advice = "Without it, no passphrase works. Write down its 24 words and keep them away from the server:";
            let _ = writeln!(io::stderr(), "{advice}\n{}", hint::command(path, "words"));
            Ok(())
        }
        RootSecretCommand::Words => {
            let secret = existing(config)?;
            let of = format!("Root secret {} in {}:", fingerprint(&secret), path.display());
            // Standard output has only the words, which may go to a printer.
            let _ = writeln!(io::stderr(), "{of}");
            say(&words::write(&secret))
        }
        RootSecretCommand::Fingerprint => say(&fingerprint(&existing(config)?).to_string()),
        RootSecretCommand::FromWords => {
            let secret = words::read(&read_words()?)?;
            write(config, &secret)?;
            say(&format!("Wrote the root secret {} to {}.", fingerprint(&secret), path.display()))
        }
    }
}

/// Writes the file. Creates the data folder for it if needed; any other folder must exist.
fn write(config: &Config, secret: &RootSecret) -> anyhow::Result<()> {
    let path = &config.root_secret_file;
    if path.parent() == Some(&config.data) {
        serve::make_folder(&config.data)?;
    }
    Ok(file::create(path, secret)?)
}

pub(super) fn existing(config: &Config) -> anyhow::Result<RootSecret> {
    let path = &config.root_secret_file;
    if !path.exists() {
        return Err(missing(path).into());
    }
    Ok(file::read(path)?)
}

fn fingerprint(secret: &RootSecret) -> Fingerprint {
    VaultKeys::derive(secret).fingerprint()
}

/// Turns off the terminal's echo until it is dropped. Ctrl-C sends no signal meanwhile, because that
/// would leave the echo off.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // If the terminal is closed, there is nothing to restore.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

fn read_words() -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    let stdin = io::stdin();
    if stdin.is_terminal() {
        // Before the prompt: input must not be echoed as soon as the prompt appears.
        let _silent = Silence::begin().context("Cannot turn off the terminal's echo.")?;
        let _ = writeln!(io::stderr(), "Type the 24 words on one line (input is hidden, Ctrl-D cancels):");
        stdin.read_line(&mut text).context(NO_WORDS)?;
    } else {
        stdin.take(LONGEST).read_to_string(&mut text).context(NO_WORDS)?;
    }
    Ok(text)
}
