//! Section 15.6: changing the passphrase.

use crate::support::client::{Session, Signs, User, keyslot};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use ed25519_dalek::SigningKey;
use rootcellar_server::store::Store;
use rootcellar_spec::wire::login::StartResponse as LoginStartResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest, StartResponse,
};
use rootcellar_spec::{Generation, ProblemCode, SuiteId};
use rootcellar_vault::clock::Clock;
use std::sync::Arc;

pub(crate) async fn prepare(
    vault: &TestVault,
    user: &mut User,
    by: &impl Signs,
    passphrase: &str,
) -> PassphraseFinishRequest {
    let (request, state) = user.registration_request(passphrase);
    let name_hash = by.needs_name().then_some(user.name_hash);
    let request = PassphraseStartRequest { name_hash, registration_request: request.registration_request };
    let answer: StartResponse = user.post(vault, by, paths::PASSPHRASE_START, &request).await.json();
    PassphraseFinishRequest {
        registration_record: user.record(state, passphrase, &answer),
        token: answer.token,
        operation: user.operation(),
        suite: SuiteId::ONE,
        generation: Generation::FIRST,
        passphrase_keyslot: keyslot(9),
        keep_sessions: false,
    }
}

#[tokio::test]
async fn a_change_ends_every_session_and_the_old_passphrase() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let other = user.log_in(&vault, "old").await;
    let session = user.log_in(&vault, "old").await;
    let under_way = user.begin("old");
    let started: LoginStartResponse = vault.post(paths::LOGIN_START, &under_way.request).await.json();

    let request = prepare(&vault, &mut user, &session, "new").await;
    let first = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    first.json::<PassphraseFinishResponse>();
    for ended in [&other, &session] {
        user.get(&vault, ended, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
        let snapshot = user.snapshot(None, "late");
        user.put(&vault, ended, &snapshot).await.problem(ProblemCode::SessionEnded);
    }
    let (late, _) = user.finish_login(&under_way, "old", &started, vault.clock.now()).expect("KE2 of before");
    vault.send(late).await.problem(ProblemCode::LoginExpired);

    let begun = user.begin("old");
    let answer: LoginStartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    assert!(user.finish_login(&begun, "old", &answer, vault.clock.now()).is_none());
    let session = user.log_in(&vault, "new").await;
    assert_eq!(session.answer.keyslot, keyslot(9));
}

/// While `old` is checked, the passphrase changes and the head moves on: what is read again is another epoch's account.
#[tokio::test]
async fn the_old_passphrase_gets_nothing_of_what_came_after_it() {
    for by_login in [true, false] {
        let vault = Arc::new(vault().await);
        let mut user = User::new("alice");
        user.register(&vault, "old").await;
        let session = user.log_in(&vault, "old").await;
        let first = user.snapshot(None, "first");
        assert_eq!(user.put(&vault, &session, &first).await.status, 200);
        let change = prepare(&vault, &mut user, &session, "new").await;
        let begun = user.begin("old");
        let answer: LoginStartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
        let (finish, _) = user.finish_login(&begun, "old", &answer, vault.clock.now()).expect("right");
        let read = user.request(&vault, &session, "GET", paths::HEAD, Vec::new());

        let replica = Arc::clone(&vault);
        vault.store.before_reading("/snapshots/", async move {
            let vault = &*replica;
            let reply = user.post(vault, &session, paths::PASSPHRASE_FINISH, &change).await;
            reply.json::<PassphraseFinishResponse>();
            let session = user.log_in(vault, "new").await;
            let second = user.snapshot(Some(&first), "second");
            assert_eq!(user.put(vault, &session, &second).await.status, 200);
            let key = vault.store.snapshot_key(&user.account, &first.header.operation).await;
            let object = vault.store.get(&key).await.expect("reads").object.expect("is there");
            vault.store.delete(&key, &object.etag).await.expect("deletes");
        });
        if by_login {
            vault.send(finish).await.problem(ProblemCode::LoginExpired);
        } else {
            vault.send(read).await.problem(ProblemCode::SessionEnded);
        }
    }
}

#[tokio::test]
async fn a_change_whose_reply_was_lost_can_be_sent_again() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let session = user.log_in(&vault, "old").await;
    let request = prepare(&vault, &mut user, &session, "new").await;
    let first = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    vault.pass(200);
    let again = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    assert_eq!(first.json::<PassphraseFinishResponse>().time, again.json::<PassphraseFinishResponse>().time);
    let mut other = request.clone();
    other.passphrase_keyslot[50] ^= 1;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &other).await.problem(ProblemCode::SessionEnded);
    assert_eq!(user.log_in(&vault, "new").await.answer.keyslot, keyslot(9));
}

#[tokio::test]
async fn a_change_that_broke_off_is_no_failed_attempt_once_it_is_sent_again() {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let session = user.log_in(&vault, "old").await;
    let request = prepare(&vault, &mut user, &session, "new").await;
    vault.store.fail_next("accounts/", Fault::AppliedThenDown);
    assert_eq!(user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.status, 503);
    vault.store.come_back();
    for _ in 0..2 {
        let again = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
        again.json::<PassphraseFinishResponse>();
    }
    assert_eq!(user.log_in(&vault, "new").await.answer.failed_attempts, 0);
    let begun = user.begin("wrong");
    let answer: LoginStartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    assert_eq!(answer.budget.remaining, 2, "beside the registration and the change");
}

/// Starts a change of passphrase, and says whether the OPRF was evaluated.
async fn starts(vault: &TestVault, user: &mut User, by: &impl Signs) -> bool {
    let (request, _) = user.registration_request("guess");
    let request =
        PassphraseStartRequest { name_hash: None, registration_request: request.registration_request };
    let reply = user.post(vault, by, paths::PASSPHRASE_START, &request).await;
    if reply.status != 200 {
        reply.problem(ProblemCode::BudgetSpent);
    }
    reply.status == 200
}

#[tokio::test]
async fn a_change_is_charged_like_a_login() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let session = user.log_in(&vault, "old").await;
    let last = prepare(&vault, &mut user, &session, "new").await;
    for _ in 0..3 {
        assert!(starts(&vault, &mut user, &session).await);
    }
    assert!(!starts(&vault, &mut user, &session).await, "the registration was the first of five");
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &last).await.json::<PassphraseFinishResponse>();
    let begun = user.begin("new");
    vault.post(paths::LOGIN_START, &begun.request).await.problem(ProblemCode::BudgetSpent);
    vault.pass(60);
    assert_eq!(user.log_in(&vault, "new").await.answer.failed_attempts, 3);
}

/// Who may change the passphrase could else have the OPRF evaluated for as many passphrases as they like.
#[tokio::test]
async fn changes_that_commit_are_bounded_like_guesses() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "passphrase 0").await;
    let mut session = user.log_in(&vault, "passphrase 0").await;
    for n in 1..=4 {
        let passphrase = format!("passphrase {n}");
        let request = prepare(&vault, &mut user, &session, &passphrase).await;
        let done = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
        done.json::<PassphraseFinishResponse>();
        if n < 4 {
            session = user.log_in(&vault, &passphrase).await;
            assert_eq!(session.answer.failed_attempts, 0, "a change is no failed attempt");
        }
    }
    for wait in [0, 60, 300, 900, 3600] {
        vault.pass(wait);
        let key = SigningKey::from_bytes(&[3; 32]);
        let session = Session::of(&vault.send(user.recovery_request(&key, vault.clock.now())).await, key);
        assert_eq!(starts(&vault, &mut user, &session).await, wait > 0, "after {wait} s");
    }
}

/// Nor by registering a name and deleting it, over and over, before its owner comes.
#[tokio::test]
async fn registrations_of_one_name_are_bounded_like_guesses() {
    let vault = vault().await;
    for _ in 0..5 {
        let mut squatter = User::new("alice");
        squatter.register(&vault, "right").await;
        let pointer = vault.store.names("names/").await.remove(0);
        let key = rootcellar_server::store::Key::new(pointer);
        let object = vault.store.get(&key).await.expect("reads").object.expect("is there");
        vault.store.delete(&key, &object.etag).await.expect("deletes");
    }
    let (request, _) = User::new("alice").registration_request("guess");
    vault.post(paths::REGISTRATION_START, &request).await.problem(ProblemCode::BudgetSpent);
}

#[tokio::test]
async fn a_recovered_session_changes_the_passphrase_without_the_name() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "forgotten").await;
    let key = SigningKey::from_bytes(&[3; 32]);
    let session = Session::of(&vault.send(user.recovery_request(&key, vault.clock.now())).await, key);
    let request = prepare(&vault, &mut user, &session, "new").await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    assert_eq!(user.log_in(&vault, "new").await.answer.account_id, user.account);
}

#[tokio::test]
async fn a_token_serves_its_own_account_and_purpose_only() {
    let vault = vault().await;
    let mut alice = User::new("alice");
    let mut mallory = User::new("mallory");
    alice.register(&vault, "right").await;
    mallory.register(&vault, "right").await;
    let alices = alice.log_in(&vault, "right").await;
    let mallorys = mallory.log_in(&vault, "right").await;
    let request = prepare(&vault, &mut alice, &alices, "new").await;
    let stolen = mallory.post(&vault, &mallorys, paths::PASSPHRASE_FINISH, &request).await;
    stolen.problem(ProblemCode::LoginExpired);
    let mut other = request.clone();
    other.token = User::new("carol").prepare_registration(&vault, "x").await.token;
    let of_registration = alice.post(&vault, &alices, paths::PASSPHRASE_FINISH, &other).await;
    of_registration.problem(ProblemCode::LoginExpired);
    let (_, nothing) = alice.get(&vault, &alices, paths::HEAD).await.parts::<serde_json::Value>();
    assert_eq!(nothing, None);
}
