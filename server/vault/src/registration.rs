//! Registration (protocol.md section 15.5).
//!
//! The order is: the invite, a check whether the name is taken, account, locator, and the name,
//! which commits. As soon as the locator exists, the recovery code can open the account, also if a
//! crash left it without a name. A passphrase change then claims one. A refusal removes what was
//! created, unless someone has used it since. The same attempt may be repeated: within an hour as
//! long as it has not committed, after which a sweep may remove its objects; and without limit once
//! it has.

use crate::Vault;
use crate::account::{self, Account, Attempt, Found};
use crate::charge::Purpose;
use crate::names::{self, NameKey};
use crate::opaque;
use crate::recovery_method::{self, RecoveryMethod, Setting};
use crate::streams::{Event, Streams, Who};
use crate::tokens::{ChargeToken, ChargeUse};
use crate::{Error, charge, invite, keyslot, recovery_code};
use rootcellar_spec::limits::LOGIN_LIFETIME;
use rootcellar_spec::suite::opaque_bytes::REGISTRATION_REQUEST;
use rootcellar_spec::wire::history::{Actor, kind};
use rootcellar_spec::wire::registration::{FinishRequest, FinishResponse, StartRequest, StartResponse};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{AccountId, Digest, Generation, Timestamp};
use rootcellar_store::cas::{self, CasError, Current};
use std::net::IpAddr;

/// How long after the creation of its account a registration may be resumed, in seconds.
pub(crate) const RESUMABLE: u64 = 60 * 60;

/// The first request: charges the name like a login, then evaluates the OPRF.
///
/// # Errors
/// As [`crate::login::start`], and [`Error::RegistrationClosed`].
pub async fn start(
    vault: &Vault,
    request: &StartRequest,
    client: Option<IpAddr>,
) -> Result<StartResponse, Error> {
    vault.check_vault_id(&request.vault_id)?;
    if vault.settings().registration == RegistrationMode::Closed {
        return Err(Error::RegistrationClosed);
    }
    let name = NameKey::of(vault.keys(), &request.name_hash);
    evaluate(vault, name, &request.registration_request, client, ChargeUse::Registration).await
}

/// Checks the input of the OPRF.
pub(super) fn check_registration_request(request: &[u8; REGISTRATION_REQUEST]) -> Result<(), Error> {
    if opaque::is_registration_request(request) {
        return Ok(());
    }
    Err(Error::Malformed { field: "registration_request", problem: "Not a valid registration request." })
}

/// Charges `name`, then evaluates the OPRF for it.
pub(super) async fn evaluate(
    vault: &Vault,
    name: NameKey,
    request: &[u8; REGISTRATION_REQUEST],
    client: Option<IpAddr>,
    charge_use: ChargeUse,
) -> Result<StartResponse, Error> {
    check_registration_request(request)?;
    let guesses = charge::load(vault, &name).await?;
    let purpose = match charge_use {
        ChargeUse::Registration => Purpose::Registration,
        ChargeUse::Passphrase(_) => Purpose::Passphrase,
    };
    let charged = charge::charge(vault, &name, purpose, request, client, guesses).await?;
    let response = vault.keys().opaque().start_registration(request, &name.0);
    let response = response.map_err(|_| Error::Internal("a checked registration request was refused"))?;
    let expires_at = vault.now().plus(LOGIN_LIFETIME.as_secs());
    let token = ChargeToken { operation: charged.operation, name, expires_at };
    Ok(StartResponse { registration_response: response, token: token.seal(vault.keys(), charge_use) })
}

/// The second request. `body` is the digest of the request's exact bytes.
///
/// # Errors
/// [`Error::NameTaken`], [`Error::InviteRequired`],
/// [`Error::InviteRefused`] and [`Error::RegistrationClosed`], which leave nothing behind;
/// [`Error::OperationUsed`] if account ID or locator are in use; [`Error::LoginExpired`]; or a
/// store's failure.
pub async fn finish(vault: &Vault, request: &FinishRequest, body: Digest) -> Result<FinishResponse, Error> {
    let methods = check_shapes(vault, request)?;
    let charge_use = ChargeUse::Registration;
    let token = ChargeToken::open(vault.keys(), charge_use, &request.token).ok_or(Error::LoginExpired)?;
    let attempt = Attempt { operation: request.operation, request: body };

    let earlier = match account::find(vault.store(), &request.account_id).await? {
        Some(Found::Deleted(_)) => return Err(Error::AccountDeleted),
        Some(Found::Live(current)) if current.value().registered_by == attempt => Some(current),
        Some(Found::Live(_)) => return Err(Error::OperationUsed),
        None if vault.now() >= token.expires_at => return Err(Error::LoginExpired),
        None => None,
    };
    let committed = match &earlier {
        Some(current) => {
            account::leads_to(vault, &current.value().name.pointer(), &request.account_id).await?
        }
        None => false,
    };
    let current = match earlier {
        Some(current) if committed => current,
        Some(current) if is_late(vault.now(), current.value()) => {
            tracing::info!(event = "registration-expired");
            return Err(Error::LoginExpired);
        }
        earlier => {
            admit(vault, request, attempt).await?;
            if earlier.is_none() && account::is_name_taken(vault, token.name, &request.account_id).await? {
                give_back(vault, request, attempt).await;
                return Err(Error::NameTaken);
            }
            let current = match earlier {
                Some(current) => current,
                None => create(vault, request, methods, &token, attempt).await?,
            };
            commit(vault, request, current.value()).await?;
            current
        }
    };
    secure(vault, &current).await?;
    charge::complete(vault, &token.name, token.operation).await;
    tracing::info!(event = "account-registered");
    let account = current.value();
    Ok(FinishResponse { account_id: account.account_id, time: account.created_at })
}

fn check_shapes(vault: &Vault, request: &FinishRequest) -> Result<Vec<RecoveryMethod>, Error> {
    keyslot::check_suite(vault, "suite", request.suite)?;
    keyslot::check("passphrase_keyslot", &request.passphrase_keyslot, request.suite)?;
    if !opaque::is_record(&request.registration_record) {
        return Err(Error::Malformed {
            field: "registration_record",
            problem: "Not a valid registration record.",
        });
    }
    let setting = Setting {
        account: request.account_id,
        generation: Generation::FIRST,
        operation: request.operation,
        suite: Some(request.suite),
    };
    recovery_method::check(vault, &request.recovery_methods, &setting)
}

/// Checks who may register, and claims the invite, before anything is created.
async fn admit(vault: &Vault, request: &FinishRequest, attempt: Attempt) -> Result<(), Error> {
    match (vault.settings().registration, request.invite.as_deref()) {
        (RegistrationMode::Open, _) => Ok(()),
        (RegistrationMode::Closed, _) => Err(Error::RegistrationClosed),
        (RegistrationMode::Invite, None) => Err(Error::InviteRequired),
        (RegistrationMode::Invite, Some(code)) => invite::claim(vault, code, attempt).await,
    }
}

async fn create(
    vault: &Vault,
    request: &FinishRequest,
    recovery_methods: Vec<RecoveryMethod>,
    token: &ChargeToken,
    attempt: Attempt,
) -> Result<Current<Account>, Error> {
    let now = vault.now();
    let registrant = Who { by: Actor::Passphrase, device: None };
    let account = Account {
        account_id: request.account_id,
        name: token.name,
        name_root: vault.keys().fingerprint(),
        suite: request.suite,
        generation: Generation::FIRST,
        created_at: now,
        passphrase_changed_at: now,
        session_epoch: 1,
        registration_record: request.registration_record,
        passphrase_keyslot: request.passphrase_keyslot.clone(),
        recovery_methods,
        registered_by: attempt,
        passphrase_changed_by: None,
        refused_names: None,
        recovery_code_changed_by: None,
        rekeyed_by: None,
        devices: Vec::new(),
        device_list: None,
        devices_changed_by: None,
        snapshots: Vec::new(),
        history: Streams::beginning_with(Event::new(kind::REGISTRATION, registrant, now)),
    };
    let key = names::account(&request.account_id);
    match cas::create(vault.store(), &key, attempt.operation, account, vault.retry_policy()).await {
        Ok(created) => Ok(created),
        // If the same attempt is sent twice at the same time, both continue with the account that
        // was created first.
        Err(CasError::Lost) => account::load(vault, &request.account_id)
            .await?
            .filter(|current| current.value().registered_by == attempt)
            .ok_or(Error::OperationUsed),
        Err(error) => Err(error.into()),
    }
}

/// Makes locator and name point to the account. If either points to another one, this attempt can
/// never succeed, and what it created is removed. After a failure of the store it remains, and the
/// attempt may be repeated.
async fn commit(vault: &Vault, request: &FinishRequest, account: &Account) -> Result<(), Error> {
    let id = account.account_id;
    for locator in account.locators() {
        if !recovery_code::claim_locator(vault, id, locator).await? {
            abandon(vault, account).await;
            return Err(Error::OperationUsed);
        }
    }
    if !claim_name(vault, id, account.name).await? {
        // A taken name remains taken, so repeating the request cannot succeed. The invite is
        // released, a few times.
        if abandon(vault, account).await {
            give_back(vault, request, account.registered_by).await;
        }
        return Err(Error::NameTaken);
    }
    Ok(())
}

/// Makes sure that no sweep removes the account after its name points to it. A slow sweep may have
/// judged it earlier. Uses the store's clock, like the sweep.
async fn secure(vault: &Vault, made: &Current<Account>) -> Result<(), Error> {
    let id = made.value().account_id;
    let loaded = cas::load::<Account>(vault.store(), &names::account(&id)).await?;
    let current = loaded.current.ok_or(Error::LoginExpired)?;
    if !current.value().is_unused() || !is_late(loaded.time, current.value()) {
        return Ok(());
    }
    let next = current.value().clone();
    match cas::replace(vault.store(), &current, vault.fresh_operation(), next, vault.retry_policy()).await {
        Ok(_) => Ok(()),
        // Another request has also changed the version, or the sweep has removed the account. Some
        // stores report both in the same way.
        Err(CasError::Lost) => account::load(vault, &id).await?.map(drop).ok_or(Error::LoginExpired),
        Err(CasError::Gone) => Err(Error::LoginExpired),
        Err(error) => Err(error.into()),
    }
}

fn is_late(now: Timestamp, account: &Account) -> bool {
    now.seconds_since(account.created_at) >= RESUMABLE
}

/// Makes a name's pointer point to an account, and returns whether it does. `false` if it points to
/// another one.
pub(super) async fn claim_name(vault: &Vault, id: AccountId, name: NameKey) -> Result<bool, Error> {
    account::claim_pointer(vault, &name.pointer(), id, |other| other.name == name).await
}

/// Removes what a refused registration created, and returns whether nothing is left of it. The
/// account is removed first, so a later failure leaves only a pointer without effect. An account
/// that was used since is not removed.
async fn abandon(vault: &Vault, account: &Account) -> bool {
    let id = account.account_id;
    let name = account.name.pointer();
    let (found, named) =
        match tokio::try_join!(account::load(vault, &id), account::leads_to(vault, &name, &id)) {
            Ok((Some(found), named)) => (found, named),
            Ok((None, _)) => return true,
            Err(_) => {
                tracing::warn!(
                    event = "registration-not-undone",
                    "It is not known whether a refused registration left objects behind."
                );
                return false;
            }
        };
    if named || is_used(found.value(), account) {
        return false;
    }
    if cas::remove(vault.store(), &found, vault.retry_policy()).await.is_err() {
        tracing::warn!(
            event = "registration-not-undone",
            "The account of a refused registration could not be removed. The sweep removes it."
        );
        return false;
    }
    for locator in account.locators() {
        account::remove_pointer(vault, &locator.pointer(), &id).await;
    }
    true
}

/// Whether `found` is more than what this registration created.
fn is_used(found: &Account, made: &Account) -> bool {
    found.registered_by != made.registered_by || !found.is_unused()
}

async fn give_back(vault: &Vault, request: &FinishRequest, attempt: Attempt) {
    if let Some(code) = request.invite.as_deref()
        && invite::release(vault, code, attempt).await.is_err()
    {
        tracing::warn!(
            event = "registration-not-undone",
            "The invite of a refused registration could not be released. Create a new one if its user asks."
        );
    }
}
