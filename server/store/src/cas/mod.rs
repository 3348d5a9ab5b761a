//! Compare-and-swap over JSON objects, and what to believe when a write gets no clear answer (design: one commit point).
//!
//! Every mutable object carries its version, the operation that wrote it and the last few operations **in its body**.
//! So two writes never have equal bytes, an etag cannot come back, and a writer can tell whether its own write won.
//! No write is applied twice: an attempt is repeated only with the same bytes under the same condition.

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

/// Version of the layout of all mutable objects.
pub const FORMAT: u32 = 1;
/// How many operations an object remembers, the newest included.
pub const RECENT: usize = 16;

/// Body of a mutable object: the bookkeeping, and beside it the members of `value`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// [`FORMAT`].
    pub format: u32,
    /// 1 when created, one more at each replacement.
    pub version: u64,
    /// The operation that wrote these bytes.
    pub operation: OperationId,
    /// The last [`RECENT`] operations, newest first, `operation` included.
    pub recent: Vec<OperationId>,
    /// What the object is about; a struct whose members have none of the names above.
    #[serde(flatten)]
    pub value: T,
}

/// An object as it stands in the store: what a replacement starts from.
#[derive(Clone, Debug)]
pub struct Current<T> {
    /// Its name.
    pub key: Key,
    /// Its version in the store.
    pub etag: Etag,
    /// Its body.
    pub body: Versioned<T>,
}

/// The answer to [`load`].
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The object, or `None` where there is none.
    pub current: Option<Current<T>>,
    /// The store's clock.
    pub time: Timestamp,
}

/// How long a write is pursued.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// From the first attempt to giving up.
    pub deadline: Duration,
    /// Most attempts.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles each time, and varies by half either way.
    pub pause: Duration,
}

/// Why an object could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object is not JSON of the expected shape.
    #[error("The stored object {0:?} is damaged. Restore it from a backup or an older version.")]
    Damaged(Key),
    /// The object was written by a newer vault.
    #[error(
        "The stored object {key:?} has format {found}, which this version does not know. Run a newer version."
    )]
    Format {
        /// Its name.
        key: Key,
        /// The format it bears.
        found: u32,
    },
}

/// How a write ended, if not well.
#[derive(Debug, thiserror::Error)]
pub enum CasError {
    /// Another write came first, or the object to create exists. Not applied: load and decide again.
    #[error("Another write came first.")]
    Lost,
    /// There is no such object any more. Not applied.
    #[error("The object no longer exists.")]
    Gone,
    /// The object to create exists with other bytes. Not applied.
    #[error("An object of this name exists with other contents.")]
    Taken,
    /// The operation is among those that the object remembers. Nothing was written.
    #[error("The operation was applied before.")]
    AlreadyApplied,
    /// Other writes were under way at each attempt. Not applied.
    #[error("Too many concurrent writes.")]
    Contended,
    /// The store has no room. Not applied.
    #[error("The store is full.")]
    Full,
    /// The store refuses: a permission, the bucket or the credentials are not right. Not applied.
    #[error("The store refused the request: {reason}")]
    Refused {
        /// What is wrong, and what to check.
        reason: String,
    },
    /// It may or may not have been applied; it was not applied twice. The same operation may be sent again.
    #[error("It is not known whether the write took effect.")]
    Unknown,
}

/// Reads an object: one store call.
///
/// # Errors
/// When the store fails or the object is not one of this format.
pub async fn load<T: DeserializeOwned>(store: &dyn Store, key: &Key) -> Result<Loaded<T>, LoadError> {
    let read = store.get(key).await?;
    let current = read.object.map(|object| Current::parse(key, &object)).transpose()?;
    Ok(Loaded { current, time: read.time })
}

/// Creates an object that must not exist yet: one store call when all goes well.
///
/// Returns the newest state, which holds the operation.
///
/// # Errors
/// [`CasError::Lost`] where the object exists.
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

/// Replaces an object that must still be as it was loaded: one store call when all goes well.
///
/// Returns the newest state, which holds the operation.
///
/// # Errors
/// [`CasError::Lost`] where it has changed since, [`CasError::Gone`] where it was removed; stores that do not tell the
/// two apart say `Lost` for both, and who loads it again sees.
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
    let version = current.body.version.saturating_add(1);
    let body = Versioned { format: FORMAT, version, operation, recent, value };
    commit(store, &current.key, body, Condition::Matches(current.etag.clone()), retry_policy).await
}

/// Removes an object that must still be as it was loaded. Where it is gone already, that is success.
///
/// # Errors
/// [`CasError::Lost`] where it has changed since.
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

/// Creates an object that never changes. Where it exists with the same bytes, that is success.
///
/// # Errors
/// [`CasError::Taken`] where it exists with other bytes.
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

/// What a read-back says about a write of `version` by `operation` that got no clear answer.
fn judge_write(
    found: Option<&Object>,
    condition: &Condition,
    version: u64,
    operation: &OperationId,
) -> WriteOutcome {
    let Some(object) = found else {
        // Never created, or created and removed again; a replacement may have been applied before the removal.
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
        // Removed and created anew, or so many writes later that the list would no longer hold this one.
        WriteOutcome::Unknown
    } else {
        WriteOutcome::Lost(CasError::Lost)
    }
}

impl<T> Current<T> {
    /// What the object is about.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.body.value
    }

    /// Whether this operation is among the last that changed the object.
    #[must_use]
    pub fn remembers(&self, operation: &OperationId) -> bool {
        self.body.recent.contains(operation)
    }
}

impl<T: DeserializeOwned> Current<T> {
    fn parse(key: &Key, object: &Object) -> Result<Self, LoadError> {
        // An account holds up to 512 heads: it is gone through once, and a second time only where that fails.
        let body: Versioned<T> =
            serde_json::from_slice(&object.body).map_err(|_| Self::illegible(key, object))?;
        if body.format != FORMAT {
            return Err(LoadError::Format { key: key.clone(), found: body.format });
        }
        Ok(Self { key: key.clone(), etag: object.etag.clone(), body })
    }

    /// Another format may have other members; anything else is damage.
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
