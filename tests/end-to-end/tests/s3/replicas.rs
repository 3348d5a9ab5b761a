//! Three servers on one bucket, behind a plain load balancer that gives each a request in turn.

use crate::vault::UNLIMITED;
use rootcellar_end_to_end::{Balancer, Bucket, PASSPHRASE, Passed, Server, WRONG_PASSPHRASE, Wallet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::LocalSet;

const START: &str = "POST /v1/login/start";
const FINISH: &str = "POST /v1/login/finish";
/// Tries of a name before waits begin.
const BUDGET: usize = 5;

/// Servers on one bucket, and the balancer before them.
struct Replicas {
    servers: Vec<Server>,
    balancer: Balancer,
}

impl Replicas {
    fn for_test_of(what: &str) -> Option<Self> {
        let bucket = Bucket::for_test_of(what)?;
        let way = bucket.server();
        let first = Server::in_bucket(bucket, way, &UNLIMITED);
        let (second, third) = (first.replica(), first.replica());
        let servers = vec![first, second, third];
        let balancer = Balancer::before(&servers.iter().map(Server::address).collect::<Vec<_>>());
        Some(Self { servers, balancer })
    }

    /// A device over the balancer.
    fn wallet(&self, account: &str) -> Wallet {
        Wallet::new(&self.balancer.url(), account)
    }
}

#[tokio::test]
async fn a_login_begun_on_one_finishes_on_another() {
    let Some(replicas) = Replicas::for_test_of("replicas: logins") else { return };
    replicas.wallet("alice").register(PASSPHRASE).await.expect("registers");
    replicas.wallet("alice").save(PASSPHRASE, "first").await.expect("saves");
    let _ = replicas.balancer.passed();
    for _ in 0..6 {
        assert_eq!(replicas.wallet("alice").labels(PASSPHRASE).await.expect("logs in"), ["first"]);
        let passed = replicas.balancer.passed();
        let [start, finish] = &passed[..] else { panic!("two requests: {passed:?}") };
        assert_eq!((start.request.as_str(), finish.request.as_str()), (START, FINISH));
        assert_ne!(start.replica, finish.replica, "each request goes to the next one");
    }
}

#[tokio::test]
async fn guesses_on_all_replicas_together_never_exceed_the_budget() {
    let Some(replicas) = Replicas::for_test_of("replicas: guesses") else { return };
    let mut owner = replicas.wallet("alice");
    owner.register(PASSPHRASE).await.expect("registers");
    for account in ["alice", "nobody"] {
        let _ = replicas.balancer.passed();
        let guesses = LocalSet::new();
        for _ in 0..64 {
            let mut guesser = owner.elsewhere(account);
            guesses.spawn_local(async move { guesser.labels(WRONG_PASSPHRASE).await.expect_err("is wrong") });
        }
        guesses.await;
        let passed = replicas.balancer.passed();
        let evaluations =
            passed.iter().filter(|passed| passed.request == START && passed.status == Some(200));
        let count = evaluations.count();
        assert!((1..=BUDGET).contains(&count), "{count} of {} guesses were answered", passed.len());
    }
}

#[tokio::test]
async fn saves_that_race_on_all_replicas_all_survive() {
    const DEVICES: usize = 8;
    let Some(replicas) = Replicas::for_test_of("replicas: saves") else { return };
    replicas.wallet("alice").register(PASSPHRASE).await.expect("registers");
    let acknowledged = Rc::new(Cell::new(0));
    let saves = LocalSet::new();
    for device in 0..DEVICES {
        let mut wallet = replicas.wallet("alice");
        let acknowledged = Rc::clone(&acknowledged);
        saves.spawn_local(async move {
            let mut saved = wallet.save(PASSPHRASE, &format!("device {device}")).await;
            while saved.is_err() {
                // What a person does: the next command finishes it, or begins where nothing was begun.
                saved = match wallet.is_saving() {
                    true => wallet.labels(PASSPHRASE).await.map(|_| ()),
                    false => wallet.save(PASSPHRASE, &format!("device {device}")).await,
                };
            }
            acknowledged.set(acknowledged.get() + 1);
        });
    }
    saves.await;
    assert_eq!(acknowledged.get(), DEVICES);
    let mut labels = replicas.wallet("alice").labels(PASSPHRASE).await.expect("logs in");
    labels.sort();
    let expected: Vec<String> = (0..DEVICES).map(|device| format!("device {device}")).collect();
    assert_eq!(labels, expected, "each entry, once");
}

#[tokio::test]
async fn a_rolling_restart_under_load_fails_no_request() {
    const DEVICES: usize = 4;
    let Some(mut replicas) = Replicas::for_test_of("replicas: a rolling restart") else { return };
    let url = replicas.balancer.url();
    let balancer = replicas.balancer.clone();
    for device in 0..DEVICES {
        replicas.wallet(&format!("account-{device}")).register(PASSPHRASE).await.expect("registers");
    }
    let _ = balancer.passed();
    let restarted = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&restarted);
    let rolling = std::thread::spawn(move || {
        for at in 0..replicas.servers.len() {
            let new = replicas.servers[at].replica();
            replicas.balancer.add(new.address());
            let mut old = std::mem::replace(&mut replicas.servers[at], new);
            let address = old.address();
            old.end();
            replicas.balancer.remove(address);
        }
        restarted.store(true, Ordering::Relaxed);
        replicas
    });
    let load = LocalSet::new();
    let saved = Rc::new(RefCell::new(vec![0_usize; DEVICES]));
    for device in 0..DEVICES {
        let (is_over, saved) = (Arc::clone(&is_over), Rc::clone(&saved));
        let mut wallet = Wallet::new(&url, &format!("account-{device}"));
        load.spawn_local(async move {
            while !is_over.load(Ordering::Relaxed) {
                let label = format!("entry {}", saved.borrow()[device]);
                wallet.save(PASSPHRASE, &label).await.expect("every save succeeds");
                saved.borrow_mut()[device] += 1;
            }
        });
    }
    load.await;
    let replicas = rolling.join().expect("no panic");
    let passed = balancer.passed();
    let failed: Vec<&Passed> = passed.iter().filter(|passed| passed.status != Some(200)).collect();
    assert!(failed.is_empty(), "{} of {} requests failed: {failed:?}", failed.len(), passed.len());
    for (device, saved) in saved.take().into_iter().enumerate() {
        let labels = replicas.wallet(&format!("account-{device}")).labels(PASSPHRASE).await.expect("logs in");
        assert_eq!(labels.len(), saved, "device {device}: {labels:?}");
    }
}
