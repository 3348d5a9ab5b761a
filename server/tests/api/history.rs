//! Sections 15.9 and 20.

use crate::passphrase::prepare;
use crate::support::client::{Session, Signs, User};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use axum::body::Body;
use ed25519_dalek::SigningKey;
use http::Request;
use http_body_util::BodyExt;
use rootcellar_server::store::read_only::ReadOnly;
use rootcellar_spec::limits::HISTORY_EVENTS;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::history::{Actor, Event, History, Stream, kind};
use rootcellar_spec::wire::login::{LoginResponse, StartResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::PassphraseFinishResponse;
use rootcellar_spec::{Digest, ProblemCode, Timestamp};
use rootcellar_vault::clock::Clock;
use std::sync::Arc;

async fn registered() -> (TestVault, User) {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    (vault, user)
}

pub(crate) async fn history(vault: &TestVault, user: &User, session: &impl Signs) -> History {
    user.get(vault, session, paths::HISTORY).await.json()
}

pub(crate) fn kinds(stream: &Stream) -> Vec<&str> {
    stream.events.iter().map(|event| event.kind.as_str()).collect()
}

/// The chain digest after the last event.
fn tip(stream: &Stream) -> Digest {
    stream.events.iter().fold(stream.base, |before, event| event.digest(&before))
}

/// A request that can be sent more than once.
pub(crate) struct Resent(http::request::Parts, Vec<u8>);

impl Resent {
    pub(crate) async fn of(request: Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        Self(parts, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    pub(crate) fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.1.clone()));
        *request.method_mut() = self.0.method.clone();
        *request.uri_mut() = self.0.uri.clone();
        *request.headers_mut() = self.0.headers.clone();
        request
    }
}

/// The second request of a login, and its session's key.
async fn finish(vault: &TestVault, user: &mut User) -> (Resent, SigningKey) {
    let begun = user.begin("right");
    let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
    (Resent::of(request).await, key)
}

#[tokio::test]
async fn what_happened_is_told_in_two_streams() {
    let (vault, mut user) = registered().await;
    for _ in 0..2 {
        let begun = user.begin("wrong");
        vault.post(paths::LOGIN_START, &begun.request).await;
    }
    let session = user.log_in(&vault, "right").await;
    let first = user.snapshot(None, "first");
    let second = user.snapshot(Some(&first), "second");
    for snapshot in [&first, &second, &second] {
        assert_eq!(user.put(&vault, &session, snapshot).await.status, 200);
    }
    vault.pass(60);
    let change = prepare(&vault, &mut user, &session, "new").await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await.json::<PassphraseFinishResponse>();
    let session = user.recover(&vault).await;

    let begun = user.begin("wrong");
    vault.post(paths::LOGIN_START, &begun.request).await;
    let told = history(&vault, &user, &session).await;
    let event = |number, kind: &str, by, detail| Event {
        number,
        at: vault.clock.now(),
        kind: kind.to_owned(),
        by,
        device: None,
        subject: None,
        detail,
    };
    let earlier = |event: Event| Event { at: Timestamp(event.at.0 - 60), ..event };
    let owner = Actor::Passphrase;
    assert_eq!(
        told.acts.events,
        [
            earlier(event(1, kind::REGISTRATION, owner, 0)),
            earlier(event(2, kind::LOGIN, owner, 2)),
            event(3, kind::PASSPHRASE, owner, 0),
            event(4, kind::RECOVERY, Actor::RecoveryCode, 0),
        ]
    );
    let saves = [1, 2].map(|number| earlier(event(number, kind::SAVE, owner, number)));
    assert_eq!(told.saves.events, saves, "a save that is sent again is one save");
    assert_eq!((told.acts.base, told.saves.base), (Digest([0; 32]), Digest([0; 32])));
    assert_eq!((told.failed_attempts, told.time), (1, vault.clock.now()));
}

#[tokio::test]
async fn a_login_that_is_sent_again_is_one_login() {
    let (vault, mut user) = registered().await;
    let (login, key) = finish(&vault, &mut user).await;
    let first = vault.send(login.request()).await;
    vault.pass(60);
    assert_eq!(first, vault.send(login.request()).await);
    let recovery =
        Resent::of(user.recovery_request(&SigningKey::from_bytes(&[3; 32]), vault.clock.now())).await;
    for _ in 0..2 {
        assert_eq!(vault.send(recovery.request()).await.status, 200);
    }
    let told = history(&vault, &user, &Session::of(&first, key)).await;
    assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN, kind::RECOVERY]);
}

/// Whatever becomes of the write: without an event nothing is released, and the same request, sent again, gets the response
/// and makes one event.
#[tokio::test]
async fn a_login_is_released_only_with_its_event() {
    for fault in [Fault::Full, Fault::Down, Fault::AppliedThenDown, Fault::ReplyLost] {
        let (vault, mut user) = registered().await;
        let (login, key) = finish(&vault, &mut user).await;
        vault.store.fail_next("accounts/", fault);
        let reply = vault.send(login.request()).await;
        vault.store.come_back();
        if fault == Fault::ReplyLost {
            assert_eq!(reply.status, 200, "the vault looks itself");
        } else {
            assert!([503, 507].contains(&reply.status), "{fault:?}: {reply:?}");
            assert!(!String::from_utf8_lossy(&reply.body).contains("keyslot"), "{fault:?}");
        }
        let session = Session::of(&vault.send(login.request()).await, key);
        let told = history(&vault, &user, &session).await;
        assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN], "{fault:?}");
    }
}

#[tokio::test]
async fn a_login_that_lost_to_a_save_is_written_down_and_gives_what_was_saved() {
    let vault = Arc::new(vault().await);
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let snapshot = user.snapshot(None, "content");
    let (login, key) = finish(&vault, &mut user).await;
    let save = user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
    let replica = Arc::clone(&vault);
    vault.store.before_replacing("accounts/", async move {
        assert_eq!(replica.send(save).await.status, 200);
    });
    let session = Session::of(&vault.send(login.request()).await, key);
    assert_eq!(session.answer.head.as_ref().map(|head| head.operation), Some(snapshot.header.operation));
    assert_eq!(session.snapshot, Some(snapshot.bytes));
    let told = history(&vault, &user, &session).await;
    assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN, kind::LOGIN]);
}

#[tokio::test]
async fn a_login_that_lost_to_another_passphrase_gets_nothing() {
    let vault = Arc::new(vault().await);
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let (login, _) = finish(&vault, &mut user).await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    let change = serde_json::to_vec(&change).expect("serializes");
    let change = user.request(&vault, &session, "POST", paths::PASSPHRASE_FINISH, change);
    let replica = Arc::clone(&vault);
    vault.store.before_replacing("accounts/", async move {
        assert_eq!(replica.send(change).await.status, 200);
    });
    vault.send(login.request()).await.problem(ProblemCode::LoginExpired);
    let session = user.log_in(&vault, "new").await;
    let told = history(&vault, &user, &session).await;
    assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN, kind::PASSPHRASE, kind::LOGIN]);
}

/// The entries are given back by a store that is full, that is only read, or that does not say whether it writes.
#[tokio::test]
async fn a_recovery_is_released_where_the_store_takes_no_writes() {
    let (vault, user) = registered().await;
    let request = || user.recovery_request(&SigningKey::from_bytes(&[3; 32]), vault.clock.now());
    vault.store.fail_next("accounts/", Fault::Full);
    assert_eq!(vault.send(request()).await.status, 200);
    let read_only = vault.replica_on(Arc::new(ReadOnly::new(vault.store.clone())));
    let (answer, _) = read_only.send(request()).await.parts::<LoginResponse>();
    assert_eq!(answer.account_id, user.account);

    let session = user.recover(&vault).await;
    let told = history(&read_only, &user, &session).await;
    assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::RECOVERY], "only the last was written down");
}

/// The next writes to the account lose to these requests, each to another.
fn lose_to(vault: &Arc<TestVault>, mut requests: Vec<Request<Body>>) {
    let Some(request) = requests.pop() else { return };
    let replica = Arc::clone(vault);
    vault.store.before_replacing("accounts/", async move {
        assert_eq!(replica.send(request).await.status, 200);
        lose_to(&replica, requests);
    });
}

/// No one who can write to the account can block a user of the recovery code.
#[tokio::test]
async fn a_recovery_is_released_where_the_account_is_busy() {
    let (vault, mut user) = registered().await;
    let vault = Arc::new(vault);
    let session = user.log_in(&vault, "right").await;
    let first = user.snapshot(None, "first");
    user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    let mut before = Some(first.clone());
    let mut saves = || {
        let saves = (0..8).map(|number| {
            let next = user.snapshot(before.as_ref(), &number.to_string());
            let request = user.request(&vault, &session, "PUT", &next.path(), next.bytes.clone());
            before = Some(next);
            request
        });
        let mut saves: Vec<_> = saves.collect();
        saves.reverse();
        saves
    };
    let (for_recovery, for_login) = (saves(), saves());
    lose_to(&vault, for_recovery);
    let recovery = user.recovery_request(&SigningKey::from_bytes(&[3; 32]), vault.clock.now());
    let (answer, newest) = vault.send(recovery).await.parts::<LoginResponse>();
    assert_eq!((answer.account_id, newest), (user.account, Some(first.bytes)));
    let (login, _) = finish(&vault, &mut user).await;
    lose_to(&vault, for_login);
    vault.send(login.request()).await.problem(ProblemCode::Busy);
    let told = history(&vault, &user, &session).await;
    assert_eq!(kinds(&told.acts), [kind::REGISTRATION, kind::LOGIN]);
}

/// A flood of wrong passphrases is a number; a flood of saves is in a stream of its own; and of a flood of logins the newest
/// stay, chained to what was before.
#[tokio::test]
async fn a_flood_is_counted_and_pushes_nothing_else_out() {
    let (vault, mut user) = registered().await;
    let session = user.log_in(&vault, "right").await;
    for _ in 0..4 {
        let begun = user.begin("wrong");
        vault.post(paths::LOGIN_START, &begun.request).await;
    }
    let mut before = None;
    for number in 0..HISTORY_EVENTS + 2 {
        let next = user.snapshot(before.as_ref(), &number.to_string());
        user.put(&vault, &session, &next).await.parts::<SnapshotResponse>();
        before = Some(next);
    }
    let told = history(&vault, &user, &session).await;
    assert_eq!((kinds(&told.acts), told.failed_attempts), (vec![kind::REGISTRATION, kind::LOGIN], 4));
    assert_eq!((told.saves.events.len(), told.saves.events[0].number), (HISTORY_EVENTS, 3));

    let mut all = told.acts.events;
    let mut told = None;
    for _ in 0..HISTORY_EVENTS {
        vault.pass(1);
        let session = user.recover(&vault).await;
        let now = history(&vault, &user, &session).await.acts;
        all.extend(now.events.last().cloned());
        told = Some(now);
    }
    let told = told.expect("many");
    assert_eq!(told.events, all[2..], "the newest of all");
    assert_eq!(tip(&told), tip(&Stream { base: Digest([0; 32]), events: all }));
}

#[tokio::test]
async fn only_the_account_s_sessions_see_it() {
    let (vault, mut user) = registered().await;
    let session = user.log_in(&vault, "right").await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await.json::<PassphraseFinishResponse>();
    user.get(&vault, &session, paths::HISTORY).await.problem(ProblemCode::SessionEnded);
}
