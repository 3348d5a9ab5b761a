//! Pairing, both sides: the new device shows a text, a device that manages the account reads it, both show a code, and a person
//! says whether it is the same.
//!
//! Every step may be done again where it failed or was cancelled: what was reached stays with the object until the pairing has
//! ended, as it does after ten minutes, or is abandoned.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::{Bound, OpenClient};
use crate::values::{Device, PairingRequest, Permission};
use rootcellar_client::{PairingProgress, Session};
use rootcellar_spec::hex;

#[uniffi::export]
impl RootcellarClient {
    /// The new device: draws what it shows, as text and as a QR code. One round trip. Tries the keystore out before, where there is
    /// one: a pairing is of no use without. While new keys that were confirmed are not known to be active, it fails with the code
    /// `recovery-code-waiting`.
    pub async fn offer_pairing(&self) -> Result<String, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                held.pairing.may_begin()?;
                held.chosen()?;
                held.keys.try_out()?;
                Ok(held.pairing.offer(&held.client, held.label.clone()).await?)
            })
            .await
    }

    /// The new device: waits until the other has read the offer, at most ten minutes, and gives the code to show.
    ///
    /// Cancelled, or ended with `Unreachable`, it may be called again.
    pub async fn await_pairing_code(&self) -> Result<String, RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| Ok(held.pairing.await_code(&held.client).await?.to_string()))
            .await
    }

    /// The new device, once the person has said that the codes are the same: waits until the other has confirmed, at most ten
    /// minutes, checks everything that the vault gives, and keeps its secrets. Returns what it may do. No session is open
    /// afterwards.
    ///
    /// Cancelled, or ended with any error but those of a pairing that was refused, it may be called
    /// again. After `Incomplete` the account lists this device: call it again when the keystore
    /// works (`paired-not-stored`: the secrets are only in memory) or there is room in the folder
    /// (`paired-not-committed`). If `paired-not-stored` says that a recovery code waits, log in with the
    /// passphrase before. If the device was enrolled meanwhile, that enrolment stays.
    pub async fn finish_pairing(&self) -> Result<Permission, RootcellarError> {
        self.worker.run(async |held: &mut OpenClient| held.finish_pairing().await).await
    }

    /// The managing device: reads the new one's text and waits for it, at most ten minutes. The person compares the code before
    /// [`Self::confirm_pairing`]. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unreachable`, it may be called again with the same text. Another
    /// text forgets the pairing before, even if it is not a pairing text.
    pub async fn read_pairing(&self, text: String) -> Result<PairingRequest, RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                let (pairing, session) = held.in_pairing()?;
                let read = pairing.read(session, &text).await?;
                Ok(PairingRequest {
                    code: read.code.to_string(),
                    device_id: hex::encode(&read.device.0),
                    device_label: read.label.to_string(),
                    replaces: read.replaces.as_ref().map(Device::from),
                })
            })
            .await
    }

    /// The managing device, once the person has said that the codes are the same: lets the new one in.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been let in: the list of devices shows it. After an error that says that
    /// nothing was changed, such as a session that has ended, it may be called again.
    pub async fn confirm_pairing(&self, permission: Permission) -> Result<(), RootcellarError> {
        self.worker
            .run(async move |held: &mut OpenClient| {
                let (pairing, session) = held.in_pairing()?;
                Ok(pairing.confirm(session, permission.into()).await?)
            })
            .await
    }

    /// Either device, where the codes differ or the person thinks better of it: forgets the pairing.
    pub async fn abandon_pairing(&self) -> Result<(), RootcellarError> {
        self.worker
            .run(async |held: &mut OpenClient| {
                held.pairing = PairingProgress::default();
                Ok(())
            })
            .await
    }
}

impl OpenClient {
    async fn finish_pairing(&mut self) -> Result<Permission, RootcellarError> {
        let remembered = self.local_state();
        self.pairing.receive(&self.client, remembered.clone()).await?;
        // What is open is of the enrolment that this one replaces.
        self.session = None;
        self.choose()?;
        Ok(self.pairing.keep(&self.client, remembered).await?.into())
    }

    /// The pairing, and the session of the managing device.
    fn in_pairing(&mut self) -> Result<(&mut PairingProgress, &mut Session<Bound>), RootcellarError> {
        let Self { session, pairing, .. } = self;
        Ok((pairing, session.as_mut().ok_or_else(RootcellarError::not_open)?))
    }
}
