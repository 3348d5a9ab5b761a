//! Finishing a save that an earlier program began (protocol.md section 17).

use super::Session;
use super::change::SealedChange;
use super::save::Sent;
use crate::client::Platform;
use crate::error::ClientError;
use crate::pending_save::{PendingSave, PendingSaveFault, PendingSaveOutcome};
use crate::snapshot::Snapshot;
use crate::state_store::StateStore;
use rootcellar_spec::Number;
use rootcellar_spec::snapshot::Layout;

impl<P: Platform> Session<P> {
    /// Finishes the save in the state store, if there is one. To be called after each login, before anything else is saved.
    ///
    /// # Errors
    /// As for [`Self::save`]; the unfinished save stays in the state store, whatever the error.
    pub async fn finish_pending(&mut self) -> Result<PendingSaveOutcome, ClientError> {
        if self.opened.is_older {
            return Ok(PendingSaveOutcome::Nothing);
        }
        let Some(pending) = self.client.state_store().load()? else {
            return Ok(PendingSaveOutcome::Nothing);
        };
        if pending.account_id != self.opened.account {
            return Ok(PendingSaveOutcome::CannotFinish(PendingSaveFault::OtherAccount));
        }
        if self.has_in_history(pending.digest()) {
            self.client.state_store().clear().await?;
            return Ok(PendingSaveOutcome::AlreadySaved);
        }
        let opened = match self.open_pending(&pending) {
            Ok(opened) => opened,
            Err(reason) => return Ok(PendingSaveOutcome::CannotFinish(reason)),
        };
        if self.is_next(&opened)
            && let Sent::Saved = self.send(&pending).await?
        {
            return Ok(PendingSaveOutcome::Saved);
        }
        self.save_sealed(&SealedChange::of_pending(&pending, &opened)).await?;
        Ok(PendingSaveOutcome::Merged)
    }

    /// Gives up the save in the state store: what it added is lost.
    ///
    /// # Errors
    /// The state store's own.
    pub async fn discard_pending(&mut self) -> Result<(), ClientError> {
        Ok(self.client.state_store().clear().await?)
    }

    fn open_pending(&self, pending: &PendingSave) -> Result<Snapshot, PendingSaveFault> {
        if pending.generation != self.opened.generation {
            return Err(PendingSaveFault::KeysChanged);
        }
        let layout = Layout::parse(&pending.snapshot).map_err(|_| PendingSaveFault::Damaged)?;
        if layout.header.operation != pending.operation {
            return Err(PendingSaveFault::Damaged);
        }
        self.reader().open(&pending.snapshot, layout.header.number).map_err(|_| PendingSaveFault::Damaged)
    }

    /// Whether a snapshot follows the newest directly.
    fn is_next(&self, opened: &Snapshot) -> bool {
        match self.snapshot() {
            Some(newest) => opened.header.ancestors.first() == Some(&newest.digest),
            None => opened.header.number == Number::FIRST,
        }
    }
}
