//! Deleting the account (protocol.md section 15.6).

use super::Session;
use crate::client::Platform;
use crate::error::ClientError;
use crate::randomness;
use crate::transport::Request;
use rootcellar_spec::wire::account::{DeleteRequest, DeleteResponse};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{OperationId, Timestamp};

impl<P: Platform> Session<P> {
    /// Deletes the account with all its backups, for good: neither passphrase nor recovery code opens anything afterwards,
    /// and the name is free. Returns when, by the vault's clock. What the device remembers of the account is left to the
    /// program.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`; [`ClientError::DeletionUnconfirmed`] where it is not known whether the account is deleted; after any other error it is
    /// not, or another request has deleted it before, and the session goes on: [`Self::is_over`].
    pub async fn delete_account(&mut self) -> Result<Timestamp, ClientError> {
        self.require(Permission::Manage)?;
        let operation = OperationId(randomness::bytes(&mut self.client.randomness()));
        let unclear = |error| ClientError::DeletionUnconfirmed(Box::new(error));
        match self.exchange_last(Request::post(paths::DELETE, &DeleteRequest { operation })).await {
            Ok(response) => response.json::<DeleteResponse>().map(|answer| answer.time).map_err(unclear),
            // The same request, sent again after it was applied, is answered as it was: this refusal is the first word.
            Err(error) if error.did_nothing() => Err(error),
            Err(error) => Err(unclear(error)),
        }
    }
}
