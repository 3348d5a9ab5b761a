//! Creates a vault in a bucket. A start never does this: with a mistyped bucket or prefix, or an
//! emptied bucket, it would serve a second, empty vault with the same root secret (spec/storage.md,
//! "A bucket of S3").

use super::{StartError, ground, start};
use crate::config::Config;
use crate::store::cas::RetryPolicy;
use rootcellar_spec::{OperationId, VaultId};
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rootcellar_vault::opening::open_vault;
use std::sync::Arc;

/// The result of [`init_store`].
#[derive(Debug)]
pub struct Begun {
    /// The bucket, for the operator.
    pub store: String,
    /// The permanent vault ID.
    pub vault_id: VaultId,
    /// Of its root secret.
    pub fingerprint: Fingerprint,
    /// Whether the vault is new.
    pub created: bool,
}

/// Probes the bucket like a start does, and creates the object `vault` with the vault ID of these
/// settings. An existing vault with the same root secret is not changed.
///
/// # Errors
/// Those of a start: no root secret, an unsuitable store, a store of another root secret, or one
/// with objects but without a vault. Also without a bucket, and with `read-only`.
pub async fn init_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Begun, StartError> {
    let Some(bucket) = &config.bucket else {
        return Err(StartError::Init(
            "store init needs a bucket. Set --s3-bucket. In a data folder, the server creates the vault on first start.",
        ));
    };
    if config.read_only {
        return Err(StartError::Init("store init writes to the store. Remove --read-only for this command."));
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
