//! Which snapshots stay, whatever a stolen device saves (protocol.md section 15.6).

use crate::devices::{DAY, alice};
use crate::support::client::{Session, Signs, Snapshot, User};
use crate::support::devices::{Device, List};
use crate::support::pausing::{At, Pausing, Says};
use crate::support::{TestVault, settings, vault_with};
use crate::sweep::{removed, snapshot_prefix};
use axum::extract::ConnectInfo;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use rootcellar_server::config::{Config, Flags, Merged};
use rootcellar_server::serve;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::devices::ChangeResponse;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Problem, ProblemCode};
use rootcellar_vault::Settings;
use rootcellar_vault::retention::{Retention, Size};
use std::net::SocketAddr;
use std::time::Duration;
use tower::ServiceExt;

const HOUR: u64 = 3600;
const MIB: u64 = 1 << 20;

/// The metrics of this thread's tests from now on.
struct Metrics {
    handle: PrometheusHandle,
    _until_dropped: metrics::LocalRecorderGuard<'static>,
}

impl Metrics {
    fn record() -> Self {
        let recorder: &'static PrometheusRecorder =
            Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        Self { handle: recorder.handle(), _until_dropped: metrics::set_default_local_recorder(recorder) }
    }

    /// The value of a counter, its labels written as Prometheus does.
    fn count(&self, name: &str) -> u64 {
        let page = self.handle.render();
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().expect("a number"))
    }
}

const EXPIRED: &str = "rootcellar_snapshots_expired_total";
const THINNED_OF_DEVICES: &str = "rootcellar_snapshots_thinned_total{author=\"device\"}";
const THINNED_OF_OWNERS: &str = "rootcellar_snapshots_thinned_total{author=\"owner\"}";
const OVER_QUOTA: &str = "rootcellar_saves_over_quota_total";

/// As a server comes.
const DEFAULT: Retention =
    Retention { newest: 20, period: 30 * DAY, bounds: Size { count: 1024, bytes: 256 * MIB } };

/// An account whose only snapshot is nine days old, and whose two devices may back up.
struct Quiet {
    vault: TestVault,
    user: User,
    phone: Device,
    laptop: Device,
    list: List,
    seed: Snapshot,
}

impl Quiet {
    async fn new(retention: Retention) -> Self {
        let vault = vault_with(Settings { retention, ..settings() }).await;
        let (user, session) = alice(&vault).await;
        let permissions = [Permission::Backup, Permission::Backup];
        let ([phone, laptop], list) = user.enrol(&vault, &session, permissions).await;
        let seed = user.snapshot(None, "the only seed");
        user.put(&vault, &session, &seed).await.parts::<SnapshotResponse>();
        vault.pass(9 * DAY);
        Self { vault, user, phone, laptop, list, seed }
    }

    async fn log_in(&mut self) -> Session {
        self.user.log_in(&self.vault, "right").await
    }

    async fn save(&self, by: &impl Signs, before: &Snapshot, content: &str) -> Snapshot {
        let next = self.user.snapshot(Some(before), content);
        self.user.put(&self.vault, by, &next).await.parts::<SnapshotResponse>();
        next
    }

    async fn account(&mut self) -> Account {
        let session = self.log_in().await;
        self.user.get(&self.vault, &session, paths::ACCOUNT).await.json()
    }

    /// Has the phone save once an hour behind `before`, until it is refused: what was refused, and why.
    async fn fill(&self, before: &mut Snapshot, content: &str) -> (Snapshot, Problem) {
        loop {
            self.vault.pass(HOUR);
            let next = self.user.snapshot(Some(before), content);
            let reply = self.user.put(&self.vault, &self.phone, &next).await;
            if reply.status != 200 {
                return (next, reply.problem(ProblemCode::DeviceQuota));
            }
            *before = next;
        }
    }

    /// Whether the owner can still read the seed.
    async fn keeps_the_seed(&mut self) -> bool {
        let session = self.log_in().await;
        let reply = self.user.get(&self.vault, &session, &self.seed.path()).await;
        if reply.status == 404 {
            reply.problem(ProblemCode::SnapshotMissing);
            return false;
        }
        assert_eq!(reply.parts::<SnapshotResponse>().1.as_ref(), Some(&self.seed.bytes));
        true
    }
}

#[tokio::test]
async fn a_thief_with_a_backup_device_does_not_destroy_the_only_backup() {
    let mut quiet = Quiet::new(DEFAULT).await;
    let mut before = quiet.seed.clone();
    for n in 0..21 {
        before = quiet.save(&quiet.phone, &before, &format!("without the seed {n}")).await;
        quiet.vault.pass(1);
    }
    assert!(quiet.keeps_the_seed().await);
    // The thief stays for as long as the vault lets the device save.
    for hour in 0..30 * 24 - 1 {
        quiet.vault.pass(HOUR);
        let next = quiet.user.snapshot(Some(&before), &format!("and on {hour}"));
        let reply = quiet.user.put(&quiet.vault, &quiet.phone, &next).await;
        match reply.status {
            200 => before = next,
            _ => drop(reply.problem(ProblemCode::DeviceQuota)),
        }
    }
    assert!(quiet.keeps_the_seed().await, "for the whole period");
    quiet.vault.pass(HOUR);
    let metrics = Metrics::record();
    let session = quiet.log_in().await;
    quiet.save(&session, &before, "the owner's").await;
    assert!(!quiet.keeps_the_seed().await, "and then it expires");
    assert!(metrics.count(EXPIRED) >= 1);
}

/// Jumps of the clock, like those of a wrong time server, at the server, at its store, and at both.
#[tokio::test]
async fn a_clock_that_leaps_a_month_ahead_expires_nothing() {
    for (server, store) in [(true, true), (true, false), (false, true)] {
        let mut quiet = Quiet::new(DEFAULT).await;
        let mut before = quiet.seed.clone();
        for n in 0..21 {
            before = quiet.save(&quiet.phone, &before, &format!("without the seed {n}")).await;
        }
        if server {
            quiet.vault.clock.set_ahead(31 * DAY);
        }
        if store {
            quiet.vault.store_clock.set_ahead(31 * DAY);
        }
        quiet.save(&quiet.phone, &before, "by a wrong clock").await;
        if server {
            quiet.vault.clock.set_back(31 * DAY);
        }
        if store {
            quiet.vault.store_clock.set_back(31 * DAY);
        }
        assert!(quiet.keeps_the_seed().await, "server {server}, store {store}");
    }
}

#[tokio::test]
async fn a_flood_of_saves_hinders_neither_the_owner_nor_another_device() {
    let mut quiet = Quiet::new(DEFAULT).await;
    let mut before = quiet.seed.clone();
    let metrics = Metrics::record();
    for n in 0..600 {
        before = quiet.save(&quiet.phone, &before, &format!("flood {n}")).await;
    }
    assert_eq!(metrics.count(THINNED_OF_DEVICES), 600 + 1 - 120);
    assert_eq!((metrics.count(THINNED_OF_OWNERS), metrics.count(OVER_QUOTA)), (0, 0));
    assert_eq!(quiet.account().await.snapshots.len(), 120, "a share, with what the flood pins");
    before = quiet.save(&quiet.laptop, &before, "another device's").await;
    let session = quiet.log_in().await;
    let none = quiet.user.list(Some(&quiet.list));
    quiet.user.change(&quiet.vault, &session, &none, Vec::new()).await.json::<ChangeResponse>();
    let session = quiet.log_in().await;
    quiet.save(&session, &before, "the owner's").await;
    assert!(quiet.keeps_the_seed().await);
    let kept = quiet.account().await.snapshots.len();
    assert_eq!(quiet.vault.store.names("accounts/").await.len(), 1 + kept, "what was thinned is gone");
}

#[tokio::test]
async fn a_device_that_fills_the_account_is_refused_and_told_what_to_do() {
    let bounds = Size { count: 256, bytes: 64 * MIB };
    let mut quiet = Quiet::new(Retention { bounds, ..DEFAULT }).await;
    let large = "x".repeat((MIB - 4096) as usize / 2);
    let mut before = quiet.seed.clone();
    let metrics = Metrics::record();
    let (_, refused) = quiet.fill(&mut before, &large).await;
    assert_eq!((metrics.count(OVER_QUOTA), metrics.count(THINNED_OF_DEVICES)), (1, 0));
    for advice in ["passphrase", "Revoke", "account's keys"] {
        assert!(refused.detail.contains(advice), "{refused:?}");
    }
    let account = quiet.account().await;
    let stored: u64 = account.snapshots.iter().map(|head| head.size).sum();
    assert!((6 * MIB..=15 * MIB / 2).contains(&stored), "5 of 32 parts of the devices' bytes: {stored}");

    before = quiet.save(&quiet.laptop, &before, &large).await;
    let session = quiet.log_in().await;
    before = quiet.save(&session, &before, &large).await;
    assert!(quiet.keeps_the_seed().await);

    let (next, refused) = quiet.fill(&mut before, &large).await;
    quiet.vault.pass(refused.retry_after.expect("when there will be room"));
    quiet.user.put(&quiet.vault, &quiet.phone, &next).await.parts::<SnapshotResponse>();
}

#[tokio::test]
async fn a_session_that_a_device_signs_is_the_owners() {
    let bounds = Size { count: 32, bytes: 64 * MIB };
    let mut quiet = Quiet::new(Retention { bounds, ..DEFAULT }).await;
    let mut before = quiet.seed.clone();
    let metrics = Metrics::record();
    for n in 0..40 {
        quiet.vault.pass(HOUR);
        let session = quiet.user.log_in_with(&quiet.vault, "right", quiet.phone.key.clone()).await;
        before = quiet.save(&session, &before, &format!("content {n}")).await;
    }
    let kept = quiet.account().await.snapshots.len();
    assert!(kept <= 8, "the owner is thinned, and never refused");
    assert_eq!(metrics.count(THINNED_OF_OWNERS), (1 + 40 - kept) as u64);
}

/// Many expire at once where someone filled an account and nobody saved for a month.
#[tokio::test(start_paused = true)]
async fn a_save_does_not_wait_for_a_slow_store_to_remove_what_it_drops() {
    let mut quiet = Quiet::new(Retention { newest: 1, ..DEFAULT }).await;
    let mut before = quiet.seed.clone();
    for n in 0..3 {
        before = quiet.save(&quiet.phone, &before, &format!("content {n}")).await;
    }
    quiet.vault.pass(31 * DAY);
    let session = quiet.log_in().await;
    quiet.vault.store.before_reading(snapshot_prefix(&quiet.seed).leak(), std::future::pending());
    let begun = tokio::time::Instant::now();
    quiet.save(&session, &before, "the owner's").await;
    assert!((5..8).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert!(quiet.vault.store.names("accounts/").await.len() > 1 + 2, "something is left");
    quiet.vault.pass(DAY + 1);
    removed(&quiet.vault).await;
    assert_eq!(quiet.vault.store.names("accounts/").await.len(), 1 + 2, "the sweep takes it");
}

/// A snapshot's object that no account names counts against nobody's share until a sweep removes it: a client must not be
/// able to leave one behind at will.
#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_snapshot_that_counts_against_nobody() {
    let merged = Merged::gather(&Flags::default(), []).expect("the defaults merge");
    let config = Config::read(&merged).expect("the defaults go together");
    let mut quiet = Quiet::new(DEFAULT).await;
    let session = quiet.log_in().await;
    let mut before = quiet.seed.clone();
    for call in 0..3 {
        let paused = Pausing::new(quiet.vault.store.clone(), Says::Gone, At::After(call));
        let app = serve::app(&config, quiet.vault.replica_on(paused.clone()).state, None);
        let next = quiet.user.snapshot(Some(&before), &format!("content {call}"));
        let mut request = quiet.user.request(&quiet.vault, &session, "PUT", &next.path(), next.bytes.clone());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        tokio::select! {
            answer = app.oneshot(request) => panic!("answered before it was paused: {answer:?}"),
            () = paused.reached() => {}
        }
        // The client has hung up: nothing waits for the response any more.
        paused.go_on();
        let is_saved = async {
            while quiet.user.get(&quiet.vault, &session, &next.path()).await.status != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_saved).await.expect("the save completes");
        before = next;
    }
    assert_eq!(quiet.vault.store.names("accounts/").await.len(), 1 + 4);
}
