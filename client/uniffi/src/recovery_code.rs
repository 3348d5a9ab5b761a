//! Recovery codes between the moment they are drawn and the moment they are active: what an app shows of them.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::secret::leaving;
use crate::session::OpenClient;
use crate::values::{RecoveryCodeNotice, RecoveryCodePurpose};
use rootcellar_client::pending_code::{Ceremony, CodeState};

#[uniffi::export]
impl RootcellarClient {
    /// Draws a recovery code for [`Self::register`], [`Self::set_recovery_code`] or [`Self::rekey`]: twelve words in UTF-8, to be
    /// shown once and kept on paper; the app wipes them. It is not active, and opens nothing, before that call.
    ///
    /// The folder first records that a code is handed out, without the code. If the app is ended before the code is active,
    /// [`Self::state`] and the next login say so. The app has the user confirm the paper before it makes the call: two words, say.
    ///
    /// For a new code or new keys it needs an open session, and fails where the call itself would
    /// fail before any request. It asks the vault once which code is active, so that the call itself
    /// records the user's confirmation before it sends anything: without a connection it fails with
    /// `Unreachable`, and no code was drawn. While a code that was confirmed is not known to be
    /// active, it fails with the code `recovery-code-waiting`.
    pub async fn generate_recovery_code(
        &self,
        purpose: RecoveryCodePurpose,
    ) -> Result<Vec<u8>, RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                let code = match purpose {
                    RecoveryCodePurpose::Registration => {
                        held.may_register()?;
                        held.client.generate_first_code().await?
                    }
                    RecoveryCodePurpose::RecoveryCode => {
                        held.session()?.generate_recovery_code(Ceremony::RecoveryCode).await?
                    }
                    RecoveryCodePurpose::Rekey => {
                        held.session()?.generate_recovery_code(Ceremony::Rekey).await?
                    }
                };
                Ok(leaving(&code.words()))
            })
            .await
    }

    /// Sends a registration again that was confirmed and whose response was lost, and says what became of it: nothing if there is
    /// none. [`Self::log_in`] does the same before it logs in.
    pub async fn finish_registration(&self) -> Result<Option<RecoveryCodeNotice>, RootcellarError> {
        let finish =
            async |held: &mut OpenClient| Ok(held.client.finish_registration().await?.map(Into::into));
        self.worker.run(finish).await
    }

    /// In a session by recovery code, activates a newer code that waits. Logins by passphrase and devices that manage the account
    /// activate it by themselves; a session by the former code does not revoke that unasked. Activating ends the session.
    pub async fn activate_recovery_code(&self) -> Result<Option<RecoveryCodeNotice>, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                let notice = held.session()?.activate_code().await?;
                held.code = notice;
                Ok(notice.map(Into::into))
            })
            .await
    }

    /// Forgets what is recorded of a recovery code, once the user was told which code is valid. A request that may have been sent
    /// is given up with it: not for one that is `Waiting`, unless the user no longer wants that code.
    pub async fn dismiss_recovery_code(&self) -> Result<(), RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                held.client.discard_code().await?;
                held.code = None;
                Ok(())
            })
            .await
    }
}

impl OpenClient {
    /// Refuses a folder that remembers an account, unless a registration that is not complete has come as far as that.
    pub(crate) fn may_register(&self) -> Result<(), RootcellarError> {
        let begun = self.client.code_notice()?;
        let is_begun = begun.is_some_and(|notice| {
            (notice.ceremony, notice.state) == (Ceremony::Registration, CodeState::Waiting)
        });
        if is_begun { Ok(()) } else { Ok(self.state_store().folder().must_be_unused()?) }
    }
}
