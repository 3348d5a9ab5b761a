//! Pairing, both sides: the new device shows a text, a device that manages the account reads it, both show a code, and a person
//! says whether it is the same.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::{Held, Pairing};
use crate::values::{Device, PairingRequest, Permission, hex};
use rootcellar_client::device_file::Owner;

#[uniffi::export]
impl RootcellarClient {
    /// The new device: draws what it shows, as text and as a QR code. One round trip.
    pub async fn offer_pairing(&self) -> Result<String, RootcellarError> {
        self.worker
            .run(async |held: &mut Held| {
                let offer = held.client.offer_pairing(held.label.clone()).await?;
                let text = offer.text();
                held.pairing = Pairing::Offered(offer);
                Ok(text)
            })
            .await
    }

    /// The new device: waits until the other has read the offer, at most ten minutes, and gives the code to show.
    ///
    /// Cancelled, the pairing has ended: both begin anew.
    pub async fn await_pairing_code(&self) -> Result<String, RootcellarError> {
        self.worker
            .run(async |held: &mut Held| {
                let Pairing::Offered(offer) = held.pairing.take() else { return Err(not_begun()) };
                let joining = held.client.await_opening(offer).await?;
                let code = joining.code().to_string();
                held.pairing = Pairing::Joining(joining);
                Ok(code)
            })
            .await
    }

    /// The new device, once the person has said that the codes are the same: waits until the other has confirmed, at most ten
    /// minutes, checks everything that the vault gives, and keeps its secrets. Returns what it may do. No session is open
    /// afterwards.
    ///
    /// Cancelled, the account may list this device, whose secrets are lost: revoke it on the other, and begin anew.
    pub async fn finish_pairing(&self) -> Result<Permission, RootcellarError> {
        self.worker
            .run(async |held: &mut Held| {
                let Pairing::Joining(joining) = held.pairing.take() else { return Err(not_begun()) };
                let paired = held.client.finish_pairing(joining, held.memory()).await?;
                let owner = Owner { account: paired.memory.account_id, device: held.device };
                let store = held.store();
                // Whatever was kept before is of an enrolment that this one replaces.
                let kept = store.keep(&paired.secrets.expose(), owner, &held.chosen())?;
                store.settle(kept)?;
                Ok(paired.permission.into())
            })
            .await
    }

    /// The managing device: reads the new one's text and waits for it, at most ten minutes. The person compares the code before
    /// [`Self::confirm_pairing`]. Needs a session that may manage.
    ///
    /// Cancelled, the pairing has ended: both begin anew.
    pub async fn read_pairing(&self, text: String) -> Result<PairingRequest, RootcellarError> {
        self.worker
            .run(async move |held: &mut Held| {
                held.pairing = Pairing::None;
                let mut session = held.session()?;
                let meeting = session.open_pairing(&text).await?;
                let confirming = session.await_reply(meeting).await?;
                let devices = session.devices().await?;
                let replaces = devices.iter().find(|known| known.device.id == confirming.device());
                let request = PairingRequest {
                    code: confirming.code().to_string(),
                    device_id: hex(&confirming.device().0),
                    device_label: confirming.label().as_str().to_owned(),
                    replaces: replaces.map(Device::from),
                };
                drop(session);
                held.pairing = Pairing::Confirming(confirming);
                Ok(request)
            })
            .await
    }

    /// The managing device, once the person has said that the codes are the same: lets the new one in.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been let in: the list of devices shows it.
    pub async fn confirm_pairing(&self, permission: Permission) -> Result<(), RootcellarError> {
        self.worker
            .run(async move |held: &mut Held| {
                let Pairing::Confirming(confirming) = held.pairing.take() else { return Err(not_begun()) };
                Ok(held.session()?.confirm_pairing(confirming, permission.into()).await?)
            })
            .await
    }

    /// Either device, where the codes differ or the person thinks better of it: forgets the pairing.
    pub async fn abandon_pairing(&self) -> Result<(), RootcellarError> {
        self.worker
            .run(async |held: &mut Held| {
                held.pairing = Pairing::None;
                Ok(())
            })
            .await
    }
}

impl Pairing {
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::None)
    }
}

fn not_begun() -> RootcellarError {
    RootcellarError::state("no-pairing", "no pairing has come this far: begin anew on both devices")
}
