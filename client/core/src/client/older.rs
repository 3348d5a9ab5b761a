//! Opening an older snapshot, where the newest is damaged or lost, or holds less than an earlier one did
//! (protocol.md sections 10 and 15.6).
//!
//! The session that follows reads, and may set a passphrase; it saves nothing, since a save follows the newest snapshot.

use super::authorisation::Authorisation;
use super::open_account::{Reader, check_continuity};
use super::opened::HeadSnapshot;
use super::{Client, Platform};
use crate::client::session::snapshot_path;
use crate::error::ClientError;
use crate::snapshot::Seen;
use crate::transport::Request;
use rootcellar_spec::Number;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::paths;

impl<P: Platform> Client<P> {
    /// Goes on from a login to a snapshot of this number that the vault still keeps: two more round trips.
    pub(super) async fn older(
        &self,
        authorisation: &Authorisation,
        reader: Reader<'_>,
        seen: Option<Seen>,
        number: Number,
    ) -> Result<HeadSnapshot, ClientError> {
        let account: Account = self.exchange_as(authorisation, Request::get(paths::ACCOUNT)).await?.json()?;
        let record = account.snapshots.into_iter().find(|record| record.number == number);
        let record = record.ok_or(ClientError::NoSuchBackup(number))?;
        let request = Request::get(snapshot_path(record.operation));
        let response = self.exchange_as(authorisation, request).await?;
        let (_, bytes) = response.two_parts::<SnapshotResponse>()?;
        let bytes = bytes.ok_or(ClientError::NoSuchBackup(number))?;
        let older = reader.newest(Some(record), Some(bytes))?.ok_or(ClientError::NoSuchBackup(number))?;
        // That it is older is what was asked for; that it is another one of its number is not.
        if let Err(fork @ ClientError::Fork { .. }) = check_continuity(seen, Some(&older.snapshot)) {
            return Err(fork);
        }
        Ok(older)
    }
}
