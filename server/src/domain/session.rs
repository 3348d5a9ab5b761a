//! Sessions: what a login by passphrase or recovery code gives, and how a request shows that it has one
//! (protocol.md sections 14 and 15.3).

use crate::domain::Error;
use crate::domain::account::{self, Account};
use crate::state::Vault;
use crate::store::swap::Current;
use crate::tokens::SessionToken;
use bytes::Bytes;
use rootcellar_spec::limits::SESSION_LIFETIME;
use rootcellar_spec::wire::login::{LoginAnswer, Permission, Session};
use rootcellar_spec::{AccountId, Timestamp};

/// The keyslot that a login is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keyslot {
    Passphrase,
    Recovery,
}

/// What a login was found to be entitled to.
pub(crate) struct Grant {
    pub(crate) keyslot: Keyslot,
    /// The Ed25519 public key that signs the session's requests.
    pub(crate) request_key: [u8; 32],
    pub(crate) failed_attempts: u32,
    /// Whether a name leads to the account.
    pub(crate) named: bool,
    /// When the login succeeded.
    pub(crate) at: Timestamp,
}

/// Opens the session, and answers with keyslot and newest snapshot. The same grant gives the same session.
pub(crate) fn answer(vault: &Vault, account: &Account, grant: &Grant) -> LoginAnswer {
    let expires_at = grant.at.plus(SESSION_LIFETIME.as_secs());
    let token = SessionToken {
        account: account.account_id,
        request_key: grant.request_key,
        epoch: account.session_epoch,
        expires_at,
    };
    LoginAnswer {
        account_id: account.account_id,
        suite: account.suite,
        suites: vault.settings().suites.to_vec(),
        generation: account.generation,
        keyslot: match grant.keyslot {
            Keyslot::Passphrase => account.passphrase_keyslot.clone(),
            Keyslot::Recovery => account.recovery_keyslot.clone(),
        },
        session: Session { token: token.seal(vault.keys()), expires_at, permission: Permission::Manage },
        named: grant.named,
        head: account.head().cloned(),
        device_list: None,
        failed_attempts: grant.failed_attempts,
        time: grant.at,
    }
}

/// What a login answers with: control part and newest snapshot.
pub type Released = (LoginAnswer, Option<Bytes>);

/// A session whose request was signed by its key, and which has not expired. Whether it was ended since shows only in
/// the account.
#[derive(Clone, Debug)]
pub struct ActiveSession(SessionToken);

/// Finds the session of a request that `key` signed.
///
/// # Errors
/// [`Error::SessionEnded`] where the token has expired, is not this vault's, or belongs to another key.
pub fn resume(vault: &Vault, token: &[u8], key: &[u8; 32]) -> Result<ActiveSession, Error> {
    let token = SessionToken::open(vault.keys(), token).ok_or(Error::SessionEnded)?;
    if token.request_key != *key || vault.now() >= token.expires_at {
        return Err(Error::SessionEnded);
    }
    Ok(ActiveSession(token))
}

impl ActiveSession {
    /// The account.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.0.account
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.0.epoch
    }

    /// Reads the account as it is, even if this session was ended. [`Error::AccountGone`] where it was deleted.
    pub(crate) async fn load_unchecked(&self, vault: &Vault) -> Result<Current<Account>, Error> {
        account::require(vault, &self.0.account, Error::SessionEnded).await
    }

    /// Reads the account, if the session was not ended.
    pub(crate) async fn load(&self, vault: &Vault) -> Result<Current<Account>, Error> {
        let account = self.load_unchecked(vault).await?;
        self.check(account.value())?;
        Ok(account)
    }

    /// Whether the session was not ended.
    pub(crate) fn check(&self, account: &Account) -> Result<(), Error> {
        if account.session_epoch == self.0.epoch { Ok(()) } else { Err(Error::SessionEnded) }
    }
}
