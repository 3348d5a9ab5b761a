//! The order in which a device's secrets are kept: staged, then the vault is told, then committed or abandoned.

use super::{Client, Platform};
use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::pending_code::CodeRequest;
use crate::secret_store::{Committed, NotKept, SecretStore};
use crate::state_store::StateStore;
use rootcellar_spec::AccountId;

impl<P: Platform> Client<P> {
    /// Refuses while a request that may have been applied names secrets of this device: it decides which ones the device needs.
    pub(crate) fn may_stage(&self) -> Result<(), ClientError> {
        let record = self.state_store().code()?;
        let names_secrets = |request: &CodeRequest| request.secrets.is_some();
        match record.filter(|record| record.confirmed().is_some_and(names_secrets)) {
            Some(record) => Err(self.waiting(&record)),
            None => Ok(()),
        }
    }

    /// Has the store keep this device's new secrets, before the vault is told of them. Refuses as [`Self::may_stage`].
    pub(crate) async fn stage(&self, account: AccountId, secrets: &DeviceSecrets) -> Result<(), ClientError> {
        self.may_stage()?;
        let owner = Owner { account, device: self.device().id };
        Ok(self.secret_store().stage(owner, secrets).await?)
    }

    /// The vault knows these secrets: they count from now on. To be called before anything else is kept of the step.
    pub(crate) async fn commit(&self, secrets: SecretsId) -> Result<(), NotKept> {
        match self.secret_store().commit(secrets).await? {
            Committed::Now | Committed::Already => Ok(()),
            Committed::Absent => Err(NotKept::Absent),
        }
    }

    /// Abandons what was staged if the step that failed certainly did not tell the vault of it. Returns why the step failed.
    pub(crate) async fn abandon_after(&self, error: ClientError, secrets: SecretsId) -> ClientError {
        if matches!(error.outcome(), Outcome::Uncertain | Outcome::Done) {
            return error;
        }
        match self.secret_store().abandon(secrets).await {
            Ok(()) => error,
            Err(source) => ClientError::NotAbandoned { source, error: Box::new(error) },
        }
    }
}
