//! A store that fails where a plan says so.

use crate::fault::{Fault, Verb};
use crate::memory::{MemoryStore, Write};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_store::{Condition, Etag, Key, Object, Page, Read, Store, StoreError, WriteError};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// At which call, counted from 0 and ascending, and which fault.
    pub faults: Vec<(usize, Fault)>,
    /// Whether the store is gone after the last of them: no call gets a response, and none is applied. Where the last one is
    /// a crash, it is the vault that does not come back.
    pub down: bool,
}

impl Plan {
    /// The store is gone from a call on.
    #[must_use]
    pub fn down_from(call: usize) -> Self {
        Self { faults: vec![(call, Fault::Lost)], down: true }
    }

    /// The same with one more fault.
    #[must_use]
    pub fn and(&self, at: usize, fault: Fault, down: bool) -> Self {
        Self { faults: self.faults.iter().copied().chain([(at, fault)]).collect(), down }
    }

    /// The call that its last fault happens to.
    #[must_use]
    pub fn last(&self) -> Option<usize> {
        self.faults.last().map(|(at, _)| *at)
    }

    /// Whether the vault is gone once so many calls were made.
    fn has_no_vault(&self, calls: usize) -> bool {
        let last = self.faults.last();
        self.down && last.is_some_and(|(at, fault)| calls > *at && fault.is_crash())
    }

    fn at(&self, call: usize) -> Option<Fault> {
        let planned = self.faults.iter().find(|(at, _)| *at == call).map(|(_, fault)| *fault);
        planned.or_else(|| (self.down && self.last().is_some_and(|last| call > last)).then_some(Fault::Lost))
    }
}

/// How late a slow read is answered: a write is pursued for eight seconds.
const SLOW: Duration = Duration::from_secs(9);

/// One call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What it does.
    pub verb: Verb,
    /// The object's name, or the listing's prefix.
    pub name: String,
    /// What happened to it.
    pub fault: Option<Fault>,
}

/// A store with faults. Copies share it.
#[derive(Clone, Debug)]
pub struct Faulty {
    inner: MemoryStore,
    watch: Arc<Mutex<Watch>>,
    crash: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Watch {
    plan: Option<Plan>,
    calls: Vec<Call>,
}

impl Faulty {
    /// A store that is sound until a plan begins. A task that waits for `crash` learns of the vault's death.
    #[must_use]
    pub fn new(inner: MemoryStore, crash: Arc<Notify>) -> Self {
        Self { inner, watch: Arc::default(), crash }
    }

    /// From now on calls are counted, and the plan holds.
    pub fn begin(&self, plan: Plan) {
        *self.watch() = Watch { plan: Some(plan), calls: Vec::new() };
    }

    /// From now on all is well again. Returns the calls since [`Self::begin`].
    pub fn end(&self) -> Vec<Call> {
        std::mem::take(&mut *self.watch()).calls
    }

    /// Whether the vault has died and does not come back.
    #[must_use]
    pub fn has_no_vault(&self) -> bool {
        let watch = self.watch();
        watch.plan.as_ref().is_some_and(|plan| plan.has_no_vault(watch.calls.len()))
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().expect("nobody panics while holding it")
    }

    /// Counts a call, and tells what happens to it. A call takes some milliseconds, and not always as many, so that two
    /// devices' steps mix.
    async fn next(&self, verb: Verb, name: &str) -> Option<Fault> {
        let (fault, latency) = {
            let mut watch = self.watch();
            let index = watch.calls.len();
            let fault = watch.plan.as_ref().and_then(|plan| plan.at(index));
            if watch.plan.is_some() {
                watch.calls.push(Call { verb, name: name.to_owned(), fault });
            }
            (fault, 1 + index as u64 % 3)
        };
        tokio::time::sleep(Duration::from_millis(latency)).await;
        fault
    }

    /// The vault dies: nothing comes back from this call, nor from any other that is in progress.
    async fn crash<T>(&self) -> T {
        self.crash.notify_waiters();
        std::future::pending().await
    }

    async fn write(&self, verb: Verb, write: Write) -> Result<Etag, WriteError> {
        let Some(fault) = self.next(verb, write.key().as_str()).await else {
            return self.inner.apply(&write);
        };
        if fault.applies() {
            self.inner.apply(&write)?;
        }
        if let Fault::Late(delay) = fault {
            let inner = self.inner.clone();
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                // Its sender is long gone.
                let _ = inner.apply(&write);
            });
        }
        match fault.write_error() {
            Some(error) => Err(error),
            None if fault.is_crash() => self.crash().await,
            None => std::future::pending().await,
        }
    }

    /// What a read comes to; `Ok(true)` where its bytes are garbage.
    async fn read(&self, verb: Verb, name: &str) -> Result<bool, StoreError> {
        match self.next(verb, name).await {
            None => Ok(false),
            Some(Fault::Garbage) => Ok(true),
            Some(Fault::CrashBefore) => self.crash().await,
            Some(Fault::Slow) => {
                tokio::time::sleep(SLOW).await;
                Ok(false)
            }
            Some(fault) => Err(fault.read_error()),
        }
    }
}

#[async_trait]
impl Store for Faulty {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let is_garbage = self.read(Verb::Get, key.as_str()).await?;
        let mut read = self.inner.get(key).await?;
        if is_garbage {
            let body = Bytes::from_static(b"<html>");
            read.object = read.object.map(|object| Object { body, ..object });
        }
        Ok(read)
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.write(Verb::of_put(&condition), Write::Put(key.clone(), body, condition)).await
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.write(Verb::Delete, Write::Delete(key.clone(), etag.clone())).await.map(drop)
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.read(Verb::List, prefix).await?;
        self.inner.list(prefix, after).await
    }
}
