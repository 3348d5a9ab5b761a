//! What every login ends with: it is written down in the account, and only then is anything released (protocol.md
//! section 20).
//!
//! The swap that writes it down and the reading of the newest snapshot go side by side, so that it costs a store call and
//! no step. A login by passphrase that cannot be written down is not released: whoever has stolen a passphrase does not get
//! in without leaving a trace. A recovery is released all the same where the store takes no writes or the account is busy,
//! because it is what gives the entries back from a vault that is full or being moved.

use crate::Error;
use crate::Vault;
use crate::account::{self, Account};
use crate::streams::Event;
use bytes::Bytes;
use rootcellar_spec::{AccountId, OperationId};
use rootcellar_store::cas::{self, Current, Decision, RetryPolicy, Updated};
use std::time::Duration;

/// How long a recovery waits for a store that does not say whether it writes.
const RECOVERY_WAITS: Duration = Duration::from_secs(4);

/// The way by which somebody logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginMethod {
    Passphrase,
    Recovery,
}

/// A login that was found good.
pub(super) struct Entry<F> {
    pub(super) login_method: LoginMethod,
    /// Names it: the same login, sent again, makes no second event.
    pub(super) operation: OperationId,
    pub(super) event: Event,
    /// Whether it is good for the account as it was read again.
    pub(super) is_good: F,
}

impl LoginMethod {
    fn refusal(self) -> Error {
        match self {
            Self::Passphrase => Error::LoginExpired,
            Self::Recovery => Error::RecoveryRefused,
        }
    }

    /// Whether a login by this login method may be released although the event could not be written.
    fn forgives(self, error: &Error) -> bool {
        // Busy, too: whoever else may write to the account must not be able to keep a recovery out.
        let is_no_refusal = matches!(
            error,
            Error::StorageFull | Error::StoreUnavailable | Error::OutcomeUnknown | Error::Busy
        );
        self == Self::Recovery && is_no_refusal
    }

    fn retry_policy(self, vault: &Vault) -> RetryPolicy {
        let retry_policy = vault.retry_policy();
        match self {
            Self::Passphrase => retry_policy,
            Self::Recovery => {
                RetryPolicy { deadline: retry_policy.deadline.min(RECOVERY_WAITS), ..retry_policy }
            }
        }
    }

    async fn reload(self, vault: &Vault, id: &AccountId) -> Result<Current<Account>, Error> {
        match self {
            Self::Passphrase => account::require(vault, id, self.refusal()).await,
            Self::Recovery => account::load(vault, id).await?.ok_or(self.refusal()),
        }
    }
}

impl<F: Fn(&Account) -> bool> Entry<F> {
    fn check(&self, account: Current<Account>) -> Result<Current<Account>, Error> {
        if (self.is_good)(account.value()) { Ok(account) } else { Err(self.login_method.refusal()) }
    }
}

/// Writes a login down, and returns the account after that with the bytes of its newest snapshot.
///
/// # Errors
/// The login method's refusal where it is not good any more, [`Error::Busy`] where other writes were always first, or a store's
/// failure. In all but the first the same may be sent again.
pub(super) async fn release(
    vault: &Vault,
    account: Current<Account>,
    entry: &Entry<impl Fn(&Account) -> bool>,
) -> Result<(Current<Account>, Option<Bytes>), Error> {
    let account = entry.check(account)?;
    let (recorded, read) =
        tokio::join!(record(vault, account.clone(), entry), account::load_head(vault, account));
    let (read, snapshot) = match (recorded, read?) {
        (Ok(recorded), (read, snapshot)) if recorded.value().head() == read.value().head() => {
            (recorded, snapshot)
        }
        (Ok(recorded), _) => account::load_head(vault, recorded).await?,
        (Err(error), read) if entry.login_method.forgives(&error) => {
            tracing::warn!(%error, "a recovery could not be written down in the account's history");
            read
        }
        (Err(error), _) => return Err(error),
    };
    Ok((entry.check(read)?, snapshot))
}

async fn record(
    vault: &Vault,
    account: Current<Account>,
    entry: &Entry<impl Fn(&Account) -> bool>,
) -> Result<Current<Account>, Error> {
    let id = account.value().account_id;
    let mut account = Some(account);
    let decide = || {
        let account = account.take();
        async move {
            let current = match account {
                Some(account) => account,
                None => entry.check(entry.login_method.reload(vault, &id).await?)?,
            };
            if current.value().history.knows_login(&entry.event, &entry.operation, vault.now()) {
                return Ok(Decision::Keep(current));
            }
            let mut next = current.value().clone();
            next.history.record(entry.event.clone().of_login(entry.operation));
            Ok::<_, Error>(Decision::Replace {
                current,
                operation: vault.fresh_operation(),
                value: next,
                with: (),
            })
        }
    };
    let (Updated::Kept(account) | Updated::Written(account, ())) =
        cas::update(vault.store(), entry.login_method.retry_policy(vault), decide).await?;
    Ok(account)
}
