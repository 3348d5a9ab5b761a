//! The mark `copy` of a store whose copy is incomplete, and the vault that is being copied.

use super::CopyError;
use crate::keys::Fingerprint;
use crate::names;
use crate::opening::{VaultObject, load as load_vault};
use rootcellar_spec::{OperationId, Timestamp, VaultId, base64url};
use rootcellar_store::cas::{self, CasError, Current, LoadError, RetryPolicy};
use rootcellar_store::{Object, Store};
use serde::{Deserialize, Serialize};

/// The value of the object `copy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The vault ID of the vault that is being copied.
    pub(super) vault_id: VaultId,
    /// Of its root secret.
    #[serde(with = "base64url::array")]
    fingerprint: [u8; 16],
    /// The start of the copy, by the clock of the store with the mark.
    started_at: Timestamp,
}

/// The vault that is copied.
pub(super) struct Source {
    pub(super) vault_id: VaultId,
    pub(super) fingerprint: Fingerprint,
    /// Its object `vault`.
    pub(super) object: Object,
}

impl Source {
    pub(super) async fn read(from: &dyn Store) -> Result<Self, CopyError> {
        if from.get(&names::copy()).await.map_err(CopyError::From)?.object.is_some() {
            return Err(CopyError::SourceUnfinished);
        }
        let object = from.get(&names::vault()).await.map_err(CopyError::From)?.object;
        let object = object.ok_or(CopyError::NoVault)?;
        let current = load_vault(from).await?.ok_or(CopyError::NoVault)?;
        let VaultObject { fingerprint, vault_id, .. } = current.value();
        Ok(Self { vault_id: vault_id.clone(), fingerprint: *fingerprint, object })
    }
}

impl Mark {
    pub(super) fn is_of(&self, source: &Source) -> bool {
        self.vault_id == source.vault_id && self.fingerprint == source.fingerprint.0
    }
}

pub(super) async fn load(to: &dyn Store) -> Result<Option<Current<Mark>>, LoadError> {
    Ok(cas::load::<Mark>(to, &names::copy()).await?.current)
}

pub(super) async fn create(
    to: &dyn Store,
    source: &Source,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<Current<Mark>, CopyError> {
    let key = names::copy();
    let started_at = to.get(&key).await.map_err(CopyError::To)?.time;
    let (vault_id, fingerprint) = (source.vault_id.clone(), source.fingerprint.0);
    let mark = Mark { vault_id, fingerprint, started_at };
    match cas::create(to, &key, operation, mark, retry_policy).await {
        Ok(current) => Ok(current),
        Err(CasError::Lost) => Err(CopyError::Contested(names::COPY.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// Rewrites the mark, so that an earlier, slow copy can write no more.
pub(super) async fn take_over(
    to: &dyn Store,
    marked: &Current<Mark>,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<Current<Mark>, CopyError> {
    match cas::replace(to, marked, operation, marked.value().clone(), retry_policy).await {
        Ok(current) => Ok(current),
        Err(CasError::Lost | CasError::Gone) => Err(CopyError::Contested(names::COPY.to_owned())),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(
    to: &dyn Store,
    marked: &Current<Mark>,
    retry_policy: RetryPolicy,
) -> Result<(), CopyError> {
    Ok(cas::remove(to, marked, retry_policy).await?)
}
