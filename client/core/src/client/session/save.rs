//! Saving: on the disk first, then sent, then read back and opened, and only then called saved
//! (protocol.md sections 15.6 and 17).

use super::Session;
use super::change::{Addressee, Change, SealedChange};
use crate::client::Platform;
use crate::client::opened::HeadSnapshot;
use crate::error::ClientError;
use crate::pending_save::PendingSave;
use crate::randomness;
use crate::snapshot::{self, Snapshot};
use crate::state_store::StateStore;
use crate::time::Clock;
use crate::transport::{Request, Response};
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::wire::account::{Head, SnapshotResponse};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, EntryId, Number, OperationId, ProblemCode};

/// What a save needs.
const SAVES: Permission = Permission::Backup;
/// How often a change is applied anew because another device was faster.
const CONFLICT_TRIES: u32 = 5;

/// A save that was read back and opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The snapshot's number.
    pub number: Number,
    /// Its digest.
    pub digest: Digest,
    /// The ids of the added entries, in the order in which they were added to the change.
    pub added: Vec<EntryId>,
    /// Whether another device had saved first, so that this save holds its entries, too.
    pub merged: bool,
}

/// What became of sending an unfinished save.
pub(super) enum Sent {
    /// It is saved, read back and opened.
    Saved,
    /// Another device was faster; its snapshot is now the newest of this session.
    HeadMoved,
}

impl<P: Platform> Session<P> {
    /// Saves a change: one round trip where this session's snapshot is the newest; the answer is what the vault's store gives
    /// back.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `backup`, [`ClientError::OlderBackup`] where the newest snapshot is not open,
    /// [`ClientError::PendingSave`] where an earlier save must be finished first. After [`ClientError::Unconfirmed`],
    /// [`ClientError::ReadBack`] and [`ClientError::Contended`] the save stays in the state store, and
    /// [`Self::finish_pending`] finishes it; after any other error nothing was saved.
    pub async fn save(&mut self, change: Change) -> Result<Saved, ClientError> {
        if self.opened.is_older {
            return Err(ClientError::OlderBackup);
        }
        let key = self.opened.keys.entry_public().filter(|_| self.require(SAVES).is_ok());
        let key = key.ok_or(ClientError::NotPermitted { needs: SAVES })?;
        if self.client.state_store().load()?.is_some() {
            return Err(ClientError::PendingSave);
        }
        let to = Addressee {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: self.opened.generation,
            key,
            now: self.client.clock().now(),
        };
        let newest = self.opened.newest.as_ref().map(|newest| &newest.snapshot);
        let sealed = change.seal(newest, &to, &mut self.client.randomness())?;
        let result = self.save_sealed(&sealed).await;
        if result.as_ref().is_err_and(saved_nothing) {
            // The person has the entry at hand still, and starts again.
            self.settled().await?;
        }
        result
    }

    /// Applies a change to the newest snapshot and sends it, again and again while other devices are faster.
    pub(super) async fn save_sealed(&mut self, change: &SealedChange) -> Result<Saved, ClientError> {
        for conflicts in 0..CONFLICT_TRIES {
            let (number, pending) = self.next(change)?;
            let state_store = self.client.state_store();
            if let Err(error) = state_store.store(&pending).await {
                // The next command finishes what is there nevertheless: this save, or the try before it.
                let holds_none = matches!(state_store.load(), Ok(None));
                return Err(if holds_none { error.into() } else { unconfirmed(error.into()) });
            }
            if let Sent::Saved = self.send(&pending).await? {
                let (digest, added) = (pending.digest(), change.added());
                return Ok(Saved { number, digest, added, merged: conflicts > 0 });
            }
        }
        Err(ClientError::Contended(CONFLICT_TRIES))
    }

    /// The snapshot that follows the newest, under a new operation id, and its number.
    fn next(&mut self, change: &SealedChange) -> Result<(Number, PendingSave), ClientError> {
        let now = self.client.clock().now();
        let newest = self.opened.newest.as_ref().map(|newest| &newest.snapshot);
        let device_list = self.opened.known_list();
        let (mut inventory, sealed_entries) =
            change.apply(newest, now, self.client.device().clone(), device_list);
        self.opened.note_account(&mut inventory.about, self.client.vault());
        let save_key = self.opened.keys.save().ok_or(ClientError::NotPermitted { needs: SAVES })?;
        let operation = OperationId(randomness::bytes(&mut self.client.randomness()));
        let number = match newest {
            Some(newest) => {
                newest.header.number.next().ok_or(ClientError::MalformedResponse("the last number"))?
            }
            None => Number::FIRST,
        };
        let header = Header {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: self.opened.generation,
            number,
            operation,
            ancestors: newest.map_or_else(Vec::new, Snapshot::ancestors_of_next),
        };
        let randomness = &mut self.client.randomness();
        let inventory_key = self.opened.keys.inventory();
        let snapshot =
            snapshot::seal(&header, &inventory, &sealed_entries, inventory_key, save_key, randomness)?;
        let pending = PendingSave {
            operation,
            account_id: self.opened.account,
            generation: self.opened.generation,
            snapshot,
            added: change.added(),
            removed: change.removed(),
        };
        Ok((number, pending))
    }

    /// Sends a save that is in the state store, opens what comes back, and takes it out of the state store.
    pub(super) async fn send(&mut self, pending: &PendingSave) -> Result<Sent, ClientError> {
        self.require(SAVES)?;
        let put = Request::put(snapshot_path(pending.operation), pending.snapshot.clone());
        match self.exchange(put).await {
            Ok(response) => {
                self.read_back(pending, &response).await?;
                Ok(Sent::Saved)
            }
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::HeadMoved => {
                self.refresh().await.map_err(|error| match unconfirmed(error) {
                    // An earlier try may have been saved, and what came back cannot tell.
                    error if refusal.after_unknown && !matches!(error, ClientError::Unconfirmed(_)) => {
                        ClientError::Unconfirmed(Box::new(error))
                    }
                    error => error,
                })?;
                if !self.has_in_history(pending.digest()) {
                    return Ok(Sent::HeadMoved);
                }
                // An earlier try had arrived, and another device saved after it.
                self.settled().await?;
                Ok(Sent::Saved)
            }
            Err(error) if saved_nothing(&error) => Err(error),
            Err(error) => Err(unconfirmed(error)),
        }
    }

    /// Whether the newest snapshot is this one or descends from it.
    pub(super) fn has_in_history(&self, digest: Digest) -> bool {
        self.snapshot()
            .is_some_and(|newest| newest.digest == digest || newest.header.ancestors.contains(&digest))
    }

    /// Opens what the vault has read back from its store.
    async fn read_back(&mut self, pending: &PendingSave, response: &Response) -> Result<(), ClientError> {
        let (answer, bytes) = response.two_parts::<SnapshotResponse>().map_err(unconfirmed)?;
        let bytes = bytes.ok_or(ClientError::ReadBack("it does not have it"))?;
        if Digest::of(bytes) != pending.digest() {
            return Err(ClientError::ReadBack("it gives other bytes back"));
        }
        let record = answer.snapshot.filter(|record| record.digest == pending.digest());
        let record = record.ok_or(ClientError::ReadBack("it has another record of it"))?;
        if !leads_to(answer.head.as_ref(), &record) {
            return Err(ClientError::ReadBack("it names an older one as the newest"));
        }
        let snapshot = self
            .reader()
            .open(bytes, record.number)
            .map_err(|_| ClientError::ReadBack("it does not open"))?;
        let sealed = bytes.to_vec();
        self.advance(HeadSnapshot { snapshot, record, sealed }).await.map_err(unconfirmed)?;
        self.settled().await
    }

    /// Takes a save out of the state store of which it is known what became. Where that fails, the next command finds it there still.
    async fn settled(&mut self) -> Result<(), ClientError> {
        self.client.state_store().clear().await.map_err(|error| unconfirmed(error.into()))
    }
}

/// Whether the head is the saved snapshot or a later one.
fn leads_to(head: Option<&Head>, saved: &Head) -> bool {
    head.is_some_and(|head| {
        head.number > saved.number || (head.number == saved.number && head.digest == saved.digest)
    })
}

/// The path of a snapshot, by the operation that made it.
pub(crate) fn snapshot_path(operation: OperationId) -> String {
    format!("{}/{operation}", paths::SNAPSHOTS)
}

/// Whether a failed save certainly left nothing behind.
fn saved_nothing(error: &ClientError) -> bool {
    match error {
        ClientError::TooMuch(_) | ClientError::NotPermitted { .. } => true,
        // Another device was faster, and what the vault gave as its snapshot cannot be built upon.
        ClientError::Snapshot(_)
        | ClientError::Newer(_)
        | ClientError::SnapshotLost(_)
        | ClientError::Rollback { .. }
        | ClientError::Fork { .. }
        | ClientError::Gap { .. } => true,
        ClientError::Refused(refusal) => !refusal.after_unknown && is_final(refusal.code),
        _ => false,
    }
}

/// Whether the vault decided against a save, and not merely against the session that sent it. A device that was revoked
/// has no other session to send it in.
fn is_final(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::Malformed
            | ProblemCode::Unsupported
            | ProblemCode::TooLarge
            | ProblemCode::NotPermitted
            | ProblemCode::DeviceRevoked
            | ProblemCode::GenerationMoved
            | ProblemCode::OperationUsed
            | ProblemCode::DeviceQuota
            | ProblemCode::AccountDeleted
            | ProblemCode::StorageFull
    )
}

/// Says that a save may or may not have taken place, where the error leaves that open.
fn unconfirmed(error: ClientError) -> ClientError {
    match error {
        ClientError::Unreachable(_)
        | ClientError::Status(_)
        | ClientError::MalformedResponse(_)
        | ClientError::ResponseTooLong
        | ClientError::Refused(_)
        | ClientError::StateStore(_) => ClientError::Unconfirmed(Box::new(error)),
        other => other,
    }
}
