//! Section 15.6: deleting an account.

use crate::passphrase::prepare;
use crate::support::client::{Session, Snapshot, User};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use async_trait::async_trait;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::account::{DeleteRequest, DeleteResponse, SnapshotResponse};
use rootcellar_spec::wire::login::StartResponse;
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::sweep::{Finding, Kind, Report, Watch, run};
use std::sync::Arc;

const DAY: u64 = 86_400;

pub(crate) fn request(user: &User) -> DeleteRequest {
    DeleteRequest { operation: user.operation() }
}

/// Someone with two snapshots.
async fn alice(vault: &TestVault) -> (User, Session, Snapshot) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    let first = user.snapshot(None, "first");
    user.put(vault, &session, &first).await.parts::<SnapshotResponse>();
    let second = user.snapshot(Some(&first), "second");
    user.put(vault, &session, &second).await.parts::<SnapshotResponse>();
    (user, session, second)
}

/// Everything that is kept, without budgets and the vault's time.
async fn names(vault: &TestVault) -> Vec<String> {
    let mut names = vault.store.names("").await;
    names.retain(|name| !name.starts_with("guesses/") && name != "clock");
    names
}

struct Unwatched;

#[async_trait]
impl Watch for Unwatched {
    async fn saw(&mut self, _: &Report, _: Option<&Finding>) -> bool {
        true
    }
}

async fn sweep(vault: &TestVault) -> Report {
    run(&vault.state, true, &mut Unwatched).await.expect("the store answers")
}

/// Nobody gets anything of the account any more, by any way, and its name is free.
async fn is_gone(vault: &TestVault, user: &mut User, session: &Session, latest: &Snapshot) {
    user.get(vault, session, paths::ACCOUNT).await.problem(ProblemCode::AccountDeleted);
    user.get(vault, session, paths::HEAD).await.problem(ProblemCode::AccountDeleted);
    let next = user.snapshot(Some(latest), "late");
    user.put(vault, session, &next).await.problem(ProblemCode::AccountDeleted);
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let recovery = vault.send(user.recovery_request(&key, vault.clock.now())).await;
    recovery.problem(ProblemCode::RecoveryRefused);
    let begun = user.begin("right");
    let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    assert!(user.finish_login(&begun, "right", &answer, vault.clock.now()).is_none());
    let mut other = User::new("alice");
    other.register(vault, "another").await;
    assert_eq!(other.log_in(vault, "another").await.answer.account_id, other.account);
}

#[tokio::test]
async fn a_deleted_account_is_gone_at_once_and_its_name_is_free() {
    let vault = vault().await;
    let (mut user, session, latest) = alice(&vault).await;
    let request = request(&user);
    let first = user.post(&vault, &session, paths::DELETE, &request).await;
    let time = first.json::<DeleteResponse>().time;
    assert_eq!(time, vault.clock.now());
    let left = names(&vault).await;
    assert_eq!(left.len(), 2, "the vault and the tombstone: {left:?}");
    let (_, tombstone) = vault.store.contents().await.into_iter().next().expect("accounts come first");
    let tombstone = String::from_utf8(tombstone.to_vec()).expect("JSON");
    for member in ["keyslot", "record", "login_key", "snapshots", "digest"] {
        assert!(!tombstone.contains(member), "{member} in {tombstone}");
    }

    vault.pass(100);
    let again = user.post(&vault, &session, paths::DELETE, &request).await;
    assert_eq!(again.json::<DeleteResponse>().time, time);
    let other = self::request(&user);
    user.post(&vault, &session, paths::DELETE, &other).await.problem(ProblemCode::AccountDeleted);
    is_gone(&vault, &mut user, &session, &latest).await;
}

#[tokio::test]
async fn a_tombstone_stays_a_day_and_then_nothing_is_left() {
    let vault = vault().await;
    let (user, session, _) = alice(&vault).await;
    let request = request(&user);
    user.post(&vault, &session, paths::DELETE, &request).await.json::<DeleteResponse>();
    vault.pass(DAY);
    assert!(!sweep(&vault).await.removed.contains_key(&Kind::Tombstones));
    vault.pass(1);
    assert_eq!(sweep(&vault).await.removed[&Kind::Tombstones].objects, 1);
    assert_eq!(names(&vault).await, ["vault"]);
}

/// Every write and removal of the request fails in turn, before or after it took place, and nothing is answered from then on.
#[tokio::test]
async fn a_deletion_survives_a_crash_at_any_step() {
    for fault in [Fault::Down, Fault::AppliedThenDown] {
        for again in [true, false] {
            let mut spared = 0;
            loop {
                let mut settings = settings();
                settings.retry_policy.attempts = 3;
                let vault = vault_with(settings).await;
                let (mut user, session, latest) = alice(&vault).await;
                let request = request(&user);
                vault.store.fail_after(spared, "", fault);
                let reply = user.post(&vault, &session, paths::DELETE, &request).await;
                vault.store.come_back();
                let came = !vault.store.forget_fault();
                let committed = spared > 0 || fault == Fault::AppliedThenDown;
                assert_eq!(reply.status, if spared > 0 || !came { 200 } else { 503 }, "{fault:?} {spared}");
                if again {
                    user.post(&vault, &session, paths::DELETE, &request).await.json::<DeleteResponse>();
                    assert_eq!(names(&vault).await.len(), 2, "{fault:?} {spared}");
                }
                if again || committed {
                    is_gone(&vault, &mut user, &session, &latest).await;
                    vault.pass(DAY + 1);
                    sweep(&vault).await;
                    sweep(&vault).await;
                    let left = names(&vault).await;
                    assert_eq!(left.len(), 4, "the vault and who took the name: {fault:?} {spared} {left:?}");
                } else {
                    let whole = user.log_in(&vault, "right").await;
                    assert_eq!(whole.snapshot.as_deref(), Some(&latest.bytes[..]), "nothing happened");
                }
                if !came {
                    break;
                }
                spared += 1;
            }
            assert_eq!(spared, 5, "the swap, name, locator, two snapshots");
        }
    }
}

/// A save that was stopped after it had created its snapshot.
#[tokio::test]
async fn a_slow_save_fails_on_the_tombstone_and_leaves_nothing() {
    let vault = Arc::new(vault().await);
    let (user, session, latest) = alice(&vault).await;
    let snapshot = user.snapshot(Some(&latest), "third");
    let save = user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
    let request = request(&user);
    let replica = Arc::clone(&vault);
    vault.store.before_replacing("accounts/", async move {
        user.post(&replica, &session, paths::DELETE, &request).await.json::<DeleteResponse>();
    });
    vault.send(save).await.problem(ProblemCode::AccountDeleted);
    assert_eq!(names(&vault).await.len(), 2, "the vault and the tombstone");
}

#[tokio::test]
async fn what_was_under_way_hears_that_the_account_is_gone() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let registration = user.prepare_registration(&vault, "right").await;
    assert_eq!(vault.post(paths::REGISTRATION_FINISH, &registration).await.status, 200);
    let session = user.log_in(&vault, "right").await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    let begun = user.begin("right");
    let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    let (login, _) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    let request = request(&user);
    user.post(&vault, &session, paths::DELETE, &request).await.json::<DeleteResponse>();

    vault.send(login).await.problem(ProblemCode::AccountDeleted);
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await.problem(ProblemCode::AccountDeleted);
    vault.post(paths::REGISTRATION_FINISH, &registration).await.problem(ProblemCode::AccountDeleted);
    assert_eq!(names(&vault).await.len(), 2, "nothing comes back");
}

#[tokio::test]
async fn an_ended_session_deletes_nothing() {
    let vault = vault().await;
    let (mut user, session, latest) = alice(&vault).await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    assert_eq!(user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await.status, 200);
    let request = request(&user);
    user.post(&vault, &session, paths::DELETE, &request).await.problem(ProblemCode::SessionEnded);
    assert_eq!(user.log_in(&vault, "new").await.snapshot.as_deref(), Some(&latest.bytes[..]));
}

/// Concurrent saves, a passphrase change and a deletion: the deletion wins, and nothing of the others is left.
#[tokio::test]
async fn a_deletion_wins_over_whatever_goes_on_beside_it() {
    for seed in 0..50 {
        let vault = vault().await;
        let (mut user, session, latest) = alice(&vault).await;
        let change = prepare(&vault, &mut user, &session, "new").await;
        let other = user.log_in(&vault, "right").await;
        let (deletion, snapshot) = (request(&user), user.snapshot(Some(&latest), "third"));
        vault.store.jitter(seed);
        let (deleted, saved, _) = tokio::join!(
            user.post(&vault, &session, paths::DELETE, &deletion),
            user.put(&vault, &other, &snapshot),
            user.post(&vault, &other, paths::PASSPHRASE_FINISH, &change),
        );
        if deleted.status == 401 {
            // The passphrase was faster and ended the session.
            user.log_in(&vault, "new").await;
            continue;
        }
        deleted.json::<DeleteResponse>();
        assert!([200, 401, 410].contains(&saved.status), "seed {seed}: {}", saved.status);
        assert_eq!(names(&vault).await.len(), 2, "seed {seed}: {:?}", names(&vault).await);
    }
}
