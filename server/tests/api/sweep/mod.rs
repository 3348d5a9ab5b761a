//! The sweep: what it takes, what it leaves, and that nobody loses anything by it (storage.md, "The sweep").

mod slow_writers;

use crate::support::client::{Session, Snapshot, User};
use crate::support::pausing::{At, Pausing, Says};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_server::state::AppState;
use rootcellar_server::store::{Condition, Key, Store};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::login::StartResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::FinishResponse;
use rootcellar_vault::sweep::{Finding, Kept, Kind, Outcome, Report, Watch, run};
use rootcellar_vault::{invite, names};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Notes what the sweep finds.
#[derive(Default)]
struct Notes(Vec<Finding>);

#[async_trait]
impl Watch for Notes {
    async fn saw(&mut self, _: &Report, finding: Option<&Finding>) -> bool {
        self.0.extend(finding.cloned());
        true
    }
}

pub(crate) async fn sweep(state: &AppState, apply: bool) -> (Report, Vec<Finding>) {
    let mut notes = Notes::default();
    let report = run(state, apply, &mut notes).await.expect("the store answers");
    (report, notes.0)
}

/// Sweeps, and returns what was removed: kind and number of objects.
pub(crate) async fn removed(vault: &TestVault) -> Vec<(Kind, u64)> {
    let (report, _) = sweep(&vault.state, true).await;
    assert!(report.complete);
    report.removed.into_iter().map(|(kind, tally)| (kind, tally.objects)).collect()
}

async fn kept(vault: &TestVault) -> Vec<(Kept, u64)> {
    let (report, _) = sweep(&vault.state, true).await;
    report.kept.into_iter().map(|(reason, tally)| (reason, tally.objects)).collect()
}

async fn plant(vault: &TestVault, name: &str, bytes: impl Into<Bytes>) {
    vault.store.put(&Key::new(name), bytes.into(), Condition::Absent).await.expect("plants");
}

/// Leaves what a save leaves that was cut off between its writes. Returns the object's name.
pub(crate) async fn plant_snapshot(vault: &TestVault, snapshot: &Snapshot) -> String {
    let next = version(vault, snapshot).await + 1;
    plant_for(vault, snapshot, next).await
}

/// Leaves an object that was made for this version of the account.
async fn plant_for(vault: &TestVault, snapshot: &Snapshot, version: u64) -> String {
    let name = format!("{}{version}", snapshot_prefix(snapshot));
    plant(vault, &name, snapshot.bytes.clone()).await;
    name
}

/// The version of a snapshot's account.
async fn version(vault: &TestVault, snapshot: &Snapshot) -> u64 {
    let key = names::account(&snapshot.header.account);
    let object = vault.store.get(&key).await.expect("reads").object.expect("an account");
    let account: serde_json::Value = serde_json::from_slice(&object.body).expect("JSON");
    account["version"].as_u64().expect("a number")
}

/// What the names of a snapshot's objects begin with.
pub(crate) fn snapshot_prefix(snapshot: &Snapshot) -> String {
    let Header { account, operation, .. } = &snapshot.header;
    let name = names::snapshot(account, operation, 1);
    name.as_str().strip_suffix('1').expect("the version is last").to_owned()
}

/// A registered user, and the session of a login.
async fn alice(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    (user, session)
}

async fn save(vault: &TestVault, user: &User, session: &Session, snapshot: &Snapshot) {
    user.put(vault, session, snapshot).await.parts::<SnapshotResponse>();
}

/// What the recovery code gives now.
async fn recovered(vault: &TestVault, user: &User) -> Option<Vec<u8>> {
    use rootcellar_vault::clock::Clock;
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let reply = vault.send(user.recovery_request(&key, vault.clock.now())).await;
    if reply.status != 200 {
        reply.problem(ProblemCode::RecoveryRefused);
        return None;
    }
    Session::of(&reply, key).snapshot
}

#[tokio::test]
async fn a_vault_in_use_loses_nothing() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let first = user.snapshot(None, "first");
    save(&vault, &user, &session, &first).await;
    save(&vault, &user, &session, &user.snapshot(Some(&first), "second")).await;
    User::new("bob").register(&vault, "right").await;
    invite::create(&vault.state, 10 * DAY).await.expect("an invite");
    vault.pass(3 * DAY);
    let before = vault.store.contents().await;
    let (report, findings) = sweep(&vault.state, true).await;
    // Both budgets are full again: alice has logged in, bob has registered.
    assert!(
        findings.iter().all(|finding| finding.outcome == Outcome::Removed(Kind::Guesses)),
        "{findings:?}"
    );
    let rest: Vec<_> = before.into_iter().filter(|(name, _)| !name.starts_with("guesses/")).collect();
    assert_eq!(vault.store.contents().await, rest);
    assert_eq!((report.young.objects, report.seen.objects), (0, rest.len() as u64 + 2));
}

#[tokio::test]
async fn a_dry_run_removes_nothing_and_says_the_same() {
    let vault = vault().await;
    plant(&vault, "probe/1", "x").await;
    vault.pass(DAY + 1);
    let before = vault.store.contents().await;
    let (dry, found) = sweep(&vault.state, false).await;
    assert_eq!(vault.store.contents().await, before);
    assert_eq!(found[0].outcome, Outcome::Removable(Kind::Probes));
    let (wet, found) = sweep(&vault.state, true).await;
    assert_eq!((dry.removed, dry.applied, wet.applied), (wet.removed, false, true));
    assert_eq!(found[0].outcome, Outcome::Removed(Kind::Probes));
    assert_eq!(vault.store.names("probe/").await, [""; 0]);
}

#[tokio::test]
async fn nothing_younger_than_a_day_is_looked_into() {
    let vault = vault().await;
    plant(&vault, "probe/1", "x").await;
    vault.pass(DAY);
    let (report, _) = sweep(&vault.state, true).await;
    assert_eq!((report.young.objects, report.total().objects), (3, 0), "the probe, the vault and its time");
    vault.pass(1);
    assert_eq!(removed(&vault).await, [(Kind::Probes, 1)]);
}

#[tokio::test]
async fn what_no_account_names_goes_and_the_account_moves_on_first() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let first = user.snapshot(None, "first");
    save(&vault, &user, &session, &first).await;
    let begun = version(&vault, &first).await;
    let pending = plant_snapshot(&vault, &user.snapshot(Some(&first), "pending")).await;
    let other = plant_snapshot(&vault, &user.snapshot(Some(&first), "another")).await;
    let lost = plant_for(&vault, &user.snapshot(None, "lost"), 1).await;
    vault.pass(2 * DAY);
    let (_, findings) = sweep(&vault.state, false).await;
    assert_eq!(version(&vault, &first).await, begun, "a dry run writes nothing");
    let is_found = |name: &String, outcome| {
        findings.iter().any(|finding| finding.name == *name && finding.outcome == outcome)
    };
    assert!([&pending, &other, &lost].iter().all(|name| is_found(name, Outcome::Removable(Kind::Snapshots))));

    assert!(removed(&vault).await.contains(&(Kind::Snapshots, 3)));
    assert_eq!(vault.store.names("accounts/").await.len(), 2, "the account and its head");
    assert_eq!(version(&vault, &first).await, begun + 1, "no writer that was stopped can name them");
    assert_eq!(recovered(&vault, &user).await, Some(first.bytes));
}

/// A bucket that has an older version of an account's object back.
#[tokio::test]
async fn snapshots_of_a_newer_version_of_their_account_stay_until_it_is_reached() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    let first = user.snapshot(None, "first");
    save(&vault, &user, &session, &first).await;
    let next = version(&vault, &first).await + 1;
    plant_for(&vault, &user.snapshot(Some(&first), "newer"), next + 1).await;
    vault.pass(2 * DAY);
    assert_eq!(kept(&vault).await, [(Kept::AheadOfAccount, 1)]);
    let session = user.log_in_again(&vault).await;
    save(&vault, &user, &session, &user.snapshot(Some(&first), "second")).await;
    assert!(removed(&vault).await.contains(&(Kind::Snapshots, 1)));
}

#[tokio::test]
async fn a_pending_save_can_be_sent_again_after_any_time() {
    for is_swept in [true, false] {
        let vault = vault().await;
        let (user, _) = alice(&vault).await;
        let pending = user.snapshot(None, "pending");
        plant_snapshot(&vault, &pending).await;
        vault.pass(100 * DAY);
        if is_swept {
            sweep(&vault.state, true).await;
        }
        let session = user.log_in_again(&vault).await;
        save(&vault, &user, &session, &pending).await;
        assert_eq!(recovered(&vault, &user).await, Some(pending.bytes));
    }
}

/// Two replicas sweep. One of them has judged what a save left, and stops; the other removes it; the same bytes are saved
/// again; and the first continues.
#[tokio::test]
async fn a_sweep_that_stopped_takes_nothing_that_was_saved_again_since() {
    for call in 0.. {
        let vault = vault().await;
        let (user, _) = alice(&vault).await;
        let pending = user.snapshot(None, "pending");
        plant_snapshot(&vault, &pending).await;
        vault.pass(2 * DAY);
        let slow = Pausing::new(vault.store.clone(), Says::Gone, At::Before(call));
        let replica = vault.replica_on(slow.clone());
        let mut first = tokio::spawn(async move { sweep(&replica.state, true).await });
        let has_ended = tokio::select! {
            _ = &mut first => true,
            () = slow.reached() => false,
        };
        sweep(&vault.state, true).await;
        let session = user.log_in_again(&vault).await;
        save(&vault, &user, &session, &pending).await;
        if has_ended {
            assert!(call > 3, "a sweep makes calls");
            return;
        }
        slow.go_on();
        first.await.expect("ends");
        assert_eq!(recovered(&vault, &user).await, Some(pending.bytes), "stopped before call {call}");
    }
}

#[tokio::test]
async fn snapshots_without_an_account_stay() {
    let vault = vault().await;
    let (user, _) = alice(&vault).await;
    plant_for(&vault, &User::new("nobody").snapshot(None, "x"), 2).await;
    // Whatever it is: no account names it.
    plant(&vault, &format!("{}1", snapshot_prefix(&user.snapshot(None, "x"))), "no snapshot").await;
    vault.pass(2 * DAY);
    assert_eq!(removed(&vault).await, [(Kind::Snapshots, 1), (Kind::Guesses, 1)]);
    assert_eq!(kept(&vault).await, [(Kept::AccountMissing, 1)]);
}

#[tokio::test]
async fn a_budget_goes_when_it_is_drained_and_has_nothing_to_tell() {
    let vault = vault().await;
    let (mut user, _) = alice(&vault).await;
    vault.pass(DAY + 1);
    assert_eq!(removed(&vault).await, [(Kind::Guesses, 1)], "alice logged in");

    for _ in 0..3 {
        let begun = user.begin("wrong");
        vault.post(paths::LOGIN_START, &begun.request).await.json::<StartResponse>();
    }
    let unknown = User::new("unknown").begin("wrong");
    vault.post(paths::LOGIN_START, &unknown.request).await.json::<StartResponse>();
    vault.pass(DAY + 1);
    assert_eq!((removed(&vault).await, kept(&vault).await.len()), (vec![], 1));
    assert_eq!(kept(&vault).await, [(Kept::FailedAttempts, 1)], "three tries take three days");
    vault.pass(3 * DAY);
    assert_eq!(kept(&vault).await, [(Kept::FailedAttempts, 2)]);
    vault.pass(26 * DAY);
    assert_eq!(removed(&vault).await, [(Kind::Guesses, 2)], "known and unknown names alike");
    assert_eq!(user.log_in(&vault, "right").await.answer.failed_attempts, 0);
}

#[tokio::test]
async fn an_expired_invite_goes_a_day_later() {
    let vault = vault().await;
    invite::create(&vault.state, DAY).await.expect("an invite");
    vault.pass(2 * DAY);
    assert_eq!(removed(&vault).await, []);
    vault.pass(1);
    assert_eq!(removed(&vault).await, [(Kind::Invites, 1)]);
}

#[tokio::test]
async fn a_pairing_mailbox_goes_a_day_after_its_end() {
    let vault = vault().await;
    let (user, session) = alice(&vault).await;
    crate::pairing::pair(&vault, &user, &session).await;
    vault.pass(DAY + 600);
    let before = removed(&vault).await;
    assert!(before.iter().all(|(kind, _)| *kind != Kind::Pairings), "{before:?}");
    vault.pass(1);
    assert_eq!(removed(&vault).await, [(Kind::Pairings, 1)]);
}

/// A registration that came as far as its locator.
async fn half_made(vault: &TestVault) -> (User, rootcellar_spec::wire::registration::FinishRequest) {
    let mut user = User::new("alice");
    let request = user.prepare_registration(vault, "right").await;
    vault.store.fail_next("locators/", Fault::AppliedThenDown);
    assert_eq!(vault.post(paths::REGISTRATION_FINISH, &request).await.status, 503);
    vault.store.come_back();
    (user, request)
}

async fn impatient() -> TestVault {
    let mut settings = settings();
    settings.retry_policy.attempts = 2;
    vault_with(settings).await
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_makes_nothing_old() {
    let vault = vault().await;
    half_made(&vault).await;
    invite::create(&vault.state, 10 * DAY).await.expect("an invite");
    for clock in [&vault.clock, &vault.store_clock] {
        clock.set_ahead(40 * DAY);
    }
    assert_eq!(removed(&vault).await, []);
    vault.pass(40 * DAY);
    assert_eq!(
        removed(&vault).await,
        [(Kind::Guesses, 1), (Kind::Registrations, 1), (Kind::Pointers, 1), (Kind::Invites, 1)],
        "time has passed"
    );
}

#[tokio::test]
async fn a_half_made_registration_goes_with_its_locator() {
    let vault = impatient().await;
    let (user, request) = half_made(&vault).await;
    vault.pass(DAY + 1);
    assert_eq!(
        removed(&vault).await,
        [(Kind::Guesses, 0); 0]
            .into_iter()
            .chain([(Kind::Registrations, 1), (Kind::Pointers, 1)])
            .collect::<Vec<_>>()
    );
    assert_eq!(vault.store.names("accounts/").await, [""; 0]);
    assert_eq!(vault.store.names("locators/").await, [""; 0]);
    assert_eq!(recovered(&vault, &user).await, None);
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::LoginExpired);
    User::new("alice").register(&vault, "other").await;
}

#[tokio::test]
async fn a_registration_is_resumed_within_an_hour_and_answered_for_ever() {
    let vault = impatient().await;
    let (_, request) = half_made(&vault).await;
    vault.pass(HOUR);
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::LoginExpired);

    let vault = impatient().await;
    let (mut user, request) = half_made(&vault).await;
    vault.pass(HOUR - 1);
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    vault.pass(100 * DAY);
    removed(&vault).await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    user.log_in(&vault, "right").await;
}

#[tokio::test]
async fn a_half_made_account_that_somebody_uses_stays() {
    let vault = impatient().await;
    let (user, _) = half_made(&vault).await;
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let now = rootcellar_vault::clock::Clock::now(&*vault.clock);
    let session = Session::of(&vault.send(user.recovery_request(&key, now)).await, key);
    let snapshot = user.snapshot(None, "content");
    save(&vault, &user, &session, &snapshot).await;
    vault.pass(40 * DAY);
    assert_eq!(removed(&vault).await, [(Kind::Guesses, 1)]);
    assert_eq!(recovered(&vault, &user).await, Some(snapshot.bytes));
}

#[tokio::test]
async fn pointers_that_lead_nowhere_go() {
    let vault = vault().await;
    let (mut user, _) = alice(&vault).await;
    let (_, body) =
        vault.store.contents().await.into_iter().find(|(name, _)| name.starts_with("names/")).expect("one");
    // It names the account, which names another one.
    plant(&vault, &format!("names/{}", "ab".repeat(32)), body.clone()).await;
    plant(&vault, &format!("locators/{}", "ab".repeat(32)), body).await;
    vault.pass(2 * DAY);
    assert_eq!(removed(&vault).await, [(Kind::Guesses, 1), (Kind::Pointers, 2)]);
    assert_eq!((vault.store.names("names/").await.len(), vault.store.names("locators/").await.len()), (1, 1));
    user.log_in(&vault, "right").await;
}

/// An account's object that the store has lost can be brought back, and what belongs to it is still there then.
#[tokio::test]
async fn what_belongs_to_a_lost_account_waits_for_it() {
    let vault = vault().await;
    let (mut user, session) = alice(&vault).await;
    let snapshot = user.snapshot(None, "content");
    save(&vault, &user, &session, &snapshot).await;
    let is_account = |name: &str| name.ends_with("/account");
    let (name, body) =
        vault.store.contents().await.into_iter().find(|(name, _)| is_account(name)).expect("one");
    let key = Key::new(name.as_str());
    let etag = vault.store.get(&key).await.expect("reads").object.expect("is there").etag;
    vault.store.delete(&key, &etag).await.expect("is lost");
    vault.pass(100 * DAY);
    removed(&vault).await;
    assert_eq!(kept(&vault).await, [(Kept::AccountMissing, 3)], "snapshot, name and locator");
    plant(&vault, &name, body).await;
    user.log_in(&vault, "right").await;
    assert_eq!(recovered(&vault, &user).await, Some(snapshot.bytes));
}

#[tokio::test]
async fn what_no_vault_made_stays() {
    let vault = vault().await;
    plant(&vault, "backups/monday", "x").await;
    plant(&vault, &format!("guesses/{}", "ab".repeat(32)), "{}").await;
    vault.pass(2 * DAY);
    assert_eq!(removed(&vault).await, []);
    assert_eq!(kept(&vault).await, [(Kept::Unreadable, 1), (Kept::Foreign, 1)]);
}

#[tokio::test]
async fn two_sweeps_at_once_take_each_object_once() {
    let vault = vault().await;
    let other = vault.replica();
    for n in 0..50 {
        plant(&vault, &format!("probe/{n}"), "x").await;
    }
    vault.pass(2 * DAY);
    let ((one, _), (two, _)) = tokio::join!(sweep(&vault.state, true), sweep(&other.state, true));
    assert!(one.complete && two.complete);
    assert_eq!(one.total().objects + two.total().objects, 50);
    assert_eq!(vault.store.names("probe/").await, [""; 0]);
}

/// Ends at once.
struct Stopped;

#[async_trait]
impl Watch for Stopped {
    async fn saw(&mut self, _: &Report, _: Option<&Finding>) -> bool {
        false
    }
}

#[tokio::test]
async fn a_sweep_ends_when_it_is_told_to() {
    let vault = vault().await;
    let report = run(&vault.state, true, &mut Stopped).await.expect("the store answers");
    assert!(!report.complete);
    assert_eq!(report.seen.objects, 1);
}
