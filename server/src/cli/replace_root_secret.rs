//! `root-secret replace`: replaces a permanently lost root secret with the current one.

use super::failure::Failure;
use super::{NO_THREADS, root_secret, say};
use anyhow::Context;
use rootcellar_server::config::Config;
use rootcellar_server::serve::{self, StartError};
use rootcellar_server::store::Store;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_spec::{OperationId, base64url};
use rootcellar_vault::clock::SystemClock;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rootcellar_vault::replace_root_secret::{Replacement, borne, check, replace_root_secret};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

pub(crate) fn run(config: &Config, replaces: Option<&str>) -> anyhow::Result<()> {
    let secret = root_secret::existing(config)?;
    let own = VaultKeys::derive(&secret).fingerprint();
    drop(secret);
    if config.bucket.is_none() && !config.store_file().exists() {
        return Err(StartError::NoStore(config.store_file()).into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context(NO_THREADS)?.block_on(async {
        let store = serve::open_store(config, Arc::new(SystemClock)).await?;
        replace(&*store, own, replaces).await
    })
}

async fn replace(store: &dyn Store, own: Fingerprint, replaces: Option<&str>) -> anyhow::Result<()> {
    let found = borne(store).await?;
    // First, so that no one types a fingerprint if there is nothing to do.
    if check(found, own, found)?.is_some() {
        return already(own);
    }
    let _ = writeln!(io::stderr(), "{}", consequences(found, own));
    let given_up = match replaces {
        Some(text) => parse(text)?,
        None => parse(&ask()?)?,
    };
    let operation = OperationId(SystemEntropy.bytes());
    match replace_root_secret(store, own, given_up, operation, RetryPolicy::default()).await? {
        Replacement::Now => say(&format!("Replaced the root secret {found} with {own}.")),
        Replacement::Already => already(own),
    }
}

fn already(own: Fingerprint) -> anyhow::Result<()> {
    say(&format!("The store already has the root secret {own}. Nothing was changed."))
}

/// What an operator must know before replacing the root secret.
fn consequences(found: Fingerprint, own: Fingerprint) -> String {
    format!(
        "The store's root secret is {found}; yours is {own}.\n\
         \n\
         Replace it only if the old root secret and its 24 words are permanently lost. Afterwards:\n\
         - Existing passphrases and account names no longer work.\n\
         - Recovery codes work. 'rootcellar recover' restores the entries and sets account name and passphrase again.\n\
         - A user without a recovery code cannot log in unless the old root secret is found.\n\
         - Devices report that the vault's key has changed. Tell your users that you did this, and when.\n\
         Nothing is deleted. If you find the old root secret, you can switch back with the same command.\n\
         Stop all servers of this store first. A server that still runs refuses all requests once it notices."
    )
}

fn ask() -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let text =
            "Confirmation required, and there is no terminal. Pass the store's fingerprint with --replaces.";
        return Err(Failure::argument(text).into());
    }
    let _ = write!(io::stderr(), "\nTo confirm, type the fingerprint of the store's root secret: ");
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("Cannot read the fingerprint.")?;
    Ok(line)
}

fn parse(text: &str) -> anyhow::Result<Fingerprint> {
    let bytes = base64url::decode_array(text.trim());
    let text = "Invalid fingerprint. Nothing was changed. Use the fingerprint of the store's root secret, shown above.";
    Ok(bytes.map(Fingerprint).ok_or_else(|| Failure::argument(text))?)
}
