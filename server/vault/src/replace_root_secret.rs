//! Adopting a store: another root secret takes the place of one that is lost for good (storage.md, "Adopting").
//!
//! One swap of the object `vault`, and nothing else: no object is deleted or rewritten. What was made under the root
//! secret that is given up keeps its bytes, so that it works again where that secret is found after all and adopted back.

use crate::keys::Fingerprint;
use crate::names;
use crate::opening::{ReplacedSecret, VaultObject, is_marked};
use rootcellar_spec::{OperationId, Timestamp};
use rootcellar_store::Store;
use rootcellar_store::cas::{self, CasError, Current, LoadError, Loaded, RetryPolicy};

/// How a store came to bear the root secret at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// It was adopted now.
    Now,
    /// It bore that one already. Nothing was written.
    Already,
}

/// Why a store was not adopted. It is as it was, but for [`ReplaceError::Write`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// There is nothing to adopt.
    #[error("this store holds no vault: there is nothing to adopt; check that it is the right one")]
    Empty,
    /// The store bears the mark of a copy.
    #[error(
        "the store bears the mark of a copy that has not come to its end: nothing was changed; run the same \
         `rootcellar-server copy` again first"
    )]
    Unfinished,
    /// Another fingerprint was named than the store bears.
    #[error(
        "the store bears the fingerprint {found}, not {named}: nothing was changed; check that it is the right store"
    )]
    Other {
        /// What the store bears.
        found: Fingerprint,
        /// What was named.
        named: Fingerprint,
    },
    /// The object `vault` could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is not known whether the swap took place; a look afterwards found the store as before.
    #[error(
        "the store did not say whether it took the swap of the object `vault`, and bears the fingerprint {0} as before: \
         it is not adopted now; run the command again, which also tells if the swap took place late"
    )]
    NotNow(Fingerprint),
    /// The swap did not succeed, or that is not known.
    #[error("the object `vault` was not swapped: {0}; run the command again, which tells what holds")]
    Write(#[from] CasError),
}

/// The fingerprint that the store bears.
///
/// # Errors
/// Where it holds no vault, or bears the mark of a copy.
pub async fn borne(store: &dyn Store) -> Result<Fingerprint, ReplaceError> {
    Ok(load(store).await?.1.value().fingerprint)
}

/// Puts `own` in the place of `replaced`, which the store must bear; where it bears `own` already, that is success.
///
/// # Errors
/// Where it bears another one, or the mark of a copy, or fails.
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
    // What the write has come to is in the store, and counts more than what was heard of it.
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

/// Whether `own` may take the place of `found`, where the operator named `replaced`, or has taken it already.
///
/// # Errors
/// Where it may not.
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
