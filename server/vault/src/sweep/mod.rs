//! The sweep: removes what crashes and lost races have left (storage.md, "The sweep").
//!
//! It runs beside serving vaults and other sweeps. `rules` explains what may be removed and why
//! this is safe; this module applies the rules in one pass over the store. Each removal is
//! conditional on the version that was judged. Objects that were written within a day are not read,
//! and ages are by the store's clock. Whatever the store does not respond to is left for the next
//! sweep.

mod judge;
mod object_name;
mod report;
mod rules;

pub use report::{Finding, Kept, Kind, Outcome, Report, Tally};

use crate::Vault;
use crate::account::Account;
use crate::listing::Listing;
use crate::opening::confirm_owner;
use async_trait::async_trait;
use judge::{Judge, Judged, Suspect};
use rootcellar_spec::Timestamp;
use rootcellar_store::cas::{self, CasError, Current};
use rootcellar_store::{Listed, StoreError, WriteError};
use std::time::Instant;

/// Observes a sweep, sets its pace, and can end it.
#[async_trait]
pub trait Watch: Send {
    /// Called after each object. `finding` is `None` if the object is in use. `false` ends the
    /// sweep.
    async fn saw(&mut self, report: &Report, finding: Option<&Finding>) -> bool;
}

/// Walks over the whole store once. With `apply`, removes what may be removed.
///
/// # Errors
/// If the store's clock cannot be read, or the store no longer belongs to this vault. Later
/// failures are in the report.
pub async fn run(vault: &Vault, apply: bool, watch: &mut dyn Watch) -> Result<Report, StoreError> {
    let started = Instant::now();
    let time = vault.store().get(&crate::names::vault()).await?.time;
    let begun = vault.time().moment(time).earliest;
    if confirm_owner(vault).await.is_err() {
        let reason = "The store's root secret was replaced, or its object `vault` cannot be read.".to_owned();
        return Err(StoreError::Refused { reason });
    }
    let mut walk = Walk { vault, apply, begun, judge: Judge::new(vault), report: Report::new(apply) };
    let mut listing = Listing::new(vault.store());
    walk.report.complete = loop {
        match listing.next().await {
            Ok(Some(listed)) => {
                let finding = walk.visit(&listed).await;
                if !watch.saw(&walk.report, finding.as_ref()).await {
                    break false;
                }
            }
            Ok(None) => break true,
            Err(_) => {
                tracing::warn!(
                    event = "sweep-incomplete",
                    "The sweep ended early, because the store did not list its objects."
                );
                break false;
            }
        }
    };
    walk.report.seconds = started.elapsed().as_secs();
    Ok(walk.report)
}

/// One pass over the store.
struct Walk<'a> {
    vault: &'a Vault,
    apply: bool,
    /// The start of the pass. Ages are therefore never too large.
    begun: Timestamp,
    judge: Judge<'a>,
    report: Report,
}

impl Walk<'_> {
    async fn visit(&mut self, listed: &Listed) -> Option<Finding> {
        self.report.see(listed.size);
        if !rules::is_old(listed.modified, self.begun) {
            self.report.young.add(listed.size);
            return None;
        }
        let outcome = match self.judge.judge(listed).await {
            Judged::InUse => return None,
            Judged::Keep(reason) => Outcome::Kept(reason),
            Judged::Remove(suspect) if self.apply => self.remove(listed, suspect).await,
            Judged::Remove(suspect) => Outcome::Removable(suspect.kind),
        };
        self.report.count(outcome, listed.size);
        Some(Finding { name: listed.key.as_str().to_owned(), size: listed.size, outcome })
    }

    /// One conditional removal, without retries, because the next sweep follows.
    async fn remove(&mut self, listed: &Listed, suspect: Suspect) -> Outcome {
        if let Some(account) = &suspect.fence
            && let Err(reason) = self.fence(account).await
        {
            return Outcome::Kept(reason);
        }
        match self.vault.store().delete(&listed.key, &suspect.etag).await {
            Ok(()) => {
                self.judge.removed(&listed.key);
                Outcome::Removed(suspect.kind)
            }
            Err(WriteError::ConditionFailed | WriteError::Contended | WriteError::Gone) => {
                Outcome::Kept(Kept::Changed)
            }
            Err(WriteError::Full | WriteError::Refused { .. } | WriteError::Unknown(_)) => {
                Outcome::Kept(Kept::StoreFailed)
            }
        }
    }

    /// Gives an account another version, so that every write that started from this one is lost.
    async fn fence(&mut self, account: &Current<Account>) -> Result<(), Kept> {
        let (store, operation) = (self.vault.store(), self.vault.fresh_operation());
        let written =
            cas::replace(store, account, operation, account.value().clone(), self.vault.retry_policy()).await;
        self.judge.forget_owner();
        match written {
            Ok(_) => Ok(()),
            Err(CasError::Lost | CasError::Gone | CasError::Contended) => Err(Kept::Changed),
            Err(_) => Err(Kept::StoreFailed),
        }
    }
}
