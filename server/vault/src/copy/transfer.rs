//! Object by object: copied, verified, compared.

use super::mark::Source;
use super::pairs::{Pair, Pairs};
use super::{CopyError, MOST_DIFFERENCES, Progress, Report, Watch};
use crate::names;
use bytes::Bytes;
use rootcellar_store::{Condition, Etag, Key, Listed, Object, Store, WriteError};
use std::time::Duration;

/// How often one object is tried.
const TRIES: u32 = 5;
/// The pause before the second try; it doubles each time.
const PAUSE: Duration = Duration::from_millis(200);

/// How an object of the target is not as in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// It is not there.
    Missing,
    /// It has other bytes.
    Other,
    /// The source does not have it.
    Extra,
}

/// One object that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// How.
    pub unlike: Unlike,
}

pub(super) struct Transfer<'a> {
    from: &'a dyn Store,
    to: &'a dyn Store,
    watch: &'a mut dyn Watch,
    /// The version of the mark that this copy has written.
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

    /// From now on the target may be written, as long as it bears this version of the mark.
    pub(super) fn begin(&mut self, mark: Etag) {
        self.mark = Some(mark);
    }

    /// Looks whether the target still bears this copy's mark, and no vault. It is asked after an object was read and before
    /// it is written under the version that was read. What was read then is not what a server has written, because a store
    /// is served only once it has the object `vault`; so nothing of a server's is ever replaced or removed, however late
    /// the write lands. A write that creates an object has no version to go by: that of a try that was killed may land
    /// when the copy has ended and the vault has given the object up. It is one that the source had, and then lies there
    /// like what a crash leaves behind.
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

    /// Makes the target like the source.
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

    /// Writes one object until the target has it. Where an answer is unclear, what is there tells.
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
                // A vault is never replaced: the look at the mark refuses.
                Some(there) => condition = Condition::Matches(there.etag),
                None => condition = Condition::Absent,
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Removes what an earlier try has brought and the source does not have any more.
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

    /// Reads both stores again: every byte is there, and the source is as it was.
    pub(super) async fn verify(&mut self) -> Result<(), CopyError> {
        self.progress = Progress { verifying: true, ..Progress::default() };
        self.compare().await?;
        match self.differences.first() {
            None => Ok(()),
            Some(difference) => Err(CopyError::Changed(difference.name.clone())),
        }
    }

    /// Notes what differs.
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

    /// Notes whether the object `vault` differs.
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

/// Reads one object, a few times where the store does not answer.
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
