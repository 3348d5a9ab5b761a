//! Opens the store: the bucket if one is set, otherwise the file in the data folder.

use super::StartError;
use crate::config::{Bucket, Config};
use crate::store::Store;
use crate::store::embedded::{EmbeddedReader, EmbeddedStore};
use crate::store::measured::Measured;
use crate::store::probe::{CheckResult, Report, probe};
use crate::store::read_only::ReadOnly;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use std::sync::Arc;
use std::time::Duration;

/// How often a start probes a bucket that gives no clear response, and the pause between.
const PROBES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// The result of [`check_store`].
#[derive(Debug)]
pub struct Checked {
    /// The bucket or the file, for the operator.
    pub store: String,
    /// All checks with their results.
    pub report: Report,
}

/// The checks that need no connection.
pub(super) fn check(config: &Config) -> Result<(), StartError> {
    match &config.bucket {
        Some(_) if cfg!(not(feature = "s3")) => Err(no_s3()),
        _ => Ok(()),
    }
}

/// Opens the store of these settings. The data folder must exist.
///
/// # Errors
/// If it cannot be opened.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    Ok(Arc::new(Measured::new(open(config, clock).await?)))
}

/// Like [`open_store`], but probes a bucket first and refuses an unsuitable one. The probe's
/// requests are not measured.
pub(super) async fn open_fit(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    let store = open(config, clock.clone()).await?;
    if let Some(bucket) = &config.bucket {
        warn_of_plain_http(bucket);
    }
    if config.bucket.is_some() && !config.read_only {
        refuse_unfit(&*store, &*clock).await?;
    }
    Ok(Arc::new(Measured::new(store)))
}

async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    match &config.bucket {
        Some(bucket) if config.read_only => Ok(Arc::new(ReadOnly::new(Arc::new(connect(bucket).await?)))),
        Some(bucket) => Ok(Arc::new(connect(bucket).await?)),
        None if config.read_only => Ok(Arc::new(EmbeddedReader::open(&config.store_file(), clock)?)),
        None => Ok(Arc::new(EmbeddedStore::open(&config.store_file(), config.reserve, clock)?)),
    }
}

/// Requests are signed and responses are not: someone on the network could show old states, and
/// thus give attempts back to an attacker.
fn warn_of_plain_http(bucket: &Bucket) {
    if let Some(endpoint) = &bucket.endpoint
        && endpoint.scheme() == "http"
        && !rootcellar_spec::vault_id::is_loopback(endpoint)
    {
        tracing::warn!(
            event = "store-plain-http",
            %endpoint,
            "The bucket is reached over plain HTTP. Use this only within a network that you trust."
        );
    }
}

/// Probes the store, again if the checks gave no clear result.
pub(super) async fn refuse_unfit(store: &dyn Store, clock: &dyn Clock) -> Result<(), StartError> {
    let mut report = Report::default();
    for attempt in 0..PROBES {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        report = probe(store, &nonce(), || clock.now()).await;
        if !report.is_undecided() || report.checks.len() == 1 {
            break;
        }
    }
    // One missing permission fails several checks.
    let mut objections: Vec<&str> = Vec::new();
    for check in report.objections() {
        if !objections.contains(&check.meaning.as_str()) {
            objections.push(&check.meaning);
        }
    }
    if objections.is_empty() {
        return Ok(());
    }
    let objections = objections.join(" ");
    match report.objections().any(|check| check.result == CheckResult::Failed) {
        true => Err(StartError::Unfit(objections)),
        false => Err(StartError::Away(objections)),
    }
}

/// Probes a store like a start does, and also reports what the operator should know.
///
/// # Errors
/// If there is no store, or it cannot be opened.
pub async fn check_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Checked, StartError> {
    let nonce = nonce();
    match &config.bucket {
        Some(bucket) => {
            let store = connect(bucket).await?;
            #[cfg_attr(not(feature = "s3"), expect(unused_mut, reason = "only a bucket has versions"))]
            let mut report = probe(&store, &nonce, || clock.now()).await;
            #[cfg(feature = "s3")]
            if report.checks.len() > 1 {
                store.probe_versions(&nonce, &mut report).await;
            }
            Ok(Checked { store: bucket.to_string(), report })
        }
        None if !config.store_file().exists() => Err(StartError::NoStore(config.store_file())),
        None => {
            let store = EmbeddedStore::open(&config.store_file(), config.reserve, clock.clone())?;
            let report = probe(&store, &nonce, || clock.now()).await;
            Ok(Checked { store: config.store_file().display().to_string(), report })
        }
    }
}

fn nonce() -> String {
    rootcellar_spec::hex::encode(&SystemEntropy.bytes::<8>())
}

#[cfg(feature = "s3")]
pub(super) async fn connect(bucket: &Bucket) -> Result<rootcellar_s3::S3Store, StartError> {
    use rootcellar_s3::{S3Settings, S3Store};
    let Bucket { name, endpoint, region, prefix } = bucket.clone();
    let settings = S3Settings { bucket: name, endpoint, region, prefix };
    S3Store::connect(settings).await.map_err(|error| StartError::Bucket(error.to_string()))
}

#[cfg(not(feature = "s3"))]
pub(super) async fn connect(_: &Bucket) -> Result<EmbeddedStore, StartError> {
    Err(no_s3())
}

fn no_s3() -> StartError {
    StartError::Bucket(
        "This program was built without S3 support (feature s3). Use one with it, or remove --s3-bucket."
            .to_owned(),
    )
}
