//! Changes the passphrase (protocol.md section 15.6) with one conditional write of the account,
//! which revokes every session.
//!
//! An account without a name gets one: its registration stopped before the name, someone else took
//! the name since, or the vault's root secret was replaced. Without a name, the passphrase could
//! not be used. The order is:
//!
//! 1. *claim*: make the pointer point here, unless it points to an account that has this name;
//! 2. *write*: give the account name, record and keyslot at once;
//! 3. *confirm*: claim the pointer again.
//!
//! Between 1 and 2 the account does not have the name yet. Another account may therefore overwrite
//! the pointer, or a sweep may remove it as an orphan, even after 2 if they decided earlier.
//! Whatever they read, step 3 writes a newer version. From then on, a writer that read the pointer
//! before 2 cannot change it, and a later one finds an account that has the name. If another
//! account claimed it in between and has the name, step 3 finds that: `name-taken`. Another name
//! can then be chosen, because the pointer does not point here. Of two accounts that claim one name
//! at the same time, at most one confirms, because the pointer then remains. The last one to
//! confirm fails only if the pointer points to one that has confirmed. A crash after 1 leaves a
//! pointer without effect. A crash after 2 leaves a complete account, with or without a name, and
//! the repeated request does step 3.

use crate::Vault;
use crate::account::{self, Account, Attempt, RefusedNames};
use crate::names::NameKey;
use crate::opaque;
use crate::opening::confirm_owner;
use crate::registration::{check_registration_request, claim_name, evaluate};
use crate::session::ActiveSession;
use crate::streams::Event;
use crate::tokens::{ChargeToken, ChargeUse};
use crate::{Error, charge, keyslot};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest, StartResponse,
};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Digest, NameHash, SuiteId};
use rootcellar_store::cas::{Decision, Updated};
use std::net::IpAddr;

/// The first request: charges the name like a login, then evaluates the OPRF.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::BudgetSpent`], [`Error::Malformed`] if the account needs a
/// name and none is given, or has another one, or a store's failure.
pub async fn start(
    vault: &Vault,
    session: &ActiveSession,
    request: &PassphraseStartRequest,
    client: Option<IpAddr>,
) -> Result<StartResponse, Error> {
    check_registration_request(&request.registration_request)?;
    let account = session.load(vault, Permission::Manage).await?;
    let name = name_of(vault, account.value(), request.name_hash.as_ref()).await?;
    let charge_use = ChargeUse::Passphrase(session.account_id());
    evaluate(vault, name, &request.registration_request, client, charge_use).await
}

/// The name for the new passphrase.
async fn name_of(vault: &Vault, account: &Account, wanted: Option<&NameHash>) -> Result<NameKey, Error> {
    let refused = |problem| Error::Malformed { field: "name_hash", problem };
    let wanted = wanted.map(|hash| NameKey::of(vault.keys(), hash));
    match (account::is_named(vault, account).await?, wanted) {
        (true, Some(wanted)) if wanted != account.name => {
            Err(refused("The account has another name. Omit it."))
        }
        (true, _) => Ok(account.name),
        (false, Some(wanted)) => {
            // A replica with a replaced root secret would find that accounts that have a name have
            // none.
            confirm_owner(vault).await?;
            Ok(wanted)
        }
        (false, None) => Err(refused("This account has no name. Send one.")),
    }
}

/// What was written to the account.
enum Done {
    Changed {
        is_named: bool,
    },
    /// The name is taken.
    NameRefused,
}

/// The second request.
/// `body` is the digest of the request's exact bytes. A session that the request revokes may repeat it. With `keep_sessions`,
/// the account moves to a newer suite: no session is revoked, and the passphrase counts as
/// unchanged.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::LoginExpired`],
/// [`Error::OperationUsed`], [`Error::GenerationMoved`] if the keyslot wraps an old key,
/// [`Error::NameTaken`] if the account needs a name and another one has it, [`Error::RateLimited`]
/// after too many of those, or a store's failure.
pub async fn finish(
    vault: &Vault,
    session: &ActiveSession,
    request: &PassphraseFinishRequest,
    body: Digest,
) -> Result<PassphraseFinishResponse, Error> {
    check_shapes(vault, request)?;
    let attempt = Attempt { operation: request.operation, request: body };
    let charge_use = ChargeUse::Passphrase(session.account_id());
    let token = ChargeToken::open(vault.keys(), charge_use, &request.token).ok_or(Error::LoginExpired)?;

    let decide = || async {
        let current = match session.load_unchecked(vault).await {
            Err(Error::AccountDeleted) => {
                // The account was deleted meanwhile, which freed the name. This request may have
                // claimed it again since.
                account::remove_pointer(vault, &token.name.pointer(), &session.account_id()).await;
                return Err(Error::AccountDeleted);
            }
            found => found?,
        };
        let account = current.value();
        if session.has_made(attempt, account.passphrase_changed_by.as_ref()) {
            return Ok(Decision::Keep(current));
        }
        session.check(account, Permission::Manage)?;
        account.check_generation(request.generation)?;
        if vault.now() >= token.expires_at {
            return Err(Error::LoginExpired);
        }
        let is_named = account::is_named(vault, account).await?;
        if request.keep_sessions {
            check_move(account, is_named, request.suite)?;
        }
        if is_named && account.name != token.name {
            return Err(Error::LoginExpired);
        }
        if !is_named {
            confirm_owner(vault).await?;
        }
        if !is_named {
            check_refused_names(vault, account, attempt)?;
            if !claim_name(vault, account.account_id, token.name).await? {
                let value = with_refused_name(vault, account, attempt).ok_or(Error::NameTaken)?;
                let operation = vault.fresh_operation();
                return Ok(Decision::Replace { current, operation, value, with: Done::NameRefused });
            }
        }
        let next = changed(vault, account, session, &token, request, attempt);
        Ok(Decision::Replace {
            current,
            operation: request.operation,
            value: next,
            with: Done::Changed { is_named },
        })
    };
    match vault.update(decide).await? {
        Updated::Kept(current) => conclude(vault, current.value(), &token, true).await,
        Updated::Written(won, Done::Changed { is_named }) => {
            conclude(vault, won.value(), &token, !is_named).await
        }
        Updated::Written(_, Done::NameRefused) => Err(Error::NameTaken),
    }
}

/// If registration is open, anyone can find out which names are taken, so nothing is counted.
fn check_refused_names(vault: &Vault, account: &Account, attempt: Attempt) -> Result<(), Error> {
    if vault.settings().registration == RegistrationMode::Open {
        return Ok(());
    }
    match account.refused_names.map_or(0, |refused| refused.wait(attempt, vault.time().latest())) {
        0 => Ok(()),
        wait => Err(Error::RateLimited { wait }),
    }
}

/// The account with one more taken name counted. It is written before the client learns it. `None`
/// if nothing is counted, or this attempt already was.
fn with_refused_name(vault: &Vault, account: &Account, attempt: Attempt) -> Option<Account> {
    let earlier = account.refused_names;
    let is_counted = earlier.is_some_and(|refused| refused.last == attempt);
    if is_counted || vault.settings().registration == RegistrationMode::Open {
        return None;
    }
    let refused_names = Some(RefusedNames::with(earlier, attempt, vault.time().latest()));
    Some(Account { refused_names, ..account.clone() })
}

fn check_shapes(vault: &Vault, request: &PassphraseFinishRequest) -> Result<(), Error> {
    keyslot::check_suite(vault, "suite", request.suite)?;
    keyslot::check("passphrase_keyslot", &request.passphrase_keyslot, request.suite)?;
    if opaque::is_record(&request.registration_record) {
        return Ok(());
    }
    Err(Error::Malformed { field: "registration_record", problem: "Not a valid registration record." })
}

/// After the write: confirms the name if it may have been claimed, and records that the charge was
/// not a failed attempt.
async fn conclude(
    vault: &Vault,
    account: &Account,
    token: &ChargeToken,
    confirm: bool,
) -> Result<PassphraseFinishResponse, Error> {
    if confirm {
        // The passphrase is already changed, so an error here must not say otherwise. Repeating the
        // request returns the result.
        let is_ours = claim_name(vault, account.account_id, account.name).await.map_err(|error| {
            tracing::warn!(
                event = "pointer-not-confirmed",
                %error,
                "The account name of a changed passphrase could not be confirmed. The client retries."
            );
            Error::OutcomeUnknown
        })?;
        if !is_ours {
            return Err(Error::NameTaken);
        }
    }
    charge::complete(vault, &token.name, token.operation).await;
    tracing::info!(event = "passphrase-changed");
    let change = account.passphrase_changed_by;
    let change = change.ok_or(Error::Internal("a changed passphrase is not in its account"))?;
    Ok(PassphraseFinishResponse { time: change.at })
}

fn changed(
    vault: &Vault,
    account: &Account,
    session: &ActiveSession,
    token: &ChargeToken,
    request: &PassphraseFinishRequest,
    attempt: Attempt,
) -> Account {
    let now = vault.now();
    let who = session.who(account);
    let mut next = Account {
        name: token.name,
        name_root: vault.keys().fingerprint(),
        suite: request.suite,
        registration_record: request.registration_record,
        passphrase_keyslot: request.passphrase_keyslot.clone(),
        passphrase_changed_by: Some(session.change(attempt, now)),
        refused_names: None,
        ..account.clone()
    };
    if request.keep_sessions {
        next.history.record(Event::new(kind::SUITE, who, now).detail(u64::from(request.suite.0)));
    } else {
        next.history.record(Event::new(kind::PASSPHRASE, who, now));
        next.passphrase_changed_at = now;
        next.session_epoch = account.session_epoch.saturating_add(1);
    }
    next
}

/// Whether the account can move to this suite while its passphrase and sessions remain.
fn check_move(account: &Account, is_named: bool, suite: SuiteId) -> Result<(), Error> {
    if suite <= account.suite {
        return Err(Error::Malformed {
            field: "suite",
            problem: "The account already has this suite or a newer one.",
        });
    }
    if !is_named {
        let problem = "This account has no name, so it has no passphrase that could remain.";
        return Err(Error::Malformed { field: "keep_sessions", problem });
    }
    Ok(())
}
