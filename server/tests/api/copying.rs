//! Copying a vault from one store to another (storage.md, "Moving a vault").

mod late;
mod starts;

use crate::support::client::User;
use crate::support::pausing::{At, Pausing, Says};
use crate::support::{START, TestClock, TestVault, vault};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::{Digest, OperationId};
use rootcellar_vault::RootSecret;
use rootcellar_vault::copy::{self, CopyError, Progress, Report, Unlike, Watch};
use rootcellar_vault::keys::VaultKeys;
use rootcellar_vault::opening::{OpenError, OpenedVault, open_vault};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

struct Patient;

#[async_trait]
impl Watch for Patient {
    async fn saw(&mut self, _: Progress) -> bool {
        true
    }
}

fn memory() -> Arc<EmbeddedStore> {
    Arc::new(EmbeddedStore::in_memory(TestClock::at(START)).expect("memory"))
}

async fn run(from: &dyn Store, to: &dyn Store) -> Result<Report, CopyError> {
    static TRY: AtomicU8 = AtomicU8::new(0);
    let operation = OperationId([TRY.fetch_add(1, Ordering::SeqCst); 16]);
    copy::run(from, to, operation, RetryPolicy::default(), &mut Patient).await
}

/// All names, and what recognises the bytes.
async fn contents(store: &dyn Store) -> Vec<(String, Digest)> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store.list("", after.as_ref()).await.expect("lists");
        for listed in &page.objects {
            let object = store.get(&listed.key).await.expect("reads").object.expect("is there");
            all.push((listed.key.as_str().to_owned(), Digest::of(&object.body)));
        }
        after = page.objects.last().map(|last| last.key.clone());
        if !page.more {
            return all;
        }
    }
}

async fn plant(store: &dyn Store, name: &str, body: impl Into<Bytes>) {
    store.put(&Key::new(name), body.into(), Condition::Absent).await.expect("plants");
}

/// What a server would find.
async fn open(store: &dyn Store) -> Result<OpenedVault, OpenError> {
    let keys = VaultKeys::derive(&RootSecret::new(Box::new([1; 32])));
    let vault_id = crate::support::client::vault_id();
    open_vault(store, &keys, vault_id, OperationId([9; 16]), RetryPolicy::default()).await
}

/// A vault with an account, a snapshot and a budget.
async fn source() -> (TestVault, User) {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let snapshot = user.snapshot(None, "content");
    user.put(&vault, &session, &snapshot).await.parts::<SnapshotResponse>();
    (vault, user)
}

#[tokio::test]
async fn a_copy_is_the_vault_and_can_be_compared() {
    let (vault, mut user) = source().await;
    let to = memory();
    let report = run(&*vault.store, &*to).await.expect("copies");
    assert_eq!(contents(&*to).await, contents(&*vault.store).await);
    assert_eq!((report.objects, report.written, report.removed, report.compared), (7, 7, 0, false));
    assert!(!open(&*to).await.expect("is whole").created);
    user.log_in(&vault.replica_on(to.clone()), "right").await;

    let again = run(&*vault.store, &*to).await.expect("compares");
    assert!(again.compared);
    // The login changed the budget of the copy, and the account's history.
    let found: Vec<_> = again.differences.iter().map(|found| (&found.name[..8], found.unlike)).collect();
    assert_eq!(found, [("accounts", Unlike::Other), ("guesses/", Unlike::Other)]);
}

#[tokio::test]
async fn a_target_in_use_is_compared_and_never_written() {
    let (vault, _) = source().await;
    let to = memory();
    open(&*to).await.expect("creates");
    plant(&*to, "names/of-another", "x").await;
    let before = contents(&*to).await;
    let report = run(&*vault.store, &*to).await.expect("compares");
    assert_eq!(contents(&*to).await, before);
    assert!(report.compared && report.written == 0);
    assert_eq!(report.different, 7, "six are missing, one is extra: {:?}", report.differences);
}

#[tokio::test]
async fn what_is_no_vault_is_neither_copied_nor_written() {
    let (vault, _) = source().await;
    let (empty, other) = (memory(), memory());
    assert!(matches!(run(&*empty, &*other).await, Err(CopyError::NoVault)));
    plant(&*other, "holiday-photos", "x").await;
    assert!(matches!(run(&*vault.store, &*other).await, Err(CopyError::NotEmpty)));
    assert_eq!(contents(&*other).await.len(), 1);
}

#[tokio::test]
async fn a_store_without_its_object_vault_is_not_made_anew() {
    let store = memory();
    plant(&*store, "probe/left-over", "x").await;
    assert!(open(&*store).await.expect("nothing but a probe").created);
    let object = store.get(&Key::new("vault")).await.expect("reads").object.expect("is there");
    plant(&*store, "names/x", "x").await;
    store.delete(&Key::new("vault"), &object.etag).await.expect("is lost");
    assert!(matches!(open(&*store).await, Err(OpenError::Lost)));
    plant(&*store, "vault", object.body).await;
    plant(&*store, "copy", "{}").await;
    assert!(matches!(open(&*store).await, Err(OpenError::Unfinished)));
}

/// A store that dies at a call.
struct Dying {
    inner: Arc<EmbeddedStore>,
    at: usize,
    /// Whether the call at which it dies takes place.
    applies: bool,
    calls: AtomicUsize,
}

impl Dying {
    fn new(inner: &Arc<EmbeddedStore>, at: usize, applies: bool) -> Self {
        Self { inner: inner.clone(), at, applies, calls: AtomicUsize::new(0) }
    }

    /// Whether the call takes place, and whether it is answered.
    fn fate(&self) -> (bool, bool) {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        (number < self.at || (number == self.at && self.applies), number < self.at)
    }
}

fn dead() -> Box<dyn std::error::Error + Send + Sync> {
    "dead".into()
}

#[async_trait]
impl Store for Dying {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        match self.fate() {
            (_, true) => self.inner.get(key).await,
            _ => Err(StoreError::Unavailable(dead())),
        }
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let (applied, answered) = self.fate();
        let result = if applied { self.inner.put(key, body, condition).await } else { Err(WriteError::Gone) };
        if answered { result } else { Err(WriteError::Unknown(dead())) }
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let (applied, answered) = self.fate();
        let result = if applied { self.inner.delete(key, etag).await } else { Err(WriteError::Gone) };
        if answered { result } else { Err(WriteError::Unknown(dead())) }
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        match self.fate() {
            (_, true) => self.inner.list(prefix, after).await,
            _ => Err(StoreError::Unavailable(dead())),
        }
    }
}

/// The remains of a killed copy are no vault, or a complete one. The next copy completes it.
#[tokio::test(start_paused = true)]
async fn a_copy_that_dies_anywhere_is_taken_up_again() {
    let (vault, _) = source().await;
    let expected = contents(&*vault.store).await;
    for applies in [false, true] {
        let mut died = 0;
        for at in 0.. {
            let to = memory();
            let first = run(&*vault.store, &Dying::new(&to, at, applies)).await;
            if first.is_err() {
                died += 1;
                let left = contents(&*to).await;
                let is_whole = left == expected;
                let is_refused = left.is_empty() || matches!(open(&*to).await, Err(OpenError::Unfinished));
                assert!(is_whole || is_refused, "died at {at}: {left:?}");
            }
            run(&*vault.store, &*to).await.expect("the second try ends");
            assert_eq!(contents(&*to).await, expected, "died at {at}, applied: {applies}");
            if first.is_ok() {
                break;
            }
        }
        assert!(died > 20, "{died}");
    }
}

/// Between two copies, objects of the source are changed, removed and created.
#[tokio::test(start_paused = true)]
async fn a_source_that_changed_between_two_tries_is_copied_as_it_is() {
    for at in (4..).step_by(3) {
        let (vault, mut user) = source().await;
        let to = memory();
        plant(&*vault.store, &format!("invites/{}", "00".repeat(32)), "goes").await;
        let first = run(&*vault.store, &Dying::new(&to, at, true)).await;
        if first.is_ok() || open(&*to).await.is_ok() {
            assert!(at > 20, "it was whole at {at}");
            break;
        }
        let key = Key::new(format!("invites/{}", "00".repeat(32)));
        let object = vault.store.get(&key).await.expect("reads").object.expect("is there");
        vault.store.delete(&key, &object.etag).await.expect("goes");
        plant(&*vault.store, &format!("invites/{}", "ff".repeat(32)), "comes").await;
        user.log_in(&vault, "right").await;
        run(&*vault.store, &*to).await.expect("the second try ends");
        assert_eq!(contents(&*to).await, contents(&*vault.store).await, "died at {at}");
    }
}

#[tokio::test]
async fn a_source_that_changes_meanwhile_is_noticed() {
    let (vault, _) = source().await;
    let to = memory();
    let name = format!("names/{}", "ff".repeat(32));
    let store = vault.store.clone();
    // Among the last reads: that one was listed and copied long before.
    let slow = Pausing::new(vault.store.clone(), Says::Gone, At::Before(9));
    let copying = tokio::spawn({
        let (slow, to) = (slow.clone(), to.clone());
        async move { run(&*slow, &*to).await }
    });
    slow.reached().await;
    plant(&*store, &name, "new").await;
    slow.go_on();
    let error = copying.await.expect("ends").expect_err("is noticed");
    assert!(matches!(&error, CopyError::Changed(changed) if *changed == name), "{error:?}");
    assert!(matches!(open(&*to).await, Err(OpenError::Unfinished)));
    run(&*vault.store, &*to).await.expect("the second try ends");
    assert_eq!(contents(&*to).await, contents(&*vault.store).await);
}

#[tokio::test]
async fn another_vaults_unfinished_copy_is_not_taken_up() {
    let (vault, _) = source().await;
    let (other, to) = (memory(), memory());
    let keys = VaultKeys::derive(&RootSecret::new(Box::new([2; 32])));
    let vault_id = crate::support::client::vault_id();
    open_vault(&*other, &keys, vault_id, OperationId([9; 16]), RetryPolicy::default())
        .await
        .expect("creates");
    plant(&*other, "invites/x", "x").await;
    assert!(run(&*other, &Dying::new(&to, 8, true)).await.is_err());
    assert!(matches!(run(&*vault.store, &*to).await, Err(CopyError::OtherCopy(_))));
    assert!(matches!(run(&*to, &*memory()).await, Err(CopyError::SourceUnfinished)));
}

/// A slow copy finds a vault that another copy has completed and that is in use since.
#[tokio::test]
async fn a_slow_copy_undoes_nothing_of_what_was_written_since() {
    for at in 0.. {
        let (vault, _) = source().await;
        let to = memory();
        let slow = Pausing::new(to.clone(), Says::Gone, At::After(at));
        let mut first = tokio::spawn({
            let (slow, from) = (slow.clone(), vault.store.clone());
            async move { run(&*from, &*slow).await }
        });
        let ended = tokio::select! {
            _ = &mut first => true,
            () = slow.reached() => false,
        };
        if ended {
            assert!(at > 20);
            break;
        }
        run(&*vault.store, &*to).await.expect("the second ends");
        assert!(open(&*to).await.is_ok());
        plant(&*to, "names/new", "new").await;
        let budget = contents(&*to).await.into_iter().find(|(name, _)| name.starts_with("guesses/"));
        let key = Key::new(budget.expect("one").0);
        let etag = to.get(&key).await.expect("reads").object.expect("is there").etag;
        to.put(&key, "charged".into(), Condition::Matches(etag)).await.expect("swaps");
        let before = contents(&*to).await;
        slow.go_on();
        let _ = first.await.expect("ends");
        assert_eq!(contents(&*to).await, before, "slow at {at}");
    }
}

#[tokio::test]
async fn many_objects_and_large_ones_arrive() {
    let (vault, _) = source().await;
    for n in 0..1_010 {
        plant(&*vault.store, &format!("invites/{n:04}"), n.to_string()).await;
    }
    for n in 0..3_u8 {
        plant(&*vault.store, &format!("accounts/x/snapshots/{n}"), vec![n; 1 << 20]).await;
    }
    let to = memory();
    let report = run(&*vault.store, &*to).await.expect("copies");
    assert_eq!(report.objects, 7 + 1_010 + 3);
    assert!(report.bytes > 3 << 20);
    assert_eq!(contents(&*to).await, contents(&*vault.store).await);
    let back = memory();
    run(&*to, &*back).await.expect("and back");
    assert_eq!(contents(&*back).await.len(), 1_020);
}
