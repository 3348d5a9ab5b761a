//! What saves leave in the store that are refused after their bytes were written: nothing (protocol.md section 15.6).
//!
//! A hostile author makes a chain of snapshots, each of which follows the head and also the ones before it, and sends all
//! of them at once when there is room for one. Each is admitted at its first look, and all but one are refused later.

use crate::devices::{DAY, alice};
use crate::support::client::{Session, Snapshot, User};
use crate::support::devices::{Device, List};
use crate::support::pausing::{At, Pausing, Says};
use crate::support::{Reply, TestVault, settings, vault_with};
use crate::sweep::{snapshot_prefix, sweep};
use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use http::Request;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::devices::ChangeResponse;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_vault::Settings;
use rootcellar_vault::retention::{Retention, Size};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

const HOUR: u64 = 3600;
/// Calls of a save before it replaces the account: the account is read, and the snapshot written.
const SWAP: usize = 2;
/// Eight snapshots for the owner, and six for each device.
const BOUNDS: Size = Size { count: 32, bytes: 32 << 20 };

/// An account with two devices, of which the first is hostile.
struct Scene {
    vault: TestVault,
    user: User,
    session: Session,
    thief: Device,
    list: List,
    head: Snapshot,
}

impl Scene {
    async fn new() -> Self {
        let retention = Retention { newest: 3, period: 30 * DAY, bounds: BOUNDS };
        let vault = vault_with(Settings { retention, ..settings() }).await;
        let (user, session) = alice(&vault).await;
        let permissions = [Permission::Backup, Permission::Backup];
        let ([thief, _], list) = user.enrol(&vault, &session, permissions).await;
        let head = user.snapshot(None, "the owner's");
        user.put(&vault, &session, &head).await.parts::<SnapshotResponse>();
        Self { vault, user, session, thief, list, head }
    }

    /// Has the thief save once an hour until there is room for one more, which does not come by thinning.
    async fn leave_room_for_one(&mut self) {
        for n in 0..4 {
            self.vault.pass(HOUR);
            let next = self.user.snapshot(Some(&self.head), &format!("filling {n}"));
            self.user.put(&self.vault, &self.thief, &next).await.parts::<SnapshotResponse>();
            self.head = next;
        }
        self.vault.pass(HOUR);
        self.session = self.user.log_in_again(&self.vault).await;
    }

    /// Requests of the thief's: each follows the head, and those before it.
    fn chain(&self, count: usize) -> Vec<(Snapshot, Request<Body>)> {
        let mut chain: Vec<Snapshot> = Vec::new();
        for n in 0..count {
            chain.push(self.user.snapshot(chain.last().or(Some(&self.head)), &format!("hostile {n}")));
        }
        let request = |next: &Snapshot| {
            self.user.request(&self.vault, &self.thief, "PUT", &next.path(), next.bytes.clone())
        };
        chain.into_iter().map(|next| (next.clone(), request(&next))).collect()
    }

    /// That the store holds the snapshots which the account names, and no other bytes.
    async fn assert_all_counted(&self, what: &str) {
        let account: Account = self.user.get(&self.vault, &self.session, paths::ACCOUNT).await.json();
        let stored = self.vault.store.names("accounts/").await.len() - 1;
        assert_eq!(stored, account.snapshots.len(), "{what}");
    }
}

/// A save that stopped before its swap.
struct Stopped {
    store: Arc<Pausing>,
    reply: tokio::task::JoinHandle<Reply>,
}

impl Stopped {
    async fn at_swap(vault: &TestVault, request: Request<Body>) -> Self {
        let store = Pausing::new(vault.store.clone(), Says::Gone, At::Before(SWAP));
        let replica = vault.replica_on(store.clone());
        let reply = tokio::spawn(async move { replica.send(request).await });
        store.reached().await;
        Self { store, reply }
    }

    async fn go_on(self) -> Reply {
        self.store.go_on();
        self.reply.await.expect("answers")
    }
}

#[tokio::test]
async fn saves_that_a_quota_refuses_at_their_second_look_leave_no_bytes() {
    let mut scene = Scene::new().await;
    scene.leave_room_for_one().await;
    let mut chain = scene.chain(10).into_iter();
    let (won, first) = chain.next().expect("ten");
    let mut stopped = Vec::new();
    for (_, request) in chain {
        stopped.push(Stopped::at_swap(&scene.vault, request).await);
    }
    scene.vault.send(first).await.parts::<SnapshotResponse>();
    // Those that come now begin a run, and thin nothing.
    scene.vault.pass(HOUR);
    for save in stopped {
        save.go_on().await.problem(ProblemCode::DeviceQuota);
    }
    scene.session = scene.user.log_in_again(&scene.vault).await;
    scene.assert_all_counted("nothing is left of nine that were refused").await;
    let read = scene.user.get(&scene.vault, &scene.session, &won.path()).await;
    assert_eq!(read.parts::<SnapshotResponse>().1, Some(won.bytes));
}

#[tokio::test]
async fn saves_of_a_device_that_is_revoked_meanwhile_leave_no_bytes() {
    let mut scene = Scene::new().await;
    let mut stopped = Vec::new();
    for (_, request) in scene.chain(5) {
        stopped.push(Stopped::at_swap(&scene.vault, request).await);
    }
    let none = scene.user.list(Some(&scene.list));
    scene.user.change(&scene.vault, &scene.session, &none, Vec::new()).await.json::<ChangeResponse>();
    for save in stopped {
        save.go_on().await.problem(ProblemCode::DeviceRevoked);
    }
    scene.session = scene.user.log_in_again(&scene.vault).await;
    scene.assert_all_counted("nothing is left of a revoked device's").await;
}

/// The account remembers the operations of its last changes, of whatever kind, and no write of it takes one again.
#[tokio::test]
async fn saves_under_an_operation_that_the_account_remembers_leave_no_bytes() {
    let mut scene = Scene::new().await;
    let mut header = scene.user.snapshot(Some(&scene.head), "").header;
    header.operation = scene.list.header.operation;
    let next = Snapshot::new(header, "under the operation of a list");
    for _ in 0..3 {
        let refused = scene.user.put(&scene.vault, &scene.thief, &next).await;
        refused.problem(ProblemCode::OperationUsed);
    }
    scene.session = scene.user.log_in_again(&scene.vault).await;
    scene.assert_all_counted("nothing is left of a used operation's").await;
}

/// The same bytes, sent twice at once: whichever loses must not take away what the other has committed.
#[tokio::test]
async fn a_save_that_is_sent_twice_is_committed_whichever_stops() {
    for is_moved_on in [true, false] {
        let mut scene = Scene::new().await;
        let next = scene.user.snapshot(Some(&scene.head), "twice");
        let request =
            || scene.user.request(&scene.vault, &scene.session, "PUT", &next.path(), next.bytes.clone());
        let (one, other) = (request(), request());
        let stopped = Stopped::at_swap(&scene.vault, one).await;
        // A login moves the account on, and gives the second one another object.
        if is_moved_on {
            scene.session = scene.user.log_in_again(&scene.vault).await;
        }
        scene.vault.send(other).await.parts::<SnapshotResponse>();
        let objects = scene.vault.store.names(&snapshot_prefix(&next)).await.len();
        assert_eq!(objects, 1 + usize::from(is_moved_on));
        let (_, bytes) = stopped.go_on().await.parts::<SnapshotResponse>();
        assert_eq!(bytes.as_ref(), Some(&next.bytes));
        scene.assert_all_counted("one of them").await;
    }
}

/// An owner's save stops with its bytes written; whatever a hostile device and a sweep do meanwhile, it is committed
/// with its bytes, or refused because the head has moved.
#[tokio::test]
async fn an_owners_save_is_committed_whole_or_refused_whatever_happens_meanwhile() {
    for is_hostile in [true, false] {
        let scene = Scene::new().await;
        let next = scene.user.snapshot(Some(&scene.head), "of the owner's");
        let request =
            scene.user.request(&scene.vault, &scene.session, "PUT", &next.path(), next.bytes.clone());
        let stopped = Stopped::at_swap(&scene.vault, request).await;
        assert_eq!(scene.vault.store.names(&snapshot_prefix(&next)).await.len(), 1, "its bytes are written");
        if is_hostile {
            for (_, request) in scene.chain(3) {
                scene.vault.send(request).await.parts::<SnapshotResponse>();
            }
        }
        scene.vault.pass(DAY + 1);
        sweep(&scene.vault.state, true).await;
        assert!(scene.vault.store.names(&snapshot_prefix(&next)).await.is_empty(), "a sweep took them");
        let reply = stopped.go_on().await;
        if is_hostile {
            reply.problem(ProblemCode::HeadMoved);
        } else {
            assert_eq!(reply.parts::<SnapshotResponse>().1, Some(next.bytes));
        }
    }
}

/// A store that notes the most snapshots that lay in it at once.
struct Metered {
    inner: Arc<dyn Store>,
    there: Mutex<(HashSet<Key>, usize)>,
}

impl Metered {
    fn most(&self) -> usize {
        self.there.lock().expect("no panic").1
    }
}

#[async_trait]
impl Store for Metered {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let written = self.inner.put(key, body, condition).await;
        if written.is_ok() && key.as_str().contains("/snapshots/") {
            let (there, most) = &mut *self.there.lock().expect("no panic");
            there.insert(key.clone());
            *most = (*most).max(there.len());
        }
        written
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let deleted = self.inner.delete(key, etag).await;
        if deleted.is_ok() {
            self.there.lock().expect("no panic").0.remove(key);
        }
        deleted
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.inner.list(prefix, after).await
    }
}

/// Floods of chains at two replicas, with sweeps, while the owner saves: what is in the store is what the account names
/// and one object for each save that is in progress, and nothing of the owner's is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_never_holds_more_than_the_share_and_what_is_under_way() {
    const AT_ONCE: usize = 8;
    for seed in 0..6 {
        let mut scene = Scene::new().await;
        let inner: Arc<dyn Store> = scene.vault.store.clone();
        let metered = Arc::new(Metered { inner, there: Mutex::default() });
        let replicas = [0, 1].map(|_| Arc::new(scene.vault.replica_on(metered.clone())));
        scene.vault.store.jitter(seed);
        let mut owners = vec![scene.head.clone()];
        for round in 0..6 {
            scene.vault.pass(HOUR);
            scene.session = scene.user.log_in_again(&scene.vault).await;
            let mut flood = JoinSet::new();
            for (n, (_, request)) in scene.chain(AT_ONCE).into_iter().enumerate() {
                let replica = Arc::clone(&replicas[n % 2]);
                flood.spawn(async move { replica.send(request).await.status });
            }
            let replica = Arc::clone(&replicas[round % 2]);
            flood.spawn(async move {
                sweep(&replica.state, true).await;
                200
            });
            let saved = owner_saves(&scene, &replicas[round % 2], &format!("round {round}")).await;
            owners.push(saved.expect("the owner can save"));
            let statuses = flood.join_all().await;
            assert!(statuses.iter().all(|status| [200, 409, 429, 503, 507].contains(status)), "{statuses:?}");
            scene.assert_all_counted(&format!("seed {seed}, round {round}: {statuses:?}")).await;
            scene.head = head(&scene).await;
        }
        let bound = usize::try_from(BOUNDS.count).expect("small") + AT_ONCE + 1;
        assert!(metered.most() <= bound, "seed {seed}: {} of {bound}", metered.most());
        for saved in owners {
            let read = scene.user.get(&scene.vault, &scene.session, &saved.path()).await;
            assert_eq!(read.parts::<SnapshotResponse>().1, Some(saved.bytes), "seed {seed}");
        }
    }
}

/// The head as someone reads it who saves next.
async fn head(scene: &Scene) -> Snapshot {
    let reply = scene.user.get(&scene.vault, &scene.session, paths::HEAD).await;
    let bytes = reply.parts::<SnapshotResponse>().1.expect("a head");
    let header = rootcellar_spec::snapshot::Layout::parse(&bytes).expect("a snapshot").header;
    Snapshot { header, bytes }
}

/// Saves as an honest client does: behind the head, again when it has moved.
async fn owner_saves(scene: &Scene, replica: &TestVault, content: &str) -> Option<Snapshot> {
    for _ in 0..50 {
        let next = scene.user.snapshot(Some(&head(scene).await), content);
        let reply = scene.user.put(replica, &scene.session, &next).await;
        match reply.status {
            200 => {
                assert_eq!(reply.parts::<SnapshotResponse>().1.as_ref(), Some(&next.bytes));
                return Some(next);
            }
            503 => drop(reply.problem(ProblemCode::Busy)),
            _ => drop(reply.problem(ProblemCode::HeadMoved)),
        }
    }
    None
}
