//! Copies a vault from one store to another (storage.md, "Moving a vault").
//!
//! The order is: the mark `copy`; every object except `vault`; a second read of every byte; the
//! object
//! `vault`; removal of the mark. No server uses a store that has the mark or lacks the object `vault`,
//! so an incomplete copy is never taken for a vault. The same copy can be resumed, because each
//! object is written under a condition and compared by its bytes. A store that contains an object
//! `vault` is never written, but compared. A mark in it is removed if the stores are equal.
//! Otherwise the operator decides, because the mark may have been written late into a vault that is
//! in use.

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

/// The progress of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether all objects were written and are being verified.
    pub verifying: bool,
    /// Objects processed in this phase.
    pub objects: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// The result of a copy or a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of the vault that was copied or compared.
    pub vault_id: VaultId,
    /// Of the root secret that the target needs.
    pub fingerprint: Fingerprint,
    /// Whether the target already contained a vault, so that it was only compared.
    pub compared: bool,
    /// Objects of the source, including `vault`.
    pub objects: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The number of objects that were written.
    pub written: u64,
    /// The number of objects of an earlier copy that were removed, because the source no longer has
    /// them.
    pub removed: u64,
    /// The differences, if the target was compared: at most [`MOST_DIFFERENCES`].
    pub differences: Vec<Difference>,
    /// The number of all differences.
    pub different: u64,
}

/// Maximum differences in a report.
pub const MOST_DIFFERENCES: usize = 100;

/// Observes the progress, and decides whether to continue.
#[async_trait]
pub trait Watch: Send + Sync {
    /// Called after each object. `false` stops the copy.
    async fn saw(&mut self, progress: Progress) -> bool;
}

/// Why a copy is incomplete. It can be run again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The source has no object `vault`.
    #[error("The source does not contain a vault: its object `vault` is missing. Check --from.")]
    NoVault,
    /// The source is itself an unfinished copy.
    #[error("The source is itself an unfinished copy. Complete that copy first.")]
    SourceUnfinished,
    /// The target contains other objects.
    #[error("The target contains objects but no vault. Use an empty folder, bucket or prefix.")]
    NotEmpty,
    /// The target has the mark of another copy.
    #[error(
        "The target contains an unfinished copy of another vault ({0}). Use another target, or empty this one."
    )]
    OtherCopy(VaultId),
    /// The source, or the target, was written during the copy.
    #[error(
        "The source changed during the copy, at {0}. Run its server with --read-only, then run the same command again."
    )]
    Changed(String),
    /// The target has the mark of a copy and a vault that differs from the source.
    #[error(
        "The target contains the mark of a copy (its object `copy`) and a vault that differs from the source in {0}. \
         Nothing was written. Check whether a server uses or has used this store. If so, remove the object `copy` and \
         nothing else. Only if no server ever used it, empty the target and run the same command again."
    )]
    MarkedVault(String),
    /// Another process writes the target.
    #[error(
        "Another process wrote the object {0} of the target: another copy, or a server that created its vault there. \
         Stop one of the two, then run the same command again."
    )]
    Contested(String),
    /// [`Watch::saw`] returned `false`.
    #[error("The copy was stopped. Run the same command again to continue.")]
    Stopped,
    /// The source cannot be read.
    #[error("Cannot read the source.")]
    From(#[source] StoreError),
    /// The target cannot be read.
    #[error("Cannot read the target.")]
    To(#[source] StoreError),
    /// The mark is damaged.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// An object cannot be written to the target.
    #[error("Cannot write {name} to the target. Fix the cause, then run the same command again.")]
    Write {
        /// Of the object.
        name: String,
        /// The reason.
        #[source]
        error: WriteError,
    },
    /// The mark cannot be written.
    #[error("Cannot write the mark of the copy to the target: {0}")]
    Mark(#[from] CasError),
}

/// Checks that there is a whole vault to copy, before a target is created for it.
///
/// # Errors
/// [`CopyError::NoVault`], [`CopyError::SourceUnfinished`], or if the source cannot be read.
pub async fn look(from: &dyn Store) -> Result<(), CopyError> {
    Source::read(from).await.map(drop)
}

/// Copies the vault of `from` to `to`, or compares the two if
/// `to` already contains a vault. `operation` names the writes of the mark. A mark in a vault that
/// equals the source is removed: a copy was interrupted directly before that.
///
/// # Errors
/// See [`CopyError`]. A repeated call continues where this one stopped.
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

/// Makes sure that the target, which contained no vault, has this copy's mark.
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
            // A server may have created its vault since the target was checked, or an earlier copy
            // may have completed. If the mark remains, it is beside a vault and permits no writes.
            if holds_vault(to).await? {
                mark::remove(to, &marked, retry_policy).await?;
                return Err(CopyError::Contested(names::vault().as_str().to_owned()));
            }
            Ok(marked)
        }
        None => Err(CopyError::NotEmpty),
    }
}

/// Writes the object `vault` last: from then on, the target is a vault.
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
        // A late write of an earlier copy.
        Some(there) if there.body == source.object.body => Ok(()),
        Some(_) => Err(CopyError::MarkedVault(key.as_str().to_owned())),
    }
}
