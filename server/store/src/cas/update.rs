//! The loop of load, decide and write, which repeats after a conflict.

use super::{CasError, Current, RetryPolicy, create, replace};
use crate::{Key, Store};
use rootcellar_spec::OperationId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// Maximum rounds.
const ROUNDS: usize = 8;

/// What to do with an object, given its current state.
#[derive(Debug)]
pub enum Decision<T, K, W> {
    /// Write nothing.
    Keep(K),
    /// Create the object, which must not exist.
    Create {
        /// The name of the object.
        key: Key,
        /// The operation ID of the write.
        operation: OperationId,
        /// The payload.
        value: T,
        /// Returned if this write succeeds.
        with: W,
    },
    /// Replace the object, which must not have changed.
    Replace {
        /// The object as it was loaded.
        current: Current<T>,
        /// The operation ID of the write.
        operation: OperationId,
        /// The new payload.
        value: T,
        /// Returned if this write succeeds.
        with: W,
    },
}

/// The result of an update.
#[derive(Clone, Debug)]
pub enum Updated<T, K, W> {
    /// The last round wrote nothing.
    Kept(K),
    /// The object was written, and this is its current version.
    Written(Current<T>, W),
}

/// Calls
/// `decide`, which loads what it needs, and writes what that returns. If another write came first, or the object is gone, it decides again. `decide`
/// must therefore not depend on an earlier round, and its side effects must be repeatable.
///
/// No decision is written twice: an unclear outcome is read back ([`super::replace`]), and the next
/// round starts only after a write that was certainly not applied.
///
/// # Errors
/// Those of `decide`; [`CasError::Contended`] if other writes came first in every round, or were in
/// progress until the deadline of `retry_policy`; all other errors of a write.
pub async fn update<T, K, W, E, F>(
    store: &dyn Store,
    retry_policy: RetryPolicy,
    mut decide: impl FnMut() -> F,
) -> Result<Updated<T, K, W>, E>
where
    T: Serialize + DeserializeOwned,
    E: From<CasError>,
    F: Future<Output = Result<Decision<T, K, W>, E>>,
{
    let deadline = Instant::now() + retry_policy.deadline;
    for _ in 0..ROUNDS {
        let (written, with) = match decide().await? {
            Decision::Keep(result) => return Ok(Updated::Kept(result)),
            Decision::Create { key, operation, value, with } => {
                (create(store, &key, operation, value, retry_policy).await, with)
            }
            Decision::Replace { current, operation, value, with } => {
                (replace(store, &current, operation, value, retry_policy).await, with)
            }
        };
        match written {
            Ok(written) => return Ok(Updated::Written(written, with)),
            Err(CasError::Lost | CasError::Gone) => {}
            Err(CasError::Contended) if Instant::now() < deadline => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(CasError::Contended.into())
}

#[cfg(test)]
mod tests;
