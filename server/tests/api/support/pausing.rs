//! One caller's way to a store, on which one call waits until it is told to continue.

use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// Where a caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Before the store has seen the call of this number, from 0.
    Before(usize),
    /// When the store has answered it, and the caller has not heard of it.
    After(usize),
}

/// How a store says that what a write should match is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// That it is gone, as AWS does.
    Gone,
    /// That the condition does not hold, as others do.
    NotMatching,
}

pub(crate) struct Pausing {
    inner: Arc<dyn Store>,
    says: Says,
    at: At,
    calls: AtomicUsize,
    reached: Semaphore,
    go: Semaphore,
}

impl Pausing {
    pub(crate) fn new(inner: Arc<dyn Store>, says: Says, at: At) -> Arc<Self> {
        let (reached, go) = (Semaphore::new(0), Semaphore::new(0));
        Arc::new(Self { inner, says, at, calls: AtomicUsize::new(0), reached, go })
    }

    /// Waits until the caller waits.
    pub(crate) async fn reached(&self) {
        self.reached.acquire().await.expect("stays open").forget();
    }

    /// Lets the caller continue.
    pub(crate) fn go_on(&self) {
        self.go.add_permits(1);
    }

    fn say<T>(&self, result: Result<T, WriteError>) -> Result<T, WriteError> {
        match result {
            Err(WriteError::Gone) if self.says == Says::NotMatching => Err(WriteError::ConditionFailed),
            other => other,
        }
    }

    fn number(&self) -> usize {
        self.calls.fetch_add(1, Ordering::SeqCst)
    }

    async fn wait(&self, at: At) {
        if at == self.at {
            self.reached.add_permits(1);
            self.go.acquire().await.expect("stays open").forget();
        }
    }
}

#[async_trait]
impl Store for Pausing {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let number = self.number();
        self.wait(At::Before(number)).await;
        let result = self.inner.get(key).await;
        self.wait(At::After(number)).await;
        result
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let number = self.number();
        self.wait(At::Before(number)).await;
        let result = self.say(self.inner.put(key, body, condition).await);
        self.wait(At::After(number)).await;
        result
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let number = self.number();
        self.wait(At::Before(number)).await;
        let result = self.say(self.inner.delete(key, etag).await);
        self.wait(At::After(number)).await;
        result
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let number = self.number();
        self.wait(At::Before(number)).await;
        let result = self.inner.list(prefix, after).await;
        self.wait(At::After(number)).await;
        result
    }
}
