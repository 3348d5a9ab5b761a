//! A store whose calls are counted and timed, and whose failures are logged.

use super::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use crate::telemetry::metrics::{STORE_CALLS, STORE_SECONDS};
use async_trait::async_trait;
use bytes::Bytes;
use metrics::{counter, histogram};
use std::sync::Arc;
use std::time::Instant;

/// Counts and times the calls of another store.
#[derive(Clone)]
pub struct Measured(Arc<dyn Store>);

impl Measured {
    /// Measures this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

fn record(operation: &'static str, started: Instant, outcome: &'static str) {
    counter!(STORE_CALLS, "operation" => operation, "outcome" => outcome).increment(1);
    histogram!(STORE_SECONDS, "operation" => operation).record(started.elapsed().as_secs_f64());
}

fn read_outcome<T>(operation: &'static str, result: &Result<T, StoreError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(StoreError::Unavailable(error)) => {
            tracing::error!(operation, %error, "the store does not answer");
            "unavailable"
        }
        Err(error @ StoreError::Refused { .. }) => {
            tracing::error!(operation, %error, "the store refuses");
            "refused"
        }
    }
}

fn write_outcome<T>(operation: &'static str, result: &Result<T, WriteError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(WriteError::ConditionFailed) => "condition-failed",
        Err(WriteError::Gone) => "gone",
        Err(WriteError::Contended) => "contended",
        Err(WriteError::Full) => {
            tracing::error!(operation, "the store is full; free some space");
            "full"
        }
        Err(error @ WriteError::Refused { .. }) => {
            tracing::error!(operation, %error, "the store refuses");
            "refused"
        }
        Err(WriteError::Unknown(error)) => {
            tracing::error!(operation, %error, "a write got no clear answer");
            "unknown"
        }
    }
}

#[async_trait]
impl Store for Measured {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let started = Instant::now();
        let result = self.0.get(key).await;
        record("get", started, read_outcome("get", &result));
        result
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let operation = if condition == Condition::Absent { "create" } else { "replace" };
        let started = Instant::now();
        let result = self.0.put(key, body, condition).await;
        record(operation, started, write_outcome(operation, &result));
        result
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let started = Instant::now();
        let result = self.0.delete(key, etag).await;
        record("delete", started, write_outcome("delete", &result));
        result
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let started = Instant::now();
        let result = self.0.list(prefix, after).await;
        record("list", started, read_outcome("list", &result));
        result
    }
}
