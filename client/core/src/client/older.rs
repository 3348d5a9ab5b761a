//! Opening an older snapshot, where the newest is damaged or lost, or holds less than an earlier one did
//! (protocol.md sections 10 and 15.6).
//!
//! The session that follows reads, and may set a passphrase; it saves nothing, since a save follows the newest snapshot.

use super::open_account::{Newest, Reader, check_continuity};
use super::{Client, Platform};
use crate::error::ClientError;
use crate::request_signing::RequestKey;
use crate::session::snapshot_path;
use crate::snapshot::Seen;
use crate::transport::{Request, Response};
use rootcellar_spec::request_signature::SESSION_HEADER;
use rootcellar_spec::wire::account::{Account, SnapshotAnswer};
use rootcellar_spec::wire::login::LoginAnswer;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Number, base64url};

impl<P: Platform> Client<P> {
    /// Goes on from a login to a snapshot of this number that the vault still keeps: two more round trips.
    pub(super) async fn older(
        &mut self,
        answer: &LoginAnswer,
        request_key: &RequestKey,
        reader: Reader<'_>,
        seen: Option<Seen>,
        number: Number,
    ) -> Result<Newest, ClientError> {
        let token = base64url::encode(&answer.session.token);
        let account: Account = self.ask(paths::ACCOUNT.to_owned(), &token, request_key).await?.json()?;
        let record = account.snapshots.into_iter().find(|record| record.number == number);
        let record = record.ok_or(ClientError::NoSuchBackup(number))?;
        let response = self.ask(snapshot_path(record.operation), &token, request_key).await?;
        let (_, bytes) = response.two_parts::<SnapshotAnswer>()?;
        let bytes = bytes.ok_or(ClientError::NoSuchBackup(number))?;
        let older = reader.newest(Some(record), Some(bytes))?.ok_or(ClientError::NoSuchBackup(number))?;
        // That it is older is what was asked for; that it is another one of its number is not.
        if let Err(fork @ ClientError::Fork { .. }) = check_continuity(seen, Some(&older.snapshot)) {
            return Err(fork);
        }
        Ok(older)
    }

    async fn ask(&mut self, path: String, token: &str, key: &RequestKey) -> Result<Response, ClientError> {
        let mut request = Request::get(path);
        request.headers.push((SESSION_HEADER, token.to_owned()));
        self.exchange(request, Some(key)).await
    }
}
