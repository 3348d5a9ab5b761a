//! The checks, one after the other, each on objects of its own.

use super::{CLOCK, CLOCK_TOLERANCE, CheckResult, Report, of_read, of_write, races};
use crate::{Condition, Etag, Key, Object, Store, WriteError};
use bytes::Bytes;
use rootcellar_spec::Timestamp;

/// Where the checks work.
pub(super) struct Bench<'a> {
    pub(super) store: &'a dyn Store,
    folder: String,
    pub(super) report: Report,
}

/// Why a check ended early, as it goes into the report.
pub(super) type Failure = (CheckResult, String);

pub(super) const IGNORES: &str =
    "a vault there would lose saves and let a guesser try for ever. Use an engine with conditional writes";

const TAKEN: &str = "it does not create again what was deleted: the mark of the deletion counts as an object, as in a \
    bucket that keeps versions. In a vault there, somebody whose old guess budget was swept could not log in any more. Use \
    a bucket without versions, or another engine";

impl<'a> Bench<'a> {
    pub(super) fn new(store: &'a dyn Store, folder: String) -> Self {
        Self { store, folder, report: Report::default() }
    }

    pub(super) fn key(&self, name: &str) -> Key {
        Key::new(format!("{}{name}", self.folder))
    }

    pub(super) fn body(&self, text: &str) -> Bytes {
        // Bytes that no other probe wrote.
        format!("{}{text}", self.folder).into()
    }

    pub(super) fn enter(&mut self, name: &'static str, ended: Result<String, Failure>) {
        match ended {
            Ok(meaning) => self.report.add(name, CheckResult::Ok, meaning),
            Err((verdict, meaning)) => self.report.add(name, verdict, meaning),
        }
    }

    async fn read(&self, key: &Key) -> Result<Option<Object>, Failure> {
        self.store.get(key).await.map(|read| read.object).map_err(|error| of_read(&error))
    }

    pub(super) async fn create(&self, name: &str) -> Result<(Key, Etag), Failure> {
        let key = self.key(name);
        let etag = self.store.put(&key, self.body("first"), Condition::Absent).await;
        etag.map(|etag| (key, etag)).map_err(|error| of_write(&error))
    }

    /// Whether the object still holds the text.
    pub(super) async fn expect(&self, key: &Key, text: Option<&str>, otherwise: &str) -> Result<(), Failure> {
        let found = self.read(key).await?.map(|object| object.body);
        match found == text.map(|text| self.body(text)) {
            true => Ok(()),
            false => Err((CheckResult::Failed, otherwise.to_owned())),
        }
    }

    /// Whether the store answers reads at all; where not, nothing else is tried.
    pub(super) async fn reads_and_clock(&mut self, now: &impl Fn() -> Timestamp) -> bool {
        let before = now();
        let read = self.store.get(&self.key("nothing")).await;
        let (answers, ended) = match &read {
            Ok(_) => (true, Ok("it answers".to_owned())),
            Err(error) => (matches!(error, crate::StoreError::Refused { .. }), Err(of_read(error))),
        };
        self.enter("read", ended);
        if let Ok(read) = read {
            self.enter(CLOCK, clocks(before, read.time, now()));
        }
        answers
    }

    pub(super) async fn creates_once(&mut self) {
        let ended = self.try_creating().await;
        self.enter("create-once", ended);
    }

    async fn try_creating(&self) -> Result<String, Failure> {
        let (key, etag) = self.create("create").await?;
        let read = self.read(&key).await?;
        let lost = || {
            (CheckResult::Failed, "what was just written is not read: a vault there loses saves".to_owned())
        };
        let object = read.ok_or_else(lost)?;
        if object.etag != etag {
            return Err((
                CheckResult::Failed,
                "a write and the read after it tell different ETags".to_owned(),
            ));
        }
        let again = self.store.put(&key, self.body("second"), Condition::Absent).await;
        refused(again, "it creates what exists already (If-None-Match: * is ignored)")?;
        self.expect(&key, Some("first"), "a refused creation has changed the object").await?;
        Ok("what was written is read, and what exists is not created again".to_owned())
    }

    pub(super) async fn replaces_what_matches(&mut self) {
        let ended = self.try_replacing().await;
        self.enter("replace-if-unchanged", ended);
    }

    async fn try_replacing(&self) -> Result<String, Failure> {
        let (key, first) = self.create("replace").await?;
        let replaced = self.store.put(&key, self.body("second"), Condition::Matches(first.clone())).await;
        replaced.map_err(|error| of_write(&error))?;
        self.expect(&key, Some("second"), "a read after a write finds what was there before").await?;
        let stale = self.store.put(&key, self.body("third"), Condition::Matches(first)).await;
        refused(stale, "it replaces what has changed meanwhile (If-Match is ignored)")?;
        self.expect(&key, Some("second"), "a refused write has changed the object").await?;
        Ok("an object is replaced only while it is as it was read".to_owned())
    }

    pub(super) async fn makes_nothing_of_what_is_missing(&mut self) {
        let ended = self.try_missing().await;
        self.enter("replace-missing", ended);
    }

    async fn try_missing(&self) -> Result<String, Failure> {
        let key = self.key("missing");
        let etag = Etag("d41d8cd98f00b204e9800998ecf8427e".to_owned());
        let written = self.store.put(&key, self.body("first"), Condition::Matches(etag)).await;
        refused(written, "it makes an object of what is not there (If-Match on a missing object)")?;
        self.expect(&key, None, "a refused write has made an object").await?;
        Ok("what was deleted does not come back by a late write".to_owned())
    }

    pub(super) async fn lists_what_was_written(&mut self) {
        let ended = self.try_listing().await;
        self.enter("list", ended);
    }

    async fn try_listing(&self) -> Result<String, Failure> {
        // Once before anything is written: a role that may neither write nor list learns both.
        let early = self.store.list(&format!("{}list/", self.folder), None).await;
        early.map_err(|error| of_read(&error))?;
        let (a, _) = self.create("list/a").await?;
        let (b, _) = self.create("list/b").await?;
        let prefix = format!("{}list/", self.folder);
        let names = async |after: Option<&Key>| {
            let page = self.store.list(&prefix, after).await.map_err(|error| of_read(&error))?;
            Ok::<_, Failure>(page.objects.into_iter().map(|listed| listed.key).collect::<Vec<_>>())
        };
        let missing =
            |what: &str| (CheckResult::Failed, format!("{what}: sweeps and copies would miss objects"));
        if names(None).await? != [a.clone(), b.clone()] {
            return Err(missing("what was just written is not listed, or not in order"));
        }
        if names(Some(&a)).await? != [b] {
            return Err(missing("a listing does not begin where it is told to (start-after)"));
        }
        Ok("what was written is listed at once, in order".to_owned())
    }

    pub(super) async fn deletes_what_matches(&mut self) {
        let ended = self.try_deleting().await;
        self.enter("delete-if-unchanged", ended);
    }

    async fn try_deleting(&self) -> Result<String, Failure> {
        // Tried on nothing first: a role that may not delete leaves no object behind.
        let nothing = Etag("d41d8cd98f00b204e9800998ecf8427e".to_owned());
        if let Err(error @ WriteError::Refused { .. }) =
            self.store.delete(&self.key("nothing"), &nothing).await
        {
            return Err(of_write(&error));
        }
        let (key, first) = self.create("delete").await?;
        let second = self.store.put(&key, self.body("second"), Condition::Matches(first.clone())).await;
        let second = second.map_err(|error| of_write(&error))?;
        refused(
            self.store.delete(&key, &first).await,
            "it deletes what has changed meanwhile (If-Match is ignored)",
        )?;
        self.expect(&key, Some("second"), "a refused deletion has deleted").await?;
        self.store.delete(&key, &second).await.map_err(|error| of_write(&error))?;
        self.expect(&key, None, "what was deleted is still read").await?;
        Ok("an object is deleted only while it is as it was read, and is gone then".to_owned())
    }

    pub(super) async fn creates_what_was_deleted(&mut self) {
        let ended = self.try_creating_again().await;
        self.enter("create-again", ended);
    }

    async fn try_creating_again(&self) -> Result<String, Failure> {
        let (key, first) = self.create("again").await?;
        self.store.delete(&key, &first).await.map_err(|error| of_write(&error))?;
        match self.store.put(&key, self.body("second"), Condition::Absent).await {
            Ok(_) => {}
            Err(WriteError::ConditionFailed) => return Err((CheckResult::Failed, TAKEN.to_owned())),
            Err(other) => return Err(of_write(&other)),
        }
        self.expect(&key, Some("second"), "what was deleted and created again is not read").await?;
        Ok("what was deleted can be created again".to_owned())
    }

    /// Removes whatever the checks left, as far as the store lets it.
    pub(super) async fn clean_up(&mut self) {
        let mut left = 0;
        let others =
            ["create", "replace", "missing", "list/a", "list/b", "delete", "again"].map(str::to_owned);
        for name in others.into_iter().chain(races::names()) {
            let key = self.key(&name);
            if let Ok(Some(object)) = self.read(&key).await
                && self.store.delete(&key, &object.etag).await.is_err()
            {
                left += 1;
            }
        }
        if left > 0 {
            let folder = &self.folder;
            let meaning = format!("{left} objects of the probe are left under {folder}; delete them");
            self.report.add("clean-up", CheckResult::Warning, meaning);
        }
    }
}

/// A write whose condition does not hold must be refused.
fn refused<T>(ended: Result<T, WriteError>, otherwise: &str) -> Result<(), Failure> {
    match ended {
        Ok(_) => Err((CheckResult::Failed, format!("{otherwise}: {IGNORES}"))),
        Err(WriteError::ConditionFailed | WriteError::Gone) => Ok(()),
        Err(other) => Err(of_write(&other)),
    }
}

/// Reading takes time, so the store's clock may lie anywhere between two looks at this one.
fn clocks(before: Timestamp, store: Timestamp, after: Timestamp) -> Result<String, Failure> {
    let (ahead, behind) = (store.0.saturating_sub(after.0), before.0.saturating_sub(store.0));
    let told = match (ahead, behind) {
        (0, 0) => "this machine's clock and the store's agree".to_owned(),
        (0, behind) => format!("the store's clock is {behind} s behind this machine's"),
        (ahead, _) => format!("the store's clock is {ahead} s ahead of this machine's"),
    };
    if ahead.max(behind) <= CLOCK_TOLERANCE {
        return Ok(told);
    }
    Err((CheckResult::Failed, format!("{told}: no logins are served. Set this machine's clock")))
}
