//! Replaces the recovery code (protocol.md section 15.6) with one conditional write of the account,
//! which revokes the old code and every session.
//!
//! The order is that of a claimed name in a passphrase change, for the same reasons
//! ([`crate::passphrase`]): claim the pointer of the new locator, write the account, claim the
//! pointer again, and remove the old pointer. After the write, the old code has no effect even if
//! its pointer still exists, because the account does not have its locator. A crash before the
//! write leaves a pointer without effect, and a crash after it the old pointer. The sweep removes
//! either, and the repeated request completes the change.
//!
//! A locator is 32 bytes derived from 128 random bits. Another account does not claim the same one
//! by accident. Someone who arranges this for two of their own accounts loses the recovery code of
//! one of them.

use crate::Error;
use crate::Vault;
use crate::account::{self, Account, Attempt};
use crate::names::LocatorDigest;
use crate::recovery_method::{self, RecoveryMethod, Setting};
use crate::session::ActiveSession;
use crate::streams::Event;
use rootcellar_spec::wire::devices::{ChangeResponse, RecoveryCodeRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest};
use rootcellar_store::cas::{self, Decision, Updated};

/// Replaces the recovery code. `body` is the digest of the request's exact bytes. A session that
/// the request revokes may repeat it, and so may a later session or device with the permission to
/// manage.
///
/// The request names the code that it replaces. It is therefore never applied twice, and never
/// revokes a code that its sender did not know.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::GenerationMoved`] if the keyslot wraps an old key,
/// [`Error::RecoveryCodeMoved`] if another code was set since, [`Error::OperationUsed`] if another
/// account has the locator, or a store's failure.
pub async fn replace(
    vault: &Vault,
    session: &ActiveSession,
    request: &RecoveryCodeRequest,
    body: Digest,
) -> Result<ChangeResponse, Error> {
    let (generation, operation) = (request.generation, request.operation);
    let setting = Setting { account: session.account_id(), generation, operation, suite: None };
    let methods = recovery_method::check(vault, &request.recovery_methods, &setting)?;
    let attempt = Attempt { operation, request: body };

    let decide = || async {
        let current = load(vault, session, &methods).await?;
        let account = current.value();
        let last = account.recovery_code_changed_by.as_ref().filter(|_| account.recovery_methods == methods);
        if session.finds_made(attempt, account, last) {
            return Ok(Decision::Keep(current));
        }
        session.check(account, Permission::Manage)?;
        account.check_generation(request.generation)?;
        check_replaces(account, request.replaces, &methods)?;
        claim(vault, account, &methods).await?;
        let former: Vec<_> = account.locators().collect();
        let next = changed(vault, account, session, methods.clone(), attempt);
        Ok(Decision::Replace { current, operation, value: next, with: former })
    };
    match vault.update(decide).await? {
        Updated::Kept(current) => conclude(vault, current.value()).await,
        Updated::Written(won, former) => {
            let answer = conclude(vault, won.value()).await?;
            remove_former(vault, &won.value().account_id, &former).await;
            Ok(answer)
        }
    }
}

/// Reads the account for a change with new recovery methods.
pub(super) async fn load(
    vault: &Vault,
    session: &ActiveSession,
    methods: &[RecoveryMethod],
) -> Result<cas::Current<Account>, Error> {
    let found = session.load_unchecked(vault).await;
    if matches!(found, Err(Error::AccountDeleted)) {
        // This request may have claimed them before the account was deleted.
        for method in methods {
            account::remove_pointer(vault, &method.locator.pointer(), &session.account_id()).await;
        }
    }
    found
}

/// Checks that new methods replace the current ones.
pub(super) fn check_replaces(
    account: &Account,
    replaces: Digest,
    methods: &[RecoveryMethod],
) -> Result<(), Error> {
    if methods.iter().any(|method| account.recovery_method(&method.locator).is_some()) {
        let problem = "The account already has this recovery code. Generate another one.";
        return Err(Error::Malformed { field: "recovery_methods[0].locator", problem });
    }
    if account.locators().map(|locator| locator.0).eq([replaces]) {
        Ok(())
    } else {
        Err(Error::RecoveryCodeMoved)
    }
}

/// Makes the pointers of new locators point to the account, which does not have them yet.
pub(super) async fn claim(vault: &Vault, account: &Account, methods: &[RecoveryMethod]) -> Result<(), Error> {
    for method in methods {
        if !claim_locator(vault, account.account_id, method.locator).await? {
            return Err(Error::OperationUsed);
        }
    }
    Ok(())
}

/// After the write: makes sure that the pointers of the account's locators keep pointing to it.
pub(super) async fn confirm(vault: &Vault, account: &Account) -> Result<(), Error> {
    for locator in account.locators() {
        // The code is already changed, so an error here must not say otherwise. Repeating the
        // request returns the result.
        let is_ours = claim_locator(vault, account.account_id, locator).await.map_err(|error| {
            tracing::warn!(
                event = "pointer-not-confirmed",
                %error,
                "The locator of a changed recovery code could not be confirmed. The client retries."
            );
            Error::OutcomeUnknown
        })?;
        if !is_ours {
            return Err(Error::OperationUsed);
        }
    }
    Ok(())
}

/// Makes a locator's pointer point to an account, and returns whether it does. `false` if it points
/// to another one.
pub(super) async fn claim_locator(
    vault: &Vault,
    id: AccountId,
    locator: LocatorDigest,
) -> Result<bool, Error> {
    let names_back = |other: &Account| other.recovery_method(&locator).is_some();
    account::claim_pointer(vault, &locator.pointer(), id, names_back).await
}

/// Removes the pointers of old locators, except those that the account has. A failure leaves them
/// to the sweep.
pub(super) async fn remove_former(vault: &Vault, id: &AccountId, former: &[LocatorDigest]) {
    for locator in former {
        if remove_one(vault, id, locator).await.is_err() {
            tracing::warn!(
                event = "removal-incomplete",
                "The pointer of an old recovery code could not be removed. The sweep removes it."
            );
        }
    }
}

/// The account is read after the pointer. If it gets that locator again later, it rewrites the
/// pointer, and this version no longer exists.
async fn remove_one(vault: &Vault, id: &AccountId, former: &LocatorDigest) -> Result<(), Error> {
    let Some(pointer) = account::load_pointer(vault, &former.pointer()).await? else { return Ok(()) };
    let found = account::load(vault, id).await?;
    let names_back = found.is_some_and(|found| found.value().recovery_method(former).is_some());
    if pointer.value().account_id != *id || names_back {
        return Ok(());
    }
    Ok(cas::remove(vault.store(), &pointer, vault.retry_policy()).await?)
}

async fn conclude(vault: &Vault, account: &Account) -> Result<ChangeResponse, Error> {
    confirm(vault, account).await?;
    tracing::info!(event = "recovery-code-changed");
    let change = account.recovery_code_changed_by;
    let change = change.ok_or(Error::Internal("a changed recovery code is not in its account"))?;
    Ok(ChangeResponse { time: change.at })
}

fn changed(
    vault: &Vault,
    account: &Account,
    session: &ActiveSession,
    recovery_methods: Vec<RecoveryMethod>,
    attempt: Attempt,
) -> Account {
    let now = vault.now();
    let mut history = account.history.clone();
    history.record(Event::new(kind::RECOVERY_CODE, session.who(account), now));
    Account {
        recovery_methods,
        recovery_code_changed_by: Some(session.change(attempt, now)),
        session_epoch: account.session_epoch.saturating_add(1),
        history,
        ..account.clone()
    }
}
