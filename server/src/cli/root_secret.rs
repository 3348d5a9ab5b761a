//! `root-secret new`, `words`, `fingerprint` and `from-words`.

use super::arguments::RootSecretCommand;
use super::{replace_root_secret, say};
use anyhow::Context;
use rootcellar_server::config::Config;
use rootcellar_server::root_secret::{RootSecret, file, hint, words};
use rootcellar_server::serve;
use rootcellar_vault::entropy::SystemEntropy;
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// More text than 24 words ever are, in bytes.
const LONGEST: u64 = 4096;

/// There is no file of that name.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no root secret in {}; `root-secret new` makes one, and on a data folder it is made when the server first \
     starts; or name its file with --root-secret-file",
    .0.display()
)]
pub(super) struct Missing(PathBuf);

pub(crate) fn run(config: &Config, command: &RootSecretCommand) -> anyhow::Result<()> {
    let path = &config.root_secret_file;
    match command {
        RootSecretCommand::Replace { replaces } => replace_root_secret::run(config, replaces.as_deref()),
        RootSecretCommand::New => {
            let secret = file::draw(&SystemEntropy);
            write(config, &secret)?;
            say(&format!("made the root secret {} in {}", fingerprint(&secret), path.display()))?;
            let advice =
                "Write down its 24 words and keep them away from the server; without it no passphrase works:";
            let _ = writeln!(io::stderr(), "{advice}\n{}", hint::command(path, "words"));
            Ok(())
        }
        RootSecretCommand::Words => {
            let secret = existing(config)?;
            let of = format!("Root secret {} of {}:", fingerprint(&secret), path.display());
            // Not among the words, which may go to a printer.
            let _ = writeln!(io::stderr(), "{of}");
            say(&words::write(&secret))
        }
        RootSecretCommand::Fingerprint => say(&fingerprint(&existing(config)?).to_string()),
        RootSecretCommand::FromWords => {
            let secret = words::read(&read_words()?)?;
            write(config, &secret)?;
            say(&format!("wrote the root secret {} to {}", fingerprint(&secret), path.display()))
        }
    }
}

/// Writes the file. The data folder is made for it as at a first start, any other folder must be there.
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
        return Err(Missing(path.clone()).into());
    }
    Ok(file::read(path)?)
}

fn fingerprint(secret: &RootSecret) -> Fingerprint {
    VaultKeys::derive(secret).fingerprint()
}

/// Standard input without echo as long as it lives. Ctrl-C is no signal meanwhile: it would leave the terminal silent.
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
        // The terminal may be gone; then there is nothing to put in order.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

fn read_words() -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    let stdin = io::stdin();
    if stdin.is_terminal() {
        // Before the prompt: what is typed as soon as it appears must not be echoed.
        let _silent = Silence::begin().context("switching the terminal's echo off")?;
        let _ = writeln!(io::stderr(), "Type the 24 words on one line; nothing shows. Ctrl-D cancels:");
        stdin.read_line(&mut text).context("reading the words")?;
    } else {
        stdin.take(LONGEST).read_to_string(&mut text).context("reading the words")?;
    }
    Ok(text)
}
