//! Requests at the same time: nothing acknowledged is lost, nothing is charged or refunded twice.

use crate::history::{Resent, history};
use crate::support::client::{Session, Snapshot, User};
use crate::support::vault;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::StartResponse;
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_budget_is_never_overdrawn() {
    let first = Arc::new(vault().await);
    let second = Arc::new(first.replica());
    for (name, replicas) in [("one vault", [&first, &first]), ("two replicas", [&first, &second])] {
        let mut tries = JoinSet::new();
        for n in 0..12 {
            let begun = User::new(name).begin("guess");
            let vault = Arc::clone(replicas[n % 2]);
            tries.spawn(async move { vault.post(paths::LOGIN_START, &begun.request).await.status });
        }
        let statuses = tries.join_all().await;
        let evaluated = statuses.iter().filter(|status| **status == 200).count();
        assert!(evaluated <= 5, "{name}: {statuses:?}");
        assert!(statuses.iter().all(|status| [200, 429, 503].contains(status)), "{name}: {statuses:?}");
        assert!(evaluated > 0, "{name}: each race has a winner");
    }
}

/// The first request at one replica, the second at another.
#[tokio::test]
async fn a_login_is_finished_by_any_replica() {
    let first = vault().await;
    let second = first.replica();
    let mut user = User::new("alice");
    user.register(&first, "right").await;
    let begun = user.begin("right");
    let answer: StartResponse = first.post(paths::LOGIN_START, &begun.request).await.json();
    let (request, key) = user.finish_login(&begun, "right", &answer, first.clock.now()).expect("right");
    let session = Session::of(&second.send(request).await, key);
    assert_eq!(user.get(&first, &session, paths::ACCOUNT).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_saves_wins_and_the_others_hear_of_it() {
    let vault = Arc::new(vault().await);
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let mut saves = JoinSet::new();
    for n in 0..6 {
        let snapshot = user.snapshot(None, &format!("device {n}"));
        let request = user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
        let vault = Arc::clone(&vault);
        saves.spawn(async move { (snapshot, vault.send(request).await) });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        saves.join_all().await.into_iter().partition(|(_, r)| r.status == 200);
    let [(winner, reply)] = &won[..] else { panic!("{} winners", won.len()) };
    let head = reply.parts::<SnapshotResponse>().0.head;
    for (_, reply) in &lost {
        assert_eq!(reply.problem(ProblemCode::HeadMoved).head, head);
    }
    let (_, bytes) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
    assert_eq!(bytes.as_ref(), Some(&winner.bytes));
    assert_eq!(vault.store.names("accounts/").await.len(), 2, "no orphans");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_save_many_times_at_once_is_one_snapshot() {
    let vault = Arc::new(vault().await);
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let snapshot: Snapshot = user.snapshot(None, "content");
    let mut saves = JoinSet::new();
    for _ in 0..6 {
        let request = user.request(&vault, &session, "PUT", &snapshot.path(), snapshot.bytes.clone());
        let vault = Arc::clone(&vault);
        saves.spawn(async move { vault.send(request).await });
    }
    let replies = saves.join_all().await;
    assert!(replies.iter().all(|reply| reply == &replies[0] && reply.status == 200), "{replies:?}");
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.snapshots.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_registrations_gets_the_name() {
    let vault = Arc::new(vault().await);
    let mut users = Vec::new();
    for _ in 0..4 {
        let mut user = User::new("alice");
        let request = user.prepare_registration(&vault, "right").await;
        users.push((user, request));
    }
    let mut registrations = JoinSet::new();
    for (user, request) in users {
        let vault = Arc::clone(&vault);
        registrations.spawn(async move { (user, vault.post(paths::REGISTRATION_FINISH, &request).await) });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        registrations.join_all().await.into_iter().partition(|(_, reply)| reply.status == 200);
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|(_, reply)| {
        reply.problem(ProblemCode::NameTaken);
    });
    assert_eq!(vault.store.names("accounts/").await.len(), 1);
    assert_eq!(vault.store.names("locators/").await.len(), 1);
    let (mut winner, _) = won.into_iter().next().expect("one");
    assert_eq!(winner.log_in(&vault, "right").await.answer.account_id, winner.account);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_login_is_finished_by_one_request_key() {
    let vault = Arc::new(vault().await);
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let begun = user.begin("right");
    let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    let mut finishes = JoinSet::new();
    for _ in 0..5 {
        let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
        let vault = Arc::clone(&vault);
        finishes.spawn(async move { (vault.send(request).await, key) });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        finishes.join_all().await.into_iter().partition(|(reply, _)| reply.status == 200);
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|(reply, _)| {
        reply.problem(ProblemCode::LoginUsed);
    });
    let (reply, key) = won.into_iter().next().expect("one");
    let session = Session::of(&reply, key);
    assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200);
}

/// Each contends with the others for the account's object. Every login that is let in was written down, once, and one that
/// was not let in is told to send the same again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn logins_at_the_same_time_are_all_written_down() {
    let vault = Arc::new(vault().await);
    let replica = Arc::new(vault.replica());
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let mut logins = JoinSet::new();
    for n in 0..4 {
        let begun = user.begin("right");
        let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
        let (request, key) = user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("right");
        let request = Resent::of(request).await;
        for vault in [&vault, &replica] {
            let (vault, request, key) = (Arc::clone(vault), request.request(), key.clone());
            logins.spawn(async move { (n, vault.send(request).await, key) });
        }
    }
    let replies = logins.join_all().await;
    let mut let_in = BTreeSet::new();
    let mut session = None;
    for (n, reply, key) in replies {
        if reply.status == 200 {
            let_in.insert(n);
            session = Some(Session::of(&reply, key));
        } else {
            assert_eq!(reply.problem(ProblemCode::Busy).retry_after, Some(1));
        }
    }
    let told = history(&vault, &user, &session.expect("one at least")).await;
    let written = told.acts.events.iter().filter(|event| event.kind == kind::LOGIN).count();
    assert!(let_in.len() <= written && written <= 4, "{} of {written}", let_in.len());
}
