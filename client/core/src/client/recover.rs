//! Recovery by the recovery code alone: one round trip, no passphrase, no account name (protocol.md section 15.4).

use super::authorisation::Authorisation;
use super::login_options::LoginOptions;
use super::open_account::{KeyslotKey, Known};
use super::response::AccountResponse;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::client::session::Session;
use crate::error::ClientError;
use crate::local_state::LocalState;
use crate::recovery_code::RecoveryCode;
use crate::request_signing::RequestKey;
use crate::transport::Request;
use rootcellar_spec::wire::login::LoginResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::RecoveryRequest;
use std::sync::Arc;

/// What this device knows of the account that is recovered.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    known: Known,
}

impl Recovery {
    /// On a device that may remember the account.
    #[must_use]
    pub fn new(local_state: Option<LocalState>) -> Self {
        Self { known: Known { local_state, ..Known::default() } }
    }

    /// On a device that has never seen the account.
    #[must_use]
    pub fn new_device() -> Self {
        Self::default()
    }

    /// On a device that has seen the account.
    #[must_use]
    pub fn remembered(local_state: LocalState) -> Self {
        Self { known: Known::remembered(local_state) }
    }

    /// The same recovery with these options.
    #[must_use]
    pub fn with(self, options: LoginOptions) -> Self {
        Self { known: Known { options, ..self.known } }
    }
}

impl<P: Platform> Client<P> {
    /// Logs in with the recovery code. Afterwards the newest snapshot is open and remembered; the next step is
    /// [`Session::set_passphrase`].
    ///
    /// # Errors
    /// Where no account has the code, or the vault gave anything that is not this account's; nothing is returned or
    /// remembered then.
    pub async fn recover(&self, recovery: Recovery, code: &RecoveryCode) -> Result<Session<P>, ClientError> {
        let request_key = RequestKey::generate(&mut self.randomness());
        let body = RecoveryRequest { locator: code.locator(), request_key: request_key.public() };
        let login_key = RequestKey::from(code.login_key());
        let response = self.exchange(Request::post(paths::RECOVERY, &body), Some(&login_key)).await?;
        let (answer, bytes) = response.two_parts::<LoginResponse>()?;
        let answered = LocalState::of(answer.account_id);
        let keyslot_key = KeyslotKey { slot: Slot::Recovery, key: code.key_encryption_key() };
        let authorisation = Authorisation::of_login(&answer, Arc::new(request_key))?;
        let answer = AccountResponse::to_login(&answer, bytes);
        let opened = self.open_account(answer, keyslot_key, authorisation, &recovery.known, answered).await?;
        Ok(self.session(opened))
    }
}
