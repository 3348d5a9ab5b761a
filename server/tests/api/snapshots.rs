//! Section 15.6: the account and its snapshots.

use crate::support::client::{Session, Snapshot, User};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use rootcellar_server::store::Store;
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, Digest, Generation, Number, OperationId, ProblemCode};

async fn registered(vault: &TestVault) -> (User, Session) {
    let mut user = User::new("alice");
    user.register(vault, "right").await;
    let session = user.log_in(vault, "right").await;
    vault.store.take_calls();
    (user, session)
}

#[tokio::test]
async fn a_save_takes_four_store_calls_and_is_read_back() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let (head, bytes) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
    assert_eq!((head.head, bytes), (None, None), "nothing was saved yet");
    vault.store.take_calls();

    let first = user.snapshot(None, "one");
    let (saved, bytes) = user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    let head = saved.head.expect("a head");
    let calls: Vec<_> = vault.store.take_calls().into_iter().map(|call| (call.verb, call.kind)).collect();
    let calls: Vec<_> = calls.iter().map(|(verb, kind)| (*verb, kind.as_str())).collect();
    assert_eq!(calls, [("get", "account"), ("put", "snapshot"), ("put", "account"), ("get", "snapshot")]);
    assert_eq!((saved.snapshot.as_ref(), bytes.as_deref()), (Some(&head), Some(&first.bytes[..])));
    assert_eq!(head.digest, Digest::of(&first.bytes));
    assert_eq!((head.number, head.size), (Number::FIRST, first.bytes.len() as u64));

    let (named, bytes) = user.get(&vault, &session, &first.path()).await.parts::<SnapshotResponse>();
    assert_eq!(vault.store.take_calls().len(), 2);
    assert_eq!(bytes.as_deref(), Some(&first.bytes[..]));
    assert_eq!((named.head.as_ref(), named.snapshot.as_ref()), (Some(&head), Some(&head)));
    let (newest, bytes) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
    assert_eq!((newest.head, newest.snapshot), (Some(head.clone()), None));
    assert_eq!(bytes, Some(first.bytes));
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!((account.head, account.snapshots), (Some(head.clone()), vec![head]));
}

#[tokio::test]
async fn the_same_save_again_is_recognised_even_after_a_later_one() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "one");
    let answer = user.put(&vault, &session, &first).await;
    assert_eq!(user.put(&vault, &session, &first).await, answer);
    let second = user.snapshot(Some(&first), "two");
    let (later, _) = user.put(&vault, &session, &second).await.parts::<SnapshotResponse>();
    let (again, bytes) = user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    let (saved, _) = answer.parts::<SnapshotResponse>();
    assert_eq!((again.snapshot, bytes), (saved.snapshot, Some(first.bytes.clone())));
    assert_eq!(again.head, later.head, "the head is told as it is");
    let other = Snapshot::new(first.header.clone(), "other bytes");
    user.put(&vault, &session, &other).await.problem(ProblemCode::OperationUsed);
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.snapshots.len(), 2);
    assert_eq!(account.head.map(|head| head.number), Some(Number(2)));
}

#[tokio::test]
async fn a_save_that_does_not_follow_the_head_is_told_the_head() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "one");
    let head = user.put(&vault, &session, &first).await.parts::<SnapshotResponse>().0.head;
    let unrelated = user.snapshot(Some(&user.snapshot(None, "another first")), "two");
    let beside = user.snapshot(None, "another first");
    let mut forked = user.snapshot(Some(&first), "two").header;
    forked.ancestors[0] = Digest::of(b"another first");
    for wrong in [unrelated, beside, Snapshot::new(forked, "two")] {
        let problem = user.put(&vault, &session, &wrong).await.problem(ProblemCode::HeadMoved);
        assert_eq!(problem.head, head);
    }
    assert_eq!(vault.store.names("accounts/").await.len(), 2, "nothing was left behind");
}

#[tokio::test]
async fn a_snapshot_must_be_the_accounts_own_and_of_its_generation() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let header = user.snapshot(None, "one").header;
    let put = async |header: Header, path: Option<String>| {
        let snapshot = Snapshot::new(header, "one");
        let path = path.unwrap_or_else(|| snapshot.path());
        vault.send(user.request(&vault, &session, "PUT", &path, snapshot.bytes)).await
    };
    let foreign = Header { account: AccountId([1; 16]), ..header.clone() };
    assert_eq!(put(foreign, None).await.problem(ProblemCode::Malformed).field.as_deref(), Some("account"));
    let rekeyed = Header { generation: Generation(2), ..header.clone() };
    put(rekeyed, None).await.problem(ProblemCode::GenerationMoved);
    let elsewhere = format!("{}/{}", paths::SNAPSHOTS, OperationId([4; 16]));
    let problem = put(header, Some(elsewhere)).await.problem(ProblemCode::Malformed);
    assert_eq!(problem.field.as_deref(), Some("operation"));
    assert_eq!(vault.store.names("accounts/").await.len(), 1);
}

#[tokio::test]
async fn a_save_whose_reply_was_lost_is_one_snapshot() {
    for (prefix, fault) in [("accounts/", Fault::ReplyLost), ("accounts/", Fault::AppliedThenDown)] {
        let mut settings = settings();
        settings.retry_policy.attempts = 3;
        let vault = vault_with(settings).await;
        let (user, session) = registered(&vault).await;
        let first = user.snapshot(None, "one");
        // The first write is the snapshot's bytes.
        vault.store.fail_next(prefix, fault);
        let reply = user.put(&vault, &session, &first).await;
        assert_eq!(reply.status, if fault == Fault::ReplyLost { 200 } else { 503 });
        vault.store.come_back();
        user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
        let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
        assert_eq!(account.snapshots.len(), 1);
    }
}

#[tokio::test]
async fn a_save_whose_last_swap_is_in_doubt_is_recognised_when_it_is_sent_again() {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "one");
    // The account's own object comes first in the order of its names.
    let account = vault.store.names("accounts/").await.remove(0);
    vault.store.fail_next(account.leak(), Fault::AppliedThenDown);
    user.put(&vault, &session, &first).await.problem(ProblemCode::OutcomeUnknown);
    vault.store.come_back();
    let (saved, _) = user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    assert_eq!(saved.head.map(|head| head.digest), Some(Digest::of(&first.bytes)));
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.snapshots.len(), 1);
}

#[tokio::test]
async fn what_the_store_does_not_give_back_is_not_sent_as_if_it_did() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "one");
    let (store, account, operation) = (vault.store.clone(), user.account, first.header.operation);
    // The bytes vanish between the commit and the reading back.
    vault.store.before_reading("/snapshots/", async move {
        let key = store.snapshot_key(&account, &operation).await;
        let object = store.get(&key).await.expect("reads").object.expect("was written");
        store.delete(&key, &object.etag).await.expect("deletes");
    });
    let (saved, bytes) = user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    assert_eq!(bytes, None);
    assert_eq!(saved.snapshot.map(|snapshot| snapshot.digest), Some(Digest::of(&first.bytes)));
}

#[tokio::test]
async fn a_full_store_refuses_saves_and_keeps_reads() {
    let vault = vault().await;
    let (user, session) = registered(&vault).await;
    let first = user.snapshot(None, "one");
    user.put(&vault, &session, &first).await.parts::<SnapshotResponse>();
    vault.store.fail_next("accounts/", Fault::Full);
    let second = user.snapshot(Some(&first), "two");
    user.put(&vault, &session, &second).await.problem(ProblemCode::StorageFull);
    let (_, bytes) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
    assert_eq!(bytes, Some(first.bytes));
}

#[tokio::test]
async fn snapshots_expire_by_when_they_were_superseded() {
    let vault = vault().await;
    let (mut user, mut session) = registered(&vault).await;
    let mut before = None;
    let mut all = Vec::new();
    for n in 0..5 {
        let next = user.snapshot(before.as_ref(), &format!("content {n}"));
        user.put(&vault, &session, &next).await.parts::<SnapshotResponse>();
        all.push(next.clone());
        before = Some(next);
    }
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    assert_eq!(account.snapshots.len(), 5, "the first four were superseded just now");
    vault.pass(3601);
    session = user.log_in(&vault, "right").await;
    let next = user.snapshot(before.as_ref(), "content 5");
    user.put(&vault, &session, &next).await.parts::<SnapshotResponse>();
    let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    let numbers: Vec<u64> = account.snapshots.iter().map(|head| head.number.0).collect();
    assert_eq!(numbers, [6, 5, 4], "5 was superseded just now, and 4 is one of the newest three");
    user.get(&vault, &session, &all[0].path()).await.problem(ProblemCode::SnapshotMissing);
    assert_eq!(vault.store.names("accounts/").await.len(), 1 + 3, "their bytes are gone too");
}
