//! The one loop: load, decide, write; and again after a conflict.

use super::{CasError, Current, RetryPolicy, create, replace};
use crate::{Key, Store};
use rootcellar_spec::OperationId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// How often an update is decided before it gives up.
const ROUNDS: usize = 8;

/// What is to become of an object, by its state just now.
#[derive(Debug)]
pub enum Decision<T, K, W> {
    /// Nothing is written.
    Keep(K),
    /// The object must not exist, and is created.
    Create {
        /// Its name.
        key: Key,
        /// Names the write.
        operation: OperationId,
        /// What it is about from now on.
        value: T,
        /// Handed back if this write wins.
        with: W,
    },
    /// The object must be as it was loaded, and is replaced.
    Replace {
        /// As it was loaded.
        current: Current<T>,
        /// Names the write.
        operation: OperationId,
        /// What it is about from now on.
        value: T,
        /// Handed back if this write wins.
        with: W,
    },
}

/// How an update ended.
#[derive(Clone, Debug)]
pub enum Updated<T, K, W> {
    /// Nothing was written in the last round.
    Kept(K),
    /// The object was written, and is this now.
    Written(Current<T>, W),
}

/// Decides by `decide`, which loads what it needs, and writes what that says. If another write came
/// first, or the object is gone, it decides again; so `decide` must not rely on an earlier round, and
/// what it does besides must be repeatable.
///
/// No decision is written twice: an uncertain outcome is read back ([`super::replace`]), and the next
/// round begins only after a write that was certainly not applied.
///
/// # Errors
/// Those of `decide`; [`CasError::Contended`] if other writes were first in every round, or under way
/// until the deadline of `retry_policy`; every other end of a write.
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
