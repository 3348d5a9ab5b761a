//! Begins a vault in a bucket, which no start does unasked: where the bucket or the prefix is mistyped, or the bucket was
//! emptied, a start would else serve a second, empty vault under the same root secret (spec/storage.md, "A bucket of
//! S3").

use super::{StartError, ground, start};
use crate::config::Config;
use crate::store::cas::RetryPolicy;
use rootcellar_spec::{OperationId, VaultId};
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rootcellar_vault::opening::open_vault;
use std::sync::Arc;

/// The vault that is in the bucket after [`init_store`].
#[derive(Debug)]
pub struct Begun {
    /// Which bucket it is.
    pub store: String,
    /// What the vault is called for good.
    pub vault_id: VaultId,
    /// Recognises its root secret.
    pub fingerprint: Fingerprint,
    /// Whether it was made now; else it was there.
    pub created: bool,
}

/// Tries the bucket as a start does, and makes the object `vault` in it with the vault ID of these settings. A vault of
/// the same root secret that is there already is left as it is.
///
/// # Errors
/// As at a start: without a root secret, in a store that cannot keep a vault, that belongs to another root secret, or
/// that holds objects and no vault. And where the settings name no bucket, or are `read-only`.
pub async fn init_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Begun, StartError> {
    let Some(bucket) = &config.bucket else {
        return Err(StartError::Init(
            "is about a bucket: give --s3-bucket; in a data folder the vault is made when the server first starts",
        ));
    };
    if config.read_only {
        return Err(StartError::Init("writes, and the settings say read-only; drop it for this command"));
    }
    let secret = start::needed_root_secret(config)?;
    let keys = VaultKeys::derive(&secret);
    drop(secret);
    let store = ground::open_fit(config, clock).await?;
    let operation = OperationId(SystemEntropy.bytes());
    let opened =
        open_vault(&*store, &keys, config.vault_id.clone(), operation, RetryPolicy::default()).await?;
    start::check_vault_id(config, &opened.vault_id)?;
    Ok(Begun {
        store: bucket.to_string(),
        vault_id: opened.vault_id,
        fingerprint: keys.fingerprint(),
        created: opened.created,
    })
}
