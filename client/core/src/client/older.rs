//! Opening an older snapshot, where the newest is damaged or lost, or holds less than an earlier one did
//! (protocol.md sections 10 and 15.6).
//!
//! The session that follows reads, and may set a passphrase; it saves nothing, since a save follows the newest snapshot.

use super::open_account::{Known, Lane, Newest, Opened, Reader, check_answer, unwrap_keyslot};
use super::{Client, Platform};
use crate::error::ClientError;
use crate::journal::Journal;
use crate::memory::Memory;
use crate::open_error::OpenError;
use crate::request_signing::RequestKey;
use crate::snapshot::{Continuity, Seen};
use crate::transport::{Request, Response};
use rootcellar_spec::request_signature::SESSION_HEADER;
use rootcellar_spec::wire::account::{Account, SnapshotAnswer};
use rootcellar_spec::wire::login::LoginAnswer;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, Number, base64url};

impl<P: Platform> Client<P> {
    /// Goes on from a login to a snapshot of this number that the vault still keeps: two more round trips.
    pub(super) async fn open_older(
        &mut self,
        answer: LoginAnswer,
        lane: &Lane,
        request_key: RequestKey,
        known: Known,
        number: Number,
    ) -> Result<Opened, ClientError> {
        check_answer(&answer)?;
        let account_key = unwrap_keyslot(&answer, lane)?;
        let keys = account_key.account_keys();
        let token = base64url::encode(&answer.session.token);
        let account: Account = self.ask(paths::ACCOUNT.to_owned(), &token, &request_key).await?.json()?;
        let record = account.snapshots.into_iter().find(|record| record.number == number);
        let record = record.ok_or(ClientError::NoSuchBackup(number))?;
        let path = format!("{}/{}", paths::SNAPSHOTS, record.operation);
        let response = self.ask(path, &token, &request_key).await?;
        let (_, bytes) = response.two_parts::<SnapshotAnswer>()?;
        let bytes = bytes.ok_or(ClientError::NoSuchBackup(number))?;
        if Digest::of(bytes) != record.digest {
            return Err(ClientError::Snapshot(OpenError::Authentication));
        }
        let reader = Reader { account: answer.account_id, generation: answer.generation, keys: &keys };
        let snapshot = reader.open(bytes, number).map_err(ClientError::Snapshot)?;
        // That it is older is what was asked for; that it is another one of its number is not.
        if let Some(Seen { number: seen, .. }) = known.seen
            && known.seen.is_some_and(|seen| seen.judge(&snapshot) == Continuity::Fork)
        {
            return Err(ClientError::Fork { seen, offered: number });
        }
        let memory = Memory { last_seen: known.former, ..known.memory };
        self.injected.journal.remember(&memory)?;
        let newest = Some(Newest { snapshot, record });
        Ok(Opened { answer, request_key, account_key, keys, newest, memory, is_older: true })
    }

    async fn ask(&mut self, path: String, token: &str, key: &RequestKey) -> Result<Response, ClientError> {
        let mut request = Request::get(path);
        request.headers.push((SESSION_HEADER, token.to_owned()));
        self.exchange(request, Some(key)).await
    }
}
