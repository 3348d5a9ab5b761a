//! The location of a vault as an argument: a data folder or a bucket.

use super::ground::{connect, refuse_unfit};
use super::{StartError, make_folder};
use crate::config::{Bucket, StoreAccess};
use crate::store::Store;
use crate::store::embedded::{EmbeddedReader, EmbeddedStore};
use crate::store::read_only::ReadOnly;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::names;
use std::path::PathBuf;
use std::sync::Arc;

/// A data folder, or a bucket as `s3://NAME` or `s3://NAME/PREFIX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// The folder of `vault.redb`.
    Folder(PathBuf),
    /// A bucket, with the endpoint and region of the settings.
    Bucket(Bucket),
}

/// Name of the embedded store's file.
const FILE: &str = "vault.redb";

impl StoreLocation {
    /// Parses an argument.
    ///
    /// # Errors
    /// If it is invalid, with a text for the operator.
    pub fn read(text: &str, access: &StoreAccess) -> Result<Self, String> {
        match text.strip_prefix("s3://") {
            Some(bucket) => Ok(Self::Bucket(access.bucket(bucket)?)),
            None if text.is_empty() => {
                Err("Use a data folder, s3://BUCKET or s3://BUCKET/PREFIX.".to_owned())
            }
            // A mistyped `s3://` would be a valid name of a folder, and the copy would seem to
            // succeed.
            None if looks_like_url(text) => Err(format!(
                "Invalid location \"{text}\": use a data folder or s3://BUCKET/PREFIX. For a folder of this name, write \
                 ./{text}."
            )),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }

    /// Opens an existing store for reading only.
    ///
    /// # Errors
    /// If it cannot be opened. A folder cannot be opened while a server without `--read-only` uses
    /// it.
    pub async fn open_for_reading(&self, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
        match self {
            Self::Folder(folder) => Ok(Arc::new(EmbeddedReader::open(&folder.join(FILE), clock)?)),
            Self::Bucket(bucket) => Ok(Arc::new(ReadOnly::new(Arc::new(connect(bucket).await?)))),
        }
    }

    /// Opens the store for writing. Refuses an unsuitable bucket. Creates a missing store in a
    /// folder, where it leaves `reserve` bytes of the disk free.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open(&self, reserve: u64, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
        match self {
            Self::Folder(folder) => {
                make_folder(folder)?;
                Ok(Arc::new(EmbeddedStore::open(&folder.join(FILE), reserve, clock)?))
            }
            Self::Bucket(bucket) => {
                let store = connect(bucket).await?;
                // A bucket with a vault is only compared, so the probe must not write to it.
                if store.get(&names::vault()).await?.object.is_none() {
                    refuse_unfit(&store, &*clock).await?;
                }
                Ok(Arc::new(store))
            }
        }
    }
}

/// Whether the text starts like a URL: letters and digits, then a colon.
fn looks_like_url(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_buckets_are_told_apart() {
        let access = StoreAccess { endpoint: None, region: None, reserve: 0 };
        let bucket = |name: &str, prefix: &str| {
            let (name, prefix) = (name.to_owned(), prefix.to_owned());
            Ok(StoreLocation::Bucket(Bucket { name, endpoint: None, region: None, prefix }))
        };
        let read = |text: &str| StoreLocation::read(text, &access);
        assert_eq!(read("s3://my-vault"), bucket("my-vault", ""));
        for mistyped in ["s3:/my-vault", "s3:my-vault", "S3://my-vault", "https://my-vault"] {
            assert!(read(mistyped).is_err(), "{mistyped}");
        }
        assert_eq!(read("./s3:/folder"), Ok(StoreLocation::Folder("./s3:/folder".into())));
        assert_eq!(read("s3://my-vault/"), bucket("my-vault", ""));
        assert_eq!(read("s3://my-vault/a/b/"), bucket("my-vault", "a/b"));
        assert_eq!(read("/var/lib/rootcellar"), Ok(StoreLocation::Folder("/var/lib/rootcellar".into())));
        for wrong in ["", "s3://", "s3:///a", "s3://a b", "s3://a//b", "s3://a/../b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
