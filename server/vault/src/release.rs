//! The end of every login: it is recorded in the account, and only then is anything released
//! (protocol.md section 20).
//!
//! The write of the event and the read of the current snapshot run in parallel, so the event costs
//! a store call but no time. A login by passphrase that cannot be recorded is not released: a thief
//! of a passphrase leaves a trace. A recovery is released even if the store accepts no writes or
//! the account is busy, because it restores the entries of a vault that is full or being moved.

use crate::Error;
use crate::Vault;
use crate::account::{self, Account};
use crate::snapshot_object;
use crate::streams::Event;
use bytes::Bytes;
use rootcellar_spec::{AccountId, OperationId};
use rootcellar_store::cas::{self, Current, Decision, RetryPolicy, Updated};
use std::time::Duration;

/// How long a recovery waits for the write of its event.
const RECOVERY_WAITS: Duration = Duration::from_secs(4);

/// The login method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginMethod {
    Passphrase,
    Recovery,
}

/// A login with valid credentials.
pub(super) struct Entry<F> {
    pub(super) login_method: LoginMethod,
    /// The operation ID of the login. Repeating the login adds no second event.
    pub(super) operation: OperationId,
    pub(super) event: Event,
    /// Whether the credentials are valid for the account as it was read again.
    pub(super) is_good: F,
}

impl LoginMethod {
    fn refusal(self) -> Error {
        match self {
            Self::Passphrase => Error::LoginExpired,
            Self::Recovery => Error::RecoveryRefused,
        }
    }

    /// Whether a login by this method may be released although the event could not be written.
    fn forgives(self, error: &Error) -> bool {
        // This includes a busy account: no one who can write to it may block a recovery.
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

/// Records a login, and returns the account with the bytes of its current snapshot.
///
/// # Errors
/// The refusal of the login method if the credentials are no longer valid, [`Error::Busy`] if other
/// writes always came first, or a store's failure. Except after the refusal, the request may be
/// repeated.
pub(super) async fn release(
    vault: &Vault,
    account: Current<Account>,
    entry: &Entry<impl Fn(&Account) -> bool>,
) -> Result<(Current<Account>, Option<Bytes>), Error> {
    let account = entry.check(account)?;
    let (recorded, read) =
        tokio::join!(record(vault, account.clone(), entry), snapshot_object::load_head(vault, account));
    let (read, snapshot) = match (recorded, read?) {
        (Ok(recorded), (read, snapshot)) if recorded.value().head() == read.value().head() => {
            (recorded, snapshot)
        }
        (Ok(recorded), _) => snapshot_object::load_head(vault, recorded).await?,
        (Err(error), read) if entry.login_method.forgives(&error) => {
            tracing::warn!(
                event = "history-not-stored",
                %error,
                "A recovery could not be recorded in the account's history. It returned the entries."
            );
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
