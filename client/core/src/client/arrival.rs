//! An account is opened, and what an earlier program left of a recovery code is finished (protocol.md section 17).

use super::{Client, OpenedAccount, Platform, SnapshotChoice};
use crate::error::ClientError;
use crate::pending_code::{Ceremony, CodeNotice, CodeState};

impl<P: Platform> Client<P> {
    /// Opens the account by `open`, then does as [`Session::finish_code`](crate::Session::finish_code): if that ends the session,
    /// `open` is called once more. Gives what became of the code; if that is still not known, what this device knows of it.
    ///
    /// # Errors
    /// As for `open`, and every error that shows that the vault cannot be trusted. An unknown outcome of the code is not an error.
    pub async fn arrive(
        &mut self,
        open: impl AsyncFn(&mut Self) -> Result<OpenedAccount, ClientError>,
    ) -> Result<(OpenedAccount, Option<CodeNotice>), ClientError> {
        let opened = open(self).await?;
        let Some(recorded) = self.code_notice()? else { return Ok((opened, None)) };
        let mut session = self.session(opened);
        let notice = match session.finish_code().await {
            Ok(notice) => notice,
            Err(error) if error.is_tampering() => return Err(error),
            Err(error) => Some(recorded.after(error.outcome())),
        };
        let (is_over, opened) = (session.is_over(), session.into_opened());
        let opened = if is_over { open(self).await? } else { opened };
        Ok((opened, notice))
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
