//! Copies, verifies and compares objects.

use super::mark::Source;
use super::pairs::{Pair, Pairs};
use super::{CopyError, MOST_DIFFERENCES, Progress, Report, Watch};
use crate::names;
use bytes::Bytes;
use rootcellar_store::{Condition, Etag, Key, Listed, Object, Store, WriteError};
use std::time::Duration;

/// How often one object is attempted.
const TRIES: u32 = 5;
/// Pause before the second attempt. It doubles each time.
const PAUSE: Duration = Duration::from_millis(200);

/// How an object of the target differs from the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// The target does not have it.
    Missing,
    /// Its contents differ.
    Other,
    /// The source does not have it.
    Extra,
}

/// One object that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of the object.
    pub name: String,
    /// The kind of difference.
    pub unlike: Unlike,
}

pub(super) struct Transfer<'a> {
    from: &'a dyn Store,
    to: &'a dyn Store,
    watch: &'a mut dyn Watch,
    /// The version of the mark that this copy wrote.
    mark: Option<Etag>,
    progress: Progress,
    written: u64,
    removed: u64,
    different: u64,
    differences: Vec<Difference>,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(from: &'a dyn Store, to: &'a dyn Store, watch: &'a mut dyn Watch) -> Self {
        let (progress, differences) = (Progress::default(), Vec::new());
        Self { from, to, watch, mark: None, progress, written: 0, removed: 0, different: 0, differences }
    }

    /// Permits writes to the target as long as it has this version of the mark.
    pub(super) fn begin(&mut self, mark: Etag) {
        self.mark = Some(mark);
    }

    /// Checks that the target still has this copy's mark, and no vault. It runs after an object was
    /// read, and before it is written under the version that was read. What was read then was not
    /// written by a server, because a store is used only once it has the object `vault`. So no
    /// object of a server is ever replaced or removed, however late the write arrives. A write that
    /// creates an object has no version. If it is that of a killed copy, it may arrive after the
    /// copy completed and the vault removed the object. It then recreates an object that the source
    /// had, which is like the remains of a crash.
    async fn check_mark(&self) -> Result<(), CopyError> {
        let found = self.read_target(&names::copy()).await?.map(|object| object.etag);
        if found.is_none() || found != self.mark {
            return Err(CopyError::Contested(names::COPY.to_owned()));
        }
        match self.read_target(&names::vault()).await? {
            None => Ok(()),
            Some(_) => Err(CopyError::Contested(names::vault().as_str().to_owned())),
        }
    }

    pub(super) fn report(self, source: &Source, compared: bool) -> Report {
        Report {
            vault_id: source.vault_id.clone(),
            fingerprint: source.fingerprint,
            compared,
            objects: self.progress.objects + 1,
            bytes: self.progress.bytes + source.object.body.len() as u64,
            written: self.written,
            removed: self.removed,
            differences: self.differences,
            different: self.different,
        }
    }

    /// Makes the target equal to the source.
    pub(super) async fn copy(&mut self) -> Result<(), CopyError> {
        let mut pairs = Pairs::begin(self.from, self.to).await?;
        while let Some(pair) = pairs.next().await? {
            match pair {
                Pair::SourceOnly(listed) => self.bring(&listed, false).await?,
                Pair::Both(listed) => self.bring(&listed, true).await?,
                Pair::TargetOnly(listed) => self.remove(&listed.key).await?,
            }
        }
        Ok(())
    }

    async fn bring(&mut self, listed: &Listed, is_there: bool) -> Result<(), CopyError> {
        let Some(object) = self.read_source(&listed.key).await? else {
            return Err(changed(&listed.key));
        };
        let there = if is_there { self.read_target(&listed.key).await? } else { None };
        match there {
            Some(there) if there.body == object.body => {}
            Some(there) => self.write(&listed.key, &object.body, Condition::Matches(there.etag)).await?,
            None => self.write(&listed.key, &object.body, Condition::Absent).await?,
        }
        self.count(object.body.len()).await
    }

    /// Writes one object until the target has it. If a response is unclear, a read decides.
    pub(super) async fn write(
        &mut self,
        key: &Key,
        body: &Bytes,
        mut condition: Condition,
    ) -> Result<(), CopyError> {
        let mut tries = 1;
        loop {
            self.check_mark().await?;
            let error = match self.to.put(key, body.clone(), condition.clone()).await {
                Ok(_) => break,
                Err(error) => error,
            };
            let is_final = matches!(error, WriteError::Full | WriteError::Refused { .. });
            if is_final || tries == TRIES {
                return Err(CopyError::Write { name: key.as_str().to_owned(), error });
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await;
            tries += 1;
            match self.read_target(key).await? {
                Some(there) if there.body == *body => break,
                // A vault is never replaced: the check of the mark refuses.
                Some(there) => condition = Condition::Matches(there.etag),
                None => condition = Condition::Absent,
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Removes an object of an earlier copy that the source no longer has.
    async fn remove(&mut self, key: &Key) -> Result<(), CopyError> {
        let mut tries = 1;
        while let Some(there) = self.read_target(key).await? {
            self.check_mark().await?;
            match self.to.delete(key, &there.etag).await {
                Ok(()) => break,
                Err(error) if tries == TRIES || matches!(error, WriteError::Refused { .. }) => {
                    return Err(CopyError::Write { name: key.as_str().to_owned(), error });
                }
                Err(_) => tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await,
            }
            tries += 1;
        }
        self.removed += 1;
        Ok(())
    }

    /// Reads both stores again, and checks that the target is complete and the source did not
    /// change.
    pub(super) async fn verify(&mut self) -> Result<(), CopyError> {
        self.progress = Progress { verifying: true, ..Progress::default() };
        self.compare().await?;
        match self.differences.first() {
            None => Ok(()),
            Some(difference) => Err(CopyError::Changed(difference.name.clone())),
        }
    }

    /// Records the differences.
    pub(super) async fn compare(&mut self) -> Result<(), CopyError> {
        let mut pairs = Pairs::begin(self.from, self.to).await?;
        while let Some(pair) = pairs.next().await? {
            match pair {
                Pair::SourceOnly(listed) => {
                    self.differs(&listed.key, Unlike::Missing);
                    self.count(usize::try_from(listed.size).unwrap_or(usize::MAX)).await?;
                }
                Pair::TargetOnly(listed) => self.differs(&listed.key, Unlike::Extra),
                Pair::Both(listed) => {
                    let here = self.read_source(&listed.key).await?.map(|object| object.body);
                    let there = self.read_target(&listed.key).await?.map(|object| object.body);
                    if here != there {
                        self.differs(&listed.key, Unlike::Other);
                    }
                    self.count(here.map_or(0, |body| body.len())).await?;
                }
            }
        }
        Ok(())
    }

    /// Records whether the object `vault` differs.
    pub(super) async fn compare_vault(&mut self, object: &Object) -> Result<(), CopyError> {
        let there = self.read_target(&names::vault()).await?;
        if there.is_none_or(|there| there.body != object.body) {
            self.differs(&names::vault(), Unlike::Other);
        }
        Ok(())
    }

    fn differs(&mut self, key: &Key, unlike: Unlike) {
        self.different += 1;
        if self.differences.len() < MOST_DIFFERENCES {
            self.differences.push(Difference { name: key.as_str().to_owned(), unlike });
        }
    }

    async fn count(&mut self, bytes: usize) -> Result<(), CopyError> {
        self.progress.objects += 1;
        self.progress.bytes += bytes as u64;
        if self.watch.saw(self.progress).await { Ok(()) } else { Err(CopyError::Stopped) }
    }

    async fn read_source(&self, key: &Key) -> Result<Option<Object>, CopyError> {
        read(self.from, key).await.map_err(CopyError::From)
    }

    async fn read_target(&self, key: &Key) -> Result<Option<Object>, CopyError> {
        read(self.to, key).await.map_err(CopyError::To)
    }
}

/// Reads one object, with a few retries if the store does not respond.
async fn read(store: &dyn Store, key: &Key) -> Result<Option<Object>, rootcellar_store::StoreError> {
    let mut tries = 1;
    loop {
        match store.get(key).await {
            Ok(read) => return Ok(read.object),
            Err(error) if tries == TRIES => return Err(error),
            Err(_) => tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await,
        }
        tries += 1;
    }
}

fn changed(key: &Key) -> CopyError {
    CopyError::Changed(key.as_str().to_owned())
}
