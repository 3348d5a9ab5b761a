//! Adopting a store: another root secret takes the place of one that is lost for good (storage.md, "Adopting").
//!
//! One swap of the object `vault`, and nothing else: no object is deleted or rewritten. What was made under the root
//! secret that is given up keeps its bytes, so that it works again where that secret is found after all and adopted back.

use super::vault::{GivenUp, VaultObject};
use crate::domain::names;
use crate::keys::Fingerprint;
use crate::store::Store;
use crate::store::swap::{self, LoadError, Patience, SwapError};
use rootcellar_spec::{OperationId, base64url};

/// Why a store was not adopted. It is as it was, but for [`AdoptError::Write`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// There is nothing to adopt.
    #[error("this store holds no vault: there is nothing to adopt; check that it is the right one")]
    Empty,
    /// The store bears this fingerprint already.
    #[error("the store bears the root secret at hand already (fingerprint {}): there is nothing to do", text(.0))]
    Same(Fingerprint),
    /// Another fingerprint was named than the store bears.
    #[error(
        "the store bears the fingerprint {}, not {}: nothing was changed; check that it is the right store",
        text(.found), text(.named)
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
    /// The swap did not succeed, or that is not known.
    #[error("the object `vault` was not swapped: {0}; run the command again")]
    Write(#[from] SwapError),
}

/// Puts `own` in the place of `given_up`, which the store must bear.
///
/// # Errors
/// Where it bears another one, or `own` already.
pub async fn adopt(
    store: &dyn Store,
    own: Fingerprint,
    given_up: Fingerprint,
    operation: OperationId,
    patience: Patience,
) -> Result<(), AdoptError> {
    let loaded = swap::load::<VaultObject>(store, &names::vault()).await?;
    let current = loaded.current.ok_or(AdoptError::Empty)?;
    let found = current.value().fingerprint;
    check(found, own, given_up)?;
    let mut next = current.value().clone();
    next.given_up.push(GivenUp { fingerprint: found, at: loaded.time });
    next.fingerprint = own;
    swap::swap(store, &current, operation, next, patience).await?;
    Ok(())
}

/// Whether `own` may take the place of `found`, where the operator named `given_up`.
///
/// # Errors
/// Where it may not.
pub fn check(found: Fingerprint, own: Fingerprint, given_up: Fingerprint) -> Result<(), AdoptError> {
    if found == own {
        return Err(AdoptError::Same(own));
    }
    if found != given_up {
        return Err(AdoptError::Other { found, named: given_up });
    }
    Ok(())
}

fn text(fingerprint: &Fingerprint) -> String {
    base64url::encode(&fingerprint.0)
}
