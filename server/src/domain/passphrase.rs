//! Changing the passphrase (protocol.md section 15.6): one swap of the account, which ends every session.
//!
//! An account whose registration broke off before its name gets the name first, under the rule of a registration: a
//! passphrase that no name leads to would be none.

use crate::domain::account::{self, Account, Attempt, TRIES};
use crate::domain::charge::Purpose;
use crate::domain::registration::{claim_name, evaluate};
use crate::domain::session::ActiveSession;
use crate::domain::{Error, charge, keyslot};
use crate::opaque;
use crate::state::Vault;
use crate::store::swap::{self, SwapError};
use crate::tokens::{ChargeToken, Lane};
use rootcellar_spec::Digest;
use rootcellar_spec::wire::registration::{
    PassphraseFinishAnswer, PassphraseFinishRequest, PassphraseStartRequest, StartAnswer,
};

/// The first trip: charges the account's name like a login, then evaluates the OPRF.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::BudgetSpent`], or a store's failure.
pub async fn start(
    vault: &Vault,
    session: &ActiveSession,
    request: &PassphraseStartRequest,
) -> Result<StartAnswer, Error> {
    let account = session.load(vault).await?;
    let lane = Lane::Passphrase(session.account_id());
    evaluate(vault, account.value().name, &request.registration_request, lane).await
}

/// The second trip. `body` is the digest of the request's exact bytes. The session that ends by it may send it again.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::LoginExpired`], [`Error::OperationUsed`], [`Error::NameTaken`] where the
/// registration never came as far as the name and somebody else has it since, or a store's failure.
pub async fn finish(
    vault: &Vault,
    session: &ActiveSession,
    request: &PassphraseFinishRequest,
    body: Digest,
) -> Result<PassphraseFinishAnswer, Error> {
    keyslot::check_suite(request.suite)?;
    keyslot::check("passphrase_keyslot", &request.passphrase_keyslot, request.suite)?;
    if !opaque::is_record(&request.registration_record) {
        return Err(Error::Malformed {
            field: "registration_record",
            problem: "not a valid registration record",
        });
    }
    let attempt = Attempt { operation: request.operation, request: body };
    let lane = Lane::Passphrase(session.account_id());
    let token = ChargeToken::open(vault.keys(), lane, &request.token).ok_or(Error::LoginExpired)?;

    for _ in 0..TRIES {
        let current = session.load_unchecked(vault).await?;
        let account = current.value();
        if account.passphrase_changed_by == Some(attempt) && account.session_epoch == session.epoch() + 1 {
            charge::refund(vault, &token.name, Purpose::Passphrase, token.operation).await;
            return Ok(PassphraseFinishAnswer { time: account.passphrase_changed_at });
        }
        if account.session_epoch != session.epoch() {
            return Err(Error::SessionEnded);
        }
        if vault.now() >= token.expires_at || account.name != token.name {
            return Err(Error::LoginExpired);
        }
        let is_named = account::leads_to(vault, &account.name.pointer(), &account.account_id).await?;
        if !is_named && !claim_name(vault, account).await? {
            return Err(Error::NameTaken);
        }
        let next = changed(vault, account, request, attempt);
        match swap::swap(vault.store(), &current, request.operation, next, vault.patience()).await {
            Ok(won) => {
                charge::refund(vault, &token.name, Purpose::Passphrase, token.operation).await;
                tracing::info!("passphrase changed");
                return Ok(PassphraseFinishAnswer { time: won.value().passphrase_changed_at });
            }
            Err(SwapError::Lost | SwapError::Contended) => {}
            Err(SwapError::Gone) => return Err(Error::SessionEnded),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

fn changed(vault: &Vault, account: &Account, request: &PassphraseFinishRequest, attempt: Attempt) -> Account {
    Account {
        suite: request.suite,
        registration_record: request.registration_record,
        passphrase_keyslot: request.passphrase_keyslot.clone(),
        passphrase_changed_at: vault.now(),
        passphrase_changed_by: Some(attempt),
        session_epoch: account.session_epoch.saturating_add(1),
        ..account.clone()
    }
}
