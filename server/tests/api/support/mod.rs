//! A vault under test.

pub(crate) mod client;
mod described;
pub(crate) mod devices;
pub(crate) mod pausing;
pub(crate) mod store;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use rootcellar_server::router;
use rootcellar_server::state::{AppState, Authority};
use rootcellar_server::store::Store;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{OperationId, Problem, ProblemCode, Timestamp, VaultId, parts};
use rootcellar_vault::RootSecret;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::entropy::Entropy;
use rootcellar_vault::keys::VaultKeys;
use rootcellar_vault::opening::open_vault;
use rootcellar_vault::retention::{Retention, Size};
use rootcellar_vault::vault_time::VaultTime;
use rootcellar_vault::{Parts, Settings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::TestStore;
use tower::ServiceExt;

pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const AUTHORITY: &str = "vault.example.org";

/// A clock that moves when it is told to: the time that it shows, and the time that has truly passed.
pub(crate) struct TestClock {
    shown: AtomicU64,
    passed: AtomicU64,
}

impl TestClock {
    pub(crate) fn at(now: u64) -> Arc<Self> {
        Arc::new(Self { shown: AtomicU64::new(now), passed: AtomicU64::new(0) })
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.shown.fetch_add(seconds, Ordering::SeqCst);
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, seconds: u64) {
        self.shown.fetch_sub(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set_ahead(&self, seconds: u64) {
        self.shown.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.shown.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.passed.load(Ordering::SeqCst))
    }
}

/// SHA-256 of a seed and a counter.
pub(crate) struct Seeded(pub(crate) u64, pub(crate) AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let counter = self.1.fetch_add(1, Ordering::SeqCst);
            let block = Sha256::new().chain_update(self.0.to_be_bytes()).chain_update(counter.to_be_bytes());
            chunk.copy_from_slice(&block.finalize()[..chunk.len()]);
        }
    }
}

/// The seed of the next replica: no two may draw the same operations.
static REPLICAS: AtomicU64 = AtomicU64::new(8);

pub(crate) struct TestVault {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    pub(crate) clock: Arc<TestClock>,
    /// The clock that the store has; the same one unless a test sets it apart.
    pub(crate) store_clock: Arc<TestClock>,
    pub(crate) store: Arc<TestStore>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        registration: RegistrationMode::Open,
        retention: Retention { newest: 3, period: 3600, bounds: Size { count: 64, bytes: 64 << 20 } },
        suites: rootcellar_spec::SuiteId::IN_USE,
        budgets_per_minute: 1000,
        retry_policy: RetryPolicy {
            deadline: Duration::from_secs(20),
            attempts: 12,
            pause: Duration::from_millis(1),
        },
    }
}

pub(crate) async fn vault() -> TestVault {
    vault_with(settings()).await
}

pub(crate) async fn vault_with(settings: Settings) -> TestVault {
    vault_at(Authority::Public(AUTHORITY.to_owned()), settings).await
}

pub(crate) async fn vault_at(authority: Authority, settings: Settings) -> TestVault {
    let clock = TestClock::at(START);
    let store_clock = TestClock::at(START);
    let embedded = EmbeddedStore::in_memory(store_clock.clone()).expect("memory");
    let store = Arc::new(TestStore::new(embedded));
    let keys = VaultKeys::derive(&RootSecret::new(Box::new([1; 32])));
    let vault_id = VaultId::try_from(AUTHORITY.to_owned()).expect("a vault ID");
    let opened = open_vault(&*store, &keys, vault_id, OperationId([9; 16]), settings.retry_policy)
        .await
        .expect("an empty store");
    let time = VaultTime::open(&*store, clock.clone(), OperationId([8; 16]), settings.retry_policy)
        .await
        .expect("an empty store");
    let parts = Parts {
        store: store.clone(),
        keys,
        vault_id: opened.vault_id,
        passphrases_since: opened.passphrases_since,
        clock: clock.clone(),
        time: Arc::new(time),
        entropy: Arc::new(Seeded(7, AtomicU64::new(0))),
        settings,
    };
    let state = AppState::new(parts, authority);
    store.take_calls();
    TestVault { router: router::api(state.clone()), state, clock, store_clock, store }
}

impl TestVault {
    /// Another one on the same store, with nothing else in common but the root secret.
    pub(crate) fn replica(&self) -> Self {
        self.replica_on(self.store.clone())
    }

    /// The same vault, started again: what it kept in memory is gone.
    pub(crate) async fn restarted(&self) -> Self {
        let retry_policy = self.state.settings().retry_policy;
        let operation = OperationId([7; 16]);
        let time = VaultTime::open(&*self.store, self.clock.clone(), operation, retry_policy).await;
        let passphrases_since = self.state.passphrases_since();
        self.replica_of(self.store.clone(), 1, passphrases_since, Arc::new(time.expect("reads")))
    }

    /// A replica with the root secret of this byte, at which an invite is needed to register.
    pub(crate) fn replica_by_invite(&self, root: u8) -> Self {
        let settings = Settings { registration: RegistrationMode::Invite, ..self.state.settings().clone() };
        let time = self.state.time().clone();
        self.replica_as(self.store.clone(), root, self.state.passphrases_since(), time, settings)
    }

    /// A replica that reaches the store by this way.
    pub(crate) fn replica_on(&self, store: Arc<dyn Store>) -> Self {
        self.replica_of(store, 1, self.state.passphrases_since(), self.state.time().clone())
    }

    /// A replica with the root secret of this byte.
    pub(crate) fn replica_with(&self, root: u8, passphrases_since: Option<Timestamp>) -> Self {
        self.replica_of(self.store.clone(), root, passphrases_since, self.state.time().clone())
    }

    fn replica_of(
        &self,
        store: Arc<dyn Store>,
        root: u8,
        passphrases_since: Option<Timestamp>,
        time: Arc<VaultTime>,
    ) -> Self {
        self.replica_as(store, root, passphrases_since, time, self.state.settings().clone())
    }

    fn replica_as(
        &self,
        store: Arc<dyn Store>,
        root: u8,
        passphrases_since: Option<Timestamp>,
        time: Arc<VaultTime>,
        settings: Settings,
    ) -> Self {
        let parts = Parts {
            store,
            keys: VaultKeys::derive(&RootSecret::new(Box::new([root; 32]))),
            vault_id: self.state.vault_id().clone(),
            passphrases_since,
            clock: self.clock.clone(),
            time,
            entropy: Arc::new(Seeded(REPLICAS.fetch_add(1, Ordering::SeqCst), AtomicU64::new(0))),
            settings,
        };
        let state = AppState::new(parts, self.state.authority().clone());
        let (clock, store_clock) = (self.clock.clone(), self.store_clock.clone());
        Self { router: router::api(state.clone()), state, clock, store_clock, store: self.store.clone() }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(seconds);
        self.store_clock.pass(seconds);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let reply = Reply { status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() };
        described::check(&method, &path, &reply);
        reply
    }

    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Reply {
        self.post_bytes(path, serde_json::to_vec(body).expect("serializes")).await
    }

    pub(crate) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Reply {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(Body::from(body)).expect("a request")).await
    }
}

/// A response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("the answer's shape")
    }

    #[track_caller]
    pub(crate) fn parts<T: DeserializeOwned>(&self) -> (T, Option<Vec<u8>>) {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.headers["content-type"], parts::MEDIA_TYPE);
        let (control, snapshot) = parts::split(&self.body).expect("two parts");
        (serde_json::from_slice(control).expect("the answer's shape"), snapshot.map(<[u8]>::to_vec))
    }

    #[track_caller]
    pub(crate) fn problem(&self, code: ProblemCode) -> Problem {
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem document");
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(self.status, code.status());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let wait = self.headers.get("retry-after").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(wait, problem.retry_after.map(|seconds| seconds.to_string()));
        problem
    }
}
