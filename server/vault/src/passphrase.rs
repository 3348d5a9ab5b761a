//! Changing the passphrase (protocol.md section 15.6): one swap of the account, which ends every session.
//!
//! An account that no name leads to gets one with it: its registration broke off before the name, somebody else took the
//! name since, or the vault's root secret was replaced. A passphrase that no name leads to would be none. The order is:
//!
//! 1. *claim*: the pointer is made to lead here, unless it leads to an account that names it back;
//! 2. *swap*: the account gets name, record and keyslot at once;
//! 3. *confirm*: the pointer is claimed once more.
//!
//! Between 1 and 2 the account does not name the pointer back yet, so that somebody else may overwrite it, or remove it as
//! an orphan, even after 2 if they decided before it. Whatever they read, 3 writes a newer version: from then on nobody
//! who has read the pointer before 2 can still change it, and whoever reads it later finds an account that names it back.
//! Where somebody else's claim came in between and their account names it back, 3 finds that: `name-taken`, and another
//! name can be chosen, because the pointer does not lead here. Of two that claim one name at once, at most one confirms, as
//! the pointer then stays with it; and the last to confirm fails only where the pointer leads to one that has confirmed.
//! A crash after 1 leaves a pointer that counts for nothing. A crash after 2 leaves a whole account or one without a
//! name; the same request, sent again, does 3.

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

/// The first trip: charges the name like a login, then evaluates the OPRF for it.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::BudgetSpent`], [`Error::Malformed`] where the account needs a name and none is given
/// or has another one, or a store's failure.
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

/// The name that the new passphrase goes with.
async fn name_of(vault: &Vault, account: &Account, wanted: Option<&NameHash>) -> Result<NameKey, Error> {
    let refused = |problem| Error::Malformed { field: "name_hash", problem };
    let wanted = wanted.map(|hash| NameKey::of(vault.keys(), hash));
    match (account::is_named(vault, account).await?, wanted) {
        (true, Some(wanted)) if wanted != account.name => {
            Err(refused("The account has another name. Leave it out."))
        }
        (true, _) => Ok(account.name),
        (false, Some(wanted)) => {
            // To a replica with a root secret that was given up, every account that has a name again seems to have none.
            confirm_owner(vault).await?;
            Ok(wanted)
        }
        (false, None) => Err(refused("No name leads to this account. Give it one.")),
    }
}

/// What was written to the account.
enum Done {
    Changed {
        is_named: bool,
    },
    /// A name that is taken.
    NameRefused,
}

/// The second trip. `body` is the digest of the request's exact bytes. The session that ends by it may send it again. With
/// `keep_sessions` it moves the account to a newer suite: no session ends, and the passphrase counts as unchanged.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::LoginExpired`], [`Error::OperationUsed`], [`Error::GenerationMoved`] where the
/// keyslot wraps a former key, [`Error::NameTaken`] where the account needs a name and another one has this one, [`Error::RateLimited`]
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
                // Deleted meanwhile, which freed the name; this request may have claimed it again since.
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

/// Where anybody may register, anybody can find out which names are taken: then nothing is counted.
fn check_refused_names(vault: &Vault, account: &Account, attempt: Attempt) -> Result<(), Error> {
    if vault.settings().registration == RegistrationMode::Open {
        return Ok(());
    }
    match account.refused_names.map_or(0, |refused| refused.wait(attempt, vault.time().latest())) {
        0 => Ok(()),
        wait => Err(Error::RateLimited { wait }),
    }
}

/// The account with one more taken name counted, which is written before its requester is told. `None` if nothing is to be
/// counted, or this attempt was.
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
    Err(Error::Malformed { field: "registration_record", problem: "not a valid registration record" })
}

/// After the swap: confirms the name where it may have been claimed for this, and notes that the charge was no failed attempt.
async fn conclude(
    vault: &Vault,
    account: &Account,
    token: &ChargeToken,
    confirm: bool,
) -> Result<PassphraseFinishResponse, Error> {
    if confirm {
        // The passphrase is changed by now, so no failure here may say that it is not: the same again will tell.
        let is_ours = claim_name(vault, account.account_id, account.name).await.map_err(|error| {
            tracing::warn!(%error, "a changed passphrase's name could not be confirmed");
            Error::OutcomeUnknown
        })?;
        if !is_ours {
            return Err(Error::NameTaken);
        }
    }
    charge::complete(vault, &token.name, token.operation).await;
    tracing::info!("passphrase changed");
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

/// Whether the account can move to this suite while its passphrase stays, and its sessions with it.
fn check_move(account: &Account, is_named: bool, suite: SuiteId) -> Result<(), Error> {
    if suite <= account.suite {
        return Err(Error::Malformed {
            field: "suite",
            problem: "the account is of this suite, or of a newer one",
        });
    }
    if !is_named {
        let problem = "No name leads to this account, so there is no passphrase that could stay.";
        return Err(Error::Malformed { field: "keep_sessions", problem });
    }
    Ok(())
}
