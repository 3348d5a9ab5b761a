//! The rules of outcomes, with a store that follows a script.

use super::*;
use crate::{Page, Read, WriteError};
use async_trait::async_trait;
use std::collections::VecDeque;
use std::sync::Mutex;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) text: String,
}

/// The store's behaviour for one write.
#[derive(Clone, Copy)]
pub(super) enum Reply {
    /// Correct.
    Honest,
    /// Applies the write and loses the response.
    LostAfter,
    /// Loses the request.
    LostBefore,
    /// Applies the write and reports that the condition is not met, like a client with its own
    /// retries.
    AppliedThenRefused,
    Contended,
    Full,
    Refused,
    /// Never responds, and applies nothing.
    Hangs,
}

/// What other writers do after a write.
#[derive(Clone, Copy)]
pub(super) enum Others {
    Nothing,
    Swap(u64),
    Remove,
}

pub(super) struct Scripted {
    object: Mutex<Option<Object>>,
    pub(super) script: Mutex<VecDeque<(Reply, Others)>>,
    failing_reads: Mutex<u32>,
    pub(super) writes: Mutex<u32>,
    etags: Mutex<u64>,
}

pub(super) fn key() -> Key {
    Key::new("note")
}

pub(super) fn op(byte: u8) -> OperationId {
    OperationId([byte; 16])
}

pub(super) fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn lost() -> Box<dyn std::error::Error + Send + Sync> {
    "the reply was lost".into()
}

impl Scripted {
    pub(super) fn new(script: &[(Reply, Others)]) -> Self {
        Self {
            object: Mutex::default(),
            script: Mutex::new(script.iter().copied().collect()),
            failing_reads: Mutex::new(0),
            writes: Mutex::new(0),
            etags: Mutex::new(0),
        }
    }

    fn fresh_etag(&self) -> Etag {
        let mut etags = self.etags.lock().unwrap();
        *etags += 1;
        Etag(etags.to_string())
    }

    pub(super) fn set(&self, body: Bytes) -> Etag {
        let etag = self.fresh_etag();
        *self.object.lock().unwrap() = Some(Object { body, etag: etag.clone() });
        etag
    }

    fn honest(&self, body: Option<Bytes>, condition: &Condition) -> Result<Etag, WriteError> {
        let found = self.object.lock().unwrap().clone();
        match (condition, found) {
            (Condition::Absent, None) => {}
            (Condition::Matches(etag), Some(object)) if *etag == object.etag => {}
            (Condition::Matches(_), None) => return Err(WriteError::Gone),
            _ => return Err(WriteError::ConditionFailed),
        }
        match body {
            Some(body) => Ok(self.set(body)),
            None => {
                *self.object.lock().unwrap() = None;
                Ok(Etag(String::new()))
            }
        }
    }

    /// A write of another writer, with an operation of its own.
    fn interfere(&self, others: Others) {
        match others {
            Others::Nothing => {}
            Others::Remove => *self.object.lock().unwrap() = None,
            Others::Swap(times) => {
                for n in 0..times {
                    let found = self.object.lock().unwrap().clone();
                    let operation = op(0x80 + n as u8);
                    let mut body = match &found {
                        Some(object) => serde_json::from_slice::<Versioned<Note>>(&object.body).unwrap(),
                        None => Versioned {
                            format: FORMAT,
                            version: 0,
                            operation,
                            recent: vec![],
                            value: note("other"),
                        },
                    };
                    body.version += 1;
                    body.operation = operation;
                    body.recent.insert(0, operation);
                    body.recent.truncate(RECENT);
                    self.set(serde_json::to_vec(&body).unwrap().into());
                }
            }
        }
    }

    async fn write(&self, body: Option<Bytes>, condition: Condition) -> Result<Etag, WriteError> {
        *self.writes.lock().unwrap() += 1;
        let next = self.script.lock().unwrap().pop_front();
        let (reply, others) = next.unwrap_or((Reply::Honest, Others::Nothing));
        let result = match reply {
            Reply::Honest => self.honest(body, &condition),
            Reply::LostAfter => {
                let _ = self.honest(body, &condition);
                Err(WriteError::Unknown(lost()))
            }
            Reply::LostBefore => Err(WriteError::Unknown(lost())),
            Reply::AppliedThenRefused => {
                let _ = self.honest(body, &condition);
                Err(WriteError::ConditionFailed)
            }
            Reply::Contended => Err(WriteError::Contended),
            Reply::Full => Err(WriteError::Full),
            Reply::Refused => Err(WriteError::Refused { reason: "no PutObject".to_owned() }),
            Reply::Hangs => std::future::pending().await,
        };
        self.interfere(others);
        result
    }

    pub(super) fn body(&self) -> Option<Versioned<Note>> {
        let object = self.object.lock().unwrap().clone();
        object.map(|object| serde_json::from_slice(&object.body).unwrap())
    }
}

#[async_trait]
impl Store for Scripted {
    async fn get(&self, _: &Key) -> Result<Read, StoreError> {
        let mut failing = self.failing_reads.lock().unwrap();
        if *failing > 0 {
            *failing -= 1;
            return Err(StoreError::Unavailable(lost()));
        }
        Ok(Read { object: self.object.lock().unwrap().clone(), time: Timestamp(0) })
    }

    async fn put(&self, _: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.write(Some(body), condition).await
    }

    async fn delete(&self, _: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.write(None, Condition::Matches(etag.clone())).await.map(|_| ())
    }

    async fn list(&self, _: &str, _: Option<&Key>) -> Result<Page, StoreError> {
        Ok(Page { objects: vec![], more: false })
    }
}

pub(super) fn outcome<T>(result: &Result<T, CasError>) -> &'static str {
    match result {
        Ok(_) => "won",
        Err(CasError::Lost) => "lost",
        Err(CasError::Gone) => "gone",
        Err(CasError::Taken) => "taken",
        Err(CasError::AlreadyApplied) => "applied before",
        Err(CasError::Contended) => "contended",
        Err(CasError::Full) => "full",
        Err(CasError::Refused { .. }) => "refused",
        Err(CasError::Unknown) => "unknown",
    }
}

use Others::{Nothing, Remove, Swap};
use Reply::{AppliedThenRefused, Contended, Full, Hangs, Honest, LostAfter, LostBefore, Refused};

/// Script of the writes; then the outcome, number of writes, and version in the store at the end
/// (0: none).
type Case = (&'static str, Script, &'static str, u32, u64);
type Script = &'static [(Reply, Others)];

/// Replacements of version 1 by operation 2.
const REPLACEMENTS: &[Case] = &[
    ("honest", &[(Honest, Nothing)], "won", 1, 2),
    ("persisted, reply lost", &[(LostAfter, Nothing)], "won", 1, 2),
    ("request lost", &[(LostBefore, Nothing), (Honest, Nothing)], "won", 2, 2),
    ("request lost twice", &[(LostBefore, Nothing), (LostBefore, Nothing), (Honest, Nothing)], "won", 3, 2),
    ("persisted, reply lost, others after it", &[(LostAfter, Swap(3))], "won", 1, 5),
    ("persisted, reply lost, last place on the list", &[(LostAfter, Swap(15))], "won", 1, 17),
    ("persisted, reply lost, fallen off the list", &[(LostAfter, Swap(16))], "unknown", 1, 18),
    ("request lost, others were faster", &[(LostBefore, Swap(1))], "lost", 1, 2),
    ("request lost, so many others that none can tell", &[(LostBefore, Swap(17))], "unknown", 1, 18),
    ("request lost, just as many as the list tells", &[(LostBefore, Swap(16))], "lost", 1, 17),
    ("request lost, then removed", &[(LostBefore, Remove)], "unknown", 1, 0),
    (
        "persisted, then refused by a retry below",
        &[(LostBefore, Nothing), (AppliedThenRefused, Nothing)],
        "won",
        2,
        2,
    ),
    ("contended, then honest", &[(Contended, Nothing), (Contended, Nothing), (Honest, Nothing)], "won", 3, 2),
    ("contended, then others were faster", &[(Contended, Swap(1)), (Honest, Nothing)], "lost", 2, 2),
    ("always contended", &[(Contended, Nothing); 9], "contended", 8, 1),
    ("request always lost", &[(LostBefore, Nothing); 9], "unknown", 8, 1),
    (
        "lost, then contended, then honest",
        &[(LostBefore, Nothing), (Contended, Nothing), (Honest, Nothing)],
        "won",
        3,
        2,
    ),
    ("full", &[(Full, Nothing)], "full", 1, 1),
    ("refused", &[(Refused, Nothing)], "refused", 1, 1),
    (
        "lost, then full: the first may still come",
        &[(LostBefore, Nothing), (Full, Nothing), (Honest, Nothing)],
        "won",
        3,
        2,
    ),
    ("no answer until the deadline", &[(Hangs, Nothing), (Honest, Nothing)], "unknown", 1, 1),
];

#[tokio::test(start_paused = true)]
async fn a_replacement_ends_as_the_rules_say() {
    for (name, script, expected, writes, version) in REPLACEMENTS {
        let store = Scripted::new(&[]);
        let first = create(&store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap();
        *store.script.lock().unwrap() = script.iter().copied().collect();
        *store.writes.lock().unwrap() = 0;
        let result = replace(&store, &first, op(2), note("second"), RetryPolicy::default()).await;
        assert_eq!(outcome(&result), *expected, "{name}");
        assert_eq!(*store.writes.lock().unwrap(), *writes, "{name}: writes");
        let body = store.body();
        assert_eq!(body.as_ref().map_or(0, |body| body.version), *version, "{name}: version");
        if let (Ok(current), Some(body)) = (&result, &body) {
            assert!(current.remembers(&op(2)), "{name}: remembers");
            assert_eq!(current.body.version, body.version, "{name}: the newest state is returned");
            assert_eq!(body.recent.iter().filter(|id| **id == op(2)).count(), 1, "{name}: applied once");
            let etag = store.object.lock().unwrap().as_ref().unwrap().etag.clone();
            assert_eq!(current.etag, etag, "{name}: etag");
        }
    }
}

/// Creations by operation 2.
const CREATIONS: &[Case] = &[
    ("honest", &[(Honest, Nothing)], "won", 1, 1),
    ("persisted, reply lost", &[(LostAfter, Nothing)], "won", 1, 1),
    ("persisted, reply lost, others after it", &[(LostAfter, Swap(2))], "won", 1, 3),
    ("request lost", &[(LostBefore, Nothing), (Honest, Nothing)], "won", 2, 1),
    ("request lost, another created it", &[(LostBefore, Swap(1))], "lost", 1, 1),
    ("contended, then another created it", &[(Contended, Swap(1)), (Honest, Nothing)], "lost", 2, 1),
    ("full", &[(Full, Nothing)], "full", 1, 0),
];

#[tokio::test(start_paused = true)]
async fn a_creation_ends_as_the_rules_say() {
    for (name, script, expected, writes, version) in CREATIONS {
        let store = Scripted::new(script);
        let result = create(&store, &key(), op(2), note("x"), RetryPolicy::default()).await;
        assert_eq!(outcome(&result), *expected, "{name}");
        assert_eq!(*store.writes.lock().unwrap(), *writes, "{name}: writes");
        assert_eq!(store.body().map_or(0, |body| body.version), *version, "{name}: version");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_refusal_is_believed_without_a_read_back() {
    let store = Scripted::new(&[]);
    let first = create(&store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap();
    store.interfere(Swap(1));
    *store.failing_reads.lock().unwrap() = 1;
    let result = replace(&store, &first, op(2), note("second"), RetryPolicy::default()).await;
    assert_eq!(outcome(&result), "lost");
    assert_eq!(*store.failing_reads.lock().unwrap(), 1, "nothing was read");
    store.interfere(Remove);
    assert_eq!(outcome(&replace(&store, &first, op(2), note("x"), RetryPolicy::default()).await), "gone");
}

#[tokio::test(start_paused = true)]
async fn failing_read_backs_do_not_decide() {
    let store = Scripted::new(&[(LostAfter, Nothing)]);
    *store.failing_reads.lock().unwrap() = 2;
    let result = create(&store, &key(), op(2), note("x"), RetryPolicy::default()).await;
    assert_eq!(outcome(&result), "won");
    assert_eq!(store.body().unwrap().version, 1);
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_never_applied_a_second_time() {
    let store = Scripted::new(&[]);
    let first = create(&store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap();
    let again = replace(&store, &first, op(1), note("again"), RetryPolicy::default()).await;
    assert_eq!(outcome(&again), "applied before");
    assert_eq!(store.body().unwrap().value, note("first"));
}

#[tokio::test(start_paused = true)]
async fn the_list_keeps_the_last_sixteen() {
    let store = Scripted::new(&[]);
    let mut current = create(&store, &key(), op(0), note("0"), RetryPolicy::default()).await.unwrap();
    for n in 1..=20 {
        current = replace(&store, &current, op(n), note("n"), RetryPolicy::default()).await.unwrap();
    }
    let expected: Vec<_> = (5..=20).rev().map(op).collect();
    assert_eq!(store.body().unwrap().recent, expected);
    assert_eq!(store.body().unwrap().version, 21);
}

/// Creations of immutable `new` bytes.
const IMMUTABLE: &[(&str, Option<&str>, Script, &str, u32)] = &[
    ("honest", None, &[(Honest, Nothing)], "won", 1),
    ("the same bytes are there", Some("new"), &[(Honest, Nothing)], "won", 1),
    ("other bytes are there", Some("old"), &[(Honest, Nothing)], "taken", 1),
    ("persisted, reply lost", None, &[(LostAfter, Nothing)], "won", 1),
    ("persisted, then refused by a retry below", None, &[(AppliedThenRefused, Nothing)], "won", 1),
    ("request lost", None, &[(LostBefore, Nothing), (Honest, Nothing)], "won", 2),
    ("request lost, other bytes are there", Some("old"), &[(LostBefore, Nothing)], "taken", 1),
    ("contended", None, &[(Contended, Nothing), (Honest, Nothing)], "won", 2),
    ("full", None, &[(Full, Nothing)], "full", 1),
    ("always lost", None, &[(LostBefore, Nothing); 9], "unknown", 8),
];

#[tokio::test(start_paused = true)]
async fn an_immutable_creation_ends_as_the_rules_say() {
    for (name, there, script, expected, writes) in IMMUTABLE {
        let store = Scripted::new(script);
        if let Some(there) = there {
            store.set(Bytes::from_static(there.as_bytes()));
        }
        let result =
            create_immutable(&store, &key(), Bytes::from_static(b"new"), RetryPolicy::default()).await;
        assert_eq!(outcome(&result), *expected, "{name}");
        assert_eq!(*store.writes.lock().unwrap(), *writes, "{name}: writes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_ends_as_the_rules_say() {
    let cases: &[(&str, Script, &str)] = &[
        ("honest", &[(Honest, Nothing)], "won"),
        ("removed, reply lost", &[(LostAfter, Nothing)], "won"),
        ("request lost", &[(LostBefore, Nothing), (Honest, Nothing)], "won"),
        ("gone already", &[(Contended, Remove), (Honest, Nothing)], "won"),
        ("gone already, told as a condition that does not hold", &[(AppliedThenRefused, Nothing)], "won"),
        ("request lost, changed since", &[(LostBefore, Swap(1))], "lost"),
        ("changed since", &[(Contended, Swap(1)), (Honest, Nothing)], "lost"),
    ];
    for (name, script, expected) in cases {
        let store = Scripted::new(&[]);
        let first = create(&store, &key(), op(1), note("first"), RetryPolicy::default()).await.unwrap();
        *store.script.lock().unwrap() = script.iter().copied().collect();
        assert_eq!(outcome(&remove(&store, &first, RetryPolicy::default()).await), *expected, "{name}");
        assert_eq!(store.body().is_none(), *expected == "won", "{name}");
    }
}

#[tokio::test]
async fn damaged_and_newer_objects_are_told_apart() {
    let store = Scripted::new(&[]);
    store.set(Bytes::from_static(b"{}"));
    assert!(matches!(load::<Note>(&store, &key()).await, Err(LoadError::Damaged(_))));
    store.set(Bytes::from_static(br#"{"format":2,"shape":"of tomorrow"}"#));
    assert!(matches!(load::<Note>(&store, &key()).await, Err(LoadError::Format { found: 2, .. })));
}
