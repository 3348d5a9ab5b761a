//! A new recovery code: the former ends with the same swap (protocol.md section 15.6).

use super::Session;
use crate::aad::Slot;
use crate::client::{Client, Platform, Recovery};
use crate::error::ClientError;
use crate::keys::HeldKeys;
use crate::keyslot::{self, KeyslotPlace};
use crate::memory::Memory;
use crate::open_error::OpenError;
use crate::randomness;
use crate::recovery_code::RecoveryCode;
use crate::transport::Request;
use rootcellar_spec::wire::devices::{ChangeAnswer, RecoveryCodeRequest};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, OperationId};

impl<P: Platform> Session<'_, P> {
    /// Puts another recovery code in the place of the former, which ends at once, as do this session and all others; then
    /// recovers with it: two round trips. The person must have the new code on paper before.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`. [`ClientError::RecoveryCodeUnconfirmed`] where it is not known which
    /// code holds now: the person keeps both. After any other error the former holds, and the session goes on:
    /// [`Self::is_over`].
    pub async fn new_recovery_code(&mut self, code: &RecoveryCode) -> Result<Memory, ClientError> {
        let request = self.prepare_code(code)?;
        let sent = self.exchange_last(Request::post(paths::RECOVERY_CODE, &request)).await;
        let committed = match sent {
            Ok(response) => response.json::<ChangeAnswer>().map(drop),
            // Nothing else tells: an earlier try may have ended this session by succeeding.
            Err(error) if error.did_nothing() => return Err(error),
            Err(error) => Err(error),
        };
        let Self { client, opened } = self;
        let recovery = Recovery::remembered(opened.memory.clone());
        let recovery = match &opened.newest {
            // It was judged when it was opened.
            Some(older) if opened.is_older => recovery.opening(older.record.number).accepting_history(),
            _ => recovery,
        };
        let recovered = client.recover_to(recovery, code, opened.account, &opened.keys).await;
        let memory = recovered.map(|session| session.memory().clone());
        // Whether the vault's answer came does not matter where the code works.
        memory
            .map_err(|error| ClientError::RecoveryCodeUnconfirmed(Box::new(committed.err().unwrap_or(error))))
    }

    fn prepare_code(&mut self, code: &RecoveryCode) -> Result<RecoveryCodeRequest, ClientError> {
        let needs = Permission::Manage;
        self.require(needs)?;
        let owner = self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })?;
        let place = KeyslotPlace {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: self.opened.generation,
            slot: Slot::Recovery,
        };
        let randomness = &mut self.client.injected.randomness;
        Ok(RecoveryCodeRequest {
            operation: OperationId(randomness::bytes(randomness)),
            generation: self.opened.generation,
            recovery_keyslot: keyslot::wrap(owner.account, &code.key_encryption_key(), place, randomness),
            recovery_locator: code.locator(),
            recovery_login_key: code.login_key().verifying_key().to_bytes(),
        })
    }
}

impl<P: Platform> Client<P> {
    /// Recovers with a code that was just set, which must lead to this account and its key.
    pub(super) async fn recover_to(
        &mut self,
        recovery: Recovery,
        code: &RecoveryCode,
        account: AccountId,
        keys: &HeldKeys,
    ) -> Result<Session<'_, P>, ClientError> {
        let session = self.recover(recovery, code).await?;
        if session.account_id() != account {
            return Err(ClientError::ForeignAccount);
        }
        if !keys.owner().is_some_and(|owner| session.has_account_key(owner.account)) {
            return Err(ClientError::Keyslot(OpenError::Authentication));
        }
        Ok(session)
    }
}
