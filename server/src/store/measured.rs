//! Counts and times the requests to a store, and logs failures.

use super::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use crate::telemetry::metrics::{STORE_CALLS, STORE_SECONDS};
use async_trait::async_trait;
use bytes::Bytes;
use metrics::{counter, histogram};
use std::sync::Arc;
use std::time::Instant;

/// A store that measures another one.
#[derive(Clone)]
pub struct Measured(Arc<dyn Store>);

impl Measured {
    /// Measures the requests to this store.
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
            tracing::error!(event = "store-unavailable", operation, %error, "The store does not respond.");
            "unavailable"
        }
        Err(error @ StoreError::Refused { .. }) => {
            tracing::error!(event = "store-refused", operation, %error, "The store refused a request.");
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
            tracing::error!(event = "store-full", operation, "The store is full. Free some space.");
            "full"
        }
        Err(error @ WriteError::Refused { .. }) => {
            tracing::error!(event = "store-refused", operation, %error, "The store refused a request.");
            "refused"
        }
        Err(WriteError::Unknown(error)) => {
            tracing::error!(
                event = "store-outcome-unknown",
                operation,
                %error,
                "It is not known whether a write took effect."
            );
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

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    /// Fails every call, with a different error for each write.
    struct Failing(std::sync::atomic::AtomicUsize);

    fn refused() -> WriteError {
        WriteError::Refused { reason: "no s3:PutObject".to_owned() }
    }

    #[async_trait]
    impl Store for Failing {
        async fn get(&self, _: &Key) -> Result<Read, StoreError> {
            Err(StoreError::Unavailable("gone".into()))
        }

        async fn put(&self, _: &Key, _: Bytes, _: Condition) -> Result<Etag, WriteError> {
            Err(match self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => WriteError::ConditionFailed,
                1 => WriteError::Contended,
                2 => WriteError::Unknown("cut".into()),
                3 => WriteError::Full,
                _ => refused(),
            })
        }

        async fn delete(&self, _: &Key, _: &Etag) -> Result<(), WriteError> {
            Err(WriteError::Gone)
        }

        async fn list(&self, _: &str, _: Option<&Key>) -> Result<Page, StoreError> {
            Err(StoreError::Refused { reason: "no s3:ListBucket".to_owned() })
        }
    }

    #[test]
    fn conflicts_and_unknown_outcomes_can_be_read() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        metrics::with_local_recorder(&recorder, || {
            runtime.block_on(async {
                let store = Measured::new(Arc::new(Failing(0.into())));
                let (key, etag) = (Key::new("a"), Etag("1".to_owned()));
                for _ in 0..5 {
                    store.put(&key, Bytes::new(), Condition::Matches(etag.clone())).await.expect_err("fails");
                }
                store.delete(&key, &etag).await.expect_err("fails");
                store.get(&key).await.expect_err("fails");
                store.list("", None).await.expect_err("fails");
            });
        });
        let page = recorder.handle().render();
        for (operation, outcome) in [
            ("replace", "condition-failed"),
            ("replace", "contended"),
            ("replace", "unknown"),
            ("replace", "full"),
            ("replace", "refused"),
            ("delete", "gone"),
            ("get", "unavailable"),
            ("list", "refused"),
        ] {
            let line = format!("{STORE_CALLS}{{operation=\"{operation}\",outcome=\"{outcome}\"}} 1");
            assert!(page.contains(&line), "{line} is missing:\n{page}");
        }
    }
}
