//! Section 15.6: a save whose number is more than one above the head's, for a vault that has missed saves.

use crate::rekey::NewKeys;
use crate::support::client::{Session, Snapshot, User};
use crate::support::{TestVault, vault};
use crate::sweep::{plant_snapshot, removed, snapshot_prefix};
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::devices::{ChangeResponse, RekeyResponse};
use rootcellar_spec::wire::history::History;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, Generation, Number, ProblemCode};
use rootcellar_vault::sweep::Kind;

const DAY: u64 = 86_400;

async fn registered(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    (user, session)
}

/// The chain of snapshots behind `before`, of which other vaults have seen all.
fn chain(user: &User, before: Option<&Snapshot>, count: usize) -> Vec<Snapshot> {
    let mut chain: Vec<Snapshot> = Vec::new();
    for number in 0..count {
        let next = user.snapshot(chain.last().or(before), &format!("{number}"));
        chain.push(next);
    }
    chain
}

async fn saves(vault: &TestVault, user: &User, session: &Session, snapshot: &Snapshot) -> bool {
    let reply = user.put(vault, session, snapshot).await;
    if reply.status == 200 {
        let (saved, bytes) = reply.parts::<SnapshotResponse>();
        assert_eq!(saved.head, saved.snapshot);
        assert_eq!(saved.head.expect("a head").number, snapshot.header.number);
        assert_eq!(bytes.as_deref(), Some(&snapshot.bytes[..]));
        return true;
    }
    reply.problem(ProblemCode::HeadMoved);
    false
}

#[tokio::test]
async fn a_save_may_skip_what_the_vault_has_missed() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "first");
    assert!(saves(&vault, &user, &session, &first).await);
    let missed = chain(&user, Some(&first), 5);
    assert!(saves(&vault, &user, &session, &missed[4]).await);
    for passed in &missed[..4] {
        assert!(!saves(&vault, &user, &session, passed).await, "the head does not go back");
    }
    assert!(saves(&vault, &user, &session, &user.snapshot(Some(&missed[4]), "next")).await);

    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    let numbers: Vec<u64> = account.snapshots.iter().map(|head| head.number.0).collect();
    assert_eq!(numbers, [7, 6, 1]);
    let history: History = user.get(&vault, &session, paths::HISTORY).await.json();
    let told: Vec<u64> = history.saves.events.iter().map(|event| event.detail).collect();
    assert_eq!(told, [1, 6, 7], "the history has what was saved here");
    let again = user.put(&vault, &session, &missed[4]).await.parts::<SnapshotResponse>().0;
    assert_eq!(again.snapshot.map(|snapshot| snapshot.number), Some(Number(6)));
}

#[tokio::test]
async fn it_reaches_as_far_as_the_ancestors_do() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let ahead = chain(&user, None, 258);
    assert!(!saves(&vault, &user, &session, &ahead[1]).await, "without a head, the first comes first");
    assert!(saves(&vault, &user, &session, &ahead[0]).await);
    assert!(!saves(&vault, &user, &session, &ahead[257]).await, "257 ahead");
    assert!(saves(&vault, &user, &session, &ahead[256]).await, "256 ahead");
}

#[tokio::test]
async fn what_descends_from_another_snapshot_is_refused_at_any_distance() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "first");
    assert!(saves(&vault, &user, &session, &first).await);
    let fork = chain(&user, Some(&user.snapshot(None, "another first")), 4);
    for other in &fork {
        assert!(!saves(&vault, &user, &session, other).await, "{}", other.header.number);
    }
    // The head is among its ancestors, but not in its place.
    let mut shifted = fork[2].header.clone();
    shifted.ancestors.rotate_left(1);
    shifted.ancestors[0] = Digest::of(&first.bytes);
    assert!(!saves(&vault, &user, &session, &Snapshot::new(shifted, "x")).await);
    assert_eq!(vault.store.names("accounts/").await.len(), 2, "nothing was left behind");
}

#[tokio::test]
async fn what_a_sweep_took_can_be_saved_again_if_it_is_ahead_of_the_head() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "first");
    assert!(saves(&vault, &user, &session, &first).await);
    let missed = chain(&user, Some(&first), 9);
    // Two saves that were cut off between their writes.
    let (behind, ahead) = (user.snapshot(Some(&missed[1]), "cut off"), &missed[7]);
    for snapshot in [&behind, ahead] {
        plant_snapshot(&vault, snapshot).await;
    }
    assert!(saves(&vault, &user, &session, &missed[3]).await);
    vault.pass(3 * DAY);
    let gone = removed(&vault).await;
    assert!(gone.contains(&(Kind::Snapshots, 2)), "{gone:?}");
    assert!(vault.store.names(&snapshot_prefix(ahead)).await.is_empty());
    assert!(vault.store.names(&snapshot_prefix(&behind)).await.is_empty());

    let session = user.recover(&vault).await;
    assert!(saves(&vault, &user, &session, ahead).await);
    assert!(saves(&vault, &user, &session, &missed[8]).await);
    let kept = user.get(&vault, &session, &ahead.path()).await.parts::<SnapshotResponse>().1;
    assert_eq!(kept.as_ref(), Some(&ahead.bytes));
}

#[tokio::test]
async fn new_keys_may_skip_too_and_device_lists_may_not() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "first");
    assert!(saves(&vault, &user, &session, &first).await);
    let list = user.list(None);
    user.change(&vault, &session, &list, Vec::new()).await.json::<ChangeResponse>();
    let skipping = user.list(Some(&user.list(Some(&list))));
    user.change(&vault, &session, &skipping, Vec::new()).await.problem(ProblemCode::DevicesMoved);

    let missed = chain(&user, Some(&first), 3);
    let keys = NewKeys::after(&user, Some(&missed[2])).with_devices(&list, Vec::new());
    let answer: RekeyResponse = keys.send(&vault, &session).await.json();
    let head = answer.head.expect("a head");
    assert_eq!((head.number, head.generation), (Number(5), Generation(2)));
}
