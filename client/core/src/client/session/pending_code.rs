//! What became of a recovery code that was handed out before (protocol.md section 17).

use super::Session;
use crate::client::pending_code::is_verdict;
use crate::client::{Platform, VaultUrl};
use crate::device::{Enrolment, SecretsId};
use crate::error::ClientError;
use crate::pending_code::{Ceremony, CodeNotice, CodeRequest, CodeState, PendingCode, Stage};
use crate::secret_store::{DeviceStep, NotKept};
use crate::state_store::{StateStore, StateStoreError};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::Permission;

impl<P: Platform> Session<P> {
    /// Finds out what became of a recovery code that this device recorded, and sends the recorded request again if the vault has
    /// not taken it and nothing came in between. To be called after each login. `None` if there is no such code.
    ///
    /// Sending it ends the session ([`Self::is_over`]). A session by recovery code sends nothing, because the code that opened it
    /// would be revoked: [`Self::activate_code`] does. Neither does a session that may not manage, and new keys need the passphrase.
    ///
    /// # Errors
    /// Where it is still not known. The record stays. [`ClientError::NotCommitted`] if the code is active, and this device could not
    /// keep all that goes with it: [`CodeNotice::after`].
    pub async fn finish_code(&mut self) -> Result<Option<CodeNotice>, ClientError> {
        let is_by_code = !self.is_by_passphrase() && !self.opened.authorisation.is_device();
        self.settle_code(!is_by_code).await
    }

    /// As [`Self::finish_code`], and sends the request in a session by recovery code, too.
    ///
    /// # Errors
    /// As for [`Self::finish_code`].
    pub async fn activate_code(&mut self) -> Result<Option<CodeNotice>, ClientError> {
        self.settle_code(true).await
    }

    /// As [`Client::dismiss_code`](crate::Client::dismiss_code).
    ///
    /// # Errors
    /// The state store's own.
    pub async fn dismiss_code(&mut self) -> Result<(), ClientError> {
        self.client.dismiss_code().await
    }

    /// As [`Client::code_notice`](crate::Client::code_notice).
    ///
    /// # Errors
    /// The state store's own.
    pub fn code_notice(&self) -> Result<Option<CodeNotice>, ClientError> {
        self.client.code_notice()
    }

    /// As [`Client::registration_elsewhere`](crate::Client::registration_elsewhere).
    ///
    /// # Errors
    /// The state store's own.
    pub fn registration_elsewhere(&self) -> Result<Option<VaultUrl>, ClientError> {
        self.client.registration_elsewhere()
    }

    /// As [`Client::discard_code`](crate::Client::discard_code).
    ///
    /// # Errors
    /// The state store's own.
    pub async fn discard_code(&mut self) -> Result<(), ClientError> {
        self.client.discard_code().await
    }

    async fn settle_code(&mut self, may_send: bool) -> Result<Option<CodeNotice>, ClientError> {
        let Some(record) = self.client.state_store().code()? else { return Ok(None) };
        let Some(request) = record.confirmed().cloned() else { return Ok(Some(record.notice())) };
        if record.account_id != Some(self.opened.account) {
            return Ok(Some(record.notice()));
        }
        let active = self.active_code().await?;
        let state = if active == request.locator {
            CodeState::Active
        } else if request.replaces != Some(active) {
            CodeState::Superseded
        } else if may_send && self.may_activate(record.ceremony) {
            self.send_again(record.ceremony, &request).await?
        } else {
            CodeState::Waiting
        };
        match state {
            CodeState::Active => self.activated(record.ceremony, request).await?,
            CodeState::Superseded => self.keep_stage(&record, Stage::Superseded).await?,
            CodeState::Refused => self.keep_stage(&record, Stage::Refused).await?,
            CodeState::Waiting | CodeState::Unconfirmed => {}
        }
        Ok(Some(record.notice_of(state)))
    }

    fn may_activate(&self, ceremony: Ceremony) -> bool {
        self.require(Permission::Manage).is_ok() && (ceremony != Ceremony::Rekey || self.is_by_passphrase())
    }

    async fn send_again(
        &mut self,
        ceremony: Ceremony,
        request: &CodeRequest,
    ) -> Result<CodeState, ClientError> {
        match self.exchange_last(request.to_request(ceremony)).await {
            Ok(_) => Ok(CodeState::Active),
            Err(error) if error.problem() == Some(ProblemCode::RecoveryCodeMoved) && is_verdict(&error) => {
                Ok(CodeState::Superseded)
            }
            Err(error) if is_verdict(&error) => Ok(CodeState::Refused),
            Err(error) => Err(error),
        }
    }

    /// Keeps what new keys have left, then forgets the record.
    async fn activated(&mut self, ceremony: Ceremony, request: CodeRequest) -> Result<(), ClientError> {
        if ceremony == Ceremony::Rekey {
            let local_state = &mut self.opened.local_state;
            let number = |seen: Option<crate::snapshot::Seen>| seen.map(|seen| seen.number);
            if number(request.newest) > number(local_state.last_seen) {
                local_state.last_seen = request.newest;
            }
            if number(request.list) > number(local_state.device_list) {
                local_state.device_list = request.list;
            }
            self.settle_rekey(request.enrolment, request.secrets).await
        } else {
            self.client.discard_code().await
        }
    }

    /// The vault has taken new keys: commits this device's new secrets, keeps the enrolment under the new keys, and only then
    /// forgets the record. If one of them fails, the record stays, and the next session tries again.
    ///
    /// # Errors
    /// [`ClientError::NotCommitted`].
    pub(super) async fn settle_rekey(
        &mut self,
        enrolment: Option<Enrolment>,
        secrets: Option<SecretsId>,
    ) -> Result<(), ClientError> {
        let incomplete = |source| ClientError::NotCommitted { step: DeviceStep::Rekey, source };
        let committed = match secrets {
            Some(secrets) => self.client.commit(secrets).await.map(|()| enrolment),
            None => Ok(enrolment),
        };
        let (enrolment, missing) = match (committed, self.enrolled_since()) {
            (Err(failed @ NotKept::Secrets(_)), _) => return Err(incomplete(failed)),
            (Ok(Some(enrolment)), _) => (Some(enrolment), None),
            // Other secrets took the place of those that the record names.
            (_, Some(since)) => (Some(since), None),
            (committed, None) => (None, committed.err()),
        };
        self.keep_rekeyed(enrolment).await.map_err(|failed| incomplete(failed.into()))?;
        missing.map_or(Ok(()), |missing| Err(incomplete(missing)))
    }

    /// This device's enrolment under the new keys, if it was enrolled after they were changed.
    fn enrolled_since(&self) -> Option<Enrolment> {
        self.opened.enrolment.clone().filter(|_| !self.opened.is_over)
    }

    async fn keep_rekeyed(&mut self, enrolment: Option<Enrolment>) -> Result<(), StateStoreError> {
        let state_store = self.client.state_store();
        match enrolment {
            Some(enrolment) if !self.opened.is_over => self.opened.enrol(enrolment, state_store).await?,
            enrolment => state_store.keep_enrolment(enrolment.as_ref()).await?,
        }
        state_store.remember(&self.opened.local_state).await?;
        state_store.keep_code(None).await
    }

    async fn keep_stage(&mut self, record: &PendingCode, stage: Stage) -> Result<(), ClientError> {
        Ok(self.client.state_store().keep_code(Some(&record.at(stage))).await?)
    }
}
