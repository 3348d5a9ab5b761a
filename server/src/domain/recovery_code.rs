//! Putting another recovery code in the place of the former (protocol.md section 15.6): one swap of the account, which ends
//! the former code and every session.
//!
//! The order is that of a name which is claimed in a passphrase change, for the same reasons
//! ([`crate::domain::passphrase`]): the pointer of the new locator is made to lead here, the account is swapped, the pointer
//! is claimed once more, and only then the former pointer goes. From the swap on the former code opens nothing, whether or
//! not its pointer is still there: the account does not name it back. A crash before the swap leaves a pointer that counts
//! for nothing, one after it the former pointer; the sweep takes either. The same request, sent again, does the rest.
//!
//! A locator is 32 bytes that derive from 128 random bits. That another account claims the same one between the two claims is
//! no accident that happens; whoever arranges it for two accounts of their own is left with one of them without a recovery code.

use crate::domain::account::{self, Account, Attempt, TRIES};
use crate::domain::history::{Event, Who};
use crate::domain::names::LocatorDigest;
use crate::domain::session::ActiveSession;
use crate::domain::{Error, keyslot};
use crate::state::Vault;
use crate::store::swap::{self, SwapError};
use ed25519_dalek::VerifyingKey;
use rootcellar_spec::wire::devices::{ChangeAnswer, RecoveryCodeRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest};

/// Replaces the recovery code. `body` is the digest of the request's exact bytes. The session that ends by it may send it
/// again, and so may a later session or device that manages the account.
///
/// The request names the code that it replaces. So it is never applied twice, and it never revokes a code that its sender did not
/// know of.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::GenerationMoved`] where the keyslot wraps a former key, [`Error::RecoveryCodeMoved`] where
/// another code has been set since, [`Error::OperationUsed`] where
/// the locator is another account's, or a store's failure.
pub async fn replace(
    vault: &Vault,
    session: &ActiveSession,
    request: &RecoveryCodeRequest,
    body: Digest,
) -> Result<ChangeAnswer, Error> {
    keyslot::check_offered(vault, "recovery_keyslot", &request.recovery_keyslot)?;
    check_login_key(&request.recovery_login_key)?;
    let attempt = Attempt { operation: request.operation, request: body };
    let locator = LocatorDigest::of(&request.recovery_locator);

    for _ in 0..TRIES {
        let current = load(vault, session, locator).await?;
        let account = current.value();
        let last = account.recovery_code_changed_by.as_ref().filter(|_| account.locator == locator);
        if session.finds_made(attempt, account, last) {
            return conclude(vault, account).await;
        }
        session.check(account, Permission::Manage)?;
        account.check_generation(request.generation)?;
        check_replaces(account, request.replaces, locator)?;
        claim(vault, account, locator).await?;
        let former = account.locator;
        let next = changed(vault, account, session, request, attempt);
        match swap::swap(vault.store(), &current, request.operation, next, vault.patience()).await {
            Ok(won) => {
                let answer = conclude(vault, won.value()).await?;
                remove_former(vault, &won.value().account_id, former).await;
                return Ok(answer);
            }
            Err(SwapError::Lost | SwapError::Contended) => {}
            Err(SwapError::Gone) => return Err(session.ended()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// Reads the account for a change that brings a new locator.
pub(super) async fn load(
    vault: &Vault,
    session: &ActiveSession,
    locator: LocatorDigest,
) -> Result<swap::Current<Account>, Error> {
    let found = session.load_unchecked(vault).await;
    if matches!(found, Err(Error::AccountGone)) {
        // This request may have claimed it before the account was deleted.
        account::remove_pointer(vault, &locator.pointer(), &session.account_id()).await;
    }
    found
}

/// Checks that a new locator replaces the one that the account has.
pub(super) fn check_replaces(
    account: &Account,
    replaces: Digest,
    locator: LocatorDigest,
) -> Result<(), Error> {
    if account.locator == locator {
        let problem = "This is the recovery code that the account has. Draw another one.";
        return Err(Error::Malformed { field: "recovery_locator", problem });
    }
    if account.locator.0 == replaces { Ok(()) } else { Err(Error::RecoveryCodeMoved) }
}

/// Makes a new locator lead to the account, which does not name it back yet.
pub(super) async fn claim(vault: &Vault, account: &Account, locator: LocatorDigest) -> Result<(), Error> {
    if claim_locator(vault, account.account_id, locator).await? { Ok(()) } else { Err(Error::OperationUsed) }
}

/// After the swap: makes sure that the account's locator leads to it for good.
pub(super) async fn confirm(vault: &Vault, account: &Account) -> Result<(), Error> {
    // The code is changed by now, so no failure here may say that it is not: the same again will tell.
    let is_ours = claim_locator(vault, account.account_id, account.locator).await.map_err(|error| {
        tracing::warn!(%error, "a changed recovery code's locator could not be confirmed");
        Error::OutcomeUnknown
    })?;
    if is_ours { Ok(()) } else { Err(Error::OperationUsed) }
}

async fn claim_locator(vault: &Vault, id: AccountId, locator: LocatorDigest) -> Result<bool, Error> {
    account::claim_pointer(vault, &locator.pointer(), id, |other| other.locator == locator).await
}

/// Removes the pointer of a former locator, unless the account names it back once more. A failure leaves it to the sweep.
///
/// The account is read after the pointer: should it take that locator up again later, it writes the pointer anew, and what
/// was read here is not there any more.
pub(super) async fn remove_former(vault: &Vault, id: &AccountId, former: LocatorDigest) {
    let removed = async {
        let Some(pointer) = account::load_pointer(vault, &former.pointer()).await? else { return Ok(()) };
        let names_back = account::load(vault, id).await?.is_some_and(|found| found.value().locator == former);
        if pointer.value().account_id != *id || names_back {
            return Ok(());
        }
        Ok::<_, Error>(swap::remove(vault.store(), &pointer, vault.patience()).await?)
    };
    if removed.await.is_err() {
        tracing::warn!("the pointer of a former recovery code could not be removed");
    }
}

/// Checks that the key can verify a recovery login.
pub(super) fn check_login_key(key: &[u8; 32]) -> Result<(), Error> {
    match VerifyingKey::from_bytes(key) {
        Ok(key) if !key.is_weak() => Ok(()),
        _ => Err(Error::Malformed { field: "recovery_login_key", problem: "not a valid Ed25519 public key" }),
    }
}

async fn conclude(vault: &Vault, account: &Account) -> Result<ChangeAnswer, Error> {
    confirm(vault, account).await?;
    tracing::info!("recovery code changed");
    let change = account.recovery_code_changed_by;
    let change = change.ok_or(Error::Internal("a changed recovery code is not in its account"))?;
    Ok(ChangeAnswer { time: change.at })
}

fn changed(
    vault: &Vault,
    account: &Account,
    session: &ActiveSession,
    request: &RecoveryCodeRequest,
    attempt: Attempt,
) -> Account {
    let now = vault.now();
    let mut history = account.history.clone();
    history.record(Event::new(kind::RECOVERY_CODE, Who::of(session, account), now));
    Account {
        locator: LocatorDigest::of(&request.recovery_locator),
        recovery_keyslot: request.recovery_keyslot.clone(),
        recovery_login_key: request.recovery_login_key,
        recovery_code_changed_by: Some(session.change(attempt, now)),
        session_epoch: account.session_epoch.saturating_add(1),
        history,
        ..account.clone()
    }
}
