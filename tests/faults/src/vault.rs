//! A vault in this process: two replicas on one store that can fail, and a wire to them.

use crate::draws::Draws;
use crate::faulty::Faulty;
use crate::malicious::Tongue;
use crate::memory::{Event, MemoryStore};
use crate::time::Time;
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use rootcellar_client::VaultUrl;
use rootcellar_client::transport::{Request, Response, Transport, TransportError};
use rootcellar_server::router;
use rootcellar_server::state::{AppState, Authority};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::wire::{login, paths, registration};
use rootcellar_spec::{Digest, OperationId, SuiteId, VaultId, encode_parts::encode_parts};
use rootcellar_store::Store;
use rootcellar_store::cas::RetryPolicy;
use rootcellar_vault::RootSecret;
use rootcellar_vault::keys::VaultKeys;
use rootcellar_vault::opening::open_vault;
use rootcellar_vault::retention::{Retention, Size};
use rootcellar_vault::vault_time::VaultTime;
use rootcellar_vault::{Parts, Settings};
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tower::ServiceExt;

/// The vault's host.
pub const HOST: &str = "vault.example.org";
/// How long a client waits for a response, as the native transport does.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How many newest snapshots stay beyond the period.
pub const KEPT: usize = 2;
/// Seconds for which a superseded snapshot stays.
pub const KEPT_SECONDS: u64 = 3600;
/// The bounds of an account: six snapshots of the owner's.
pub const BOUNDS: Size = Size { count: 4 * RESERVE as u64, bytes: 64 << 20 };
/// How many snapshots the owner's reserve holds.
pub const RESERVE: usize = 6;
/// How many snapshots the share of a device holds.
pub const SHARE: usize = 3 * RESERVE / 4;

/// Whom a vault takes, and with which suites.
pub type Takes = (RegistrationMode, &'static [SuiteId]);

/// A vault, and the wire to it. Copies share both.
#[derive(Clone)]
pub struct Vault(Rc<Inner>);

struct Inner {
    truth: MemoryStore,
    store: Faulty,
    crash: Arc<Notify>,
    replicas: Vec<AppState>,
    turn: Cell<usize>,
    tongue: Tongue,
}

impl Vault {
    /// Starts two replicas on what `truth` holds.
    pub async fn start(truth: MemoryStore, draws: &Draws, time: Time, takes: Takes) -> Self {
        let crash = Arc::new(Notify::new());
        let store = Faulty::new(truth.clone(), crash.clone());
        let mut replicas = Vec::new();
        for _ in 0..2 {
            replicas.push(replica(Arc::new(store.clone()), draws, time, takes).await);
        }
        Self(Rc::new(Inner { truth, store, crash, replicas, turn: Cell::new(0), tongue: Tongue::default() }))
    }

    /// The store as the replicas see it.
    #[must_use]
    pub fn store(&self) -> &Faulty {
        &self.0.store
    }

    /// What it says of what it knows.
    #[must_use]
    pub fn tongue(&self) -> &Tongue {
        &self.0.tongue
    }

    /// What the store holds in truth.
    #[must_use]
    pub fn truth(&self) -> &MemoryStore {
        &self.0.truth
    }

    /// A replica, for what an administrator does.
    #[must_use]
    pub fn replica(&self) -> &AppState {
        let turn = self.0.turn.get();
        self.0.turn.set(turn + 1);
        &self.0.replicas[turn % self.0.replicas.len()]
    }

    /// Does something in the vault, as long as its process lives.
    pub async fn while_it_lives<T>(&self, deed: impl Future<Output = T>) -> Option<T> {
        let died = self.0.crash.notified();
        tokio::select! {
            biased;
            () = died => None,
            done = deed => Some(done),
        }
    }

    /// Notes what a response gave away.
    fn observe(&self, request: &Request, response: &Response) {
        if response.status != 200 {
            return;
        }
        let charged_for = |purpose: &str, message: &[u8]| {
            Event::Evaluated(Digest::of(&encode_parts(&[purpose.as_bytes(), message])))
        };
        let event = match request.path.as_str() {
            paths::LOGIN_START => charged_for("login", &body::<login::StartRequest>(request).ke1),
            paths::REGISTRATION_START => {
                let body: registration::StartRequest = body(request);
                charged_for("registration", &body.registration_request)
            }
            paths::PASSPHRASE_START => {
                let body: registration::PassphraseStartRequest = body(request);
                charged_for("passphrase", &body.registration_request)
            }
            paths::LOGIN_FINISH => Event::LoggedIn(Digest::of(&request.body)),
            _ => return,
        };
        self.0.truth.note(event);
    }
}

fn body<T: DeserializeOwned>(request: &Request) -> T {
    serde_json::from_slice(&request.body).expect("a request that was answered has the protocol's shape")
}

async fn replica(store: Arc<dyn Store>, draws: &Draws, time: Time, (mode, suites): Takes) -> AppState {
    let keys = VaultKeys::derive(&RootSecret::new(Box::new([1; 32])));
    let vault_id = VaultId::try_from(HOST.to_owned()).expect("a vault ID");
    let retry_policy = RetryPolicy::default();
    let opened = open_vault(&*store, &keys, vault_id, OperationId([9; 16]), retry_policy).await;
    let opened = opened.expect("the store is sound at the start");
    let clock = Arc::new(time);
    let time = VaultTime::open(&*store, clock.clone(), OperationId([8; 16]), retry_policy).await;
    let parts = Parts {
        store,
        keys,
        vault_id: opened.vault_id,
        passphrases_since: opened.passphrases_since,
        clock,
        time: Arc::new(time.expect("the store is sound at the start")),
        entropy: Arc::new(draws.clone()),
        settings: Settings {
            registration: mode,
            retention: Retention { newest: KEPT, period: KEPT_SECONDS, bounds: BOUNDS },
            suites,
            budgets_per_minute: 1000,
            retry_policy,
        },
    };
    AppState::new(parts, Authority::Public(HOST.to_owned()))
}

impl Transport for Vault {
    async fn send(&self, _: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        let no_answer = |why: &str| TransportError::NoResponse(why.into());
        if self.0.store.has_no_vault() {
            return Err(no_answer("nobody is there"));
        }
        if request.path == paths::LOGIN_FINISH {
            self.0.truth.note(Event::LoginAsked(Digest::of(&request.body)));
        }
        // Each request goes to the next replica. One that no one waits for is dropped as it is.
        let answer = answer(router::api(self.replica().clone()), request);
        let answer = tokio::time::timeout(CLIENT_TIMEOUT, self.while_it_lives(answer)).await;
        let response = answer.map_err(|_| no_answer("time ran out"))?.ok_or_else(|| no_answer("broken"))?;
        self.observe(request, &response);
        Ok(self.0.tongue.twist(request, response))
    }
}

async fn answer(api: Router, request: &Request) -> Response {
    let mut asked = http::Request::builder().method(request.method.as_str()).uri(&request.path);
    asked = asked.header("host", HOST);
    for (name, value) in &request.headers {
        asked = asked.header(*name, value);
    }
    let asked = asked.body(Body::from(request.body.clone())).expect("a client's requests are well-formed");
    let (head, body) = api.oneshot(asked).await.expect("the router never fails").into_parts();
    let headers = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    Response {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: body.collect().await.expect("a whole body").to_bytes().to_vec(),
    }
}
