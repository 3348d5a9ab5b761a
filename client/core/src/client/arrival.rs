//! An account is opened, and what an earlier program left of a recovery code is finished (protocol.md section 17).

use super::{Client, Platform, SnapshotChoice};
use crate::client::session::Session;
use crate::error::ClientError;
use crate::pending_code::{Ceremony, CodeNotice, CodeState};

impl<P: Platform> Client<P> {
    /// Opens the account by `open`, then does as [`Session::finish_code`]: if that ends the session, `open` is called once more.
    ///
    /// `tell` is told before that what is known of a recovery code that this device recorded, and why that is not all if the vault
    /// could not be asked or not everything could be kept here. It is not called if no code was recorded.
    ///
    /// # Errors
    /// As for `open` and `tell`, and every error that shows that the vault cannot be trusted. An unknown outcome of the code is not
    /// an error.
    pub async fn arrive<E: From<ClientError>>(
        &self,
        mut open: impl AsyncFnMut() -> Result<Session<P>, E>,
        tell: impl FnOnce(CodeNotice, Option<ClientError>) -> Result<(), E>,
    ) -> Result<Session<P>, E> {
        let mut session = open().await?;
        let Some(recorded) = self.code_notice()? else { return Ok(session) };
        match session.finish_code().await {
            Ok(notice) => notice.map_or(Ok(()), |notice| tell(notice, None))?,
            Err(error) if error.is_tampering() => return Err(error.into()),
            Err(error) => tell(recorded.after(error.outcome()), Some(error))?,
        }
        if session.is_over() {
            drop(session);
            session = open().await?;
        }
        Ok(session)
    }

    /// Which snapshot a login by passphrase opens if this one is asked for. New keys that wait to be confirmed leave no older
    /// snapshot, and [`Self::arrive`] completes them without any: the newest then, or none if it is refused.
    ///
    /// # Errors
    /// The state store's own.
    pub fn snapshot_to_open(&self, asked: SnapshotChoice) -> Result<SnapshotChoice, ClientError> {
        let waits =
            |notice: CodeNotice| notice.ceremony == Ceremony::Rekey && notice.state == CodeState::Waiting;
        let choice =
            if self.code_notice()?.is_some_and(waits) { SnapshotChoice::HeadUnlessRefused } else { asked };
        Ok(choice)
    }
}
