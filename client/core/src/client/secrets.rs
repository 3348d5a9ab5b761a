//! The order in which a device's secrets are kept: staged, then the vault is told, then committed or abandoned.

use super::{Client, Platform};
use crate::device::{DeviceSecrets, SecretsId};
use crate::device_file::Owner;
use crate::error::{ClientError, Outcome};
use crate::secret_store::SecretStore;
use rootcellar_spec::AccountId;

/// A step that gives this device new secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStep {
    /// The device was enrolled.
    Enrolment,
    /// The account's keys were changed, and the device was enrolled under the new ones.
    Rekey,
    /// Another device let this one in.
    Pairing,
}

impl DeviceStep {
    /// Stable text for programs: the step took place, and something is left to do on this device.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolled-not-settled",
            Self::Rekey => "rekeyed-not-settled",
            Self::Pairing => "paired-not-kept",
        }
    }

    /// What took place, and what is left to do.
    pub(crate) fn not_settled(self) -> &'static str {
        match self {
            Self::Enrolment => {
                "this device is enrolled, and its new secrets wait beside the former: try the other secrets"
            }
            Self::Rekey => {
                "the account has new keys, and the new recovery code is active; this device's new secrets wait beside the \
                 former: try the other secrets"
            }
            Self::Pairing => {
                "this device is paired, but its secrets are not kept yet: finish the pairing again, once they can be kept"
            }
        }
    }
}

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
