//! What is backed up: looked at, opened, saved.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::OpenClient;
use crate::values::{self, Change, Entry, Overview, PendingSaveResult, Saved, entry_id};
use rootcellar_client::pending_save::PendingSaveOutcome;

#[uniffi::export]
impl RootcellarClient {
    /// Fetches the newest backup anew, for a session that stays open while other devices save: one round trip.
    pub async fn refresh(&self) -> Result<Overview, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                let left = held.left();
                let session = held.session()?;
                session.refresh().await?;
                Ok(Overview::of(session, left))
            })
            .await
    }

    /// Opens one entry of the open backup; no request is sent. Needs `Restore`, and a session that was opened for it.
    pub async fn open_entry(&self, id: String) -> Result<Entry, RootcellarError> {
        let id = entry_id(&id)?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                let session = held.session()?;
                let entry = session.open_entry(id)?;
                let item = session.items().iter().find(|item| item.id == id);
                Entry::of(item.ok_or(rootcellar_client::ClientError::NoSuchEntry(id))?, &entry)
            })
            .await
    }

    /// Saves a change: sealed, kept in the folder, sent, given back by the vault and opened, and only then called saved. One
    /// round trip where nobody else saved meanwhile. Finishes an earlier save first.
    ///
    /// Cancelled, or ended with `Unconfirmed`, `Contended` or the code `read-back`, the save stays in the folder as unfinished, and
    /// the next login, the next save or [`Self::finish_pending_save`] finishes it: look at the backup before adding the same entries
    /// again.
    pub async fn save(&self, change: Change) -> Result<Saved, RootcellarError> {
        let change = values::change(change)?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                held.may_finish()?;
                let session = held.session()?;
                let earlier = session.finish_pending().await?;
                if let PendingSaveOutcome::CannotFinish(reason) = earlier {
                    return Err(reason.into());
                }
                Ok(Saved::of(&session.save(change).await?, earlier.into()))
            })
            .await
    }

    /// Finishes a save that an earlier operation left unfinished, and says what became of it.
    ///
    /// Cancelled, it stays as it was.
    pub async fn finish_pending_save(&self) -> Result<PendingSaveResult, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| match held.waiting() {
                PendingSaveResult::Damaged => Ok(PendingSaveResult::Damaged),
                _ => Ok(held.session()?.finish_pending().await?.into()),
            })
            .await
    }

    /// Gives up an unfinished save: what it added is lost, unless it has reached the vault.
    pub async fn discard_pending_save(&self) -> Result<(), RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| Ok(held.session()?.discard_pending().await?)).await
    }
}
