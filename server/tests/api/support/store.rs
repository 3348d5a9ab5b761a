//! A store that notes its calls, and fails where a test says so.

use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::{AccountId, OperationId};
use std::pin::Pin;
use std::sync::Mutex;

/// One call, and the step that it was part of: calls that overlap are one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) step: usize,
    pub(crate) verb: &'static str,
    /// The first word of the name, and the last for what belongs to an account.
    pub(crate) kind: String,
}

/// What happens to the next write whose name begins with a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The store is full.
    Full,
    /// The write takes place, but no answer comes, and neither do answers to anything after it.
    AppliedThenDown,
    /// The write takes place, but the response is lost.
    ReplyLost,
    /// The write does not take place, and nothing is answered any more.
    Down,
}

#[derive(Default)]
struct CallLog {
    calls: Vec<Call>,
    names: Vec<String>,
    steps: usize,
    running: usize,
    fault: Option<(&'static str, Fault)>,
    /// How many writes go well before the fault.
    spared: usize,
    /// Draws how long each call takes, where calls are to overtake each other.
    jitter: Option<u64>,
    down: bool,
    meanwhile: Option<(&'static str, Meanwhile)>,
    before_swap: Option<(&'static str, Meanwhile)>,
}

/// What someone else does while a call is in progress.
type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct TestStore {
    inner: EmbeddedStore,
    call_log: Mutex<CallLog>,
}

impl TestStore {
    pub(crate) fn new(inner: EmbeddedStore) -> Self {
        Self { inner, call_log: Mutex::default() }
    }

    /// The calls since the last time.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        let mut call_log = self.call_log();
        call_log.steps = 0;
        call_log.names.clear();
        std::mem::take(&mut call_log.calls)
    }

    /// The names that begin so and that calls were about since [`Self::take_calls`].
    pub(crate) fn called(&self, prefix: &str) -> Vec<String> {
        let names = self.call_log().names.clone();
        names.into_iter().filter(|name| name.starts_with(prefix)).collect()
    }

    pub(crate) fn fail_next(&self, prefix: &'static str, fault: Fault) {
        self.fail_after(0, prefix, fault);
    }

    /// As [`Self::fail_next`], after `spared` such writes.
    pub(crate) fn fail_after(&self, spared: usize, prefix: &'static str, fault: Fault) {
        let mut call_log = self.call_log();
        (call_log.fault, call_log.spared) = (Some((prefix, fault)), spared);
    }

    /// Takes a fault back that has not come yet, and tells whether there was one.
    pub(crate) fn forget_fault(&self) -> bool {
        self.call_log().fault.take().is_some()
    }

    /// Lets each call take its own time from now on, as this seed draws it.
    pub(crate) fn jitter(&self, seed: u64) {
        self.call_log().jitter = Some(seed);
    }

    /// Before the next read of a name that has `part` in it, `deed` is done.
    pub(crate) fn before_reading(&self, part: &'static str, deed: impl Future<Output = ()> + Send + 'static) {
        self.call_log().meanwhile = Some((part, Box::pin(deed)));
    }

    /// Before the next replacement of an object whose name begins so, `deed` is done.
    pub(crate) fn before_replacing(
        &self,
        prefix: &'static str,
        deed: impl Future<Output = ()> + Send + 'static,
    ) {
        self.call_log().before_swap = Some((prefix, Box::pin(deed)));
    }

    pub(crate) fn come_back(&self) {
        self.call_log().down = false;
    }

    /// All names and bytes.
    pub(crate) async fn contents(&self) -> Vec<(String, Bytes)> {
        let mut all = Vec::new();
        for listed in self.inner.list("", None).await.expect("lists").objects {
            let read = self.inner.get(&listed.key).await.expect("reads");
            all.push((listed.key.as_str().to_owned(), read.object.expect("exists").body));
        }
        all
    }

    pub(crate) async fn names(&self, prefix: &str) -> Vec<String> {
        let names = self.contents().await.into_iter().map(|(name, _)| name);
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    /// The one object that an operation has made of its snapshot.
    pub(crate) async fn snapshot_key(&self, account: &AccountId, operation: &OperationId) -> Key {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let prefix = format!("accounts/{}/snapshots/{}-", hex(&account.0), hex(&operation.0));
        let names = self.names(&prefix).await;
        assert_eq!(names.len(), 1, "one object begins with {prefix}");
        Key::new(names[0].as_str())
    }

    fn call_log(&self) -> std::sync::MutexGuard<'_, CallLog> {
        self.call_log.lock().expect("no test panics while it holds the journal")
    }

    /// Notes a call; the yield lets calls that are made together begin together.
    async fn begin(&self, verb: &'static str, key: &Key) -> Running<'_> {
        {
            let mut call_log = self.call_log();
            if call_log.running == 0 {
                call_log.steps += 1;
            }
            call_log.running += 1;
            let name = key.as_str();
            let kind = match name.split_once('/') {
                Some(("accounts", rest)) if rest.contains("/snapshots/") => "snapshot",
                Some(("accounts", _)) => "account",
                Some((first, _)) => first,
                None => name,
            };
            let step = call_log.steps;
            call_log.calls.push(Call { step, verb, kind: kind.to_owned() });
            call_log.names.push(name.to_owned());
        }
        let running = Running(self);
        let turns = self.call_log().jitter.as_mut().map_or(1, |state| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.wrapping_shr(60)
        });
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        running
    }

    fn fault_for(&self, key: &Key) -> Option<Fault> {
        let mut call_log = self.call_log();
        let meant = call_log.fault.is_some_and(|(prefix, _)| key.as_str().starts_with(prefix));
        if meant && call_log.spared > 0 {
            call_log.spared -= 1;
            return None;
        }
        let (_, fault) = call_log.fault.take_if(|_| meant)?;
        call_log.down = matches!(fault, Fault::AppliedThenDown | Fault::Down);
        Some(fault)
    }

    fn is_down(&self) -> bool {
        self.call_log().down
    }
}

struct Running<'a>(&'a TestStore);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.call_log().running -= 1;
    }
}

#[async_trait]
impl Store for TestStore {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let _running = self.begin("get", key).await;
        let meanwhile = self.call_log().meanwhile.take_if(|(part, _)| key.as_str().contains(*part));
        if let Some((_, deed)) = meanwhile {
            deed.await;
        }
        if self.is_down() {
            return Err(StoreError::Unavailable("down".into()));
        }
        self.inner.get(key).await
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let _running = self.begin("put", key).await;
        let is_swap = matches!(condition, Condition::Matches(_));
        let deed =
            self.call_log().before_swap.take_if(|(prefix, _)| is_swap && key.as_str().starts_with(*prefix));
        if let Some((_, deed)) = deed {
            deed.await;
        }
        if self.is_down() {
            return Err(WriteError::Unknown("down".into()));
        }
        match self.fault_for(key) {
            None => self.inner.put(key, body, condition).await,
            Some(Fault::Full) => Err(WriteError::Full),
            Some(Fault::Down) => Err(WriteError::Unknown("down".into())),
            Some(Fault::AppliedThenDown | Fault::ReplyLost) => {
                self.inner.put(key, body, condition).await?;
                Err(WriteError::Unknown("no answer".into()))
            }
        }
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let _running = self.begin("delete", key).await;
        if self.is_down() {
            return Err(WriteError::Unknown("down".into()));
        }
        let fault = self.fault_for(key);
        if fault == Some(Fault::Down) {
            return Err(WriteError::Unknown("down".into()));
        }
        self.inner.delete(key, etag).await?;
        match fault {
            None => Ok(()),
            Some(_) => Err(WriteError::Unknown("no answer".into())),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.inner.list(prefix, after).await
    }
}
