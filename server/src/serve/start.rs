//! From settings to a vault that can serve. Everything that can be wrong is found here, before the first request.

use super::ground;
use super::tls::{self, TlsError};
use crate::admin::{AdminError, AdminSocket};
use crate::config::Config;
use crate::page::{Page, PageError};
use crate::root_secret::file::{self, FileError};
use crate::root_secret::{RootSecret, hint};
use crate::state::{AppState, Authority};
use crate::store::cas::RetryPolicy;
use crate::store::embedded::OpenError;
use crate::store::{Store, StoreError};
use rootcellar_spec::{OperationId, VaultId};
use rootcellar_vault::clock::{Clock, SystemClock};
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rootcellar_vault::opening::{
    OpenError as VaultError, OpenedVault, find_vault, holds_nothing, open_existing, open_vault,
};
use rootcellar_vault::vault_time::{KeepError, VaultTime};
use rootcellar_vault::{Parts, Settings};
use rustix::fs::Access;
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::{Position, Url};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A folder cannot be made, or takes no files.
    #[error(
        "the folder {0} cannot be made or written; make it, owned by this process's user, or name another one"
    )]
    Folder(PathBuf, #[source] io::Error),
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The bucket cannot be used; what it says is what to check.
    #[error("{0}")]
    Bucket(String),
    /// The bucket was tried and does not do what a vault rests on.
    #[error("the bucket cannot keep a vault: {0}. To see all of it: rootcellar-server store check")]
    Unfit(String),
    /// The bucket gave no clear answer, to several tries: a later start may find it, though nobody mends anything.
    #[error("the bucket cannot be used yet: {0}")]
    Away(String),
    /// There is nothing to look at.
    #[error(
        "there is no store in {0} yet: it is made when the server first starts; check --data, or name a bucket"
    )]
    NoStore(PathBuf),
    /// There is no vault in the bucket, and none is begun unasked: the bucket or the prefix may be mistyped, or the bucket
    /// was emptied, and a second vault under the same root secret would give guessers their tries again.
    #[error(
        "there is no vault in {0} yet: for a new one run rootcellar-server store init; else check --s3-bucket and \
         --s3-prefix, or bring its objects back"
    )]
    NoVault(String),
    /// `store init` has nothing to do with these settings.
    #[error("store init {0}")]
    Init(&'static str),
    /// There is no root secret, and with a bucket none is made: a machine that has lost its disk must not begin anew.
    #[error(
        "there is no root secret in {0}, and for a bucket none is made unasked. For a new vault make one: {new}; else \
         put the vault's file there, or restore it from its 24 words: {words}",
        new = hint::command(.0, "new"),
        words = hint::command(.0, "from-words")
    )]
    NoRootSecret(PathBuf),
    /// The store opens and does not read.
    #[error("the store cannot be read")]
    Read(#[from] StoreError),
    /// There is no usable root secret.
    #[error(transparent)]
    RootSecret(#[from] FileError),
    /// The store is not this vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The recorded vault ID is another one than the configured.
    #[error(
        "this vault ID is {recorded}, not {configured}: accounts depend on it, so it never changes; drop \
         --vault-id or set it to {recorded}"
    )]
    VaultId {
        /// What the store bears.
        recorded: VaultId,
        /// What is configured.
        configured: VaultId,
    },
    /// The vault's time cannot be read, or not be begun.
    #[error("the vault's time cannot be kept: {0}")]
    Time(#[from] KeepError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}; choose another address or stop what uses it")]
    Listen(SocketAddr, #[source] io::Error),
    /// No TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No page, or not the one that is listed.
    #[error(transparent)]
    Page(#[from] PageError),
    /// No admin socket.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// No metrics.
    #[error("metrics cannot be recorded")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// No signal handlers.
    #[error("signals cannot be watched")]
    Signals(#[source] io::Error),
}

/// What a server stands on.
pub(super) struct Ground {
    pub(super) state: AppState,
    pub(super) socket: AdminSocket,
}

/// Whether a server could start with these settings, as far as that shows without starting one: nothing is made or
/// changed.
///
/// # Errors
/// As at a start.
pub fn check(config: &Config) -> Result<(), StartError> {
    config.tls.as_ref().map(tls::acceptor).transpose()?;
    config.web.as_deref().map(Page::load).transpose()?;
    ground::check(config)?;
    if config.bucket.is_some() {
        return needed_root_secret(config).map(drop);
    }
    check_folder(&config.data)?;
    match file::read(&config.root_secret_file) {
        Err(FileError::Missing(_)) if !config.store_file().exists() => {
            // The data folder is made at a start, others are not.
            match or_here(config.root_secret_file.parent().unwrap_or(Path::new(""))) {
                folder if folder == config.data => Ok(()),
                folder if folder.exists() => check_folder(folder),
                folder => Err(StartError::Folder(folder.to_owned(), io::ErrorKind::NotFound.into())),
            }
        }
        other => other.map(drop).map_err(StartError::from),
    }
}

/// A folder that is there must take files; one that is not must be possible to make.
fn check_folder(folder: &Path) -> Result<(), StartError> {
    let failed = |error: io::Error| StartError::Folder(folder.to_owned(), error);
    let existing = folder.ancestors().map(or_here).find(|folder| folder.exists());
    let existing = existing.unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    rustix::fs::access(existing, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| failed(error.into()))
}

fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Opens store and root secret, and checks that they belong together. A root secret is made last of all, when nothing
/// else is in the way of a start.
pub(super) async fn open(config: &Config) -> Result<Ground, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let needed = config.bucket.as_ref().map(|_| needed_root_secret(config)).transpose()?;
    if config.bucket.is_none() || config.admin_socket.starts_with(&config.data) {
        make_folder(&config.data)?;
    }
    let store = ground::open_fit(config, clock.clone()).await?;
    let socket = AdminSocket::bind(&config.admin_socket)?;
    let (root_secret, is_new) = match needed {
        Some(secret) => (secret, false),
        None => root_secret(config, !config.read_only && holds_nothing(&*store).await?)?,
    };
    let keys = VaultKeys::derive(&root_secret);
    drop(root_secret);
    remind(&config.root_secret_file, keys.fingerprint(), is_new);
    let opened = find_or_begin(config, &*store, &keys).await?;
    check_vault_id(config, &opened.vault_id)?;
    let time = vault_time(config, &*store, clock.clone()).await?;
    let parts = Parts {
        store,
        keys,
        vault_id: opened.vault_id,
        passphrases_since: opened.passphrases_since,
        clock,
        time: Arc::new(time),
        entropy: Arc::new(SystemEntropy),
        settings: settings(config),
    };
    let state = AppState::new(parts, authority(config));
    Ok(Ground { state, socket })
}

/// The vault that is in the store; in an empty data folder a new one. In a bucket only `store init` begins one.
async fn find_or_begin(
    config: &Config,
    store: &dyn Store,
    keys: &VaultKeys,
) -> Result<OpenedVault, StartError> {
    let (operation, retry_policy) = (OperationId(SystemEntropy.bytes()), RetryPolicy::default());
    let found = match (&config.bucket, config.read_only) {
        (_, true) => find_vault(store, keys).await,
        (Some(_), false) => open_existing(store, keys, operation, retry_policy).await,
        (None, false) => open_vault(store, keys, config.vault_id.clone(), operation, retry_policy).await,
    };
    let opened = match (found, &config.bucket) {
        (Err(VaultError::Empty), Some(bucket)) => return Err(StartError::NoVault(bucket.to_string())),
        (Err(VaultError::Store(StoreError::Unavailable(why))), Some(_)) => {
            return Err(StartError::Away(why.to_string()));
        }
        (found, _) => found?,
    };
    if opened.created {
        tracing::warn!(
            vault_id = %opened.vault_id,
            "there was nothing in the data folder: this is a new vault, which keeps its vault ID for good",
        );
    }
    Ok(opened)
}

/// The vault's time. A server that writes nothing begins none.
async fn vault_time(
    config: &Config,
    store: &dyn Store,
    clock: Arc<dyn Clock>,
) -> Result<VaultTime, StartError> {
    if config.read_only {
        return Ok(VaultTime::find(store, clock).await?);
    }
    Ok(VaultTime::open(store, clock, OperationId(SystemEntropy.bytes()), RetryPolicy::default()).await?)
}

/// Refuses another vault ID than the configured one, and warns of one that would not be made by these settings.
pub(super) fn check_vault_id(config: &Config, recorded: &VaultId) -> Result<(), StartError> {
    if *recorded == config.vault_id {
        return Ok(());
    }
    if config.vault_id_is_set {
        return Err(StartError::VaultId { recorded: recorded.clone(), configured: config.vault_id.clone() });
    }
    tracing::warn!(
        vault_id = %recorded,
        "the vault keeps the vault ID that it was made with; a new one would be {} by these settings. If the vault \
         has moved, set --vault-id {} and this is said no more; else this is another vault's store",
        config.vault_id,
        recorded,
    );
    Ok(())
}

fn settings(config: &Config) -> Settings {
    Settings {
        registration: config.registration,
        retention: config.retention,
        suites: rootcellar_spec::SuiteId::IN_USE,
        budgets_per_minute: config.new_names_per_minute,
        retry_policy: RetryPolicy::default(),
    }
}

fn authority(config: &Config) -> Authority {
    match &config.public_origin {
        Some(origin) => Authority::Public(authority_of(origin)),
        None => Authority::Loopback { default_port: if config.tls.is_some() { 443 } else { 80 } },
    }
}

/// Host and non-default port, in lower case.
fn authority_of(origin: &Url) -> String {
    origin[Position::BeforeHost..Position::AfterPort].to_ascii_lowercase()
}

/// Makes a folder that only its owner may enter, if there is none.
///
/// # Errors
/// Where it cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| StartError::Folder(folder.to_owned(), error))
}

/// Reads the root secret, or draws one, and tells whether it did; only where the store is empty, so that none is ever
/// replaced.
fn root_secret(config: &Config, store_is_empty: bool) -> Result<(RootSecret, bool), StartError> {
    let path = &config.root_secret_file;
    match file::read(path) {
        Err(FileError::Missing(_)) if store_is_empty => {
            let secret = file::draw(&SystemEntropy);
            file::create(path, &secret)?;
            Ok((secret, true))
        }
        other => Ok((other?, false)),
    }
}

/// Reads the root secret of a vault in a bucket.
pub(super) fn needed_root_secret(config: &Config) -> Result<RootSecret, StartError> {
    file::read(&config.root_secret_file).map_err(|error| match error {
        FileError::Missing(path) => StartError::NoRootSecret(path),
        other => other.into(),
    })
}

/// Says at every start how to write the root secret down: a warning that came once may have been missed.
fn remind(file: &Path, fingerprint: Fingerprint, is_new: bool) {
    let fingerprint = fingerprint.to_string();
    if file::is_credential(file) {
        // Whoever gave it to the service manager has the file; from here it cannot be read by hand.
        return tracing::info!(fingerprint, "keep the root secret's 24 words on paper, away from here");
    }
    let command = hint::command(file, "words");
    if is_new {
        tracing::warn!(
            fingerprint,
            "a new root secret was made; without it no passphrase works any more. Write down its 24 words: {command}"
        );
    } else {
        tracing::info!(fingerprint, "keep the root secret's 24 words on paper, away from here: {command}");
    }
}
