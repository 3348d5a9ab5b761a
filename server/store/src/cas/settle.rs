//! Retries one write until its outcome is known, or the retry policy ends.

use super::{CasError, RetryPolicy};
use crate::{Condition, Etag, Key, Object, Store, WriteError};
use bytes::Bytes;
use rootcellar_spec::Digest;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// A write that may only be repeated exactly as it is.
#[derive(Clone, Copy)]
pub(super) enum Action<'a> {
    /// A conditional write of a mutable object.
    Put { key: &'a Key, body: &'a Bytes, condition: &'a Condition },
    /// A creation. If it is refused, a read checks for the same bytes.
    CreateImmutable { key: &'a Key, body: &'a Bytes },
    /// A conditional removal.
    Delete { key: &'a Key, etag: &'a Etag },
}

/// The outcome of a write, from a read.
pub(super) enum WriteOutcome {
    /// The write was applied.
    Won,
    /// The write was not applied, and never will be.
    Lost(CasError),
    /// Nothing changed. The same bytes may be sent again under the same condition.
    Again,
    /// The outcome can no longer be determined.
    Unknown,
}

/// How it became known that the write was applied.
pub(super) enum Won {
    /// The store's response, with the new version. A removal keeps the old one.
    Answered(Etag),
    /// A read found the write in this object.
    Found(Option<Object>),
}

/// Retries `action`. `judge` evaluates a read after an unclear response.
pub(super) async fn settle(
    store: &dyn Store,
    action: Action<'_>,
    retry_policy: RetryPolicy,
    judge: impl Fn(Option<&Object>) -> WriteOutcome,
) -> Result<Won, CasError> {
    let deadline = Instant::now() + retry_policy.deadline;
    let mut in_doubt = false;
    for attempt in 0..retry_policy.attempts {
        if attempt > 0 {
            sleep_until(deadline.min(Instant::now() + action.pause(retry_policy.pause, attempt))).await;
        }
        if Instant::now() >= deadline {
            break;
        }
        match timeout_at(deadline, action.perform(store)).await {
            Ok(Ok(etag)) => return Ok(Won::Answered(etag)),
            Ok(Err(WriteError::Contended)) if !in_doubt => continue,
            Ok(Err(WriteError::ConditionFailed)) if action.is_content_with_a_read_back() => {}
            Ok(Err(error)) if !in_doubt => match refusal(error) {
                Some(refused) => return Err(refused),
                None => in_doubt = true,
            },
            Ok(Err(_)) | Err(_) => in_doubt = true,
        }
        let Ok(Ok(read)) = timeout_at(deadline, store.get(action.key())).await else { continue };
        match judge(read.object.as_ref()) {
            WriteOutcome::Won => return Ok(Won::Found(read.object)),
            WriteOutcome::Lost(error) => return Err(error),
            WriteOutcome::Again => {}
            WriteOutcome::Unknown => return Err(CasError::Unknown),
        }
    }
    Err(if in_doubt { CasError::Unknown } else { CasError::Contended })
}

/// A first response that proves that nothing was applied.
fn refusal(error: WriteError) -> Option<CasError> {
    match error {
        WriteError::ConditionFailed => Some(CasError::Lost),
        WriteError::Gone => Some(CasError::Gone),
        WriteError::Contended => Some(CasError::Contended),
        WriteError::Full => Some(CasError::Full),
        WriteError::Refused { reason } => Some(CasError::Refused { reason }),
        WriteError::Unknown(_) => None,
    }
}

impl Action<'_> {
    fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::CreateImmutable { key, .. } | Self::Delete { key, .. } => key,
        }
    }

    /// Whether an unmet condition may still mean success: the same bytes exist, or the object to
    /// remove is gone, which some stores report like a change.
    fn is_content_with_a_read_back(&self) -> bool {
        matches!(self, Self::CreateImmutable { .. } | Self::Delete { .. })
    }

    async fn perform(&self, store: &dyn Store) -> Result<Etag, WriteError> {
        match *self {
            Self::Put { key, body, condition } => store.put(key, body.clone(), condition.clone()).await,
            Self::CreateImmutable { key, body } => store.put(key, body.clone(), Condition::Absent).await,
            Self::Delete { key, etag } => store.delete(key, etag).await.map(|()| etag.clone()),
        }
    }

    /// The pause before an attempt. Concurrent writers have different bytes, and therefore
    /// different pauses.
    fn pause(&self, first: Duration, attempt: u32) -> Duration {
        let own = match self {
            Self::Put { body, .. } | Self::CreateImmutable { body, .. } => Digest::of(body),
            Self::Delete { etag, .. } => Digest::of(etag.0.as_bytes()),
        };
        let jitter = u32::from(own.0[attempt as usize % Digest::BYTES]);
        first.saturating_mul(1 << (attempt - 1).min(16)).saturating_mul(128 + jitter) / 256
    }
}
