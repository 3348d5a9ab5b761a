//! Registration (protocol.md section 15.5).
//!
//! In this order: account, locator, invite, and the name, which commits. A refusal takes back what was made; a crash
//! leaves an account that nothing leads to. The same attempt may be sent again at any point.

use crate::domain::account::{self, Account, Attempt};
use crate::domain::charge::Purpose;
use crate::domain::names::{self, LocatorDigest, NameKey};
use crate::domain::{Error, charge, invite, keyslot};
use crate::opaque;
use crate::state::Vault;
use crate::store::swap::{self, Current, SwapError};
use crate::tokens::{ChargeToken, Lane};
use ed25519_dalek::VerifyingKey;
use rootcellar_spec::limits::LOGIN_LIFETIME;
use rootcellar_spec::wire::registration::{FinishAnswer, FinishRequest, StartAnswer, StartRequest};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Digest, Generation};

/// The first trip: charges the name like a login, then evaluates the OPRF.
///
/// # Errors
/// As [`crate::domain::login::start`], and [`Error::RegistrationClosed`].
pub async fn start(vault: &Vault, request: &StartRequest) -> Result<StartAnswer, Error> {
    if request.identity != *vault.identity() {
        return Err(Error::ForeignVault(vault.identity().clone()));
    }
    if vault.settings().registration == RegistrationMode::Closed {
        return Err(Error::RegistrationClosed);
    }
    let name = NameKey::of(vault.keys(), &request.name_hash);
    evaluate(vault, name, &request.registration_request, Lane::Registration).await
}

/// Charges `name`, then evaluates the OPRF for it.
pub(super) async fn evaluate(
    vault: &Vault,
    name: NameKey,
    request: &[u8; rootcellar_spec::suite::opaque_bytes::REGISTRATION_REQUEST],
    lane: Lane,
) -> Result<StartAnswer, Error> {
    let invalid =
        Error::Malformed { field: "registration_request", problem: "not a valid registration request" };
    if !opaque::is_registration_request(request) {
        return Err(invalid);
    }
    let guesses = charge::load(vault, &name).await?;
    let purpose = match lane {
        Lane::Registration => Purpose::Registration,
        Lane::Passphrase(_) => Purpose::Passphrase,
    };
    let charged = charge::charge(vault, &name, purpose, request, guesses).await?;
    let response = vault.keys().opaque().start_registration(request, &name.0).map_err(|_| invalid)?;
    let expires_at = vault.now().plus(LOGIN_LIFETIME.as_secs());
    let token = ChargeToken { operation: charged.operation, name, expires_at };
    Ok(StartAnswer { registration_response: response, token: token.seal(vault.keys(), lane) })
}

/// The second trip. `body` is the digest of the request's exact bytes.
///
/// # Errors
/// [`Error::NameTaken`], [`Error::InviteRequired`], [`Error::InviteRefused`], [`Error::RegistrationClosed`] leave nothing
/// behind; [`Error::OperationUsed`] where account id or locator are in use; [`Error::LoginExpired`]; or a store's failure.
pub async fn finish(vault: &Vault, request: &FinishRequest, body: Digest) -> Result<FinishAnswer, Error> {
    check_shapes(request)?;
    let lane = Lane::Registration;
    let token = ChargeToken::open(vault.keys(), lane, &request.token).ok_or(Error::LoginExpired)?;
    let attempt = Attempt { operation: request.operation, request: body };

    let (current, earlier) = match account::load(vault, &request.account_id).await? {
        Some(current) if current.value().registered_by == attempt => (current, true),
        Some(_) => return Err(Error::OperationUsed),
        None if vault.now() >= token.expires_at => return Err(Error::LoginExpired),
        None => (create(vault, request, &token, attempt).await?, false),
    };
    let account = current.value();
    match commit(vault, request, account, earlier).await {
        Ok(()) => {}
        Err(error) => {
            if leaves_nothing(&error) {
                abandon(vault, request, account).await;
            }
            return Err(error);
        }
    }
    charge::refund(vault, &token.name, Purpose::Registration, token.operation).await;
    tracing::info!("account registered");
    Ok(FinishAnswer { account_id: account.account_id, time: account.created_at })
}

fn check_shapes(request: &FinishRequest) -> Result<(), Error> {
    keyslot::check_suite(request.suite)?;
    keyslot::check("passphrase_keyslot", &request.passphrase_keyslot, request.suite)?;
    keyslot::check("recovery_keyslot", &request.recovery_keyslot, request.suite)?;
    if !opaque::is_record(&request.registration_record) {
        return Err(Error::Malformed {
            field: "registration_record",
            problem: "not a valid registration record",
        });
    }
    match VerifyingKey::from_bytes(&request.recovery_login_key) {
        Ok(key) if !key.is_weak() => Ok(()),
        _ => Err(Error::Malformed { field: "recovery_login_key", problem: "not a valid Ed25519 public key" }),
    }
}

/// Checks who may register, before anything is written.
async fn check_admission(vault: &Vault, request: &FinishRequest, attempt: Attempt) -> Result<(), Error> {
    match vault.settings().registration {
        RegistrationMode::Open => Ok(()),
        RegistrationMode::Closed => Err(Error::RegistrationClosed),
        RegistrationMode::Invite => {
            let code = request.invite.as_deref().ok_or(Error::InviteRequired)?;
            invite::check(vault, code, attempt).await.map(|_| ())
        }
    }
}

async fn create(
    vault: &Vault,
    request: &FinishRequest,
    token: &ChargeToken,
    attempt: Attempt,
) -> Result<Current<Account>, Error> {
    check_admission(vault, request, attempt).await?;
    let now = vault.now();
    let account = Account {
        account_id: request.account_id,
        name: token.name,
        locator: LocatorDigest::of(&request.recovery_locator),
        suite: request.suite,
        generation: Generation::FIRST,
        created_at: now,
        passphrase_changed_at: now,
        session_epoch: 1,
        registration_record: request.registration_record,
        passphrase_keyslot: request.passphrase_keyslot.clone(),
        recovery_keyslot: request.recovery_keyslot.clone(),
        recovery_login_key: request.recovery_login_key,
        registered_by: attempt,
        passphrase_changed_by: None,
        snapshots: Vec::new(),
    };
    let key = names::account(&request.account_id);
    match swap::create(vault.store(), &key, attempt.operation, account, vault.patience()).await {
        Ok(created) => Ok(created),
        // The same attempt, sent twice at once, goes on with whichever was first.
        Err(SwapError::Lost) => account::load(vault, &request.account_id)
            .await?
            .filter(|current| current.value().registered_by == attempt)
            .ok_or(Error::OperationUsed),
        Err(error) => Err(error.into()),
    }
}

/// Makes locator and name lead to the account.
async fn commit(
    vault: &Vault,
    request: &FinishRequest,
    account: &Account,
    earlier: bool,
) -> Result<(), Error> {
    let id = account.account_id;
    let name = account.name.pointer();
    if earlier
        && account::load_pointer(vault, &name).await?.is_some_and(|found| found.value().account_id == id)
    {
        return Ok(());
    }
    let locator = account.locator;
    if !account::claim_pointer(vault, &locator.pointer(), id, |other| other.locator == locator).await? {
        return Err(Error::OperationUsed);
    }
    match (vault.settings().registration, request.invite.as_deref()) {
        (RegistrationMode::Open, _) => {}
        (RegistrationMode::Closed, _) => return Err(Error::RegistrationClosed),
        (RegistrationMode::Invite, None) => return Err(Error::InviteRequired),
        (RegistrationMode::Invite, Some(code)) => invite::claim(vault, code, account.registered_by).await?,
    }
    let own = account.name;
    if account::claim_pointer(vault, &name, id, |other| other.name == own).await? {
        Ok(())
    } else {
        Err(Error::NameTaken)
    }
}

/// Refusals after which this attempt can never succeed. Failures of the store are none: the attempt may be sent again.
fn leaves_nothing(error: &Error) -> bool {
    matches!(
        error,
        Error::NameTaken
            | Error::InviteRequired
            | Error::InviteRefused
            | Error::RegistrationClosed
            | Error::OperationUsed
    )
}

/// Takes back what a refused registration made, in reverse order. What cannot be removed leads nowhere.
async fn abandon(vault: &Vault, request: &FinishRequest, account: &Account) {
    if let Some(code) = request.invite.as_deref()
        && invite::release(vault, code, account.registered_by).await.is_err()
    {
        tracing::warn!("the invite of a refused registration could not be given back");
    }
    account::remove_pointer(vault, &account.locator.pointer(), &account.account_id).await;
    let Ok(Some(current)) = account::load(vault, &account.account_id).await else { return };
    let found = current.value();
    // Nothing that ever held a snapshot is removed here, whatever went wrong before.
    let is_own = found.registered_by == account.registered_by && found.snapshots.is_empty();
    if is_own && swap::remove(vault.store(), &current, vault.patience()).await.is_err() {
        tracing::warn!("the account of a refused registration could not be removed");
    }
}
