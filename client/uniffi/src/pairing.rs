//! Pairing, both sides: the new device shows a text, a device that manages the account reads it, both show a code, and a person
//! says whether it is the same.
//!
//! Every step may be done again where it failed or was cancelled: what was reached stays with the object until the pairing has
//! ended, as it does after ten minutes, or is abandoned.

use crate::client::RootcellarClient;
use crate::error::RootcellarError;
use crate::session::{Held, OpenSession};
use crate::values::{Device, PairingRequest, Permission};
use rootcellar_client::ClientError;
use rootcellar_client::client::Paired;
use rootcellar_client::pairing::{Confirming, Joining, Meeting, Offer};
use rootcellar_client::session::take_reply;
use rootcellar_spec::hex;

/// How far a pairing has come.
pub(crate) enum Pairing {
    None,
    /// This device is new and has shown its text.
    Offered(Offer),
    /// This device is new and shows the code.
    Joining(Joining),
    /// This device is new, and one of the account: its secrets are to be kept.
    Paired(Box<Paired>),
    /// This device manages the account and has read this text.
    Meeting(String, Meeting),
    /// The same, and it shows the code.
    Confirming(String, Confirming),
}

#[uniffi::export]
impl RootcellarClient {
    /// The new device: draws what it shows, as text and as a QR code. One round trip. Tries the keystore out before, where there is
    /// one: a pairing is of no use without.
    pub async fn offer_pairing(&self) -> Result<String, RootcellarError> {
        self.worker
            .run(async |held: &mut Held| {
                if let Pairing::Paired(_) = held.pairing {
                    return Err(not_kept("its secrets are in memory only"));
                }
                held.chosen()?;
                held.keys.try_out()?;
                let offer = held.client.offer_pairing(held.label.clone()).await?;
                let text = offer.text();
                held.pairing = Pairing::Offered(offer);
                Ok(text)
            })
            .await
    }

    /// The new device: waits until the other has read the offer, at most ten minutes, and gives the code to show.
    ///
    /// Cancelled, or ended with `Unreachable`, it may be called again.
    pub async fn await_pairing_code(&self) -> Result<String, RootcellarError> {
        self.worker.run(async |held: &mut Held| held.await_code().await).await
    }

    /// The new device, once the person has said that the codes are the same: waits until the other has confirmed, at most ten
    /// minutes, checks everything that the vault gives, and keeps its secrets. Returns what it may do. No session is open
    /// afterwards.
    ///
    /// Cancelled, or ended with any error but those of a pairing that was refused, it may be called again. Ended with
    /// `Incomplete`, the account lists this device, whose secrets are only in memory: it is called again, once the keystore works.
    pub async fn finish_pairing(&self) -> Result<Permission, RootcellarError> {
        self.worker.run(async |held: &mut Held| held.finish().await).await
    }

    /// The managing device: reads the new one's text and waits for it, at most ten minutes. The person compares the code before
    /// [`Self::confirm_pairing`]. Needs a session that may manage.
    ///
    /// Cancelled, or ended with `Unreachable`, it may be called again with the same text.
    pub async fn read_pairing(&self, text: String) -> Result<PairingRequest, RootcellarError> {
        self.worker.run(async move |held: &mut Held| held.read(text).await).await
    }

    /// The managing device, once the person has said that the codes are the same: lets the new one in.
    ///
    /// Cancelled, or ended with `Unconfirmed`, it may have been let in: the list of devices shows it. After an error that says that
    /// nothing was changed, such as a session that has ended, it may be called again.
    pub async fn confirm_pairing(&self, permission: Permission) -> Result<(), RootcellarError> {
        self.worker.run(async move |held: &mut Held| held.confirm(permission).await).await
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

impl Held {
    async fn await_code(&mut self) -> Result<String, RootcellarError> {
        if let Pairing::Offered(offer) = &self.pairing {
            let opening = self.client.wait_for_opening(offer).await;
            let opening = opening.map_err(|error| self.pairing.ended_by(error))?;
            let Pairing::Offered(offer) = self.pairing.take() else { return Err(not_begun()) };
            // From here on it takes no other opening: what it replies to is decided.
            self.pairing = Pairing::Joining(self.client.take_opening(offer, &opening)?);
        }
        let Pairing::Joining(joining) = &self.pairing else { return Err(not_begun()) };
        let sent = self.client.send_reply(joining).await;
        let code = joining.code().to_string();
        sent.map_err(|error| self.pairing.ended_by(error))?;
        Ok(code)
    }

    async fn finish(&mut self) -> Result<Permission, RootcellarError> {
        if let Pairing::Joining(joining) = &self.pairing {
            // What is open is of the enrolment that this one replaces.
            self.opened = None;
            let remembered = self.state_store().folder().remembered().map(|known| known.memory.clone());
            let paired = self.client.receive_pairing(joining, remembered).await;
            let paired = paired.map_err(|error| self.pairing.ended_by(error))?;
            self.pairing = Pairing::Paired(Box::new(paired));
        }
        if !matches!(self.pairing, Pairing::Paired(_)) {
            return Err(not_begun());
        }
        self.choose()?;
        let Pairing::Paired(paired) = &mut self.pairing else { return Err(not_begun()) };
        let permission = paired.permission.into();
        self.client.keep_pairing(paired).await?;
        self.pairing = Pairing::None;
        Ok(permission)
    }

    async fn read(&mut self, text: String) -> Result<PairingRequest, RootcellarError> {
        let is_known = match &self.pairing {
            Pairing::Meeting(known, _) | Pairing::Confirming(known, _) => *known == text,
            _ => false,
        };
        if !is_known {
            self.pairing = Pairing::None;
            let meeting = self.session()?.read_offer(&text).await?;
            self.pairing = Pairing::Meeting(text, meeting);
        }
        let mut session = OpenSession::of(&mut self.client, &mut self.opened)?;
        if let Pairing::Meeting(_, meeting) = &self.pairing {
            let reply = match session.send_opening(meeting).await {
                Ok(()) => session.wait_for_reply(meeting).await,
                Err(error) => Err(error),
            };
            let reply = reply.map_err(|error| self.pairing.ended_by(error))?;
            let Pairing::Meeting(text, meeting) = self.pairing.take() else { return Err(not_begun()) };
            // From here on it takes no other reply.
            self.pairing = Pairing::Confirming(text, take_reply(meeting, &reply)?);
        }
        let Pairing::Confirming(_, confirming) = &self.pairing else { return Err(not_begun()) };
        let devices = session.devices().await?;
        let replaces = devices.iter().find(|known| known.device.id == confirming.device());
        Ok(PairingRequest {
            code: confirming.code().to_string(),
            device_id: hex::encode(&confirming.device().0),
            device_label: confirming.label().to_string(),
            replaces: replaces.map(Device::from),
        })
    }

    async fn confirm(&mut self, permission: Permission) -> Result<(), RootcellarError> {
        let Pairing::Confirming(_, confirming) = &self.pairing else { return Err(not_begun()) };
        let mut session = OpenSession::of(&mut self.client, &mut self.opened)?;
        let confirmed = session.confirm_pairing(confirming, permission.into()).await;
        drop(session);
        match confirmed {
            Ok(()) => {
                self.pairing = Pairing::None;
                Ok(())
            }
            Err(error) => Err(self.pairing.ended_by(error)),
        }
    }
}

impl Pairing {
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::None)
    }

    /// Forgets the pairing where nothing more can come of it.
    fn ended_by(&mut self, error: ClientError) -> RootcellarError {
        if error.ends_pairing() {
            *self = Self::None;
        }
        error.into()
    }
}

fn not_begun() -> RootcellarError {
    RootcellarError::state("no-pairing", "no pairing has come this far: begin anew on both devices")
}

fn not_kept(why: impl ToString) -> RootcellarError {
    let holds = "this device is paired, but its secrets are not kept yet: finish the pairing again, once the keystore works";
    RootcellarError::incomplete("paired-not-kept", holds, why)
}
