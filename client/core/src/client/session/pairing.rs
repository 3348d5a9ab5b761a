//! Pairing, the managing device's side (protocol.md sections 15.8 and 19): it reads what a new device shows, and brings it in
//! when the person has compared the codes.

use super::Session;
use super::devices::Draft;
use crate::client::Platform;
use crate::client::pairing::about_mailbox;
use crate::device_list::Device;
use crate::error::ClientError;
use crate::keys::KeyEncryptionKey;
use crate::pairing::{Confirmation, Confirming, DeviceSecret, Meeting, Offered};
use crate::randomness::Randomness;
use crate::time::Clock;
use crate::transport::Request;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::devices::PairingConfirmation;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::pairing::{OpenRequest, OpenResponse};
use rootcellar_spec::wire::paths;

impl<P: Platform> Session<P> {
    /// Reads what a new device shows, and opens the mailbox in which the two meet: one round trip.
    ///
    /// # Errors
    /// [`ClientError::PairingText`] where the text is no offer, [`ClientError::NotPermitted`] without `manage`,
    /// [`ClientError::DevicesRefused`]; [`ClientError::PairingRefused`] where the mailbox was opened before,
    /// perhaps by this device.
    pub async fn open_pairing(&mut self, text: &str) -> Result<Meeting, ClientError> {
        let meeting = self.read_offer(text).await?;
        self.send_opening(&meeting).await?;
        Ok(meeting)
    }

    /// The first part of [`Self::open_pairing`]: reads what a new device shows, and draws this side's share. A request is sent
    /// only if the vault ID is not known yet.
    pub(crate) async fn read_offer(&mut self, text: &str) -> Result<Meeting, ClientError> {
        let offered = Offered::parse(text)?;
        self.owner(Permission::Manage)?;
        if let Some(fault) = self.devices_fault() {
            return Err(ClientError::DevicesRefused(fault));
        }
        let vault_id = match self.opened.local_state.vault_id.clone() {
            Some(vault_id) => vault_id,
            None => self.client.vault_info().await?.vault_id,
        };
        Meeting::open(&offered, &vault_id, &mut self.client.randomness())
            .map_err(|_| ClientError::PairingRefused("the new device's key cannot be used"))
    }

    /// The second part: opens the mailbox. The same opening may be sent again.
    pub(crate) async fn send_opening(&mut self, meeting: &Meeting) -> Result<(), ClientError> {
        let body = OpenRequest { mailbox: meeting.mailbox(), opening: *meeting.opening() };
        let opened = self.exchange(Request::post(paths::PAIRINGS, &body)).await;
        opened.map_err(about_opening)?.json::<OpenResponse>().map(drop)
    }

    /// Waits for the new device's reply, as long as the mailbox lives. Then the person compares the codes of both devices, and
    /// confirms, with [`Self::confirm_pairing`], only where they are the same.
    ///
    /// # Errors
    /// [`ClientError::PairingExpired`] where it did not reply; [`ClientError::PairingRefused`] where the reply is not of the
    /// device that showed the offer.
    pub async fn await_reply(&mut self, meeting: Meeting) -> Result<Confirming, ClientError> {
        let reply = self.wait_for_reply(&meeting).await?;
        take_reply(meeting, &reply)
    }

    /// The first part of [`Self::await_reply`]: waits, and changes nothing. [`take_reply`] is the second.
    pub(crate) async fn wait_for_reply(&mut self, meeting: &Meeting) -> Result<Vec<u8>, ClientError> {
        let wait_limit = self.client.wait_limit();
        loop {
            match self.client.read_mailbox(meeting.mailbox()).await? {
                None => return Err(ClientError::PairingExpired),
                Some(answer) if answer.opening != *meeting.opening() => {
                    return Err(ClientError::PairingRefused("the mailbox is somebody else's"));
                }
                Some(answer) => match answer.reply {
                    Some(reply) => return Ok(reply),
                    None => self.client.wait(&wait_limit).await?,
                },
            }
        }
    }

    /// Brings the new device in, with this permission: to be called when the person has said that the codes are the same. Not
    /// to be called again after [`ClientError::DevicesUnconfirmed`], where the mailbox may hold the confirmation already.
    ///
    /// # Errors
    /// As for [`Self::enrol`]; [`ClientError::PairingExpired`] where the mailbox has ended, [`ClientError::PairingRefused`]
    /// where another device changed the list of devices at the same moment.
    pub async fn confirm_pairing(
        &mut self,
        confirming: &Confirming,
        permission: Permission,
    ) -> Result<(), ClientError> {
        let secret = DeviceSecret::generate(&mut self.client.randomness());
        let now = self.client.clock().now();
        let label = confirming.label().clone();
        let device = Device::new(confirming.device(), label, permission, *confirming.request_key(), now);
        let (account, local_state) = (self.opened.account, self.opened.local_state.clone());
        let confirm = |device_list, randomness: &mut dyn Randomness| {
            let told = Confirmation {
                account,
                device_secret: DeviceSecret::from_bytes(secret.expose()),
                vault_id: confirming.vault_id().clone(),
                device_list,
                server_public_key: local_state.server_public_key,
                name_hash: local_state.name_hash,
                last_seen: local_state.last_seen,
            };
            let confirmation = confirming.seal(&told, randomness);
            Some(PairingConfirmation { mailbox: confirming.mailbox(), confirmation })
        };
        let edit =
            |draft: &mut Draft| draft.put(device.clone(), KeyEncryptionKey::of_device(secret.expose()));
        self.change_devices(edit, confirm).await.map(drop).map_err(about_mailbox)
    }
}

/// Takes the new device's reply, once and for all.
pub(crate) fn take_reply(meeting: Meeting, reply: &[u8]) -> Result<Confirming, ClientError> {
    let other = ClientError::PairingRefused("the reply is not of the device that you read from");
    meeting.receive(reply).map_err(|_| other)
}

/// What went wrong where a mailbox was to be opened: the person may have given a text for the second time.
fn about_opening(error: ClientError) -> ClientError {
    match error {
        ClientError::Refused(refusal) if refusal.code == ProblemCode::PairingUsed => {
            ClientError::PairingRefused("its text was used already, perhaps by this device")
        }
        other => about_mailbox(other),
    }
}
