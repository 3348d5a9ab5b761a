//! Charging a name before an evaluation, and taking the charge of a login back (protocol.md section 16).
//!
//! Nothing is evaluated before `charge` has returned, and it returns only when the store has the charge. When it is
//! not known whether it has, the try is refused.

use crate::Error;
use crate::Vault;
use crate::budget::{Decision, Finish, Guesses, Used};
use crate::counters::{CHARGES, REFUNDS, REFUSALS, REPEATED_STARTS};
use crate::names::NameKey;
use metrics::counter;
use rootcellar_spec::wire::login::Budget;
use rootcellar_spec::{Digest, OperationId, tuple::tuple};
use rootcellar_store::swap::{self, Current, Loaded, SwapError};
use std::net::IpAddr;

/// How often a lost race is run again.
const TRIES: usize = 8;

/// What an evaluation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Login,
    Registration,
    Passphrase,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Registration => "registration",
            Self::Passphrase => "passphrase",
        }
    }
}

/// A charge that the store has.
pub(crate) struct Charged {
    /// Names it.
    pub(crate) operation: OperationId,
    /// What the next try will find.
    pub(crate) budget: Budget,
    /// The budget as it stands.
    pub(crate) guesses: Current<Guesses>,
}

/// Charges `name` for the evaluation of `message` that `client` asks for. `read` is its budget, read just now.
pub(crate) async fn charge(
    vault: &Vault,
    name: &NameKey,
    purpose: Purpose,
    message: &[u8],
    client: Option<IpAddr>,
    mut read: Loaded<Guesses>,
) -> Result<Charged, Error> {
    let request = Digest::of(&tuple(&[purpose.as_str().as_bytes(), message]));
    let operation = vault.fresh_operation();
    let mut counted = false;
    for _ in 0..TRIES {
        let now = vault.time().now(read.time).map_err(|_| Error::ClockUnsound)?;
        let guesses = read.current.as_ref().map(Current::value).cloned().unwrap_or_default();
        let guesses = guesses.after_set_backs(&now.set_backs);
        let (next, charge) = match guesses.decide(request, operation, now.time) {
            Decision::Charge(next) => (next, operation),
            Decision::Repeat(next, charge) => (next, charge),
            Decision::Wait(wait) => {
                counter!(REFUSALS, "purpose" => purpose.as_str()).increment(1);
                return Err(Error::BudgetSpent { wait });
            }
        };
        let is_new = charge == operation;
        if is_new && guesses.is_full(now.time) && !counted {
            take_creation(vault, client)?;
            counted = true;
        }
        let budget = next.outlook(now.time);
        match write(vault, name, read.current.as_ref(), vault.fresh_operation(), next).await {
            Ok(guesses) => {
                let kind = if is_new { CHARGES } else { REPEATED_STARTS };
                counter!(kind, "purpose" => purpose.as_str()).increment(1);
                return Ok(Charged { operation: charge, budget, guesses });
            }
            Err(SwapError::Lost | SwapError::Gone | SwapError::Contended) => {
                read = load(vault, name).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// Reads the budget of a name.
pub(crate) async fn load(vault: &Vault, name: &NameKey) -> Result<Loaded<Guesses>, Error> {
    Ok(swap::load(vault.store(), &name.guesses(vault.keys())).await?)
}

/// Takes back the charge of a login, for the request of this digest and no other. `at_hand` is the budget as the charge
/// left it, which saves a read while nobody else has tried.
pub(crate) async fn finish(
    vault: &Vault,
    name: &NameKey,
    operation: OperationId,
    request: Digest,
    at_hand: Option<Current<Guesses>>,
) -> Result<Used, Error> {
    let (now, vault_time) = (vault.now(), vault.time().latest());
    let mut current = at_hand;
    for _ in 0..TRIES {
        let known = match current.take() {
            Some(known) => known,
            None => load(vault, name).await?.current.ok_or(Error::LoginExpired)?,
        };
        let (next, used, is_refunded) = match known.value().finish(operation, request, now, vault_time) {
            Finish::Refund(next, used) => (next, used, true),
            Finish::Keep(next, used) => (next, used, false),
            Finish::Repeat(used) => return Ok(used),
            Finish::Used => return Err(Error::LoginUsed),
            Finish::Expired => return Err(Error::LoginExpired),
        };
        match write(vault, name, Some(&known), vault.fresh_operation(), next).await {
            Ok(_) => {
                if is_refunded {
                    counter!(REFUNDS, "purpose" => Purpose::Login.as_str()).increment(1);
                } else {
                    tracing::warn!("too many logins with one name today: this one keeps its charge");
                }
                return Ok(used);
            }
            Err(SwapError::Lost | SwapError::Gone | SwapError::Contended) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// Notes that the registration or passphrase change of this charge has committed, so that its owner is not told of it as a
/// failed attempt. The charge still counts. A failure is only logged.
pub(crate) async fn complete(vault: &Vault, name: &NameKey, operation: OperationId) {
    for _ in 0..TRIES {
        let Ok(Loaded { current: Some(current), .. }) = load(vault, name).await else { break };
        let Some(next) = current.value().complete(operation) else { return };
        match write(vault, name, Some(&current), vault.fresh_operation(), next).await {
            Ok(_) => return,
            Err(SwapError::Lost | SwapError::Contended) => {}
            Err(_) => break,
        }
    }
    tracing::warn!("a committed change could not be noted in its guess budget");
}

async fn write(
    vault: &Vault,
    name: &NameKey,
    current: Option<&Current<Guesses>>,
    operation: OperationId,
    next: Guesses,
) -> Result<Current<Guesses>, SwapError> {
    match current {
        Some(current) => swap::swap(vault.store(), current, operation, next, vault.patience()).await,
        None => {
            let key = name.guesses(vault.keys());
            swap::create(vault.store(), &key, operation, next, vault.patience()).await
        }
    }
}

fn take_creation(vault: &Vault, client: Option<IpAddr>) -> Result<(), Error> {
    vault.creation_cap().take(client, vault.uptime()).map_err(|wait| Error::RateLimited { wait })
}
