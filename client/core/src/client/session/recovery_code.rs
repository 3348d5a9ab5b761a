//! A new recovery code: drawn, confirmed by its user, and only then activated, which revokes the former with the same write
//! (protocol.md sections 15.6 and 17).

use super::Session;
use crate::aad::Slot;
use crate::client::pending_code::{Drawn, is_verdict};
use crate::client::{Client, Platform, Recovery};
use crate::error::ClientError;
use crate::key_ring::KeyRing;
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::open_error::OpenError;
use crate::pending_code::{Ceremony, CodeRequest};
use crate::randomness;
use crate::recovery_code::RecoveryCode;
use crate::transport::Request;
use rootcellar_spec::wire::devices::{ChangeResponse, RecoveryCodeRequest};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::recovery::RecoveryBinding;
use rootcellar_spec::{AccountId, Digest, OperationId};

impl<P: Platform> Session<P> {
    /// Draws a code for [`Self::new_recovery_code`] or [`Self::rekey`], and records that it is handed out. It is not active, and the
    /// former code is valid.
    ///
    /// # Errors
    /// Those of the step that it is for, where they are known before any request; [`ClientError::CodeWaiting`]; as for
    /// [`Self::account`]; the state store's own.
    pub async fn generate_recovery_code(&mut self, ceremony: Ceremony) -> Result<RecoveryCode, ClientError> {
        match ceremony {
            Ceremony::Rekey => self.may_rekey()?,
            _ => drop(self.owner(Permission::Manage)?),
        }
        let (account, replaces) = (self.opened.account, Some(self.active_code().await?));
        let replaced_head = self.opened.replaced_head.clone().filter(|_| ceremony == Ceremony::Rekey);
        self.client.draw_code(ceremony, Some(account), Drawn { replaces, replaced_head }).await
    }

    /// The code that a confirmed one is to replace: no request stands between the user's confirmation and its record.
    pub(super) async fn code_to_replace(&mut self, ceremony: Ceremony) -> Result<Digest, ClientError> {
        match self.client.drawn_to_replace(ceremony, self.opened.account)?.replaces {
            Some(replaces) => Ok(replaces),
            None => self.active_code().await,
        }
    }

    /// Activates a recovery code that its user has confirmed. The former one, this session and all others end at once. Then recovers
    /// with the new code.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`; [`ClientError::CodeWaiting`] if another code is confirmed.
    /// [`ClientError::RecoveryCodeUnconfirmed`] if it is not known which code is valid, which includes an earlier attempt with this
    /// code: [`Self::finish_code`] of a later session finds out. After any other error the former is valid, and the session
    /// continues: [`Self::is_over`].
    pub async fn new_recovery_code(&mut self, code: &RecoveryCode) -> Result<LocalState, ClientError> {
        self.owner(Permission::Manage)?;
        let locator = Digest::of(&code.locator());
        let recorded = self.client.recorded(Ceremony::RecoveryCode, locator)?;
        let is_active = match &recorded {
            Some(_) => {
                let unclear = |error| ClientError::RecoveryCodeUnconfirmed(Box::new(error));
                self.active_code().await.map_err(unclear)? == locator
            }
            None => false,
        };
        let committed = if is_active {
            self.opened.is_over = true;
            Ok(())
        } else {
            let request = match &recorded {
                Some(request) => request.to_request(Ceremony::RecoveryCode),
                None => {
                    let replaces = self.code_to_replace(Ceremony::RecoveryCode).await?;
                    self.record_code(code, replaces).await?
                }
            };
            match self.exchange_last(request).await {
                Ok(response) => response.json::<ChangeResponse>().map(drop),
                // An earlier attempt may still arrive, unless the vault refuses both.
                Err(error) if error.did_nothing() && (recorded.is_none() || is_verdict(&error)) => {
                    return Err(self.client.unconfirm_code(error).await);
                }
                Err(error) => Err(error),
            }
        };
        let proven = self.prove_code(code).await;
        // Whether the vault's response came does not matter if the code works.
        let local_state = proven.map_err(|error| {
            ClientError::RecoveryCodeUnconfirmed(Box::new(committed.err().unwrap_or(error)))
        })?;
        // If the record stays, the next session finds the code active and removes it.
        let _ = self.client.discard_code().await;
        Ok(local_state)
    }

    /// Prepares the request, and records it.
    async fn record_code(&mut self, code: &RecoveryCode, replaces: Digest) -> Result<Request, ClientError> {
        let request = self.prepare_code(code, replaces)?;
        self.client.confirm_code(Ceremony::RecoveryCode, self.opened.account, request).await
    }

    async fn prove_code(&mut self, code: &RecoveryCode) -> Result<LocalState, ClientError> {
        let Self { client, opened } = self;
        let recovery = Recovery::remembered(opened.local_state.clone()).with(opened.once_more());
        let recovered = client.recover_to(recovery, code, opened.account, &opened.keys).await;
        recovered.map(|session| session.local_state().clone())
    }

    fn prepare_code(&mut self, code: &RecoveryCode, replaces: Digest) -> Result<CodeRequest, ClientError> {
        let needs = Permission::Manage;
        let owner = self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })?;
        let place = KeyslotPlace {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: self.opened.generation,
            slot: Slot::Recovery,
        };
        let randomness = &mut self.client.randomness();
        let operation = OperationId(randomness::bytes(randomness));
        let generation = self.opened.generation;
        let keyslot = keyslot::wrap(owner.account, &code.key_encryption_key(), place, randomness);
        let binding = RecoveryBinding { account: self.opened.account, generation, operation };
        let recovery_methods = vec![code.method(keyslot, binding)];
        let request = RecoveryCodeRequest { operation, generation, replaces, recovery_methods };
        let body = serde_json::to_vec(&request).expect("wire types have a JSON form");
        Ok(CodeRequest::new(code, Some(replaces), body))
    }
}

impl<P: Platform> Client<P> {
    /// Recovers with a code that was just set, which must lead to this account and its key.
    pub(super) async fn recover_to(
        &mut self,
        recovery: Recovery,
        code: &RecoveryCode,
        account: AccountId,
        keys: &KeyRing,
    ) -> Result<Session<P>, ClientError> {
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
