//! Saves and reads snapshots (protocol.md section 15.6).
//!
//! The snapshot's bytes are created first, in an object of this attempt. Then one conditional write
//! of the account makes them the head. Before that write nothing has happened. After it the save is
//! never lost, and the response contains what the store returns. If the write is lost, the object is
//! removed, and the next attempt creates another one.

use crate::Error;
use crate::Vault;
use crate::account::Account;
use crate::counters::{EXPIRED, OVER_QUOTA, THINNED};
use crate::retention::{Admitted, Author, Retained, Retention};
use crate::sealed;
use crate::session::ActiveSession;
use crate::snapshot_object::{self, Upload};
use crate::streams::{Event, Who};
use crate::vault_time::Moment;
use bytes::Bytes;
use metrics::counter;
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{Digest, OperationId};
use rootcellar_store::cas::{Decision, Updated};

/// Saves `body` as the head, which it must follow, and reads it back.
///
/// # Errors
/// [`Error::HeadMoved`], [`Error::GenerationMoved`],
/// [`Error::OperationUsed`], [`Error::DeviceQuota`], [`Error::OutcomeUnknown`] (repeat the
/// request), or a store's failure.
pub async fn save(
    vault: &Vault,
    session: &ActiveSession,
    operation: OperationId,
    body: Bytes,
) -> Result<Found, Error> {
    let header = read_header(vault, session, operation, &body)?;
    let upload = Upload::new(vault, header.account, operation, &body);
    let updated = vault
        .update(|| async {
            let (current, moment) = session.load_at(vault, Permission::Backup).await?;
            upload.discard_lost(&current).await;
            let head = saved(vault, &header, &body);
            let new = New {
                saved: Retained::new(head, session.author(), current.next_version()),
                by: session.who(current.value()),
                moment,
            };
            let Plan::Save { mut next, admitted } =
                plan(current.value(), &header, new, &vault.settings().retention)?
            else {
                return Ok(Decision::Keep(current));
            };
            session.mark_seen(&mut next, vault.now());
            upload.create(&current).await?;
            Ok(Decision::Replace { current, operation, value: *next, with: admitted })
        })
        .await;
    match updated {
        Ok(Updated::Kept(current)) => read(vault, current.value(), &operation).await,
        Ok(Updated::Written(won, admitted)) => {
            record(&admitted, session.author());
            let dropped = admitted.expired.iter().chain(&admitted.thinned);
            let drop = snapshot_object::discard_dropped(vault, &header.account, dropped);
            match tokio::join!(read(vault, won.value(), &operation), drop).0 {
                // A later save has already dropped it. Repeating the request has the same result.
                Err(Error::SnapshotMissing) => Err(moved(won.value())),
                read => read,
            }
        }
        Err(refusal) => {
            record_refusal(&refusal);
            upload.withdraw(&refusal).await;
            Err(refusal)
        }
    }
}

/// Reads the header of a snapshot, which must belong to this operation and account.
fn read_header(
    vault: &Vault,
    session: &ActiveSession,
    operation: OperationId,
    body: &[u8],
) -> Result<Header, Error> {
    let header = sealed::read_snapshot(vault, body)?;
    if header.operation != operation {
        return Err(Error::Malformed {
            field: "operation",
            problem: "The path and the snapshot name different operations.",
        });
    }
    if header.account != session.account_id() {
        return Err(Error::Malformed {
            field: "account",
            problem: "The snapshot belongs to another account.",
        });
    }
    Ok(header)
}

/// The next step of a save.
enum Plan {
    /// Nothing: this snapshot was already saved.
    Keep,
    /// Write this, then remove the bytes of dropped snapshots.
    Save { next: Box<Account>, admitted: Admitted },
}

/// Counts a save that was refused because of a quota.
fn record_refusal(refusal: &Error) {
    if let Error::DeviceQuota { wait } = refusal {
        counter!(OVER_QUOTA).increment(1);
        tracing::warn!(
            event = "save-refused",
            wait,
            "A device has used up its share of an account's space, so its save was refused."
        );
    }
}

/// Counts the snapshots that a save removed.
fn record(admitted: &Admitted, author: Author) {
    let (expired, thinned) = (admitted.expired.len(), admitted.thinned.len());
    let author = if author == Author::Owner { "owner" } else { "device" };
    counter!(EXPIRED).increment(expired as u64);
    counter!(THINNED, "author" => author).increment(thinned as u64);
    tracing::info!(event = "snapshot-saved", expired, thinned);
}

/// The record of this snapshot if it is saved now.
fn saved(vault: &Vault, header: &Header, body: &[u8]) -> Head {
    Head {
        number: header.number,
        operation: header.operation,
        digest: Digest::of(body),
        generation: header.generation,
        size: body.len() as u64,
        created_at: vault.now(),
    }
}

/// A save with its parsed header.
struct New {
    saved: Retained,
    by: Who,
    moment: Moment,
}

fn plan(account: &Account, header: &Header, new: New, retention: &Retention) -> Result<Plan, Error> {
    let New { saved, by, moment } = new;
    let now = saved.head.created_at;
    if let Some(earlier) = account.snapshot(&header.operation) {
        return if earlier.head.digest == saved.head.digest {
            Ok(Plan::Keep)
        } else {
            Err(Error::OperationUsed)
        };
    }
    if header.generation != account.generation {
        return Err(Error::GenerationMoved);
    }
    let head = account.head();
    if !sealed::descends(header, head.map(|head| (head.number, head.digest))) {
        return Err(moved(account));
    }
    let mut next = account.clone();
    next.history.record(Event::new(kind::SAVE, by, now).detail(saved.head.number.0));
    let enrolled: Vec<_> = account.devices.iter().map(|device| device.id).collect();
    let mut admitted = retention.admit(&account.snapshots, saved, &enrolled, moment)?;
    next.snapshots = std::mem::take(&mut admitted.kept);
    Ok(Plan::Save { next: Box::new(next), admitted })
}

/// A snapshot by its operation.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account's current snapshot.
    pub head: Option<Head>,
    /// The snapshot of the operation.
    pub snapshot: Head,
    /// Its bytes. `None` if the store has lost them.
    pub bytes: Option<Bytes>,
}

/// Reads the current snapshot.
///
/// # Errors
/// [`Error::SessionEnded`], or a store's failure.
pub async fn head(vault: &Vault, session: &ActiveSession) -> Result<(Option<Head>, Option<Bytes>), Error> {
    let (account, bytes) = snapshot_object::load_head(vault, session.visit(vault).await?).await?;
    session.check(account.value(), Permission::View)?;
    Ok((account.value().head().cloned(), bytes))
}

/// Reads the snapshot of an operation.
///
/// # Errors
/// [`Error::SnapshotMissing`], [`Error::SessionEnded`], or a store's failure.
pub async fn find(vault: &Vault, session: &ActiveSession, operation: OperationId) -> Result<Found, Error> {
    let account = session.visit(vault).await?;
    let found = read(vault, account.value(), &operation).await?;
    if found.bytes.is_some() { Ok(found) } else { Err(Error::SnapshotMissing) }
}

fn moved(account: &Account) -> Error {
    Error::HeadMoved(account.head().cloned().map(Box::new))
}

async fn read(vault: &Vault, account: &Account, operation: &OperationId) -> Result<Found, Error> {
    let snapshot = account.snapshot(operation).cloned().ok_or(Error::SnapshotMissing)?;
    let bytes = snapshot_object::load(vault, &account.account_id, &snapshot).await?;
    Ok(Found { head: account.head().cloned(), snapshot: snapshot.head, bytes })
}
