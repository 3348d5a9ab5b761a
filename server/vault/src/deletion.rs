//! Deletes an account (protocol.md section 15.6). One conditional write replaces it with a
//! tombstone and commits; then name, locator and snapshots are removed. A sweep removes the
//! tombstone a day later.
//!
//! After that write, nothing leads to the account and nothing can be written to it. A pointer to a
//! tombstone does not count, so the name is free at once. A writer that was delayed fails its
//! conditional write, and late requests learn that the account was deleted. What a crash leaves is
//! harmless. The repeated request or the sweep removes it.

use crate::Error;
use crate::Vault;
use crate::account::{self, Account, Attempt, Found, TIDYING, Tombstone};
use crate::names;
use crate::session::ActiveSession;
use rootcellar_spec::wire::account::{DeleteRequest, DeleteResponse};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest, Timestamp};
use rootcellar_store::StoreError;
use rootcellar_store::cas::{Current, Decision, Updated, Versioned};

/// Deletes the session's account. `body` is the digest of the request's exact bytes.
///
/// # Errors
/// [`Error::AccountDeleted`] if another request deleted it, [`Error::SessionEnded`], or a store's
/// failure.
pub async fn delete(
    vault: &Vault,
    session: &ActiveSession,
    request: &DeleteRequest,
    body: Digest,
) -> Result<DeleteResponse, Error> {
    let attempt = Attempt { operation: request.operation, request: body };
    let decide = || async {
        let account = match account::find(vault.store(), &session.account_id()).await? {
            None => return Err(session.ended()),
            Some(Found::Deleted(tombstone)) if tombstone.value().deleted_by == attempt => {
                return Ok(Decision::Keep(tombstone));
            }
            Some(Found::Deleted(_)) => return Err(Error::AccountDeleted),
            Some(Found::Live(account)) => account,
        };
        session.check(account.value(), Permission::Manage)?;
        let current = buried(account, attempt, vault.now());
        let value = current.value().clone();
        Ok(Decision::Replace { current, operation: request.operation, value, with: () })
    };
    let tombstone = match vault.update(decide).await? {
        Updated::Kept(tombstone) => tombstone,
        Updated::Written(tombstone, ()) => {
            tracing::info!(event = "account-deleted");
            tombstone
        }
    };
    Ok(tidy(vault, tombstone.value()).await)
}

/// An account's object at its version in the store, with the tombstone that replaces it.
fn buried(account: Current<Account>, attempt: Attempt, now: Timestamp) -> Current<Tombstone> {
    let Current { key, etag, body: Versioned { format, version, operation, recent, value } } = account;
    let locators = value.locators().collect();
    let Account { account_id, name, .. } = value;
    let value = Tombstone { account_id, name, locators, deleted_at: now, deleted_by: attempt };
    Current { key, etag, body: Versioned { format, version, operation, recent, value } }
}

/// Removes what the time of a request permits. The account is deleted in any case.
async fn tidy(vault: &Vault, tombstone: &Tombstone) -> DeleteResponse {
    if !matches!(tokio::time::timeout(TIDYING, finish(vault, tombstone)).await, Ok(Ok(()))) {
        tracing::warn!(
            event = "removal-incomplete",
            "Some objects of a deleted account could not be removed. The sweep removes them."
        );
    }
    DeleteResponse { time: tombstone.deleted_at }
}

/// Removes what a deleted account has left beside its tombstone: name, locator and snapshots. Can
/// be repeated at any time.
pub(crate) async fn finish(vault: &Vault, tombstone: &Tombstone) -> Result<(), Error> {
    let id = &tombstone.account_id;
    account::remove_pointer(vault, &tombstone.name.pointer(), id).await;
    for locator in &tombstone.locators {
        account::remove_pointer(vault, &locator.pointer(), id).await;
    }
    let prefix = names::snapshots(id);
    let mut after = None;
    loop {
        let page = vault.store().list(&prefix, after.as_ref()).await?;
        for listed in &page.objects {
            if let Some(object) = vault.store().get(&listed.key).await?.object
                && vault.store().delete(&listed.key, &object.etag).await.is_err()
            {
                tracing::warn!(
                    event = "removal-incomplete",
                    "A snapshot of a deleted account could not be removed. The sweep removes it."
                );
            }
        }
        match page.objects.last() {
            Some(last) if page.more => after = Some(last.key.clone()),
            _ => return Ok(()),
        }
    }
}

/// Whether anything of a deleted account is left beside its tombstone.
pub(crate) async fn has_remains(vault: &Vault, tombstone: &Tombstone) -> Result<bool, Error> {
    let id = &tombstone.account_id;
    for locator in &tombstone.locators {
        if account::leads_to(vault, &locator.pointer(), id).await? {
            return Ok(true);
        }
    }
    Ok(account::leads_to(vault, &tombstone.name.pointer(), id).await? || has_snapshots(vault, id).await?)
}

async fn has_snapshots(vault: &Vault, id: &AccountId) -> Result<bool, StoreError> {
    Ok(!vault.store().list(&names::snapshots(id), None).await?.objects.is_empty())
}
