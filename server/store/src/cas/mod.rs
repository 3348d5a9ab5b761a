//! Compare-and-swap of JSON objects, and the outcome of writes without a clear response
//! (spec/storage.md).
//!
//! Every mutable object has its version, the operation that wrote it and the last few operations
//! **in its body**. So no two writes have equal bytes, an ETag never returns, and a writer can find
//! out whether its own write took effect. No write is applied twice: an attempt is repeated only
//! with the same bytes under the same condition.

mod settle;
#[cfg(test)]
mod tests;
mod update;

pub use update::{Decision, Updated, update};

use crate::{Condition, Etag, Key, Object, Store, StoreError};
use bytes::Bytes;
use rootcellar_spec::{OperationId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use settle::{Action, WriteOutcome, settle};
use std::time::Duration;

/// Format version of all mutable objects.
pub const FORMAT: u32 = 1;
/// How many operations an object remembers, including the newest.
pub const RECENT: usize = 16;

/// The body of a mutable object: the bookkeeping and the members of `value`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// Always [`FORMAT`].
    pub format: u32,
    /// 1 when created, and 1 more after each replacement.
    pub version: u64,
    /// The operation that wrote these bytes.
    pub operation: OperationId,
    /// The last [`RECENT`] operations, newest first, including `operation`.
    pub recent: Vec<OperationId>,
    /// The payload: a struct whose members have none of the names above.
    #[serde(flatten)]
    pub value: T,
}

/// An object at its version in the store, which a replacement starts from.
#[derive(Clone, Debug)]
pub struct Current<T> {
    /// The name of the object.
    pub key: Key,
    /// The version in the store.
    pub etag: Etag,
    /// The parsed body.
    pub body: Versioned<T>,
}

/// The result of [`load`].
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// `None` if the object does not exist.
    pub current: Option<Current<T>>,
    /// The store's current time.
    pub time: Timestamp,
}

/// How long a write is retried.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Maximum time from the first attempt to the last.
    pub deadline: Duration,
    /// Maximum number of attempts.
    pub attempts: u32,
    /// Pause before the second attempt. It doubles each time, and varies randomly by half.
    pub pause: Duration,
}

/// Why an object cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object is not JSON of the expected form.
    #[error("The stored object {0:?} is damaged. Restore it from a backup or an older version.")]
    Damaged(Key),
    /// The object was written by a newer version.
    #[error(
        "The stored object {key:?} has format {found}, which this version does not know. Run a newer version."
    )]
    Format {
        /// Of the object.
        key: Key,
        /// The object's format version.
        found: u32,
    },
}

/// Why a write did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CasError {
    /// Another write came first, or the object to create exists. Not applied: load the object and
    /// decide again.
    #[error("Another write came first.")]
    Lost,
    /// The object no longer exists. Not applied.
    #[error("The object no longer exists.")]
    Gone,
    /// The object to create exists with other contents. Not applied.
    #[error("An object of this name exists with other contents.")]
    Taken,
    /// The object remembers the operation. Nothing was written.
    #[error("The operation was applied before.")]
    AlreadyApplied,
    /// Other writes were in progress at each attempt. Not applied.
    #[error("Too many concurrent writes.")]
    Contended,
    /// The store is full. Not applied.
    #[error("The store is full.")]
    Full,
    /// The store refuses: a permission, the bucket or the credentials are wrong. Not applied.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
    /// The write may have been applied, but not twice. The same operation may be repeated.
    #[error("It is not known whether the write took effect.")]
    Unknown,
}

/// Reads an object with one store call.
///
/// # Errors
/// If the store fails, or the object does not have this format.
pub async fn load<T: DeserializeOwned>(store: &dyn Store, key: &Key) -> Result<Loaded<T>, LoadError> {
    let read = store.get(key).await?;
    let current = read.object.map(|object| Current::parse(key, &object)).transpose()?;
    Ok(Loaded { current, time: read.time })
}

/// Creates an object that must not exist, usually with one store call.
///
/// Returns the latest version, which remembers the operation.
///
/// # Errors
/// [`CasError::Lost`] if the object exists.
pub async fn create<T: Serialize + DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
    operation: OperationId,
    value: T,
    retry_policy: RetryPolicy,
) -> Result<Current<T>, CasError> {
    let body = Versioned { format: FORMAT, version: 1, operation, recent: vec![operation], value };
    commit(store, key, body, Condition::Absent, retry_policy).await
}

/// Replaces an object that must not have changed since it was loaded, usually with one store call.
///
/// Returns the latest version, which remembers the operation.
///
/// # Errors
/// [`CasError::Lost`] if it has changed, [`CasError::Gone`] if it was removed. Stores that do not
/// distinguish these report `Lost` for both, and loading it again shows which.
pub async fn replace<T: Serialize + DeserializeOwned>(
    store: &dyn Store,
    current: &Current<T>,
    operation: OperationId,
    value: T,
    retry_policy: RetryPolicy,
) -> Result<Current<T>, CasError> {
    if current.remembers(&operation) {
        return Err(CasError::AlreadyApplied);
    }
    let mut recent = vec![operation];
    recent.extend(current.body.recent.iter().take(RECENT - 1));
    let version = current.next_version();
    let body = Versioned { format: FORMAT, version, operation, recent, value };
    commit(store, &current.key, body, Condition::Matches(current.etag.clone()), retry_policy).await
}

/// Removes an object that must not have changed since it was loaded. Succeeds if it no longer
/// exists.
///
/// # Errors
/// [`CasError::Lost`] if it has changed.
pub async fn remove<T>(
    store: &dyn Store,
    current: &Current<T>,
    retry_policy: RetryPolicy,
) -> Result<(), CasError> {
    let judge = |found: Option<&Object>| match found {
        None => WriteOutcome::Won,
        Some(object) if object.etag == current.etag => WriteOutcome::Again,
        Some(_) => WriteOutcome::Lost(CasError::Lost),
    };
    let action = Action::Delete { key: &current.key, etag: &current.etag };
    match settle(store, action, retry_policy, judge).await {
        Ok(_) | Err(CasError::Gone) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Creates an object that never changes. Succeeds if it exists with the same bytes.
///
/// # Errors
/// [`CasError::Taken`] if it exists with other bytes.
pub async fn create_immutable(
    store: &dyn Store,
    key: &Key,
    bytes: Bytes,
    retry_policy: RetryPolicy,
) -> Result<(), CasError> {
    let judge = |found: Option<&Object>| match found {
        None => WriteOutcome::Again,
        Some(object) if object.body == bytes => WriteOutcome::Won,
        Some(_) => WriteOutcome::Lost(CasError::Taken),
    };
    let action = Action::CreateImmutable { key, body: &bytes };
    settle(store, action, retry_policy, judge).await.map(|_| ())
}

async fn commit<T: Serialize + DeserializeOwned>(
    store: &dyn Store,
    key: &Key,
    body: Versioned<T>,
    condition: Condition,
    retry_policy: RetryPolicy,
) -> Result<Current<T>, CasError> {
    let bytes = serde_json::to_vec(&body).expect("stored values are plain structs with text keys");
    let judge = |found: Option<&Object>| judge_write(found, &condition, body.version, &body.operation);
    let action = Action::Put { key, body: &bytes.into(), condition: &condition };
    match settle(store, action, retry_policy, judge).await? {
        settle::Won::Answered(etag) => Ok(Current { key: key.clone(), etag, body }),
        settle::Won::Found(Some(object)) => Current::parse(key, &object).map_err(|_| CasError::Unknown),
        settle::Won::Found(None) => Err(CasError::Unknown),
    }
}

/// The outcome of a write of `version` by `operation`, from a read after an unclear response.
fn judge_write(
    found: Option<&Object>,
    condition: &Condition,
    version: u64,
    operation: &OperationId,
) -> WriteOutcome {
    let Some(object) = found else {
        // Never created, or created and removed again. A replacement may have been applied before
        // the removal.
        let created = *condition == Condition::Absent;
        return if created { WriteOutcome::Again } else { WriteOutcome::Unknown };
    };
    if *condition == Condition::Matches(object.etag.clone()) {
        return WriteOutcome::Again;
    }
    let Ok(found) = serde_json::from_slice::<Versioned<serde::de::IgnoredAny>>(&object.body) else {
        return WriteOutcome::Unknown;
    };
    if found.recent.contains(operation) {
        WriteOutcome::Won
    } else if found.version < version || found.version - version >= RECENT as u64 {
        // Removed and created again, or so many writes later that the list no longer contains this
        // one.
        WriteOutcome::Unknown
    } else {
        WriteOutcome::Lost(CasError::Lost)
    }
}

impl<T> Current<T> {
    /// The payload.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.body.value
    }

    /// The version that the next replacement makes.
    #[must_use]
    pub fn next_version(&self) -> u64 {
        self.body.version.saturating_add(1)
    }

    /// Whether this operation is one of the last that changed the object.
    #[must_use]
    pub fn remembers(&self, operation: &OperationId) -> bool {
        self.body.recent.contains(operation)
    }
}

impl<T: DeserializeOwned> Current<T> {
    fn parse(key: &Key, object: &Object) -> Result<Self, LoadError> {
        // An account has up to 512 heads. It is parsed once, and a second time only after a
        // failure.
        let body: Versioned<T> =
            serde_json::from_slice(&object.body).map_err(|_| Self::illegible(key, object))?;
        if body.format != FORMAT {
            return Err(LoadError::Format { key: key.clone(), found: body.format });
        }
        Ok(Self { key: key.clone(), etag: object.etag.clone(), body })
    }

    /// Another format may have other members. Anything else is damage.
    fn illegible(key: &Key, object: &Object) -> LoadError {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        match serde_json::from_slice(&object.body) {
            Ok(Format { format }) if format != FORMAT => {
                LoadError::Format { key: key.clone(), found: format }
            }
            _ => LoadError::Damaged(key.clone()),
        }
    }
}

impl Default for RetryPolicy {
    /// Eight attempts in eight seconds.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(8), attempts: 8, pause: Duration::from_millis(10) }
    }
}
