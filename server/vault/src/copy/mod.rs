//! Copying a vault from one store into another (storage.md, "Moving a vault").
//!
//! In this order: the mark `copy`, every object but `vault`, a second look at every byte, the object `vault`, and the mark
//! goes. A store that bears the mark, or lacks the object `vault`, is served by nobody; so what a copy that broke off has
//! left is never taken for a vault. The same copy begins again where it was, because each object is written under a
//! condition and compared by its bytes. A store that holds an object `vault` is never written: it is compared. The mark
//! beside it is taken away where all is alike, and else left to the operator: it may have come late, to a vault in use.

mod mark;
mod pairs;
mod transfer;

pub use transfer::{Difference, Unlike};

use crate::keys::Fingerprint;
use crate::names;
use crate::opening::holds_nothing;
use async_trait::async_trait;
use mark::{Mark, Source};
use rootcellar_spec::{OperationId, VaultId};
use rootcellar_store::cas::{CasError, Current, LoadError, RetryPolicy};
use rootcellar_store::{Condition, Store, StoreError, WriteError};
use transfer::Transfer;

/// How far a copy is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether all was written, and it is looked at again.
    pub verifying: bool,
    /// Objects looked at in this part.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What was copied, or compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The vault ID.
    pub vault_id: VaultId,
    /// Recognises the root secret that the target needs.
    pub fingerprint: Fingerprint,
    /// Whether the target held a vault already, so that it was only compared.
    pub compared: bool,
    /// Objects of the source, the object `vault` among them, and their bytes.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that were written.
    pub written: u64,
    /// Objects of an earlier try that the source does not have any more, and that were removed.
    pub removed: u64,
    /// What differs, of a target that was only compared: at most [`MOST_DIFFERENCES`] of them.
    pub differences: Vec<Difference>,
    /// How many differ.
    pub different: u64,
}

/// Most differences that are named.
pub const MOST_DIFFERENCES: usize = 100;

/// Is told how far it is; returns whether to go on.
#[async_trait]
pub trait Watch: Send + Sync {
    /// After each object.
    async fn saw(&mut self, progress: Progress) -> bool;
}

/// Why a copy did not come to its end. It can be run again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The source holds no vault.
    #[error("the source holds no vault: its object `vault` is missing; check --from")]
    NoVault,
    /// The source is itself an unfinished copy.
    #[error("the source is a copy that has not come to its end; finish that one first")]
    SourceUnfinished,
    /// The target holds something else.
    #[error("the target holds objects and no vault; give an empty folder, bucket or prefix")]
    NotEmpty,
    /// The target bears the mark of another copy.
    #[error(
        "the target bears the mark of an unfinished copy of another vault ({0}); give another target, or empty it"
    )]
    OtherCopy(VaultId),
    /// The source was written meanwhile, or the target by somebody else.
    #[error(
        "the two are not alike after all ({0}): the source was changed while it was copied. Let its server serve reads only \
         (--read-only), then run the same again"
    )]
    Changed(String),
    /// The target bears the mark of a copy and holds a vault that is not the source's, or not any more.
    #[error(
        "the target bears the mark of a copy (its object `copy`) and holds a vault that differs from the source in {0}; \
         nothing was written. That vault may have been served since: look whether a server uses this store, or did. If so, \
         remove the object `copy` and nothing else. Only if nobody ever served it, empty the target and run the same again"
    )]
    MarkedVault(String),
    /// Somebody else writes the target.
    #[error(
        "the object {0} of the target was written by somebody else: another copy runs, or a server has made its vault \
         there; let one of them end, then run the same again"
    )]
    Contested(String),
    /// It was told to stop.
    #[error("stopped; run the same again to go on")]
    Stopped,
    /// The source does not read.
    #[error("the source cannot be read")]
    From(#[source] StoreError),
    /// The target does not read.
    #[error("the target cannot be read")]
    To(#[source] StoreError),
    /// An object of the bookkeeping is damaged.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The target does not take a write.
    #[error("the target does not take {name}; run the same again when that is mended")]
    Write {
        /// The object.
        name: String,
        /// Why not.
        #[source]
        error: WriteError,
    },
    /// The target does not take the mark.
    #[error("the target does not take the mark of the copy: {0}")]
    Mark(#[from] CasError),
}

/// Looks whether there is a whole vault to copy, before a target is made for it.
///
/// # Errors
/// [`CopyError::NoVault`], [`CopyError::SourceUnfinished`], or where the source does not read.
pub async fn look(from: &dyn Store) -> Result<(), CopyError> {
    Source::read(from).await.map(drop)
}

/// Copies the vault of `from` into `to`, or compares the two where `to` holds a vault already. `operation` names the
/// writes of the mark. A mark beside a vault that is like the source's is removed: a copy ended right before that.
///
/// # Errors
/// As [`CopyError`] says; the same again goes on where this ended.
pub async fn run(
    from: &dyn Store,
    to: &dyn Store,
    operation: OperationId,
    retry_policy: RetryPolicy,
    watch: &mut dyn Watch,
) -> Result<Report, CopyError> {
    let source = Source::read(from).await?;
    let found = mark::load(to).await?;
    let holds_vault = holds_vault(to).await?;
    let mut transfer = Transfer::new(from, to, watch);
    if holds_vault {
        transfer.compare().await?;
        transfer.compare_vault(&source.object).await?;
        let report = transfer.report(&source, true);
        if let Some(marked) = found {
            if let Some(difference) = report.differences.first() {
                return Err(CopyError::MarkedVault(difference.name.clone()));
            }
            mark::remove(to, &marked, retry_policy).await?;
        }
        return Ok(report);
    }
    let marked = prepare(to, &source, found, operation, retry_policy).await?;
    transfer.begin(marked.etag.clone());
    transfer.copy().await?;
    transfer.verify().await?;
    finish(from, to, &source, &mut transfer).await?;
    mark::remove(to, &marked, retry_policy).await?;
    Ok(transfer.report(&source, false))
}

async fn holds_vault(to: &dyn Store) -> Result<bool, CopyError> {
    Ok(to.get(&names::vault()).await.map_err(CopyError::To)?.object.is_some())
}

/// Sees to it that the target, which held no vault, bears this copy's mark.
async fn prepare(
    to: &dyn Store,
    source: &Source,
    found: Option<Current<Mark>>,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<Current<Mark>, CopyError> {
    match found {
        Some(marked) if marked.value().is_of(source) => {
            mark::take_over(to, &marked, operation, retry_policy).await
        }
        Some(marked) => Err(CopyError::OtherCopy(marked.value().vault_id.clone())),
        None if holds_nothing(to).await.map_err(CopyError::To)? => {
            let marked = mark::create(to, source, operation, retry_policy).await?;
            // A server may have made its vault since the look at the target, or another try have come to its end. Where
            // the mark stays after all, it stands beside a vault and is no order to write.
            if holds_vault(to).await? {
                mark::remove(to, &marked, retry_policy).await?;
                return Err(CopyError::Contested(names::vault().as_str().to_owned()));
            }
            Ok(marked)
        }
        None => Err(CopyError::NotEmpty),
    }
}

/// The object `vault` comes last: from then on the target is a vault.
async fn finish(
    from: &dyn Store,
    to: &dyn Store,
    source: &Source,
    transfer: &mut Transfer<'_>,
) -> Result<(), CopyError> {
    let key = names::vault();
    let now = from.get(&key).await.map_err(CopyError::From)?.object;
    if now.is_none_or(|now| now.body != source.object.body) {
        return Err(CopyError::Changed(key.as_str().to_owned()));
    }
    match to.get(&key).await.map_err(CopyError::To)?.object {
        None => transfer.write(&key, &source.object.body, Condition::Absent).await,
        // That of an earlier try, whose write landed late.
        Some(there) if there.body == source.object.body => Ok(()),
        Some(_) => Err(CopyError::MarkedVault(key.as_str().to_owned())),
    }
}
