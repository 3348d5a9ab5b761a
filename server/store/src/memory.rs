//! A store in memory, for tests.

use crate::{Condition, Etag, Key, Listed, Object, Page, Read, Store, StoreError, WriteError};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_spec::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Maximum objects in one page of a listing.
const PAGE: usize = 1000;

/// A store in memory that never fails.
pub struct MemoryStore {
    time: Box<dyn Fn() -> Timestamp + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<Key, Stored>,
    writes: u64,
}

struct Stored {
    object: Object,
    modified: Timestamp,
}

impl MemoryStore {
    /// An empty store with this clock.
    pub fn new(time: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { time: Box::new(time), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        match (condition, self.objects.get(key)) {
            (Condition::Absent, None) => Ok(()),
            (Condition::Matches(etag), Some(stored)) if *etag == stored.object.etag => Ok(()),
            (Condition::Matches(_), None) => Err(WriteError::Gone),
            _ => Err(WriteError::ConditionFailed),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let object = self.state().objects.get(key).map(|stored| stored.object.clone());
        Ok(Read { object, time: (self.time)() })
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let mut state = self.state();
        state.check(key, &condition)?;
        state.writes += 1;
        let etag = Etag(state.writes.to_string());
        let object = Object { body, etag: etag.clone() };
        state.objects.insert(key.clone(), Stored { object, modified: (self.time)() });
        Ok(etag)
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let mut state = self.state();
        state.check(key, &Condition::Matches(etag.clone()))?;
        state.objects.remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let state = self.state();
        let fits = |key: &Key| key.as_str().starts_with(prefix) && after.is_none_or(|after| key > after);
        let found = state.objects.iter().filter(|(key, _)| fits(key));
        let listed = |(key, stored): (&Key, &Stored)| Listed {
            key: key.clone(),
            size: stored.object.body.len() as u64,
            modified: stored.modified,
        };
        let mut objects: Vec<_> = found.take(PAGE + 1).map(listed).collect();
        let more = objects.len() > PAGE;
        objects.truncate(PAGE);
        Ok(Page { objects, more })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "contract"))]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn keeps_the_contract() {
        let seconds = || std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        crate::contract::check(Arc::new(MemoryStore::new(move || Timestamp(seconds())))).await;
    }
}
