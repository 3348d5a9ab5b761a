//! Opens a vault from the settings. Finds every problem before the first request.

use super::ground;
use super::tls::{self, TlsError};
use crate::admin::{AdminError, AdminSocket};
use crate::config::Config;
use crate::error_code::ErrorCode;
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
    /// A folder cannot be created or written.
    #[error(
        "Cannot create or write the folder {0}. Create it, owned by this process's user, or choose another one."
    )]
    Folder(PathBuf, #[source] io::Error),
    /// The embedded store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The bucket's settings or credentials are wrong. The text says what to check.
    #[error("{0}")]
    Bucket(String),
    /// The bucket does not do what a vault needs. The text lists the failed checks.
    #[error("The bucket is not suitable for a vault. {0} For details run: rootcellar-server store check")]
    Unfit(String),
    /// The bucket gave no clear response to several probes. A later start may succeed without any
    /// change.
    #[error("The bucket is not available now: {0} Retry later.")]
    Away(String),
    /// There is no embedded store.
    #[error(
        "There is no store at {0}. The server creates it on first start. Check --data, or set --s3-bucket."
    )]
    NoStore(PathBuf),
    /// There is no vault in the bucket. A start never creates one: bucket or prefix may be
    /// mistyped, or the bucket was emptied, and a second vault with the same root secret would give
    /// attackers new attempts.
    #[error(
        "There is no vault in {0}. To create one, run: rootcellar-server store init. If there should be one, check \
         --s3-bucket and --s3-prefix, or restore its objects."
    )]
    NoVault(String),
    /// `store init` cannot run with these settings.
    #[error("{0}")]
    Init(&'static str),
    /// There is no root secret. A start never creates one for a bucket: a machine that lost its
    /// disk must not start a new vault.
    #[error(
        "There is no root secret at {0}. The server never creates one for a bucket. For a new vault, run: {new}. For \
         an existing vault, put its root secret there, or restore it from its 24 words with: {words}",
        new = hint::command(.0, "new"),
        words = hint::command(.0, "from-words")
    )]
    NoRootSecret(PathBuf),
    /// The store was opened but cannot be read.
    #[error("Cannot read the store.")]
    Read(#[from] StoreError),
    /// The root secret cannot be used.
    #[error(transparent)]
    RootSecret(#[from] FileError),
    /// The store does not contain a vault of this root secret.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The recorded vault ID differs from the configured one.
    #[error(
        "The vault ID of this store is {recorded}, not {configured}. It never changes, because accounts depend on it. \
         Remove --vault-id, or set it to {recorded}."
    )]
    VaultId {
        /// In the store.
        recorded: VaultId,
        /// In the settings.
        configured: VaultId,
    },
    /// The vault's time cannot be read or created.
    #[error("Cannot read or store the vault's time: {0}")]
    Time(#[from] KeepError),
    /// The address cannot be listened on.
    #[error("Cannot listen on {0}. Choose another address, or stop the program that uses it.")]
    Listen(SocketAddr, #[source] io::Error),
    /// TLS cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The page cannot be served.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The admin socket cannot be used.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The metrics cannot be recorded.
    #[error("Cannot start recording metrics.")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The signal handlers cannot be installed.
    #[error("Cannot install the signal handlers.")]
    Signals(#[source] io::Error),
}

impl From<&StartError> for ErrorCode {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Folder(..) => Self::FolderUnusable,
            StartError::Store(error) => error.into(),
            StartError::Bucket(_) => Self::BucketUnusable,
            StartError::Unfit(_) => Self::StoreUnfit,
            StartError::Away(_) => Self::BucketUnavailable,
            StartError::NoStore(_) => Self::StoreMissing,
            StartError::NoVault(_) => Self::VaultMissing,
            StartError::Init(_) => Self::InitNotPossible,
            StartError::NoRootSecret(_) => Self::RootSecretMissing,
            StartError::Read(_) => Self::StoreUnreadable,
            StartError::RootSecret(error) => error.into(),
            StartError::Vault(error) => error.into(),
            StartError::VaultId { .. } => Self::VaultIdMismatch,
            StartError::Time(error) => error.into(),
            StartError::Listen(..) => Self::AddressUnusable,
            StartError::Tls(error) => error.into(),
            StartError::Page(error) => error.into(),
            StartError::Admin(error) => error.into(),
            StartError::Metrics(_) | StartError::Signals(_) => Self::SystemRefused,
        }
    }
}

/// The result of [`open`].
pub(super) struct Ground {
    pub(super) state: AppState,
    pub(super) socket: AdminSocket,
}

/// Checks whether a server could start with these settings, without creating or changing anything.
///
/// # Errors
/// Those of a start.
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
            // A start creates the data folder, but no other folder.
            match or_here(config.root_secret_file.parent().unwrap_or(Path::new(""))) {
                folder if folder == config.data => Ok(()),
                folder if folder.exists() => check_folder(folder),
                folder => Err(StartError::Folder(folder.to_owned(), io::ErrorKind::NotFound.into())),
            }
        }
        other => other.map(drop).map_err(StartError::from),
    }
}

/// An existing folder must be writable. A missing one must be possible to create.
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

/// Opens store and root secret, and checks that they belong together. Creates a root secret only as
/// the last step, when nothing else prevents the start.
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

/// The vault in the store. Creates one in an empty data folder, but never in a bucket.
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
            event = "vault-created",
            vault_id = %opened.vault_id,
            "The data folder was empty, so a new vault was created. Its vault ID never changes.",
        );
    }
    Ok(opened)
}

/// Reads the vault's time. A read-only server does not create it.
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

/// Refuses a vault ID that differs from a configured one. Warns if it differs from the one that the
/// settings suggest.
pub(super) fn check_vault_id(config: &Config, recorded: &VaultId) -> Result<(), StartError> {
    if *recorded == config.vault_id {
        return Ok(());
    }
    if config.vault_id_is_set {
        return Err(StartError::VaultId { recorded: recorded.clone(), configured: config.vault_id.clone() });
    }
    tracing::warn!(
        event = "vault-id-differs",
        vault_id = %recorded,
        "The store's vault ID is not {}, which these settings suggest. If the vault moved to another address, confirm \
         its ID with --vault-id {}. Otherwise this is the store of another vault.",
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

/// Creates a folder with mode 0700 if it does not exist.
///
/// # Errors
/// If it cannot be created.
pub fn make_folder(folder: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| StartError::Folder(folder.to_owned(), error))
}

/// Reads the root secret. Creates one if the store is empty, and returns whether it did. An
/// existing one is never replaced.
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

/// Logs at every start how to write the root secret down, because a single warning may be missed.
fn remind(file: &Path, fingerprint: Fingerprint, is_new: bool) {
    let fingerprint = fingerprint.to_string();
    if file::is_credential(file) {
        // The operator cannot read the service manager's copy, so this names no command.
        return tracing::info!(
            event = "root-secret-loaded",
            fingerprint,
            "Keep the root secret's 24 words on paper, away from this machine."
        );
    }
    let command = hint::command(file, "words");
    if is_new {
        tracing::warn!(
            event = "root-secret-created",
            fingerprint,
            "A new root secret was created. Without it, no passphrase works. Write down its 24 words: {command}"
        );
    } else {
        tracing::info!(
            event = "root-secret-loaded",
            fingerprint,
            "Keep the root secret's 24 words on paper, away from this machine: {command}"
        );
    }
}
