//! Replaces a permanently lost root secret (storage.md).
//!
//! It is one conditional write of the object `vault`. No other object is deleted or rewritten, so
//! everything that was made with the old root secret works again if that is found and replaces the
//! new one.

use crate::keys::Fingerprint;
use crate::names;
use crate::opening::{ReplacedSecret, VaultObject, is_marked};
use rootcellar_spec::{OperationId, Timestamp};
use rootcellar_store::Store;
use rootcellar_store::cas::{self, CasError, Current, LoadError, Loaded, RetryPolicy};

/// The result of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The root secret was replaced by this call.
    Now,
    /// The store already had this root secret. Nothing was written.
    Already,
}

/// Why the root secret was not replaced. The store did not change, except with
/// [`ReplaceError::Write`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The store contains no vault.
    #[error("This store does not contain a vault. Check that it is the right store.")]
    Empty,
    /// The store has the mark of a copy.
    #[error(
        "A copy into this store was not completed. Nothing was changed. First run the same `rootcellar-server copy` \
         again."
    )]
    Unfinished,
    /// The store has another fingerprint than the given one.
    #[error(
        "The fingerprint of the store's root secret is {found}, not {named}. Nothing was changed. Check that it is the \
         right store."
    )]
    Other {
        /// In the store.
        found: Fingerprint,
        /// As given.
        named: Fingerprint,
    },
    /// The object `vault` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The outcome of the write is unknown. A read afterwards found the store unchanged.
    #[error(
        "The store did not confirm the write of the object `vault`, and still has the fingerprint {0}. Run the command \
         again. It also reports if that write took effect late."
    )]
    NotNow(Fingerprint),
    /// The write failed, or its outcome is unknown.
    #[error(
        "Cannot replace the object `vault`: {0} Run the command again. It reports the current root secret."
    )]
    Write(#[from] CasError),
}

/// The fingerprint in the store.
///
/// # Errors
/// If it contains no vault, or has the mark of a copy.
pub async fn borne(store: &dyn Store) -> Result<Fingerprint, ReplaceError> {
    Ok(load(store).await?.1.value().fingerprint)
}

/// Replaces `replaced`, which the store must have, with `own`. Succeeds if the store already has
/// `own`.
///
/// # Errors
/// If it has another fingerprint or the mark of a copy, or it fails.
pub async fn replace_root_secret(
    store: &dyn Store,
    own: Fingerprint,
    replaced: Fingerprint,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<Replacement, ReplaceError> {
    let (time, current) = load(store).await?;
    let found = current.value().fingerprint;
    if let Some(already) = check(found, own, replaced)? {
        return Ok(already);
    }
    let mut next = current.value().clone();
    next.replaced.push(ReplacedSecret { fingerprint: found, at: time });
    next.fingerprint = own;
    let Err(error) = cas::replace(store, &current, operation, next, retry_policy).await else {
        return Ok(Replacement::Now);
    };
    // The store has the outcome of the write, whatever its response was.
    match (load(store).await, error) {
        (Ok((_, now)), _) if now.value().fingerprint == own => Ok(Replacement::Now),
        (Ok((_, now)), CasError::Unknown) => Err(ReplaceError::NotNow(now.value().fingerprint)),
        (_, error) => Err(error.into()),
    }
}

async fn load(store: &dyn Store) -> Result<(Timestamp, Current<VaultObject>), ReplaceError> {
    let Loaded { current, time } = cas::load::<VaultObject>(store, &names::vault()).await?;
    if is_marked(store).await.map_err(LoadError::from)? {
        return Err(ReplaceError::Unfinished);
    }
    Ok((time, current.ok_or(ReplaceError::Empty)?))
}

/// Whether `own` may replace `found`, given that the operator named `replaced`, or has replaced it
/// already.
///
/// # Errors
/// If it may not.
pub fn check(
    found: Fingerprint,
    own: Fingerprint,
    replaced: Fingerprint,
) -> Result<Option<Replacement>, ReplaceError> {
    match found {
        found if found == own => Ok(Some(Replacement::Already)),
        found if found == replaced => Ok(None),
        found => Err(ReplaceError::Other { found, named: replaced }),
    }
}
