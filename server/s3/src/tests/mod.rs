//! For every vendor and every network failure, the outcome is found out and nothing is done twice.

mod engine;

use crate::{S3Settings, S3Store, connect};
use aws_sdk_s3::config::SharedCredentialsProvider;
use engine::{Dialect, Engine, Fault, Reply};
use rootcellar_spec::OperationId;
use rootcellar_store::cas::{self, CasError, Current, RetryPolicy};
use rootcellar_store::probe::{CheckResult, Report, probe};
use rootcellar_store::{Condition, Key, Store, StoreError, WriteError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn op(byte: u8) -> OperationId {
    OperationId([byte; 16])
}

fn key() -> Key {
    Key::new("note")
}

/// With its own keys. The default chain would find those of the tests' user, or none.
async fn store(engine: &Engine, prefix: &str) -> S3Store {
    let endpoint = Some(engine.endpoint().parse().unwrap());
    let settings = S3Settings { bucket: "b".to_owned(), endpoint, region: None, prefix: prefix.to_owned() };
    let keys = aws_credential_types::Credentials::new("key", "secret", None, None, "test");
    let client = connect::client(&settings, Some(SharedCredentialsProvider::new(keys))).await.unwrap();
    S3Store { client, settings: Arc::new(settings) }
}

async fn created(store: &S3Store) -> Current<Note> {
    cas::create(store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap()
}

async fn found(store: &S3Store) -> Option<Current<Note>> {
    cas::load(store, &key()).await.unwrap().current
}

fn dialects() -> Vec<Dialect> {
    let mut all = Vec::new();
    for quoted in [true, false] {
        for (missing, missing_delete) in [(404, 404), (412, 412), (404, 204), (412, 404)] {
            all.push(Dialect { quoted, missing, missing_delete, ..Dialect::AWS });
        }
    }
    all
}

#[tokio::test]
async fn every_dialect_leads_to_the_same_end() {
    for dialect in dialects() {
        let engine = Engine::start(dialect).await;
        let store = store(&engine, "p").await;
        let first = created(&store).await;
        let second =
            cas::replace(&store, &first, op(2), note("second"), RetryPolicy::default()).await.unwrap();
        let stale = cas::replace(&store, &first, op(3), note("third"), RetryPolicy::default()).await;
        assert!(matches!(stale, Err(CasError::Lost)), "{dialect:?}: {stale:?}");
        assert!(matches!(cas::remove(&store, &first, RetryPolicy::default()).await, Err(CasError::Lost)));
        assert_eq!(found(&store).await.unwrap().etag, second.etag, "{dialect:?}");
        cas::remove(&store, &second, RetryPolicy::default()).await.unwrap();
        cas::remove(&store, &second, RetryPolicy::default()).await.expect("gone is removed");
        let late = cas::replace(&store, &second, op(4), note("late"), RetryPolicy::default()).await;
        assert!(matches!(late, Err(CasError::Lost | CasError::Gone)), "{dialect:?}: {late:?}");
        assert!(found(&store).await.is_none(), "{dialect:?}");
    }
}

#[tokio::test]
async fn every_dialect_passes_the_probe() {
    for dialect in dialects().into_iter().take(4) {
        let engine = Engine::start(dialect).await;
        let store = store(&engine, "").await;
        let report = probe(&store, "0", now).await;
        assert!(report.is_usable(), "{dialect:?}: {report:?}");
        assert!(engine.objects().is_empty(), "{dialect:?}: the probe leaves nothing");
    }
}

fn now() -> rootcellar_spec::Timestamp {
    rootcellar_spec::Timestamp(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs())
}

/// Faults of a write that finally exists, once.
fn faults() -> Vec<Fault> {
    let garbage = || Reply::new(200, b"<html>welcome".to_vec());
    vec![
        Fault::Drop { done: false },
        Fault::Drop { done: true },
        Fault::Instead(Reply::error(500, "InternalError")),
        Fault::DoneBut(Reply::error(500, "InternalError")),
        Fault::Instead(Reply::error(503, "SlowDown")),
        Fault::DoneBut(Reply::error(503, "SlowDown")),
        Fault::Instead(Reply::error(409, "ConditionalRequestConflict")),
        Fault::Instead(Reply::error(429, "TooManyRequests")),
        Fault::Instead(Reply::error(400, "RequestTimeout")),
        Fault::DoneBut(Reply::new(502, b"<html>bad gateway".to_vec())),
        Fault::Instead(Reply::new(404, b"not found".to_vec())),
        Fault::Instead(garbage()),
        Fault::DoneBut(garbage()),
        Fault::DoneBut(Reply::new(200, vec![])),
        Fault::DoneBut(Reply::new(307, vec![])),
    ]
}

#[tokio::test]
async fn whatever_befalls_a_write_it_is_applied_once() {
    for fault in faults() {
        let engine = Engine::start(Dialect::AWS).await;
        let store = store(&engine, "").await;
        engine.script(std::slice::from_ref(&fault));
        let first = created(&store).await;
        engine.script(std::slice::from_ref(&fault));
        let second = cas::replace(&store, &first, op(2), note("second"), RetryPolicy::default()).await;
        let second = second.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!((second.body.version, second.value()), (2, &note("second")), "{fault:?}");
        assert_eq!(found(&store).await.unwrap().etag, second.etag, "{fault:?}");
        engine.script(std::slice::from_ref(&fault));
        cas::remove(&store, &second, RetryPolicy::default())
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert!(found(&store).await.is_none(), "{fault:?}");
    }
}

/// Some stores respond with 500 to a lost race.
#[tokio::test]
async fn a_race_that_was_lost_is_lost_whatever_it_is_called() {
    for status in [409, 500, 503] {
        let engine = Engine::start(Dialect::AWS).await;
        let store = store(&engine, "").await;
        let first = created(&store).await;
        cas::replace(&store, &first, op(2), note("theirs"), RetryPolicy::default()).await.unwrap();
        engine.script(&[Fault::Instead(Reply::error(status, "X"))]);
        let lost = cas::replace(&store, &first, op(3), note("ours"), RetryPolicy::default()).await;
        assert!(matches!(lost, Err(CasError::Lost)), "{status}: {lost:?}");
        assert_eq!(found(&store).await.unwrap().value(), &note("theirs"));
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_waited_for_no_longer_than_patience_allows() {
    for done in [true, false] {
        let engine = Engine::start(Dialect::AWS).await;
        let store = store(&engine, "").await;
        let first = created(&store).await;
        engine.script(&[Fault::Hang { done }]);
        let began = tokio::time::Instant::now();
        let second =
            cas::replace(&store, &first, op(2), note("second"), RetryPolicy::default()).await.unwrap();
        assert_eq!(second.body.version, 2);
        assert!(began.elapsed() < Duration::from_secs(6), "there was time for another attempt");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_and_a_read_three_times_at_most() {
    let engine = Engine::start(Dialect::AWS).await;
    let store = store(&engine, "").await;
    engine.always(Some(Reply::error(500, "InternalError")));
    let put = store.put(&key(), "x".into(), Condition::Absent).await;
    assert!(matches!(put, Err(WriteError::Unknown(_))), "{put:?}");
    assert_eq!(engine.requests().len(), 1);
    let get = store.get(&key()).await;
    assert!(matches!(get, Err(StoreError::Unavailable(_))), "{get:?}");
    assert_eq!(engine.requests().len(), 3);
    engine.always(Some(Reply::error(403, "AccessDenied")));
    assert!(matches!(store.get(&key()).await, Err(StoreError::Refused { .. })));
    assert_eq!(engine.requests().len(), 1, "a clear answer is not asked for again");
    engine.always(None);
    assert!(store.get(&key()).await.unwrap().object.is_none());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_again() {
    let engine = Engine::start(Dialect::AWS).await;
    let store = store(&engine, "").await;
    created(&store).await;
    engine.script(&[Fault::Torn, Fault::Torn]);
    assert_eq!(found(&store).await.unwrap().value(), &note("first"));
    engine.script(&[Fault::Torn, Fault::Torn, Fault::Torn]);
    assert!(matches!(store.get(&key()).await, Err(StoreError::Unavailable(_))));
}

/// A proxy without its backend must not make objects seem absent.
#[tokio::test]
async fn only_what_s3_says_is_absent_is_absent() {
    let engine = Engine::start(Dialect::AWS).await;
    let store = store(&engine, "").await;
    for reply in [Reply::new(404, b"<html>".to_vec()), Reply::new(404, vec![]), Reply::new(200, vec![])] {
        engine.always(Some(reply));
        let read = store.get(&key()).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }
}

#[tokio::test]
async fn a_listing_passes_over_what_others_put_there() {
    let engine = Engine::start(Dialect::AWS).await;
    let store = store(&engine, "p").await;
    for name in ["p/A1", "p/A2", "p/A3", "p/A4", "p/A5", "p/a", "p/b", "p/b.tmp", "p/c", "q/d"] {
        engine.put(name, "x");
    }
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = store.list("", after.as_ref()).await.unwrap();
        names.extend(page.objects.iter().map(|listed| listed.key.as_str().to_owned()));
        after = page.objects.last().map(|listed| listed.key.clone());
        if !page.more {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test]
async fn each_call_is_one_request_and_nothing_is_asked_unasked() {
    let engine = Engine::start(Dialect::AWS).await;
    let store = store(&engine, "p").await;
    assert!(engine.requests().is_empty(), "connecting asks nothing");
    let etag = store.put(&key(), "x".into(), Condition::Absent).await.unwrap();
    assert_eq!(engine.requests(), ["PUT /b/p/note"]);
    store.get(&key()).await.unwrap();
    assert_eq!(engine.requests(), ["GET /b/p/note"]);
    store.list("", None).await.unwrap();
    assert_eq!(engine.requests().len(), 1);
    store.delete(&key(), &etag).await.unwrap();
    assert_eq!(engine.requests(), ["DELETE /b/p/note"]);
}

#[tokio::test]
async fn versions_and_who_may_delete_them_are_told() {
    for (versions, versioning, deletion) in [
        (None, CheckResult::Note, None),
        (Some(false), CheckResult::Ok, Some(CheckResult::Ok)),
        (Some(true), CheckResult::Ok, Some(CheckResult::Warning)),
    ] {
        let engine = Engine::start(Dialect { versions, ..Dialect::AWS }).await;
        let store = store(&engine, "").await;
        let mut report = Report::default();
        store.probe_versions("0", &mut report).await;
        let result = |name| report.checks.iter().find(|check| check.name == name).map(|check| check.result);
        assert_eq!(result("versioning"), Some(versioning), "{report:?}");
        assert_eq!(result("delete-version"), deletion, "{report:?}");
        assert!(engine.objects().is_empty(), "{versions:?}: nothing is left");
    }
}
