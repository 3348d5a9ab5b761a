//! The account's devices: enrolling this one, and what the others may do.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::OpenClient;
use crate::values::{Device, DeviceChange, Permission, device_id};
use rootcellar_client::SystemRandomness;
use rootcellar_client::device::DeviceSecrets;

#[uniffi::export]
impl RootcellarClient {
    /// The account's devices, in the order of their enrolment: one round trip.
    pub async fn devices(&self) -> Result<Vec<Device>, RootcellarError> {
        let list = async |held: &mut OpenClient| {
            let devices = held.session()?.devices().await?;
            Ok(devices.iter().map(Device::from).collect())
        };
        self.worker.run(list).await
    }

    /// Enrols this device, so that it goes in without the passphrase for what it is permitted. `Backup` suffices for a wallet that
    /// saves every day, and cannot be made to show a seed. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may be enrolled: the secrets are kept, and enrolling again settles it. Ended with
    /// `Incomplete`, it is.
    pub async fn enrol(&self, permission: Permission) -> Result<(), RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                // One that keeps nothing would cost the former secrets, too.
                held.keys.try_out()?;
                held.choose()?;
                let secrets = DeviceSecrets::generate(&mut SystemRandomness);
                Ok(held.session()?.enrol(&secrets, permission.into()).await?)
            })
            .await
    }

    /// Gives a device another permission, at once. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been changed: the list of devices shows it.
    pub async fn permit(
        &self,
        device: String,
        permission: Permission,
    ) -> Result<DeviceChange, RootcellarError> {
        let device = device_id(&device)?;
        let permit = async move |held: &mut OpenClient| {
            Ok(held.session()?.permit(device, permission.into()).await?.into())
        };
        self.worker.run(permit).await
    }

    /// Removes a device: its requests are refused from then on. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been removed: the list of devices shows it.
    pub async fn revoke(&self, device: String) -> Result<DeviceChange, RootcellarError> {
        let device = device_id(&device)?;
        self.worker
            .run(async move |held: &mut OpenClient| {
                let change = held.session()?.revoke(device).await?;
                if device == held.device {
                    // They open nothing any more, and the next enrolment takes their place.
                    let _ = held.store().remove();
                }
                Ok(change.into())
            })
            .await
    }

    /// Has this device forget that it is enrolled, because its owner says so; the vault may list it still.
    pub async fn forget_enrolment(&self) -> Result<(), RootcellarError> {
        let forget = async |held: &mut OpenClient| {
            Ok(held.state_store().folder().forget_enrolment(held.keys.clone())?)
        };
        self.worker.run(forget).await
    }

    /// Where the vault says that this device was revoked, and an enrolment of it was left open: tries the other secrets from now
    /// on. Returns whether there are any; nothing is lost by it.
    pub async fn try_other_secrets(&self) -> Result<bool, RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| Ok(held.store().exchange()?)).await
    }
}
