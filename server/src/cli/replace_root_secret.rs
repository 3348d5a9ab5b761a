//! `root-secret replace`: the root secret at hand takes the place of one that is lost for good.

use super::{Misused, root_secret, say};
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
    let secret = root_secret::existing(config).context(
        "adopting puts an existing root secret in the place of a lost one: make one first (root-secret new)",
    )?;
    let own = VaultKeys::derive(&secret).fingerprint();
    drop(secret);
    if config.bucket.is_none() && !config.store_file().exists() {
        return Err(StartError::NoStore(config.store_file())).context("there is nothing to adopt");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("starting the threads")?.block_on(async {
        let store = serve::open_store(config, Arc::new(SystemClock)).await?;
        replace(&*store, own, replaces).await
    })
}

async fn replace(store: &dyn Store, own: Fingerprint, replaces: Option<&str>) -> anyhow::Result<()> {
    let found = borne(store).await?;
    // Before anything is asked: where there is nothing to do, nobody types a fingerprint.
    if check(found, own, found)?.is_some() {
        return already(own);
    }
    let _ = writeln!(io::stderr(), "{}", consequences(found, own));
    let given_up = match replaces {
        Some(text) => parse(text).map_err(|error| Misused(format!("--replaces: {error}")))?,
        None => parse(&ask()?)?,
    };
    let operation = OperationId(SystemEntropy.bytes());
    match replace_root_secret(store, own, given_up, operation, RetryPolicy::default()).await? {
        Replacement::Now => say(&format!("the store bears the root secret {own} now; {found} is given up")),
        Replacement::Already => already(own),
    }
}

fn already(own: Fingerprint) -> anyhow::Result<()> {
    say(&format!("already adopted: the store bears the root secret {own}; nothing was changed"))
}

/// What an operator must know before there is no way on but this.
fn consequences(found: Fingerprint, own: Fingerprint) -> String {
    format!(
        "The store bears the root secret {found}; yours is {own}.\n\
         \n\
         Adopt only when the former one and its 24 words are lost for good. From then on:\n\
         - no passphrase that was set before works any more, and no account name leads to its account;\n\
         - recovery codes work: 'rootcellar recover' gives the entries back, and the account its name and a passphrase;\n\
         - who has no recovery code has to wait until the former root secret is found, if it ever is;\n\
         - devices that know the vault will say that its key has changed: announce to its users that you did this, and when.\n\
         Nothing is deleted. A root secret that is found again can be adopted back.\n\
         No server may run on this store meanwhile; those that do refuse everything once they notice."
    )
}

fn ask() -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        let message = "there is no terminal to ask on: name the fingerprint that is given up with --replaces";
        return Err(Misused(message.to_owned()).into());
    }
    let _ = write!(io::stderr(), "\nType the fingerprint that is given up: ");
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("reading the fingerprint")?;
    Ok(line)
}

fn parse(text: &str) -> anyhow::Result<Fingerprint> {
    let bytes = base64url::decode_array(text.trim());
    bytes.map(Fingerprint).context("that is no fingerprint: nothing was changed; the store's stands above")
}
