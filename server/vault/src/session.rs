//! Sessions: what a login returns, and how a request shows that it belongs to one, or to an
//! enrolled device, which needs none (protocol.md sections 14, 15.3 and 15.6).
//!
//! Each request is checked against the account as it is then. A revocation therefore takes effect
//! on every replica at once, and a concurrent write fails.

use crate::Error;
use crate::Vault;
use crate::account::{self, Account, Attempt, Change, Device, day_of};
use crate::retention::Author;
use crate::streams::Who;
use crate::tokens::{Keyslot, SessionToken};
use crate::vault_time::Moment;
use bytes::Bytes;
use rootcellar_spec::limits::SESSION_LIFETIME;
use rootcellar_spec::request_signature::{DEVICE_PREFIX, SESSION_HEADER};
use rootcellar_spec::wire::history::Actor;
use rootcellar_spec::wire::login::{LoginResponse, Permission, Session};
use rootcellar_spec::{AccountId, DeviceId, Timestamp, base64url};
use rootcellar_store::cas::{self, Current, RetryPolicy};
use std::time::Duration;

/// How long a request that only reads waits for the store to record that its device was seen.
const NOTING: Duration = Duration::from_secs(1);

/// What a login may get.
pub(crate) struct Grant {
    pub(crate) keyslot: Keyslot,
    /// The bytes of the keyslot.
    pub(crate) wrapped: Vec<u8>,
    /// The Ed25519 public key that signs the session's requests.
    pub(crate) request_key: [u8; 32],
    pub(crate) failed_attempts: u32,
    /// Whether the account has a name.
    pub(crate) named: bool,
    /// The time of the login.
    pub(crate) at: Timestamp,
}

/// Creates the session, and the response with the keyslot. The same grant gives the same session.
pub(crate) fn answer(vault: &Vault, account: &Account, grant: Grant) -> LoginResponse {
    let expires_at = grant.at.plus(SESSION_LIFETIME.as_secs());
    let token = SessionToken {
        account: account.account_id,
        keyslot: grant.keyslot,
        request_key: grant.request_key,
        epoch: account.session_epoch,
        expires_at,
    };
    LoginResponse {
        account_id: account.account_id,
        suite: account.suite,
        suites: vault.settings().suites.to_vec(),
        generation: account.generation,
        keyslot: grant.wrapped,
        session: Session { token: token.seal(vault.keys()), expires_at, permission: Permission::Manage },
        named: grant.named,
        head: account.head().cloned(),
        device_list: account.device_list.clone(),
        failed_attempts: grant.failed_attempts,
        time: grant.at,
    }
}

/// The response of a login: JSON and current snapshot.
pub type Released = (LoginResponse, Option<Bytes>);

/// The sender of a signed request: a session that has not expired, or a device. Only the account
/// shows whether it was revoked since.
#[derive(Clone, Debug)]
pub struct ActiveSession {
    account: AccountId,
    /// The Ed25519 public key that signed the request.
    key: [u8; 32],
    by: By,
}

#[derive(Clone, Copy, Debug)]
enum By {
    /// A login, with the session epoch at that time.
    Login { keyslot: Keyslot, epoch: u64 },
    /// An enrolled device, which needs no session.
    Device(DeviceId),
}

/// Finds the sender of a request that `key` signed, from the value of its session header.
///
/// # Errors
/// [`Error::SessionEnded`] if the token has expired, is not from this vault, or belongs to another key; [`Error::Malformed`]
/// if a device's value is malformed.
pub fn resume(vault: &Vault, header: &str, key: &[u8; 32]) -> Result<ActiveSession, Error> {
    if let Some(device) = header.strip_prefix(DEVICE_PREFIX) {
        return device_session(device, key);
    }
    let token = base64url::decode(header).unwrap_or_default();
    let token = SessionToken::open(vault.keys(), &token).ok_or(Error::SessionEnded)?;
    if token.request_key != *key || vault.now() >= token.expires_at {
        return Err(Error::SessionEnded);
    }
    let by = By::Login { keyslot: token.keyslot, epoch: token.epoch };
    Ok(ActiveSession { account: token.account, key: *key, by })
}

fn device_session(text: &str, key: &[u8; 32]) -> Result<ActiveSession, Error> {
    let bytes: [u8; 32] = base64url::decode_array(text).ok_or(Error::Malformed {
        field: SESSION_HEADER,
        problem: "Must be `device.` and 32 bytes as base64url without padding.",
    })?;
    let (account, device) = bytes.split_at(AccountId::BYTES);
    Ok(ActiveSession {
        account: AccountId(account.try_into().expect("16 of 32 bytes")),
        key: *key,
        by: By::Device(DeviceId(device.try_into().expect("the other 16 bytes"))),
    })
}

impl ActiveSession {
    /// The account of the sender.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.account
    }

    /// Reads the account, if the sender has this permission. An account that does not exist and an
    /// unknown device are refused in the same way.
    ///
    /// # Errors
    /// [`Error::SessionEnded`], [`Error::DeviceRevoked`],
    /// [`Error::NotPermitted`], [`Error::AccountDeleted`], or a store's failure.
    pub(crate) async fn load(&self, vault: &Vault, needs: Permission) -> Result<Current<Account>, Error> {
        Ok(self.load_at(vault, needs).await?.0)
    }

    /// Like [`Self::load`], with the time of the read.
    pub(crate) async fn load_at(
        &self,
        vault: &Vault,
        needs: Permission,
    ) -> Result<(Current<Account>, Moment), Error> {
        let (account, moment) = account::require_at(vault, &self.account, self.ended()).await?;
        self.check(account.value(), needs)?;
        Ok((account, moment))
    }

    /// Like [`Self::load`], for requests that only read. Also records once a day that an enrolled
    /// device was seen.
    pub(crate) async fn visit(&self, vault: &Vault) -> Result<Current<Account>, Error> {
        let account = self.load(vault, Permission::View).await?;
        Ok(self.note_visit(vault, account).await)
    }

    /// Reads the account even if this session was revoked. [`Error::AccountDeleted`] if it was
    /// deleted.
    pub(crate) async fn load_unchecked(&self, vault: &Vault) -> Result<Current<Account>, Error> {
        account::require(vault, &self.account, self.ended()).await
    }

    /// Checks that the vault knows the sender, from a login or as an enrolled device. Does not
    /// check its permissions. A device that a re-key removed is known when it repeats that re-key.
    ///
    /// # Errors
    /// [`Error::DeviceRevoked`], [`Error::AccountDeleted`], or a store's failure.
    pub async fn check_known(&self, vault: &Vault) -> Result<(), Error> {
        let By::Device(_) = self.by else { return Ok(()) };
        let current = self.load_unchecked(vault).await?;
        let account = current.value();
        let has_rekeyed = account.rekeyed_by.as_ref().is_some_and(|change| change.signer == self.key);
        if has_rekeyed { Ok(()) } else { self.device(account).map(drop) }
    }

    /// Checks that this is still a session or a device of the account, with this permission.
    pub(crate) fn check(&self, account: &Account, needs: Permission) -> Result<(), Error> {
        let permission = match self.by {
            By::Login { epoch, .. } if account.session_epoch == epoch => Permission::Manage,
            By::Login { .. } => return Err(self.ended()),
            By::Device(_) => self.device(account)?.permission,
        };
        if permission >= needs { Ok(()) } else { Err(Error::NotPermitted) }
    }

    /// The error if it no longer is one.
    pub(crate) fn ended(&self) -> Error {
        match self.by {
            By::Login { .. } => Error::SessionEnded,
            By::Device(_) => Error::DeviceRevoked,
        }
    }

    /// The enrolled device that sent the request without a session. [`Error::DeviceRevoked`] if
    /// there is none.
    pub(crate) fn device<'a>(&self, account: &'a Account) -> Result<&'a Device, Error> {
        let By::Device(id) = self.by else { return Err(Error::DeviceRevoked) };
        let device = account.device_of(&self.key).filter(|device| device.id == id);
        device.ok_or(Error::DeviceRevoked)
    }

    /// The sender, as the history names it.
    pub(crate) fn who(&self, account: &Account) -> Who {
        let by = match self.by {
            By::Login { keyslot: Keyslot::Passphrase, .. } => Actor::Passphrase,
            By::Login { keyslot: Keyslot::Recovery, .. } => Actor::RecoveryCode,
            By::Device(_) => Actor::Device,
        };
        Who { by, device: account.device_of(&self.key).map(|device| device.id) }
    }

    /// Records in `account`, which is about to be written anyway, that the sender's device was
    /// seen.
    pub(crate) fn mark_seen(&self, account: &mut Account, now: Timestamp) {
        if let Some(device) = account.devices.iter_mut().find(|device| device.request_key == self.key) {
            device.last_seen_at = device.last_seen_at.max(day_of(now));
        }
    }

    /// Writes that, once a day, if nothing else is written. A failure does not affect a reader.
    async fn note_visit(&self, vault: &Vault, current: Current<Account>) -> Current<Account> {
        let mut next = current.value().clone();
        self.mark_seen(&mut next, vault.now());
        if next.devices == current.value().devices {
            return current;
        }
        let retry_policy = RetryPolicy {
            deadline: vault.retry_policy().deadline.min(NOTING),
            attempts: 1,
            ..vault.retry_policy()
        };
        match cas::replace(vault.store(), &current, vault.fresh_operation(), next, retry_policy).await {
            Ok(won) => won,
            Err(error) => {
                tracing::debug!(
                    event = "device-seen-not-stored",
                    %error,
                    "The time of a device's last request could not be stored."
                );
                current
            }
        }
    }

    /// The author whose share a save counts against.
    pub(crate) fn author(&self) -> Author {
        match self.by {
            By::Login { .. } => Author::Owner,
            By::Device(id) => Author::Device(id),
        }
    }

    /// How a change of this attempt is recognised when it is repeated.
    pub(crate) fn change(&self, attempt: Attempt, at: Timestamp) -> Change {
        Change { attempt, signer: self.key, at }
    }

    /// Whether this request made the last change of its kind, which may have revoked its sender.
    pub(crate) fn has_made(&self, attempt: Attempt, last: Option<&Change>) -> bool {
        last.is_some_and(|change| change.attempt == attempt && change.signer == self.key)
    }

    /// Like [`Self::has_made`], and also if another session or device made it. A sender that may
    /// manage the account now learns that the change is done, so that a client that lost the
    /// response can ask in a new session.
    pub(crate) fn finds_made(&self, attempt: Attempt, account: &Account, last: Option<&Change>) -> bool {
        self.has_made(attempt, last)
            || last.is_some_and(|change| change.attempt == attempt)
                && self.check(account, Permission::Manage).is_ok()
    }
}
