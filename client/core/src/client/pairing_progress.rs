//! How far a pairing has come, for a program in which a step may fail or be cancelled and is repeated.

use super::pairing::Paired;
use super::session::{KnownDevice, Session, take_reply};
use super::{Client, Platform};
use crate::error::{ClientError, PairingIncomplete};
use crate::inventory::Label;
use crate::local_state::LocalState;
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
    /// Whether [`Self::offer`] and [`Self::read`] may begin another pairing.
    ///
    /// # Errors
    /// [`ClientError::PairingIncomplete`] if the account lists this device, and [`Self::keep`] has
    /// yet to succeed.
    pub fn may_begin(&self) -> Result<(), ClientError> {
        match self.0 {
            Stage::Paired(_) => Err(PairingIncomplete::Earlier.into()),
            _ => Ok(()),
        }
    }

    /// The new device: the text to show, in place of an earlier pairing ([`Client::offer_pairing`]).
    ///
    /// # Errors
    /// As for [`Client::offer_pairing`] and [`Self::may_begin`]; the earlier pairing stays.
    pub async fn offer<P: Platform>(
        &mut self,
        client: &Client<P>,
        label: Label,
    ) -> Result<String, ClientError> {
        self.may_begin()?;
        let offer = client.offer_pairing(label).await?;
        let text = offer.text();
        self.0 = Stage::Offered(offer);
        Ok(text)
    }

    /// The new device: waits until the other has read the text, replies, and gives the code to compare ([`Client::await_opening`]).
    ///
    /// # Errors
    /// As for [`Client::await_opening`]; [`ClientError::NoPairing`] if nothing was offered.
    pub async fn await_code<P: Platform>(&mut self, client: &Client<P>) -> Result<Code, ClientError> {
        let joined = self.join(client).await;
        joined.map_err(|error| self.ended_by(error))
    }

    async fn join<P: Platform>(&mut self, client: &Client<P>) -> Result<Code, ClientError> {
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
        client: &Client<P>,
        remembered: Option<LocalState>,
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

    /// The new device: has its secrets kept, and what it learned of the account beside what it has
    /// `remembered` by now: the second part. Gives what it may do. This ends the pairing. If the
    /// device was enrolled again since it received the account, that enrolment stays.
    ///
    /// # Errors
    /// [`ClientError::PairingIncomplete`] if not everything could be kept: this may be called
    /// again. [`ClientError::ForeignAccount`] if the device remembers another account by now;
    /// [`ClientError::NoPairing`] if nothing was received.
    pub async fn keep<P: Platform>(
        &mut self,
        client: &Client<P>,
        remembered: Option<LocalState>,
    ) -> Result<Permission, ClientError> {
        let Stage::Paired(paired) = &mut self.0 else { return Err(ClientError::NoPairing) };
        let permission = client.keep_pairing(paired, remembered).await?;
        self.0 = Stage::None;
        Ok(permission)
    }

    /// The managing device: reads the new one's text, and waits for its reply
    /// ([`Session::open_pairing`], [`Session::await_reply`]). An earlier pairing is forgotten
    /// before, unless the text is the same.
    ///
    /// # Errors
    /// As for [`Session::open_pairing`], [`Session::await_reply`] and [`Self::may_begin`]; the list
    /// of devices may be refused.
    pub async fn read<P: Platform>(
        &mut self,
        session: &mut Session<P>,
        text: &str,
    ) -> Result<PairingRequest, ClientError> {
        let request = self.meet(session, text).await;
        request.map_err(|error| self.ended_by(error))
    }

    async fn meet<P: Platform>(
        &mut self,
        session: &mut Session<P>,
        text: &str,
    ) -> Result<PairingRequest, ClientError> {
        self.may_begin()?;
        if !self.has_read(text) {
            // Whatever becomes of this text, the device that showed another is not let in.
            self.0 = Stage::None;
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
        session: &mut Session<P>,
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
