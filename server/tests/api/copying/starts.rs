//! Servers that start on a store while a copy into it starts, in turns.

use super::{Patient, contents, memory, plant};
use crate::support::client::vault_id;
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::OperationId;
use rootcellar_vault::RootSecret;
use rootcellar_vault::copy::{self, CopyError, Report};
use rootcellar_vault::keys::VaultKeys;
use rootcellar_vault::opening::{OpenError, OpenedVault, open_vault};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A way to a store on which every call waits for its turn.
struct Turns {
    inner: Arc<EmbeddedStore>,
    waits: Semaphore,
    go: Semaphore,
}

impl Turns {
    async fn turn(&self) {
        self.waits.add_permits(1);
        self.go.acquire().await.expect("stays open").forget();
    }
}

#[async_trait]
impl Store for Turns {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.turn().await;
        self.inner.get(key).await
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.turn().await;
        self.inner.put(key, body, condition).await
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.turn().await;
        self.inner.delete(key, etag).await
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.turn().await;
        self.inner.list(prefix, after).await
    }
}

/// One that takes turns.
struct Party<T> {
    turns: Arc<Turns>,
    task: JoinHandle<T>,
    result: Option<T>,
}

impl<T: Send + 'static> Party<T> {
    async fn new<F>(to: &Arc<EmbeddedStore>, work: impl FnOnce(Arc<Turns>) -> F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let turns = Arc::new(Turns { inner: to.clone(), waits: Semaphore::new(0), go: Semaphore::new(0) });
        let task = tokio::spawn(work(turns.clone()));
        let mut party = Self { turns, task, result: None };
        party.rest().await;
        party
    }

    /// Waits until it waits for its turn, or has ended.
    async fn rest(&mut self) {
        tokio::select! {
            waits = self.turns.waits.acquire() => waits.expect("stays open").forget(),
            result = &mut self.task => self.result = Some(result.expect("does not panic")),
        }
    }

    /// Lets it make these many calls; fewer where it ends.
    async fn step(&mut self, calls: usize) {
        for _ in 0..calls {
            if self.result.is_some() {
                return;
            }
            self.turns.go.add_permits(1);
            self.rest().await;
        }
    }

    async fn end(mut self) -> T {
        self.step(1_000).await;
        self.result.expect("ends")
    }
}

type Start = Party<Result<OpenedVault, OpenError>>;
type Copy = Party<Result<Report, CopyError>>;

async fn start(to: &Arc<EmbeddedStore>, number: u8) -> Start {
    Party::new(to, |turns| async move {
        let keys = VaultKeys::derive(&RootSecret::new(Box::new([1; 32])));
        open_vault(&*turns, &keys, vault_id(), OperationId([number; 16]), RetryPolicy::default()).await
    })
    .await
}

async fn copy_of(from: &Arc<EmbeddedStore>, to: &Arc<EmbeddedStore>, number: u8) -> Copy {
    let from = from.clone();
    Party::new(to, move |turns| async move {
        copy::run(&*from, &*turns, OperationId([number; 16]), RetryPolicy::default(), &mut Patient).await
    })
    .await
}

/// A vault with one object more.
async fn small() -> Arc<EmbeddedStore> {
    let from = memory();
    start(&from, 1).await.end().await.expect("creates");
    plant(&*from, "invites/x", "x").await;
    from
}

/// What each came to.
#[derive(Debug, Default)]
struct Ends {
    served_its_own: usize,
    served_the_copy: usize,
    refused: usize,
}

impl Ends {
    /// Never both a vault that is served and a copy that runs; and where nobody is served, the next copy ends.
    async fn note(
        &mut self,
        starts: Vec<Result<OpenedVault, OpenError>>,
        copied: Result<Report, CopyError>,
        from: &Arc<EmbeddedStore>,
        to: &Arc<EmbeddedStore>,
        how: &str,
    ) {
        let (there, had) = (contents(&**to).await, contents(&**from).await);
        let was_copied = copied.as_ref().is_ok_and(|report| !report.compared);
        let of_copy = |start: &Result<OpenedVault, OpenError>| start.is_ok() && was_copied;
        if starts.iter().any(of_copy) {
            assert_eq!(there, had, "{how}: the copy is what is served");
            assert!(starts.iter().flatten().all(|opened| !opened.created), "{how}: {starts:?}");
            self.served_the_copy += 1;
        } else if starts.iter().any(Result::is_ok) {
            let names: Vec<_> = there.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["vault"], "{how}: {copied:?}");
            self.served_its_own += 1;
        } else {
            if !was_copied {
                copy_of(from, to, 8).await.end().await.expect("nobody is in its way");
            }
            assert_eq!(contents(&**to).await, had, "{how}");
            self.refused += 1;
        }
    }
}

/// The copy makes some calls, then the server, then the copy; then the server ends, and the copy.
#[tokio::test(start_paused = true)]
async fn of_a_start_and_a_copy_at_most_one_goes_on() {
    let from = small().await;
    let mut ends = Ends::default();
    for first in 0..=18 {
        for second in 0..=6 {
            for third in 0..=5 {
                let to = memory();
                let (mut copying, mut starting) = (copy_of(&from, &to, 2).await, start(&to, 3).await);
                copying.step(first).await;
                starting.step(second).await;
                copying.step(third).await;
                let starts = vec![starting.end().await];
                let how = format!("{first}, {second}, {third}");
                ends.note(starts, copying.end().await, &from, &to, &how).await;
            }
        }
    }
    assert!(ends.served_its_own > 20 && ends.served_the_copy > 20 && ends.refused > 20, "{ends:?}");
}

/// Two replicas and a copy, in turns drawn at random.
#[tokio::test(start_paused = true)]
async fn of_two_replicas_and_a_copy_at_most_one_side_goes_on() {
    let from = small().await;
    let mut ends = Ends::default();
    let mut state = 0x5eed_u64;
    for run in 0..500 {
        let to = memory();
        let (mut copying, mut one) = (copy_of(&from, &to, 2).await, start(&to, 3).await);
        let mut other = start(&to, 4).await;
        let mut drawn = String::new();
        for _ in 0..24 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let draw = (state >> 33) % 3;
            drawn.push(['c', '1', '2'][usize::try_from(draw).expect("small")]);
            match draw {
                0 => copying.step(1).await,
                1 => one.step(1).await,
                _ => other.step(1).await,
            }
        }
        let starts = vec![one.end().await, other.end().await];
        ends.note(starts, copying.end().await, &from, &to, &format!("seed 0x5eed, run {run}: {drawn}")).await;
    }
    assert!(ends.served_its_own > 20 && ends.refused > 20, "{ends:?}");
}
