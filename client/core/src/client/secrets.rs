//! The order in which a device's secrets are kept: staged, then the vault is told, then committed or abandoned.

use super::{Client, Platform};
use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::error::{ClientError, Outcome};
use crate::secret_store::{DeviceStep, SecretStore};
use rootcellar_spec::AccountId;

impl<P: Platform> Client<P> {
    /// Has the store keep this device's new secrets, before the vault is told of them.
    pub(crate) async fn stage(
        &mut self,
        account: AccountId,
        secrets: &DeviceSecrets,
    ) -> Result<(), ClientError> {
        let owner = Owner { account, device: self.device.id };
        Ok(self.injected.secrets.stage(owner, secrets).await?)
    }

    /// Commits what was staged if the vault knows it now, and abandons it if the vault certainly does not. Else it stays staged.
    pub(crate) async fn settle<T>(
        &mut self,
        secrets: SecretsId,
        step: DeviceStep,
        told: Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        match &told {
            Ok(_) => {
                let committed = self.injected.secrets.commit(secrets).await;
                committed.map_err(|source| ClientError::NotSettled { step, source })?;
            }
            Err(error) if error.outcome() == Outcome::Uncertain => {}
            // What stays opens nothing, and the next secrets take its place: why the step failed counts.
            Err(_) => drop(self.injected.secrets.abandon(secrets).await),
        }
        told
    }
}
