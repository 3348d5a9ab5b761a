//! The probe, with a store that has one fault.

use super::*;
use crate::{Condition, Etag, Key, Listed, Object, Page, Read};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    IgnoresIfNoneMatch,
    IgnoresIfMatch,
    MakesOfWhatIsMissing,
    IgnoresConditionalDelete,
    NoList,
    ListsLate,
    IgnoresStartAfter,
    NoPut,
    NoDelete,
    Unreachable,
    ReadsOld,
    LosesAllRaces,
    /// Checks the condition first and writes later, in all rounds or only in the last one.
    RacesCreations,
    RacesReplacements,
    RacesCreationsAtLast,
    RacesReplacementsAtLast,
    /// Refuses writes in a race, and applies them anyway.
    LosersWrite,
    DeletedStaysTaken,
    SaysThatItMayNotDelete,
}

struct Faulty {
    fault: Fault,
    time: u64,
    objects: Mutex<BTreeMap<Key, Object>>,
    deleted: Mutex<BTreeSet<Key>>,
    calls: AtomicUsize,
    writes: Mutex<u64>,
}

fn refusal<T>(action: &str) -> Result<T, WriteError> {
    Err(WriteError::Refused { reason: format!("the role may not do {action}") })
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            time: 1000,
            objects: Mutex::default(),
            deleted: Mutex::default(),
            calls: AtomicUsize::new(0),
            writes: Mutex::default(),
        }
    }

    /// Whether other writes can happen between the check of the condition and the write.
    fn is_slow(&self, key: &Key, condition: &Condition) -> bool {
        let is_last = key.as_str().ends_with("-2");
        match (self.fault, condition) {
            (Fault::RacesCreations, Condition::Absent)
            | (Fault::RacesReplacements, Condition::Matches(_)) => true,
            (Fault::RacesCreationsAtLast, Condition::Absent) => is_last,
            (Fault::RacesReplacementsAtLast, Condition::Matches(_)) => is_last,
            _ => false,
        }
    }

    fn holds(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        match (condition, self.objects.lock().unwrap().get(key)) {
            (Condition::Absent, None)
                if self.fault == Fault::DeletedStaysTaken && self.deleted.lock().unwrap().contains(key) =>
            {
                Err(WriteError::ConditionFailed)
            }
            (Condition::Absent, None) => Ok(()),
            (Condition::Absent, Some(_)) if self.fault == Fault::IgnoresIfNoneMatch => Ok(()),
            (Condition::Matches(etag), Some(object)) if object.etag == *etag => Ok(()),
            (Condition::Matches(_), Some(_)) if self.fault == Fault::IgnoresIfMatch => Ok(()),
            (Condition::Matches(_), None) if self.fault == Fault::MakesOfWhatIsMissing => Ok(()),
            _ => Err(WriteError::ConditionFailed),
        }
    }
}

#[async_trait]
impl Store for Faulty {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.calls.fetch_add(1, Relaxed);
        if self.fault == Fault::Unreachable {
            return Err(StoreError::Unavailable("no connection".into()));
        }
        let mut object = self.objects.lock().unwrap().get(key).cloned();
        if self.fault == Fault::ReadsOld && key.as_str().ends_with("replace") {
            object = object.map(|object| Object { body: Bytes::new(), ..object });
        }
        Ok(Read { object, time: Timestamp(self.time) })
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        self.calls.fetch_add(1, Relaxed);
        let in_race = key.as_str().contains("/race/");
        let holds = self.holds(key, &condition).is_ok();
        if self.is_slow(key, &condition) {
            tokio::task::yield_now().await;
        }
        match self.fault {
            Fault::NoPut => return refusal("s3:PutObject"),
            Fault::LosesAllRaces if in_race => return Err(WriteError::Unknown("500".into())),
            Fault::LosersWrite if in_race => {}
            _ if holds => {}
            _ => return Err(WriteError::ConditionFailed),
        }
        let mut writes = self.writes.lock().unwrap();
        *writes += 1;
        let etag = Etag(writes.to_string());
        self.objects.lock().unwrap().insert(key.clone(), Object { body, etag: etag.clone() });
        if holds { Ok(etag) } else { Err(WriteError::ConditionFailed) }
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.calls.fetch_add(1, Relaxed);
        match self.fault {
            Fault::NoDelete => return refusal("s3:DeleteObject"),
            Fault::SaysThatItMayNotDelete => return Err(WriteError::Unknown("500".into())),
            Fault::IgnoresConditionalDelete => {}
            _ => self.holds(key, &Condition::Matches(etag.clone()))?,
        }
        self.objects.lock().unwrap().remove(key);
        self.deleted.lock().unwrap().insert(key.clone());
        Ok(())
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.calls.fetch_add(1, Relaxed);
        match self.fault {
            Fault::NoList => {
                return Err(StoreError::Refused { reason: "the role may not do s3:ListBucket".to_owned() });
            }
            Fault::ListsLate => return Ok(Page { objects: vec![], more: false }),
            _ => {}
        }
        let after = after.filter(|_| self.fault != Fault::IgnoresStartAfter);
        let objects = self.objects.lock().unwrap();
        let listed = objects.iter().filter(|(key, _)| key.as_str().starts_with(prefix) && Some(*key) > after);
        let listed = listed.map(|(key, object)| Listed {
            key: key.clone(),
            size: object.body.len() as u64,
            modified: Timestamp(self.time),
        });
        Ok(Page { objects: listed.collect(), more: false })
    }
}

async fn report(store: &Faulty) -> Report {
    probe(store, "0f", || Timestamp(1000)).await
}

#[tokio::test]
async fn a_good_store_passes_and_is_left_as_it_was() {
    let store = Faulty::new(Fault::None);
    let report = report(&store).await;
    assert!(report.is_usable() && report.objections().next().is_none(), "{report:?}");
    assert_eq!(report.checks.len(), 10, "{report:?}");
    assert!(store.objects.lock().unwrap().is_empty(), "nothing is left");
    let calls = store.calls.into_inner();
    assert!((80..100).contains(&calls), "about ninety calls: {calls}");
}

#[tokio::test]
async fn each_fault_is_found_and_named() {
    let faults = [
        (Fault::IgnoresIfNoneMatch, "create-once", Cause::IfNoneMatchIgnored, "If-None-Match"),
        (Fault::IgnoresIfMatch, "replace-if-unchanged", Cause::IfMatchIgnored, "If-Match"),
        (Fault::MakesOfWhatIsMissing, "replace-missing", Cause::IfMatchCreates, "If-Match"),
        (Fault::IgnoresConditionalDelete, "delete-if-unchanged", Cause::DeleteIfMatchIgnored, "If-Match"),
        (Fault::NoList, "list", Cause::Refused, "s3:ListBucket"),
        (Fault::ListsLate, "list", Cause::ListIncomplete, ""),
        (Fault::IgnoresStartAfter, "list", Cause::StartAfterIgnored, "start-after"),
        (Fault::NoPut, "create-once", Cause::Refused, "s3:PutObject"),
        (Fault::NoDelete, "delete-if-unchanged", Cause::Refused, "s3:DeleteObject"),
        (Fault::Unreachable, "read", Cause::NoResponse, "no connection"),
        (Fault::ReadsOld, "replace-if-unchanged", Cause::StaleRead, ""),
        (Fault::LosesAllRaces, "race-create", Cause::NoWinner, ""),
        (Fault::RacesCreations, "race-create", Cause::SeveralWinners, ""),
        (Fault::RacesCreationsAtLast, "race-create", Cause::SeveralWinners, ""),
        (Fault::RacesReplacements, "race-replace", Cause::SeveralWinners, ""),
        (Fault::RacesReplacementsAtLast, "race-replace", Cause::SeveralWinners, ""),
        (Fault::LosersWrite, "race-create", Cause::WrongWinner, ""),
        (Fault::LosersWrite, "race-replace", Cause::WrongWinner, ""),
        (Fault::DeletedStaysTaken, "create-again", Cause::DeletedNameTaken, ""),
        (Fault::SaysThatItMayNotDelete, "delete-if-unchanged", Cause::NoResponse, "500"),
    ];
    for (fault, name, cause, says) in faults {
        let report = report(&Faulty::new(fault)).await;
        assert!(!report.is_usable(), "{fault:?}");
        let found = report.objections().find(|check| check.name == name);
        let found = found.unwrap_or_else(|| panic!("{fault:?}: {report:?}"));
        assert_eq!(found.cause, cause, "{fault:?}: {found:?}");
        assert!(found.meaning.contains(says), "{fault:?}: {found:?}");
    }
}

#[tokio::test]
async fn all_missing_permissions_are_named_at_once() {
    let report = report(&Faulty::new(Fault::NoPut)).await;
    assert!(report.checks.len() > 4, "the other checks are tried: {report:?}");
}

#[tokio::test]
async fn what_cannot_be_removed_is_told() {
    let report = report(&Faulty::new(Fault::SaysThatItMayNotDelete)).await;
    let last = report.checks.last().expect("checks");
    assert_eq!((last.name, last.result, last.cause), ("clean-up", CheckResult::Warning, Cause::LeftBehind));
    assert!(last.meaning.contains("probe/0f/"), "{last:?}");
}

#[tokio::test]
async fn a_clock_far_off_stands_against_logins_and_not_against_a_start() {
    for (time, good) in [(1030, true), (970, true), (1031, false), (969, false)] {
        let store = Faulty { time, ..Faulty::new(Fault::None) };
        let report = report(&store).await;
        assert_eq!(report.is_usable(), good, "{time}: {report:?}");
        assert!(report.objections().next().is_none());
    }
}
