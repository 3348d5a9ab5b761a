//! Charges a name before an evaluation, and refunds a login (protocol.md section 16).
//!
//! Nothing is evaluated before `charge` has returned, and it returns only when the store has the
//! charge. If the outcome of the write is unknown, the attempt is refused.

use crate::Error;
use crate::Vault;
use crate::budget::{Decision as Decided, Finish, Guesses, Used};
use crate::counters::{CHARGES, REFUNDS, REFUSALS, REPEATED_STARTS};
use crate::names::NameKey;
use metrics::counter;
use rootcellar_spec::wire::login::Budget;
use rootcellar_spec::{Digest, OperationId, encode_parts::encode_parts};
use rootcellar_store::cas::{self, Current, Decision, Loaded, Updated};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// A charge in the store.
pub(crate) struct Charged {
    /// The operation ID of the charge.
    pub(crate) operation: OperationId,
    /// What the next attempt will find.
    pub(crate) budget: Budget,
    /// The budget with the charge.
    pub(crate) guesses: Current<Guesses>,
}

/// Charges `name` for the evaluation of `message` that `client` requests. `read` is its budget,
/// which was just read.
pub(crate) async fn charge(
    vault: &Vault,
    name: &NameKey,
    purpose: Purpose,
    message: &[u8],
    client: Option<IpAddr>,
    read: Loaded<Guesses>,
) -> Result<Charged, Error> {
    let request = Digest::of(&encode_parts(&[purpose.as_str().as_bytes(), message]));
    let operation = vault.fresh_operation();
    let (mut read, counted) = (Some(read), &AtomicBool::new(false));
    let decide = || {
        let read = read.take();
        async move {
            let Loaded { current, time } = match read {
                Some(read) => read,
                None => load(vault, name).await?,
            };
            let now = vault.time().now(time).map_err(|_| Error::ClockUntrusted)?;
            let guesses = current.as_ref().map(Current::value).cloned().unwrap_or_default();
            let guesses = guesses.after_set_backs(&now.set_backs);
            let (next, charge) = match guesses.decide(request, operation, now.time) {
                Decided::Charge(next) => (next, operation),
                Decided::Repeat(next, charge) => (next, charge),
                Decided::Wait(wait) => {
                    counter!(REFUSALS, "purpose" => purpose.as_str()).increment(1);
                    return Err(Error::BudgetSpent { wait });
                }
            };
            let is_new = charge == operation;
            if is_new && guesses.is_full(now.time) && !counted.swap(true, Ordering::Relaxed) {
                take_creation(vault, client)?;
            }
            let with = (charge, next.outlook(now.time));
            Ok::<_, Error>(written(vault, name, current, next, with))
        }
    };
    let Updated::Written(guesses, (charge, budget)) = vault.update(decide).await?;
    let kind = if charge == operation { CHARGES } else { REPEATED_STARTS };
    counter!(kind, "purpose" => purpose.as_str()).increment(1);
    Ok(Charged { operation: charge, budget, guesses })
}

/// Reads the guess budget of a name.
pub(crate) async fn load(vault: &Vault, name: &NameKey) -> Result<Loaded<Guesses>, Error> {
    Ok(cas::load(vault.store(), &name.guesses(vault.keys())).await?)
}

/// Refunds the charge of a login, for the request with this digest only. `at_hand` is the budget
/// after the charge, which saves a read if no one else made an attempt.
pub(crate) async fn finish(
    vault: &Vault,
    name: &NameKey,
    operation: OperationId,
    request: Digest,
    at_hand: Option<Current<Guesses>>,
) -> Result<Used, Error> {
    let (now, vault_time) = (vault.now(), vault.time().latest());
    let mut at_hand = at_hand;
    let decide = || {
        let at_hand = at_hand.take();
        async move {
            let current = match at_hand {
                Some(current) => current,
                None => load(vault, name).await?.current.ok_or(Error::LoginExpired)?,
            };
            let (next, used, is_refunded) = match current.value().finish(operation, request, now, vault_time)
            {
                Finish::Refund(next, used) => (next, used, true),
                Finish::Keep(next, used) => (next, used, false),
                Finish::Repeat(used) => return Ok(Decision::Keep(used)),
                Finish::Used => return Err(Error::LoginUsed),
                Finish::Expired => return Err(Error::LoginExpired),
            };
            let operation = vault.fresh_operation();
            Ok(Decision::Replace { current, operation, value: next, with: (used, is_refunded) })
        }
    };
    match vault.update(decide).await? {
        Updated::Kept(used) => Ok(used),
        Updated::Written(_, (used, is_refunded)) => {
            if is_refunded {
                counter!(REFUNDS, "purpose" => Purpose::Login.as_str()).increment(1);
            } else {
                tracing::warn!(
                    event = "login-charge-kept",
                    "An account name has had too many logins today, so this login used up an attempt."
                );
            }
            Ok(used)
        }
    }
}

/// Records that the registration or passphrase change with this charge has committed, so that its
/// owner does not see it as a failed attempt. The charge still counts. A failure is only logged.
pub(crate) async fn complete(vault: &Vault, name: &NameKey, operation: OperationId) {
    let decide = || async {
        let current = load(vault, name).await?.current.ok_or(Error::LoginExpired)?;
        Ok(match current.value().complete(operation) {
            None => Decision::Keep(()),
            Some(value) => Decision::Replace { current, operation: vault.fresh_operation(), value, with: () },
        })
    };
    if vault.update(decide).await.is_err() {
        tracing::warn!(
            event = "charge-not-completed",
            "A change could not be noted in the guess budget. Its owner sees it as a failed attempt."
        );
    }
}

/// The decision to write a budget, which may be absent so far.
fn written<W>(
    vault: &Vault,
    name: &NameKey,
    current: Option<Current<Guesses>>,
    value: Guesses,
    with: W,
) -> Decision<Guesses, Infallible, W> {
    let operation = vault.fresh_operation();
    match current {
        Some(current) => Decision::Replace { current, operation, value, with },
        None => Decision::Create { key: name.guesses(vault.keys()), operation, value, with },
    }
}

fn take_creation(vault: &Vault, client: Option<IpAddr>) -> Result<(), Error> {
    vault.creation_cap().take(client, vault.uptime()).map_err(|wait| Error::RateLimited { wait })
}
