//! Which store a vault is kept in: the bucket that is named, else the file in the data folder.

use super::StartError;
use crate::clock::Clock;
use crate::config::{Bucket, Config};
use crate::store::Store;
use crate::store::embedded::EmbeddedStore;
use crate::store::measured::Measured;
use std::sync::Arc;

/// What shows without opening anything.
pub(super) fn check(config: &Config) -> Result<(), StartError> {
    match &config.bucket {
        Some(_) if cfg!(not(feature = "s3")) => Err(no_s3()),
        _ => Ok(()),
    }
}

/// Opens the store of these settings, which the data folder must be there for.
///
/// # Errors
/// Where it does not open; each error says what to do.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    let store = match &config.bucket {
        Some(bucket) => connect(bucket).await?,
        None => Arc::new(EmbeddedStore::open(&config.store_file(), config.reserve, clock)?),
    };
    Ok(Arc::new(Measured::new(store)))
}

#[cfg(feature = "s3")]
async fn connect(bucket: &Bucket) -> Result<Arc<dyn Store>, StartError> {
    use rootcellar_s3::{S3Settings, S3Store};
    let Bucket { name, endpoint, region, prefix } = bucket.clone();
    let settings = S3Settings { bucket: name, endpoint, region, prefix };
    let store = S3Store::connect(settings).await.map_err(|error| StartError::Bucket(error.to_string()))?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "s3"))]
async fn connect(_: &Bucket) -> Result<Arc<dyn Store>, StartError> {
    Err(no_s3())
}

fn no_s3() -> StartError {
    StartError::Bucket(
        "this program was built without S3 (feature s3); use one that was, or drop --s3-bucket".to_owned(),
    )
}
