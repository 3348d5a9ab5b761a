//! The objects that hold the bytes of snapshots (spec/decisions/0005-one-object-per-attempt.md).
//!
//! The name of an object contains the version of the account that its save was going to write. Each
//! attempt to commit a save therefore has a separate object. Once the account has that version or a
//! later one and does not name the object, it never will, and the object may be removed at any time.

use crate::account::{self, Account, Found, TIDYING};
use crate::retention::Retained;
use crate::{Error, Vault, names};
use bytes::Bytes;
use rootcellar_spec::{AccountId, OperationId};
use rootcellar_store::cas::{self, Current};
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the head is read again after another save replaced it.
const TRIES: usize = 8;

/// What an account says of the object of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It names it.
    Named,
    /// It does not name it, and may do so in a version to come.
    Open,
    /// It does not name it, and never will.
    Passed,
}

/// What the object of an operation, made for this version of the account, is to the account.
pub(crate) fn standing(current: &Current<Account>, operation: &OperationId, version: u64) -> Standing {
    let names_it = |snapshot: &Retained| snapshot.head.operation == *operation && snapshot.version == version;
    if current.value().snapshots.iter().any(names_it) {
        Standing::Named
    } else if version > current.body.version {
        Standing::Open
    } else {
        Standing::Passed
    }
}

/// The bytes that a request is about to save, and the object that it has made of them last.
pub(crate) struct Upload<'a> {
    vault: &'a Vault,
    account: AccountId,
    operation: OperationId,
    bytes: &'a Bytes,
    /// The version of the account that the object was made for; 0 where there is none.
    made_for: AtomicU64,
}

impl<'a> Upload<'a> {
    pub(crate) fn new(
        vault: &'a Vault,
        account: AccountId,
        operation: OperationId,
        bytes: &'a Bytes,
    ) -> Self {
        Self { vault, account, operation, bytes, made_for: AtomicU64::new(0) }
    }

    /// Makes the object that the next version of `current` is to name.
    ///
    /// # Errors
    /// [`Error::OperationUsed`], before anything is written, if the account remembers the operation:
    /// its write would be refused, and an author could repeat that without an end.
    pub(crate) async fn create(&self, current: &Current<Account>) -> Result<(), Error> {
        if current.remembers(&self.operation) {
            return Err(Error::OperationUsed);
        }
        let version = current.next_version();
        self.made_for.store(version, Ordering::Relaxed);
        let key = names::snapshot(&self.account, &self.operation, version);
        let retry_policy = self.vault.retry_policy();
        Ok(cas::create_immutable(self.vault.store(), &key, self.bytes.clone(), retry_policy).await?)
    }

    /// Removes the object of an earlier attempt, if this reading of the account shows that it was lost.
    pub(crate) async fn discard_lost(&self, current: &Current<Account>) {
        let version = self.made_for.load(Ordering::Relaxed);
        if version > 0 && standing(current, &self.operation, version) == Standing::Passed {
            discard(self.vault, &self.account, &self.operation, version).await;
            self.made_for.store(0, Ordering::Relaxed);
        }
    }

    /// After a refusal: removes the object that was made, unless the account names it or may still do so. What stays is
    /// left to the sweep.
    pub(crate) async fn withdraw(&self, refusal: &Error) {
        let version = self.made_for.load(Ordering::Relaxed);
        // Where a write may still be in progress, the store had long enough already.
        if version == 0 || matches!(refusal, Error::OutcomeUnknown) {
            return;
        }
        let work = async {
            match account::find(self.vault.store(), &self.account).await {
                Ok(Some(Found::Live(current))) => self.discard_lost(&current).await,
                Ok(Some(Found::Deleted(_))) => {
                    discard(self.vault, &self.account, &self.operation, version).await;
                }
                Ok(None) | Err(_) => {}
            }
        };
        if tokio::time::timeout(TIDYING, work).await.is_err() {
            tracing::warn!(
                event = "removal-incomplete",
                "The snapshot of a refused save could not be removed. The sweep removes it."
            );
        }
    }
}

/// The bytes of a snapshot, if they are there.
pub(crate) async fn load(vault: &Vault, id: &AccountId, snapshot: &Retained) -> Result<Option<Bytes>, Error> {
    let key = names::snapshot(id, &snapshot.head.operation, snapshot.version);
    Ok(vault.store().get(&key).await?.object.map(|object| object.body))
}

/// The bytes of the head. If they are gone because the head has changed, the account is read again,
/// and the caller must check it again. If the store has lost them, the result is `None`, and older
/// snapshots are still available.
pub(crate) async fn load_head(
    vault: &Vault,
    mut account: Current<Account>,
) -> Result<(Current<Account>, Option<Bytes>), Error> {
    for _ in 0..TRIES {
        let id = account.value().account_id;
        let Some(head) = account.value().snapshots.first() else { return Ok((account, None)) };
        if let Some(bytes) = load(vault, &id, head).await? {
            return Ok((account, Some(bytes)));
        }
        let before = account.etag;
        account = account::require(vault, &id, Error::SessionEnded).await?;
        if account.etag == before {
            tracing::error!(
                event = "head-missing",
                "An account's current snapshot is missing from the store. Restore it from an older version."
            );
            return Ok((account, None));
        }
    }
    Err(Error::Busy)
}

/// Removes an object that no account names and that none will. A failure leaves it to the sweep and is only logged.
async fn discard(vault: &Vault, id: &AccountId, operation: &OperationId, version: u64) {
    let key = names::snapshot(id, operation, version);
    let removed = match vault.store().get(&key).await {
        Ok(read) => match read.object {
            Some(object) => vault.store().delete(&key, &object.etag).await.is_ok(),
            None => true,
        },
        Err(_) => false,
    };
    if !removed {
        tracing::warn!(
            event = "removal-incomplete",
            "An unused snapshot could not be removed. The sweep removes it."
        );
    }
}

/// Removes the bytes of snapshots that a save or a re-key has dropped, as far as [`TIDYING`] allows.
pub(crate) async fn discard_dropped<'a>(
    vault: &Vault,
    id: &AccountId,
    dropped: impl Iterator<Item = &'a Retained>,
) {
    let work = async {
        for Retained { head, version, .. } in dropped {
            discard(vault, id, &head.operation, *version).await;
        }
    };
    if tokio::time::timeout(TIDYING, work).await.is_err() {
        tracing::warn!(
            event = "removal-incomplete",
            "Some unused snapshots could not be removed. The sweep removes them."
        );
    }
}
