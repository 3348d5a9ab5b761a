//! The record of a recovery code, from the moment it is drawn until it is known what became of it (protocol.md section 17).

use super::{Client, Platform, VaultUrl};
use crate::error::ClientError;
use crate::pending_code::{Ceremony, CodeNotice, CodeRequest, CodeState, PendingCode, Stage};
use crate::recovery_code::RecoveryCode;
use crate::state_store::StateStore;
use crate::text::AccountName;
use crate::time::Clock;
use crate::transport::Request;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::registration::FinishResponse;
use rootcellar_spec::{AccountId, Digest, ProblemCode};

/// What a code was drawn to replace, as the vault named it before the code was shown.
#[derive(Default)]
pub(crate) struct Drawn {
    /// Digest of the locator of the code that was valid.
    pub(crate) replaces: Option<Digest>,
    /// The head, if new keys continue an older snapshot.
    pub(crate) replaced_head: Option<Head>,
}

impl<P: Platform> Client<P> {
    /// Draws the recovery code of a new account. It opens nothing before [`Client::register`]; the user has it on paper by then.
    ///
    /// # Errors
    /// [`ClientError::CodeWaiting`]; the state store's own.
    pub async fn generate_first_code(&self) -> Result<RecoveryCode, ClientError> {
        self.draw_code(Ceremony::Registration, None, Drawn::default()).await
    }

    /// What this device recorded of a recovery code that is not known to be active. The vault is not asked.
    ///
    /// # Errors
    /// The state store's own.
    pub fn code_notice(&self) -> Result<Option<CodeNotice>, ClientError> {
        Ok(self.state_store().code()?.map(|record| record.notice()))
    }

    /// The vault of a confirmed registration, if that is another one than this client's: nothing of it is sent here.
    ///
    /// # Errors
    /// The state store's own.
    pub fn registration_elsewhere(&self) -> Result<Option<VaultUrl>, ClientError> {
        let record = self.state_store().code()?.filter(|record| record.confirmed().is_some());
        Ok(record.and_then(|record| self.elsewhere(&record)))
    }

    /// Whether a confirmed registration is known to be of another name than this one. The name itself is not recorded.
    ///
    /// # Errors
    /// The state store's own.
    pub fn registers_other_name(&self, name: &AccountName) -> Result<bool, ClientError> {
        let record = self.state_store().code()?;
        let request = record.as_ref().and_then(|record| record.confirmed());
        Ok(request.is_some_and(|request| request.is_of_other_name(name)))
    }

    fn elsewhere(&self, record: &PendingCode) -> Option<VaultUrl> {
        let is_here = record.ceremony != Ceremony::Registration || record.vault == *self.vault();
        (!is_here).then(|| record.vault.clone())
    }

    pub(crate) fn waiting(&self, record: &PendingCode) -> ClientError {
        ClientError::CodeWaiting { elsewhere: self.elsewhere(record) }
    }

    /// Forgets the record of a code that is known not to be active, once its user was told. The record of a confirmed code stays,
    /// because its request may have been sent: [`Self::discard_code`] forgets that one, too.
    ///
    /// # Errors
    /// The state store's own.
    pub async fn dismiss_code(&self) -> Result<(), ClientError> {
        match self.state_store().code()? {
            Some(record) if record.confirmed().is_some() => Ok(()),
            _ => self.discard_code().await,
        }
    }

    /// Forgets the record of a code, even if the code was confirmed. The request is never sent again by this device; if it reached
    /// the vault before, the code is active all the same.
    ///
    /// # Errors
    /// The state store's own.
    pub async fn discard_code(&self) -> Result<(), ClientError> {
        Ok(self.state_store().keep_code(None).await?)
    }

    /// Sends a confirmed registration again whose response was lost: the vault answers the same bytes alike. The record stays until
    /// a login shows the account ([`Session::finish_code`](crate::Session::finish_code)). `None` if there is no registration.
    ///
    /// A registration at another vault is not sent: it waits there ([`Self::registration_elsewhere`]).
    ///
    /// # Errors
    /// Where it is still not known whether the account was made.
    pub async fn finish_registration(&self) -> Result<Option<CodeNotice>, ClientError> {
        let record = self.state_store().code()?;
        let Some(record) = record.filter(|record| record.ceremony == Ceremony::Registration) else {
            return Ok(None);
        };
        let Some(request) = record.confirmed() else { return Ok(Some(record.notice())) };
        if self.elsewhere(&record).is_some() {
            return Ok(Some(record.notice()));
        }
        match self.exchange(request.to_request(record.ceremony), None).await {
            Ok(answer) => {
                answer.json::<FinishResponse>()?;
                Ok(Some(record.notice_of(CodeState::Active)))
            }
            Err(error) if is_verdict(&error) => {
                let refused = record.at(Stage::Refused);
                self.state_store().keep_code(Some(&refused)).await?;
                Ok(Some(refused.notice()))
            }
            Err(error) => Err(error),
        }
    }

    /// Draws a code, and records that it is handed out before anybody sees it.
    pub(crate) async fn draw_code(
        &self,
        ceremony: Ceremony,
        account_id: Option<AccountId>,
        Drawn { replaces, replaced_head }: Drawn,
    ) -> Result<RecoveryCode, ClientError> {
        let before = self.state_store().code()?;
        if let Some(record) = before.filter(|record| record.confirmed().is_some()) {
            return Err(self.waiting(&record));
        }
        let (vault, generated_at) = (self.vault().clone(), self.clock().now());
        let stage = Stage::Unconfirmed;
        let record =
            PendingCode { ceremony, vault, generated_at, account_id, replaces, replaced_head, stage };
        self.state_store().keep_code(Some(&record)).await?;
        Ok(RecoveryCode::generate(&mut self.randomness()))
    }

    /// What the code that was drawn for this account is to replace.
    pub(crate) fn drawn_to_replace(
        &self,
        ceremony: Ceremony,
        account: AccountId,
    ) -> Result<Drawn, ClientError> {
        let record = self.state_store().code()?;
        let record =
            record.filter(|record| (record.ceremony, record.account_id) == (ceremony, Some(account)));
        let drawn =
            |record: PendingCode| Drawn { replaces: record.replaces, replaced_head: record.replaced_head };
        Ok(record.map(drawn).unwrap_or_default())
    }

    /// The request that was recorded for this very code, which may have been sent.
    pub(crate) fn recorded(
        &self,
        ceremony: Ceremony,
        locator: Digest,
    ) -> Result<Option<CodeRequest>, ClientError> {
        let Some(record) = self.state_store().code()? else { return Ok(None) };
        match record.confirmed() {
            Some(request)
                if record.ceremony == ceremony
                    && request.locator == locator
                    && self.elsewhere(&record).is_none() =>
            {
                Ok(Some(request.clone()))
            }
            Some(_) => Err(self.waiting(&record)),
            None => Ok(None),
        }
    }

    /// Records that the user has confirmed the code, with the request that is about to be sent.
    pub(crate) async fn confirm_code(
        &self,
        ceremony: Ceremony,
        account: AccountId,
        request: CodeRequest,
    ) -> Result<Request, ClientError> {
        let drawn = self.state_store().code()?;
        let generated_at = drawn.as_ref().map_or_else(|| self.clock().now(), |record| record.generated_at);
        let replaced_head = drawn.and_then(|record| record.replaced_head);
        let replaces = request.replaces;
        let to_send = request.to_request(ceremony);
        let stage = Stage::Confirmed(Box::new(request));
        let (vault, account_id) = (self.vault().clone(), Some(account));
        let record =
            PendingCode { ceremony, vault, generated_at, account_id, replaces, replaced_head, stage };
        self.state_store().keep_code(Some(&record)).await?;
        Ok(to_send)
    }

    /// Takes the confirmation back, where the vault certainly did nothing: the code is not active. Returns `error`, or that it is
    /// not known what the next program will do.
    pub(crate) async fn unconfirm_code(&self, error: ClientError) -> ClientError {
        let state_store = self.state_store();
        let taken_back = match state_store.code() {
            Ok(Some(record)) => state_store.keep_code(Some(&record.at(Stage::Unconfirmed))).await,
            Ok(None) => Ok(()),
            Err(failed) => Err(failed),
        };
        match taken_back {
            Ok(()) => error,
            Err(failed) => ClientError::RecoveryCodeUnconfirmed(Box::new(failed.into())),
        }
    }
}

/// Whether the vault decided against a request, and will decide so again.
pub(crate) fn is_verdict(error: &ClientError) -> bool {
    let ClientError::Refused(refusal) = error else { return false };
    !refusal.after_unknown
        && matches!(
            refusal.code,
            ProblemCode::Malformed
                | ProblemCode::Unsupported
                | ProblemCode::TooLarge
                | ProblemCode::LoginExpired
                | ProblemCode::NameTaken
                | ProblemCode::RegistrationClosed
                | ProblemCode::InviteRequired
                | ProblemCode::InviteRefused
                | ProblemCode::OperationUsed
                | ProblemCode::AccountDeleted
                | ProblemCode::HeadMoved
                | ProblemCode::DevicesMoved
                | ProblemCode::GenerationMoved
                | ProblemCode::RecoveryCodeMoved
        )
}
