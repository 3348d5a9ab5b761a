//! Saving a snapshot and reading one (protocol.md section 15.6).
//!
//! The snapshot's bytes are created first, under the operation's name, and then one swap of the account makes them the
//! head. Until that swap nothing has happened; after it the save is acknowledged and never lost.

use crate::domain::Error;
use crate::domain::account::{self, Account, TRIES};
use crate::domain::names;
use crate::domain::retention::MOST_SNAPSHOTS;
use crate::domain::session::ActiveSession;
use crate::state::Vault;
use crate::store::swap::{self, Current, SwapError};
use bytes::Bytes;
use rootcellar_spec::snapshot::{Header, Layout, LayoutError};
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{Digest, Number, OperationId};

/// Saves `body` as the snapshot after the head, and returns what the vault keeps of it.
///
/// # Errors
/// [`Error::HeadMoved`], [`Error::GenerationMoved`], [`Error::OperationUsed`], [`Error::TooManySnapshots`],
/// [`Error::OutcomeUnknown`] (send the same again), or a store's failure.
pub async fn save(
    vault: &Vault,
    session: &ActiveSession,
    operation: OperationId,
    body: Bytes,
) -> Result<Head, Error> {
    let header = read_header(&body)?;
    if header.operation != operation {
        return Err(Error::Malformed {
            field: "operation",
            problem: "path and snapshot name different operations",
        });
    }
    if header.account != session.account_id() {
        return Err(Error::Malformed {
            field: "account",
            problem: "the snapshot belongs to another account",
        });
    }
    let digest = Digest::of(&body);
    let mut created = false;
    for _ in 0..TRIES {
        let current = session.load(vault).await?;
        let (next, dropped) = match plan(vault, current.value(), &header, digest, body.len()) {
            Ok(Plan::Saved(head)) => return Ok(head),
            Ok(Plan::Swap { next, dropped }) => (next, dropped),
            Err(refusal) => {
                // The head never moves back, so these bytes can never be saved any more.
                if created && matches!(refusal, Error::HeadMoved(_) | Error::GenerationMoved) {
                    account::discard_snapshot(vault, &header.account, &operation).await;
                }
                return Err(refusal);
            }
        };
        if !created {
            let key = names::snapshot(&header.account, &operation);
            swap::create_immutable(vault.store(), &key, body.clone(), vault.patience()).await?;
            created = true;
        }
        match swap::swap(vault.store(), &current, operation, *next, vault.patience()).await {
            Ok(won) => return finish(vault, &won, &header, &dropped).await,
            Err(SwapError::Lost | SwapError::Contended) => {}
            Err(SwapError::Gone) => return Err(Error::SessionEnded),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// What is to be done.
enum Plan {
    /// Nothing: this very snapshot was saved.
    Saved(Head),
    /// Swap this in, then remove the bytes of what was dropped.
    Swap { next: Box<Account>, dropped: Vec<Head> },
}

fn plan(
    vault: &Vault,
    account: &Account,
    header: &Header,
    digest: Digest,
    size: usize,
) -> Result<Plan, Error> {
    if let Some(saved) = account.snapshot(&header.operation) {
        return if saved.digest == digest {
            Ok(Plan::Saved(saved.clone()))
        } else {
            Err(Error::OperationUsed)
        };
    }
    if header.generation != account.generation {
        return Err(Error::GenerationMoved);
    }
    let head = account.head();
    let number = head.map_or(Some(Number::FIRST), |head| head.number.next());
    if Some(header.number) != number || header.ancestors.first() != head.map(|head| &head.digest) {
        return Err(Error::HeadMoved(head.cloned().map(Box::new)));
    }
    let now = vault.now();
    let mut next = account.clone();
    let saved = Head {
        number: header.number,
        operation: header.operation,
        digest,
        generation: header.generation,
        size: size as u64,
        created_at: now,
    };
    next.snapshots.insert(0, saved);
    let retention = vault.settings().retention;
    let dropped = retention.drop_from(&mut next.snapshots, now);
    if next.snapshots.len() > MOST_SNAPSHOTS {
        return Err(Error::TooManySnapshots { wait: retention.wait(&next.snapshots, now) });
    }
    Ok(Plan::Swap { next: Box::new(next), dropped })
}

async fn finish(
    vault: &Vault,
    won: &Current<Account>,
    header: &Header,
    dropped: &[Head],
) -> Result<Head, Error> {
    for head in dropped {
        account::discard_snapshot(vault, &header.account, &head.operation).await;
    }
    tracing::info!(dropped = dropped.len(), "snapshot saved");
    let saved = won.value().snapshot(&header.operation).cloned();
    saved.ok_or(Error::Internal("a saved snapshot is not in its account"))
}

fn read_header(body: &[u8]) -> Result<Header, Error> {
    let field = "snapshot";
    match Layout::parse(body) {
        Ok(layout) => Ok(layout.header),
        Err(LayoutError::Malformed(problem)) => Err(Error::Malformed { field, problem }),
        Err(LayoutError::UnsupportedVersion(_)) => {
            Err(Error::Unsupported { field, problem: "a format version that this vault does not know" })
        }
        Err(LayoutError::UnsupportedSuite(_)) => {
            Err(Error::Unsupported { field, problem: "a suite that this vault does not know" })
        }
    }
}

/// A snapshot that was asked for by its operation.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account's newest snapshot.
    pub head: Option<Head>,
    /// The one that was asked for.
    pub snapshot: Head,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Reads the newest snapshot.
///
/// # Errors
/// [`Error::SessionEnded`], or a store's failure.
pub async fn head(vault: &Vault, session: &ActiveSession) -> Result<(Option<Head>, Option<Bytes>), Error> {
    let (account, bytes) = account::load_head(vault, session.load(vault).await?).await?;
    Ok((account.value().head().cloned(), bytes))
}

/// Reads the snapshot that an operation made.
///
/// # Errors
/// [`Error::SnapshotMissing`], [`Error::SessionEnded`], or a store's failure.
pub async fn find(vault: &Vault, session: &ActiveSession, operation: OperationId) -> Result<Found, Error> {
    let account = session.load(vault).await?;
    let account = account.value();
    let snapshot = account.snapshot(&operation).cloned().ok_or(Error::SnapshotMissing)?;
    let bytes = account::load_snapshot(vault, &account.account_id, &snapshot).await?;
    let bytes = bytes.ok_or(Error::SnapshotMissing)?;
    Ok(Found { head: account.head().cloned(), snapshot, bytes })
}
