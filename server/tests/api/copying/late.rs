//! Marks that stand beside a vault in use, and writes of a copy that land when it is over.

use super::{Dying, Patient, contents, memory, open, plant, run, source};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::OperationId;
use rootcellar_vault::copy::{self, CopyError, Progress, Watch};
use rootcellar_vault::opening::OpenError;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The mark that a copy of this vault makes.
async fn mark_of(from: &dyn Store) -> Bytes {
    let to = memory();
    assert!(run(from, &Dying::new(&to, 5, true)).await.is_err());
    to.get(&Key::new("copy")).await.expect("reads").object.expect("was made").body
}

async fn remove(store: &dyn Store, name: &str) {
    let key = Key::new(name);
    let object = store.get(&key).await.expect("reads").object.expect("is there");
    store.delete(&key, &object.etag).await.expect("is removed");
}

async fn replace(store: &dyn Store, name: &str, body: &'static str) {
    let key = Key::new(name);
    let etag = store.get(&key).await.expect("reads").object.expect("is there").etag;
    store.put(&key, body.into(), Condition::Matches(etag)).await.expect("swaps");
}

#[tokio::test(start_paused = true)]
async fn a_mark_beside_a_vault_in_use_is_no_order_to_write() {
    let (vault, _) = source().await;
    let (to, other) = (memory(), memory());
    let mark = mark_of(&*vault.store).await;
    open(&*to).await.expect("a vault of its own");
    plant(&*to, "names/of-another", "x").await;
    run(&*vault.store, &*other).await.expect("copies");
    plant(&*other, "names/saved-since", "x").await;
    for to in [to, other] {
        let in_use = contents(&*to).await;
        plant(&*to, "copy", mark.clone()).await;
        let before = contents(&*to).await;
        let error = run(&*vault.store, &*to).await.expect_err("is refused");
        assert!(matches!(error, CopyError::MarkedVault(_)), "{error:?}");
        assert!(error.to_string().contains("remove the object `copy` and nothing else"), "{error}");
        assert_eq!(contents(&*to).await, before);
        remove(&*to, "copy").await;
        open(&*to).await.expect("is a vault as it was");
        assert_eq!(contents(&*to).await, in_use);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_of_another_copy_beside_a_vault_is_no_order_to_empty_it() {
    let (vault, _) = source().await;
    let (to, mark) = (memory(), mark_of(&*vault.store).await);
    open(&*to).await.expect("a vault of its own");
    plant(&*to, "copy", mark).await;
    let keys =
        rootcellar_vault::keys::VaultKeys::derive(&rootcellar_vault::RootSecret::new(Box::new([2; 32])));
    let (other, vault_id) = (memory(), crate::support::client::vault_id());
    let operation = OperationId([9; 16]);
    let opened =
        rootcellar_vault::opening::open_vault(&*other, &keys, vault_id, operation, RetryPolicy::default());
    opened.await.expect("creates");
    assert!(matches!(run(&*other, &*to).await, Err(CopyError::MarkedVault(_))));
}

#[tokio::test(start_paused = true)]
async fn a_mark_beside_a_vault_that_is_alike_is_removed() {
    let (vault, _) = source().await;
    let (to, mark) = (memory(), mark_of(&*vault.store).await);
    run(&*vault.store, &*to).await.expect("copies");
    plant(&*to, "copy", mark).await;
    let report = run(&*vault.store, &*to).await.expect("compares");
    assert!(report.compared && report.different == 0 && report.written == 0, "{report:?}");
    assert_eq!(contents(&*to).await, contents(&*vault.store).await);
}

/// Stops when all was copied and is looked at again.
struct Hasty;

#[async_trait]
impl Watch for Hasty {
    async fn saw(&mut self, progress: Progress) -> bool {
        !progress.verifying
    }
}

enum Write {
    Put(Key, Bytes, Condition),
    Delete(Key, Etag),
}

/// A way to a store on which one call never arrives, until it lands much later.
struct Lagging {
    inner: Arc<EmbeddedStore>,
    at: usize,
    calls: AtomicUsize,
    on_its_way: Mutex<Option<Write>>,
    sent: Notify,
}

impl Lagging {
    fn new(inner: Arc<EmbeddedStore>, at: usize) -> Arc<Self> {
        let (calls, sent) = (AtomicUsize::new(0), Notify::new());
        Arc::new(Self { inner, at, calls, on_its_way: Mutex::new(None), sent })
    }

    async fn pass(&self, write: impl FnOnce() -> Option<Write>) {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.at {
            *self.on_its_way.lock().expect("no panic") = write();
            self.sent.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// The write arrives. Whether there was one.
    async fn land(&self) -> bool {
        let write = self.on_its_way.lock().expect("no panic").take();
        match write {
            Some(Write::Put(key, body, condition)) => drop(self.inner.put(&key, body, condition).await),
            Some(Write::Delete(key, etag)) => drop(self.inner.delete(&key, &etag).await),
            None => return false,
        }
        true
    }
}

#[async_trait]
impl Store for Lagging {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.pass(|| None).await;
        self.inner.get(key).await
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.pass(|| Some(Write::Put(key.clone(), body.clone(), condition.clone()))).await;
        self.inner.put(key, body, condition).await
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.pass(|| Some(Write::Delete(key.clone(), etag.clone()))).await;
        self.inner.delete(key, etag).await
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.pass(|| None).await;
        self.inner.list(prefix, after).await
    }
}

/// A copy is killed with a write on its way, another one ends, the vault is used, and then the write lands: it replaces
/// and removes nothing, and creates at most what the source had, or the mark.
#[tokio::test]
async fn what_lands_late_creates_at_most_what_the_source_had() {
    let mut created = BTreeSet::new();
    for had_begun in [false, true] {
        let mut landed = 0;
        for at in 0.. {
            let (vault, _) = source().await;
            let (from, to) = (vault.store.clone(), memory());
            plant(&*from, "invites/changes", "old").await;
            plant(&*from, "invites/goes", "x").await;
            if had_begun {
                let operation = OperationId([0xbe; 16]);
                let stopped = copy::run(&*from, &*to, operation, RetryPolicy::default(), &mut Hasty).await;
                assert!(matches!(stopped, Err(CopyError::Stopped)));
            }
            replace(&*from, "invites/changes", "new").await;
            remove(&*from, "invites/goes").await;
            plant(&*from, "invites/comes", "x").await;

            let lagging = Lagging::new(to.clone(), at);
            let mut killed = tokio::spawn({
                let (from, lagging) = (from.clone(), lagging.clone());
                let operation = OperationId([0xdd; 16]);
                // Its retry policy outlasts the test.
                async move { copy::run(&*from, &*lagging, operation, RetryPolicy::default(), &mut Patient).await }
            });
            let ended = tokio::select! {
                _ = &mut killed => true,
                () = lagging.sent.notified() => false,
            };
            if ended {
                assert!(at > 20 && landed > 3, "{at}, {landed}");
                break;
            }
            killed.abort();

            run(&*from, &*to).await.expect("another one ends");
            open(&*to).await.expect("is whole");
            plant(&*to, "names/new", "new").await;
            remove(&*to, "invites/comes").await;
            replace(&*to, "invites/changes", "changed again").await;
            let (before, had) = (contents(&*to).await, contents(&*from).await);
            landed += usize::from(lagging.land().await);
            let mut after = contents(&*to).await;
            for there in &before {
                assert!(after.contains(there), "{there:?} was replaced or removed, at {at}");
            }
            after.retain(|there| !before.contains(there));
            for (name, _) in after.iter().filter(|there| there.0 == "copy" || had.contains(there)) {
                created.insert(name.clone());
            }
            assert!(after.iter().all(|(name, _)| created.contains(name)), "at {at}: {after:?}");
            if after.iter().any(|(name, _)| name == "copy") {
                assert!(matches!(open(&*to).await, Err(OpenError::Unfinished)));
                assert!(matches!(run(&*from, &*to).await, Err(CopyError::MarkedVault(_))));
            }
        }
    }
    assert_eq!(Vec::from_iter(created), ["copy", "invites/comes"], "no more and no less can come so");
}
