//! The requirements of every store, as a test suite for all implementations (see the trait in
//! [`crate`]).
//!
//! Each check uses its own prefix, so that all can run on one store.

use crate::{Condition, Etag, Key, Listed, Store, WriteError};
use bytes::Bytes;
use std::collections::HashSet;
use std::sync::Arc;

/// Runs all checks.
///
/// # Panics
/// With the rule that the store violates.
pub async fn check(store: Arc<dyn Store>) {
    creates_once(&*store).await;
    replaces_only_what_matches(&*store).await;
    deletes_only_what_matches(&*store).await;
    makes_nothing_of_what_is_gone(&*store).await;
    never_gives_an_etag_twice(&*store).await;
    keeps_bytes_as_they_are(&*store).await;
    lists_in_order_and_in_pages(&*store).await;
    stamps_writes_with_its_clock(&*store).await;
    lets_one_racer_win(store.clone()).await;
    lets_one_creator_win(store).await;
}

fn key(check: &str, name: &str) -> Key {
    Key::new(format!("contract/{check}/{name}"))
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

async fn create(store: &dyn Store, key: &Key, body: &'static str) -> Etag {
    store.put(key, bytes(body), Condition::Absent).await.expect("creates what is absent")
}

async fn body(store: &dyn Store, key: &Key) -> Option<Bytes> {
    store.get(key).await.expect("reads").object.map(|object| object.body)
}

async fn creates_once(store: &dyn Store) {
    let key = key("creates", "a");
    assert_eq!(body(store, &key).await, None, "nothing is there at first");
    let etag = create(store, &key, "first").await;
    let read = store.get(&key).await.expect("reads").object.expect("is read after it was written");
    assert_eq!((read.body, read.etag), (bytes("first"), etag), "body and etag are those of the write");
    let again = store.put(&key, bytes("second"), Condition::Absent).await;
    assert!(matches!(again, Err(WriteError::ConditionFailed)), "creating again: {again:?}");
    assert_eq!(body(store, &key).await, Some(bytes("first")), "a refused write changes nothing");
}

async fn replaces_only_what_matches(store: &dyn Store) {
    let key = key("replaces", "a");
    let first = create(store, &key, "first").await;
    let second = store.put(&key, bytes("second"), Condition::Matches(first.clone())).await.expect("replaces");
    assert_ne!(first, second, "a new version has a new etag");
    assert_eq!(body(store, &key).await, Some(bytes("second")));
    let stale = store.put(&key, bytes("third"), Condition::Matches(first)).await;
    assert!(matches!(stale, Err(WriteError::ConditionFailed)), "a stale etag: {stale:?}");
    assert_eq!(body(store, &key).await, Some(bytes("second")), "a refused write changes nothing");
}

async fn deletes_only_what_matches(store: &dyn Store) {
    let key = key("deletes", "a");
    let first = create(store, &key, "first").await;
    let second = store.put(&key, bytes("second"), Condition::Matches(first.clone())).await.expect("replaces");
    let stale = store.delete(&key, &first).await;
    assert!(matches!(stale, Err(WriteError::ConditionFailed)), "a stale etag: {stale:?}");
    assert_eq!(body(store, &key).await, Some(bytes("second")));
    store.delete(&key, &second).await.expect("deletes");
    assert_eq!(body(store, &key).await, None);
}

/// Stores report it differently: AWS responds to a write of a missing object with 404, others with
/// 412, and some report success for a removal.
async fn makes_nothing_of_what_is_gone(store: &dyn Store) {
    let key = key("gone", "a");
    let etag = create(store, &key, "first").await;
    store.delete(&key, &etag).await.expect("deletes");
    let put = store.put(&key, bytes("second"), Condition::Matches(etag.clone())).await;
    let told = matches!(put, Err(WriteError::Gone | WriteError::ConditionFailed));
    assert!(told, "replacing what is gone: {put:?}");
    let delete = store.delete(&key, &etag).await;
    let told = matches!(delete, Ok(()) | Err(WriteError::Gone | WriteError::ConditionFailed));
    assert!(told, "deleting what is gone: {delete:?}");
    assert_eq!(body(store, &key).await, None, "a refused write makes nothing");
}

/// Bodies differ in a nonce, like those of all mutable objects.
async fn never_gives_an_etag_twice(store: &dyn Store) {
    let key = key("etags", "a");
    let mut seen = HashSet::new();
    let mut etag = create(store, &key, "0").await;
    for n in 1..20 {
        assert!(seen.insert(etag.clone()), "an etag came back");
        if n % 5 == 0 {
            store.delete(&key, &etag).await.expect("deletes");
            etag = store.put(&key, n.to_string().into(), Condition::Absent).await.expect("creates");
        } else {
            let condition = Condition::Matches(etag);
            etag = store.put(&key, n.to_string().into(), condition).await.expect("replaces");
        }
    }
}

async fn keeps_bytes_as_they_are(store: &dyn Store) {
    let large: Vec<u8> = (0..(1 << 20)).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, content) in [("empty", vec![]), ("nul", vec![0; 3]), ("large", large)] {
        let key = key("bytes", name);
        store.put(&key, content.clone().into(), Condition::Absent).await.expect("creates");
        assert_eq!(body(store, &key).await, Some(content.into()), "{name}");
    }
}

async fn lists_in_order_and_in_pages(store: &dyn Store) {
    for n in (0..1005).rev() {
        let key = key("lists", &format!("{n:04}"));
        store.put(&key, bytes("12345"), Condition::Absent).await.expect("creates");
    }
    create(store, &Key::new("contract/lists-not"), "x").await;
    let prefix = "contract/lists/";
    let first = store.list(prefix, None).await.expect("lists");
    assert!(first.more, "there are more than one page holds");
    assert!(first.objects.len() <= 1000, "a page holds 1,000 at most");
    let mut all: Vec<Listed> = first.objects;
    while let Some(last) = all.last() {
        let page = store.list(prefix, Some(&last.key)).await.expect("lists");
        all.extend(page.objects);
        if !page.more {
            break;
        }
    }
    let expected: Vec<Key> = (0..1005).map(|n| key("lists", &format!("{n:04}"))).collect();
    let found: Vec<Key> = all.iter().map(|listed| listed.key.clone()).collect();
    assert_eq!(found, expected, "all of the prefix, in order, each once");
    assert!(all.iter().all(|listed| listed.size == 5), "sizes");
    let rest = store.list(prefix, Some(&key("lists", "1003"))).await.expect("lists");
    assert_eq!(rest.objects.len(), 1, "after a name, that name excluded");
    assert!(!rest.more);
    let none = store.list("contract/lists/none", None).await.expect("lists");
    assert!(none.objects.is_empty() && !none.more);
}

async fn stamps_writes_with_its_clock(store: &dyn Store) {
    let key = key("stamps", "a");
    let before = store.get(&key).await.expect("reads").time;
    create(store, &key, "x").await;
    let after = store.get(&key).await.expect("reads").time;
    let page = store.list(key.as_str(), None).await.expect("lists");
    let modified = page.objects.first().expect("is listed").modified;
    assert!(before <= modified && modified <= after, "{before:?} {modified:?} {after:?}");
}

async fn lets_one_racer_win(store: Arc<dyn Store>) {
    let key = key("races", "replace");
    let etag = create(&*store, &key, "start").await;
    race(store, &key, Condition::Matches(etag)).await;
}

async fn lets_one_creator_win(store: Arc<dyn Store>) {
    race(store, &key("races", "create"), Condition::Absent).await;
}

/// Sixteen concurrent writers with one condition: one succeeds, and its bytes remain. A writer
/// without a clear response, for example on a slow machine, may have succeeded or not.
async fn race(store: Arc<dyn Store>, key: &Key, condition: Condition) {
    let start = Arc::new(tokio::sync::Barrier::new(16));
    let racers: Vec<_> = (0..16)
        .map(|n: u32| {
            let (store, start, key, condition) =
                (store.clone(), start.clone(), key.clone(), condition.clone());
            tokio::spawn(async move {
                start.wait().await;
                (n, store.put(&key, n.to_string().into(), condition).await)
            })
        })
        .collect();
    let (mut winners, mut unclear) = (Vec::new(), Vec::new());
    for racer in racers {
        match racer.await.expect("a racer ends") {
            (n, Ok(_)) => winners.push(n),
            (n, Err(WriteError::Unknown(_))) => unclear.push(n),
            (_, Err(WriteError::ConditionFailed | WriteError::Contended)) => {}
            (n, Err(other)) => assert_eq!(n, u32::MAX, "a lost race is no failure: {other:?}"),
        }
    }
    let standing = body(&*store, key).await.and_then(|body| std::str::from_utf8(&body).ok()?.parse().ok());
    match winners[..] {
        [winner] => assert_eq!(standing, Some(winner), "the winner's bytes stand"),
        [] => assert!(standing.is_some_and(|n| unclear.contains(&n)), "one of sixteen wins: {standing:?}"),
        _ => assert_eq!(winners.len(), 1, "one of sixteen wins: {winners:?}"),
    }
}
