//! The checks, in their order. Each uses its own objects.

use super::{CLOCK, CLOCK_TOLERANCE, Cause, Finding, Report, of_read, of_write, races};
use crate::{Condition, Etag, Key, Object, Store, WriteError};
use bytes::Bytes;
use rootcellar_spec::Timestamp;

/// The store, the folder in it that the checks use, and their results.
pub(super) struct Bench<'a> {
    pub(super) store: &'a dyn Store,
    folder: String,
    pub(super) report: Report,
}

/// How a check ended: `Err` as soon as the store does something wrong.
pub(super) type Ended = Result<Cause, Finding>;

impl<'a> Bench<'a> {
    pub(super) fn new(store: &'a dyn Store, folder: String) -> Self {
        Self { store, folder, report: Report::default() }
    }

    pub(super) fn key(&self, name: &str) -> Key {
        Key::new(format!("{}{name}", self.folder))
    }

    pub(super) fn body(&self, text: &str) -> Bytes {
        // The folder makes the bytes different from those of every other probe.
        format!("{}{text}", self.folder).into()
    }

    pub(super) fn enter(&mut self, name: &'static str, ended: Ended) {
        self.report.add(name, ended.map_or_else(|finding| finding, Finding::new));
    }

    async fn read(&self, key: &Key) -> Result<Option<Object>, Finding> {
        self.store.get(key).await.map(|read| read.object).map_err(|error| of_read(&error))
    }

    pub(super) async fn create(&self, name: &str) -> Result<(Key, Etag), Finding> {
        let key = self.key(name);
        let etag = self.store.put(&key, self.body("first"), Condition::Absent).await;
        etag.map(|etag| (key, etag)).map_err(|error| of_write(&error))
    }

    /// Checks that the object has this body, or does not exist.
    pub(super) async fn expect(
        &self,
        key: &Key,
        text: Option<&str>,
        otherwise: Cause,
    ) -> Result<(), Finding> {
        let found = self.read(key).await?.map(|object| object.body);
        match found == text.map(|text| self.body(text)) {
            true => Ok(()),
            false => Err(Finding::new(otherwise)),
        }
    }

    /// Whether the store responds to reads at all. If not, the other checks are not made.
    pub(super) async fn reads_and_clock(&mut self, now: &impl Fn() -> Timestamp) -> bool {
        let before = now();
        let read = self.store.get(&self.key("nothing")).await;
        let (responds, ended) = match &read {
            Ok(_) => (true, Ok(Cause::Responds)),
            Err(error) => (matches!(error, crate::StoreError::Refused { .. }), Err(of_read(error))),
        };
        self.enter("read", ended);
        if let Ok(read) = read {
            self.report.add(CLOCK, clocks(before, read.time, now()));
        }
        responds
    }

    pub(super) async fn creates_once(&mut self) {
        let ended = self.try_creating().await;
        self.enter("create-once", ended);
    }

    async fn try_creating(&self) -> Ended {
        let (key, etag) = self.create("create").await?;
        let object = self.read(&key).await?.ok_or(Finding::new(Cause::WriteLost))?;
        if object.etag != etag {
            return Err(Finding::new(Cause::EtagDiffers));
        }
        let again = self.store.put(&key, self.body("second"), Condition::Absent).await;
        refused(again, Cause::IfNoneMatchIgnored)?;
        self.expect(&key, Some("first"), Cause::RefusedWriteApplied).await?;
        Ok(Cause::CreatesOnce)
    }

    pub(super) async fn replaces_what_matches(&mut self) {
        let ended = self.try_replacing().await;
        self.enter("replace-if-unchanged", ended);
    }

    async fn try_replacing(&self) -> Ended {
        let (key, first) = self.create("replace").await?;
        let replaced = self.store.put(&key, self.body("second"), Condition::Matches(first.clone())).await;
        replaced.map_err(|error| of_write(&error))?;
        self.expect(&key, Some("second"), Cause::StaleRead).await?;
        let stale = self.store.put(&key, self.body("third"), Condition::Matches(first)).await;
        refused(stale, Cause::IfMatchIgnored)?;
        self.expect(&key, Some("second"), Cause::RefusedWriteApplied).await?;
        Ok(Cause::ReplacesIfUnchanged)
    }

    pub(super) async fn makes_nothing_of_what_is_missing(&mut self) {
        let ended = self.try_missing().await;
        self.enter("replace-missing", ended);
    }

    async fn try_missing(&self) -> Ended {
        let key = self.key("missing");
        let etag = Etag("d41d8cd98f00b204e9800998ecf8427e".to_owned());
        let written = self.store.put(&key, self.body("first"), Condition::Matches(etag)).await;
        refused(written, Cause::IfMatchCreates)?;
        self.expect(&key, None, Cause::RefusedWriteApplied).await?;
        Ok(Cause::DoesNotReplaceMissing)
    }

    pub(super) async fn lists_what_was_written(&mut self) {
        let ended = self.try_listing().await;
        self.enter("list", ended);
    }

    async fn try_listing(&self) -> Ended {
        // Before anything is written: the report names both if the role may neither write nor list.
        let early = self.store.list(&format!("{}list/", self.folder), None).await;
        early.map_err(|error| of_read(&error))?;
        let (a, _) = self.create("list/a").await?;
        let (b, _) = self.create("list/b").await?;
        let prefix = format!("{}list/", self.folder);
        let names = async |after: Option<&Key>| {
            let page = self.store.list(&prefix, after).await.map_err(|error| of_read(&error))?;
            Ok::<_, Finding>(page.objects.into_iter().map(|listed| listed.key).collect::<Vec<_>>())
        };
        if names(None).await? != [a.clone(), b.clone()] {
            return Err(Finding::new(Cause::ListIncomplete));
        }
        if names(Some(&a)).await? != [b] {
            return Err(Finding::new(Cause::StartAfterIgnored));
        }
        Ok(Cause::ListsAtOnce)
    }

    pub(super) async fn deletes_what_matches(&mut self) {
        let ended = self.try_deleting().await;
        self.enter("delete-if-unchanged", ended);
    }

    async fn try_deleting(&self) -> Ended {
        // First without an object: a role that may not delete leaves none behind.
        let nothing = Etag("d41d8cd98f00b204e9800998ecf8427e".to_owned());
        if let Err(error @ WriteError::Refused { .. }) =
            self.store.delete(&self.key("nothing"), &nothing).await
        {
            return Err(of_write(&error));
        }
        let (key, first) = self.create("delete").await?;
        let second = self.store.put(&key, self.body("second"), Condition::Matches(first.clone())).await;
        let second = second.map_err(|error| of_write(&error))?;
        refused(self.store.delete(&key, &first).await, Cause::DeleteIfMatchIgnored)?;
        self.expect(&key, Some("second"), Cause::RefusedWriteApplied).await?;
        self.store.delete(&key, &second).await.map_err(|error| of_write(&error))?;
        self.expect(&key, None, Cause::DeletedStillRead).await?;
        Ok(Cause::DeletesIfUnchanged)
    }

    pub(super) async fn creates_what_was_deleted(&mut self) {
        let ended = self.try_creating_again().await;
        self.enter("create-again", ended);
    }

    async fn try_creating_again(&self) -> Ended {
        let (key, first) = self.create("again").await?;
        self.store.delete(&key, &first).await.map_err(|error| of_write(&error))?;
        match self.store.put(&key, self.body("second"), Condition::Absent).await {
            Ok(_) => {}
            Err(WriteError::ConditionFailed) => return Err(Finding::new(Cause::DeletedNameTaken)),
            Err(other) => return Err(of_write(&other)),
        }
        self.expect(&key, Some("second"), Cause::WriteLost).await?;
        Ok(Cause::CreatesAgain)
    }

    /// Removes the objects that the checks left, if the store permits it.
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
            self.report.add("clean-up", Finding::new(Cause::LeftBehind).because(folder));
        }
    }
}

/// A write whose condition is not met must be refused.
fn refused<T>(ended: Result<T, WriteError>, otherwise: Cause) -> Result<(), Finding> {
    match ended {
        Ok(_) => Err(Finding::new(otherwise)),
        Err(WriteError::ConditionFailed | WriteError::Gone) => Ok(()),
        Err(other) => Err(of_write(&other)),
    }
}

/// Compares the store's clock with this machine's before and after the read.
fn clocks(before: Timestamp, store: Timestamp, after: Timestamp) -> Finding {
    let (ahead, behind) = (store.0.saturating_sub(after.0), before.0.saturating_sub(store.0));
    let detail = match (ahead, behind) {
        (0, 0) => return Finding::new(Cause::ClocksAgree),
        (0, behind) => format!("{behind} s behind"),
        (ahead, _) => format!("{ahead} s ahead"),
    };
    let is_sound = ahead.max(behind) <= CLOCK_TOLERANCE;
    Finding::new(if is_sound { Cause::ClocksClose } else { Cause::ClocksDiffer }).because(detail)
}
