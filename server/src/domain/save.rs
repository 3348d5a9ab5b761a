//! Saving a snapshot and reading one (protocol.md section 15.6).
//!
//! The snapshot's bytes are created first, under the operation's name, and then one swap of the account makes them the
//! head. Until that swap nothing has happened; after it the save is never lost, and is acknowledged by what the store gives
//! back of it.

use crate::domain::account::{self, Account, TRIES};
use crate::domain::history::{Event, Who};
use crate::domain::names;
use crate::domain::retention::{MOST_SNAPSHOTS, Retention};
use crate::domain::sealed;
use crate::domain::session::ActiveSession;
use crate::domain::{Error, devices};
use crate::state::Vault;
use crate::store::swap::{self, SwapError};
use bytes::Bytes;
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{Digest, OperationId};

/// Saves `body` as the snapshot after the head, and reads it back.
///
/// # Errors
/// [`Error::HeadMoved`], [`Error::GenerationMoved`], [`Error::OperationUsed`], [`Error::TooManySnapshots`],
/// [`Error::OutcomeUnknown`] (send the same again), or a store's failure.
pub async fn save(
    vault: &Vault,
    session: &ActiveSession,
    operation: OperationId,
    body: Bytes,
) -> Result<Found, Error> {
    let header = sealed::read_snapshot(vault, &body)?;
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
    let mut created = false;
    for _ in 0..TRIES {
        let planned = session.load(vault, Permission::Backup).await.and_then(|current| {
            let saved = saved(vault, &header, &body);
            let by = Who::of(session, current.value());
            Ok((plan(current.value(), &header, saved, by, vault.settings().retention)?, current))
        });
        let (next, dropped, current) = match planned {
            Ok((Plan::Saved, current)) => return read(vault, current.value(), &operation).await,
            Ok((Plan::Swap { mut next, dropped }, current)) => {
                devices::note_seen(&mut next, session, vault.now());
                (next, dropped, current)
            }
            Err(refusal) => {
                // Neither the head nor a deletion moves back, so these bytes can never be saved any more.
                let lasting =
                    matches!(refusal, Error::HeadMoved(_) | Error::GenerationMoved | Error::AccountGone);
                if created && lasting {
                    let digest = Digest::of(&body);
                    account::discard_snapshot(vault, &header.account, &operation, &digest).await;
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
            Ok(won) => {
                tracing::info!(dropped = dropped.len(), "snapshot saved");
                let drop = account::discard_snapshots(vault, &header.account, &dropped);
                return match tokio::join!(read(vault, won.value(), &operation), drop).0 {
                    // A later save has dropped it already: whoever asks again hears the same.
                    Err(Error::SnapshotMissing) => Err(moved(won.value())),
                    read => read,
                };
            }
            Err(SwapError::Lost | SwapError::Contended) => {}
            Err(SwapError::Gone) => return Err(session.ended()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// What is to be done.
enum Plan {
    /// Nothing: this very snapshot was saved.
    Saved,
    /// Swap this in, then remove the bytes of what was dropped.
    Swap { next: Box<Account>, dropped: Vec<Head> },
}

/// What the vault would keep of this snapshot, saved now.
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

fn plan(
    account: &Account,
    header: &Header,
    saved: Head,
    by: Who,
    retention: Retention,
) -> Result<Plan, Error> {
    if let Some(earlier) = account.snapshot(&header.operation) {
        return if earlier.digest == saved.digest { Ok(Plan::Saved) } else { Err(Error::OperationUsed) };
    }
    if header.generation != account.generation {
        return Err(Error::GenerationMoved);
    }
    let head = account.head();
    if !sealed::follows(header, head.map(|head| (head.number, head.digest))) {
        return Err(moved(account));
    }
    let now = saved.created_at;
    let mut next = account.clone();
    next.history.record(Event::new(kind::SAVE, by, now).detail(saved.number.0));
    next.snapshots.insert(0, saved);
    let dropped = retention.drop_from(&mut next.snapshots, now);
    if next.snapshots.len() > MOST_SNAPSHOTS {
        return Err(Error::TooManySnapshots { wait: retention.wait(&next.snapshots, now) });
    }
    Ok(Plan::Swap { next: Box::new(next), dropped })
}

/// A snapshot that an operation made.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account's newest snapshot.
    pub head: Option<Head>,
    /// The one that the operation made.
    pub snapshot: Head,
    /// Its bytes, as the store gives them; `None` where it has lost them.
    pub bytes: Option<Bytes>,
}

/// Reads the newest snapshot.
///
/// # Errors
/// [`Error::SessionEnded`], or a store's failure.
pub async fn head(vault: &Vault, session: &ActiveSession) -> Result<(Option<Head>, Option<Bytes>), Error> {
    let (account, bytes) = account::load_head(vault, session.visit(vault).await?).await?;
    session.check(account.value(), Permission::View)?;
    Ok((account.value().head().cloned(), bytes))
}

/// Reads the snapshot that an operation made.
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
    let bytes = account::load_snapshot(vault, &account.account_id, &snapshot).await?;
    Ok(Found { head: account.head().cloned(), snapshot, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Attempt;
    use crate::domain::history::Streams;
    use crate::domain::names::{LocatorDigest, NameKey};
    use crate::keys::Fingerprint;
    use rootcellar_spec::wire::history::Actor;
    use rootcellar_spec::{AccountId, Generation, Number, SuiteId, Timestamp};

    const OWNER: Who = Who { by: Actor::Passphrase, device: None };
    const RETENTION: Retention = Retention { newest: 2, min_age: 3600 };

    fn head(number: u64, created_at: u64) -> Head {
        let mut operation = [0; 16];
        operation[..8].copy_from_slice(&number.to_be_bytes());
        Head {
            number: Number(number),
            operation: OperationId(operation),
            digest: Digest::of(&number.to_be_bytes()),
            generation: Generation::FIRST,
            size: 1,
            created_at: Timestamp(created_at),
        }
    }

    fn account(snapshots: u64) -> Account {
        Account {
            account_id: AccountId([1; 16]),
            name: NameKey([0; 32]),
            name_root: Fingerprint([0; 16]),
            locator: LocatorDigest::of(&[0; 32]),
            suite: SuiteId::ONE,
            generation: Generation::FIRST,
            created_at: Timestamp(0),
            passphrase_changed_at: Timestamp(0),
            session_epoch: 1,
            registration_record: [0; 192],
            passphrase_keyslot: Vec::new(),
            recovery_keyslot: Vec::new(),
            recovery_login_key: [0; 32],
            registered_by: Attempt { operation: OperationId([0; 16]), request: Digest([0; 32]) },
            passphrase_changed_by: None,
            recovery_code_changed_by: None,
            rekeyed_by: None,
            devices: Vec::new(),
            device_list: None,
            devices_changed_by: None,
            history: Streams::beginning_with(Event::new(kind::REGISTRATION, OWNER, Timestamp(0))),
            snapshots: (1..=snapshots).rev().map(|number| head(number, 1000)).collect(),
        }
    }

    fn plan_next(account: &Account, now: u64) -> Result<Plan, Error> {
        let before = account.head().expect("a head");
        let saved = head(before.number.0 + 1, now);
        let header = Header {
            suite: SuiteId::ONE,
            account: account.account_id,
            generation: Generation::FIRST,
            number: saved.number,
            operation: saved.operation,
            ancestors: vec![before.digest],
        };
        plan(account, &header, saved, OWNER, RETENTION)
    }

    #[test]
    fn no_account_holds_more_than_512_snapshots() {
        assert!(matches!(plan_next(&account(511), 2000), Ok(Plan::Swap { .. })));
        let refused = plan_next(&account(512), 2000);
        assert!(
            matches!(refused, Err(Error::TooManySnapshots { wait: 2601 })),
            "full until the oldest are old"
        );
        let Ok(Plan::Swap { next, dropped }) = plan_next(&account(512), 1000 + 3601) else {
            panic!("there is room again");
        };
        assert_eq!((next.snapshots.len(), dropped.len()), (2, 511));
    }
}
