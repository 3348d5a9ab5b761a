//! How far a pairing has come, for a program in which a step may fail or be cancelled and is repeated.

use super::pairing::Paired;
use super::session::{KnownDevice, Session, take_reply};
use super::{Client, Platform};
use crate::error::ClientError;
use crate::inventory::Label;
use crate::memory::Memory;
use crate::pairing::{Code, Confirming, Joining, Meeting, Offer};
use rootcellar_spec::DeviceId;
use rootcellar_spec::wire::login::Permission;

/// A pairing, on the new device or on the managing one. A step that failed or was cancelled can be repeated: what was reached stays
/// until the pairing has ended.
#[derive(Default)]
pub struct PairingProgress(Stage);

#[derive(Default)]
enum Stage {
    #[default]
    None,
    /// The new device has shown its text.
    Offered(Offer),
    /// The new device shows the code.
    Joining(Joining),
    /// The account lists the new device, whose secrets are not kept yet.
    Paired(Box<Paired>),
    /// The managing device has read this text.
    Meeting(String, Meeting),
    /// The managing device, which has read this text, shows the code.
    Confirming(String, Confirming),
}

/// What the managing device shows before its user confirms.
#[derive(Debug)]
pub struct PairingRequest {
    /// The code, which both devices show.
    pub code: Code,
    /// The new device.
    pub device: DeviceId,
    /// What it calls itself.
    pub label: Label,
    /// The enrolled device that it would replace.
    pub replaces: Option<KnownDevice>,
}

impl PairingProgress {
    /// Whether the account lists this device, whose secrets are in memory only: [`Self::keep`] is still to succeed.
    #[must_use]
    pub fn is_to_be_kept(&self) -> bool {
        matches!(self.0, Stage::Paired(_))
    }

    /// The new device: the text to show, in place of an earlier pairing ([`Client::offer_pairing`]).
    ///
    /// # Errors
    /// As for [`Client::offer_pairing`]; the earlier pairing stays.
    pub async fn offer<P: Platform>(
        &mut self,
        client: &mut Client<P>,
        label: Label,
    ) -> Result<String, ClientError> {
        let offer = client.offer_pairing(label).await?;
        let text = offer.text();
        self.0 = Stage::Offered(offer);
        Ok(text)
    }

    /// The new device: waits until the other has read the text, replies, and gives the code to compare ([`Client::await_opening`]).
    ///
    /// # Errors
    /// As for [`Client::await_opening`]; [`ClientError::NoPairing`] if nothing was offered.
    pub async fn await_code<P: Platform>(&mut self, client: &mut Client<P>) -> Result<Code, ClientError> {
        let joined = self.join(client).await;
        joined.map_err(|error| self.ended_by(error))
    }

    async fn join<P: Platform>(&mut self, client: &mut Client<P>) -> Result<Code, ClientError> {
        if let Stage::Offered(offer) = &self.0 {
            let opening = client.wait_for_opening(offer).await?;
            let Stage::Offered(offer) = self.take() else { return Err(ClientError::NoPairing) };
            // From here on it takes no other opening: what it replies to is decided.
            self.0 = Stage::Joining(client.take_opening(offer, &opening)?);
        }
        let Stage::Joining(joining) = &self.0 else { return Err(ClientError::NoPairing) };
        client.send_reply(joining).await?;
        Ok(joining.code())
    }

    /// The new device, once its user has said that the codes are the same: waits for the other's confirmation and verifies what the
    /// vault gives: the first part of [`Client::finish_pairing`]. Keeps nothing.
    ///
    /// # Errors
    /// As for [`Client::finish_pairing`]; [`ClientError::NoPairing`] if there is no code yet.
    pub async fn receive<P: Platform>(
        &mut self,
        client: &mut Client<P>,
        remembered: Option<Memory>,
    ) -> Result<(), ClientError> {
        match &self.0 {
            Stage::Joining(joining) => {
                let received = client.receive_pairing(joining, remembered).await;
                let paired = received.map_err(|error| self.ended_by(error))?;
                self.0 = Stage::Paired(Box::new(paired));
                Ok(())
            }
            Stage::Paired(_) => Ok(()),
            _ => Err(ClientError::NoPairing),
        }
    }

    /// The new device: has its secrets kept, and what it learned of the account: the second part. Gives what it may do.
    /// This ends the pairing.
    ///
    /// # Errors
    /// [`ClientError::NotSettled`] if the secrets could not be kept; the state store's own; [`ClientError::NoPairing`] if nothing was received.
    pub async fn keep<P: Platform>(&mut self, client: &mut Client<P>) -> Result<Permission, ClientError> {
        let Stage::Paired(paired) = &mut self.0 else { return Err(ClientError::NoPairing) };
        client.keep_pairing(paired).await?;
        let permission = paired.permission;
        self.0 = Stage::None;
        Ok(permission)
    }

    /// The managing device: reads the new one's text, in place of an earlier pairing unless the text is the same, and waits for its
    /// reply ([`Session::open_pairing`], [`Session::await_reply`]).
    ///
    /// # Errors
    /// As for [`Session::open_pairing`] and [`Session::await_reply`]; the list of devices may be refused.
    pub async fn read<P: Platform>(
        &mut self,
        session: &mut Session<'_, P>,
        text: &str,
    ) -> Result<PairingRequest, ClientError> {
        let request = self.meet(session, text).await;
        request.map_err(|error| self.ended_by(error))
    }

    async fn meet<P: Platform>(
        &mut self,
        session: &mut Session<'_, P>,
        text: &str,
    ) -> Result<PairingRequest, ClientError> {
        if !self.has_read(text) {
            let meeting = session.read_offer(text).await?;
            self.0 = Stage::Meeting(text.to_owned(), meeting);
        }
        if let Stage::Meeting(_, meeting) = &self.0 {
            session.send_opening(meeting).await?;
            let reply = session.wait_for_reply(meeting).await?;
            let Stage::Meeting(text, meeting) = self.take() else { return Err(ClientError::NoPairing) };
            // From here on it takes no other reply.
            self.0 = Stage::Confirming(text, take_reply(meeting, &reply)?);
        }
        let Stage::Confirming(_, confirming) = &self.0 else { return Err(ClientError::NoPairing) };
        let (code, device, label) = (confirming.code(), confirming.device(), confirming.label().clone());
        let replaces = session.devices().await?.into_iter().find(|known| known.device.id == device);
        Ok(PairingRequest { code, device, label, replaces })
    }

    /// The managing device, once its user has said that the codes are the same: lets the new one in ([`Session::confirm_pairing`]).
    /// This ends the pairing.
    ///
    /// # Errors
    /// As for [`Session::confirm_pairing`]; [`ClientError::NoPairing`] if there is no code yet.
    pub async fn confirm<P: Platform>(
        &mut self,
        session: &mut Session<'_, P>,
        permission: Permission,
    ) -> Result<(), ClientError> {
        let Stage::Confirming(_, confirming) = &self.0 else { return Err(ClientError::NoPairing) };
        let confirmed = session.confirm_pairing(confirming, permission).await;
        confirmed.map_err(|error| self.ended_by(error))?;
        self.0 = Stage::None;
        Ok(())
    }

    fn has_read(&self, text: &str) -> bool {
        matches!(&self.0, Stage::Meeting(read, _) | Stage::Confirming(read, _) if read == text)
    }

    fn take(&mut self) -> Stage {
        std::mem::take(&mut self.0)
    }

    /// Forgets the pairing if nothing more can come of it.
    fn ended_by(&mut self, error: ClientError) -> ClientError {
        if error.ends_pairing() {
            self.0 = Stage::None;
        }
        error
    }
}
