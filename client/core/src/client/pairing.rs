//! Pairing, the new device's side (protocol.md sections 15.8 and 19): it shows an offer, waits for an enrolled device, and
//! keeps nothing before the owner's device list names it.

use super::answer::Answer;
use super::open_account::{Known, Lane};
use super::opened::{Devices, Opened};
use super::{Client, Platform};
use crate::aad::Slot;
use crate::device::{DeviceSecrets, Enrolment};
use crate::device_list::DevicesFault;
use crate::error::ClientError;
use crate::inventory::Label;
use crate::memory::Memory;
use crate::pairing::{Joined, Joining, Offer};
use crate::time::Clock;
use crate::transport::{Request, Response};
use rootcellar_spec::wire::devices::DeviceAnswer;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::pairing::{ReadAnswer, ReadRequest, ReplyAnswer, ReplyRequest};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, ProblemCode, limits};
use std::time::Duration;

/// How often the mailbox is looked into.
const PAUSE: Duration = Duration::from_secs(1);

/// A device that was paired.
#[derive(Debug)]
pub struct Paired {
    /// What it remembers from now on, also handed to the journal.
    pub memory: Memory,
    /// Its secrets, which the program keeps at once: nobody else has both, and without them the device must be paired anew.
    pub secrets: DeviceSecrets,
    /// What it may do.
    pub permission: Permission,
}

/// When to stop waiting for the other device.
pub(crate) struct Patience(Duration);

impl<P: Platform> Client<P> {
    /// Draws what this device shows, as text and as a QR code, to be paired with the account of somebody who reads it: one
    /// round trip, which asks for the vault's identity. `label` is what the device will be called.
    ///
    /// # Errors
    /// Where the vault cannot be reached or speaks another version.
    pub async fn offer_pairing(&mut self, label: Label) -> Result<Offer, ClientError> {
        let identity = self.vault_info().await?.identity;
        Ok(Offer::draw(&identity, self.device.id, label, &mut self.injected.randomness))
    }

    /// Waits until the other device has read the offer, at most ten minutes, and replies. Then the person compares the codes of
    /// both devices, and goes on, with [`Self::finish_pairing`], only where they are the same.
    ///
    /// # Errors
    /// [`ClientError::PairingExpired`] where nobody came; [`ClientError::PairingRefused`] where somebody sent what is none.
    pub async fn await_opening(&mut self, offer: Offer) -> Result<Joining, ClientError> {
        let patience = self.patience();
        let opening = loop {
            if let Some(answer) = self.read_mailbox(offer.mailbox()).await? {
                break answer.opening;
            }
            self.wait(&patience).await?;
        };
        let (joining, reply) = offer
            .reply(&opening, &mut self.injected.randomness)
            .map_err(|_| ClientError::PairingRefused("what the other device sent is no opening"))?;
        let body = ReplyRequest { mailbox: joining.mailbox(), reply };
        match self.exchange(Request::post(paths::PAIRING_REPLY, &body), None).await {
            Ok(response) => response.json::<ReplyAnswer>()?,
            Err(error) => return Err(about_mailbox(error)),
        };
        Ok(joining)
    }

    /// Waits until the other device has confirmed, at most ten minutes; then opens the keyslot that it made and looks for this
    /// device in the list of devices. Only then has the journal keep the enrolment and what the device learned. To be called
    /// when the person has said that the codes are the same.
    ///
    /// # Errors
    /// [`ClientError::PairingExpired`] where the other device did not confirm; [`ClientError::PairingRefused`] where the
    /// confirmation is not its own; [`ClientError::DevicesRefused`] where the list of devices does not name this one; as for a
    /// login where the vault gave anything that is not the account's.
    pub async fn finish_pairing(&mut self, joining: Joining) -> Result<Paired, ClientError> {
        let patience = self.patience();
        let mailbox = joining.mailbox();
        let confirmation = loop {
            match self.read_mailbox(mailbox).await? {
                None => return Err(ClientError::PairingExpired),
                Some(ReadAnswer { confirmation: Some(confirmation), .. }) => break confirmation,
                Some(_) => self.wait(&patience).await?,
            }
        };
        let joined = joining
            .receive(&confirmation)
            .map_err(|_| ClientError::PairingRefused("the confirmation is not the other device's"))?;
        let secrets = secrets_of(&joined);
        let response = loop {
            match self.ask_as_paired(&joined, &secrets).await? {
                Some(response) => break response,
                None => self.wait(&patience).await?,
            }
        };
        self.take_in(&joined, secrets, &response).await
    }

    /// Asks for what an enrolled device needs; `None` while the vault does not know the device.
    async fn ask_as_paired(
        &mut self,
        joined: &Joined,
        secrets: &DeviceSecrets,
    ) -> Result<Option<Response>, ClientError> {
        let authorisation = self.as_device(joined.confirmation.account, secrets);
        match self.exchange_as(&authorisation, Request::get(paths::DEVICE)).await {
            Ok(response) => Ok(Some(response)),
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::DeviceRevoked => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Verifies everything that the vault gives to the new device, and only then keeps it.
    async fn take_in(
        &mut self,
        joined: &Joined,
        secrets: DeviceSecrets,
        response: &Response,
    ) -> Result<Paired, ClientError> {
        let (answer, bytes) = response.two_parts::<DeviceAnswer>()?;
        let told = &joined.confirmation;
        if answer.account_id != told.account {
            return Err(ClientError::ForeignAccount);
        }
        let memory = Memory {
            identity: Some(told.identity.clone()),
            name_hash: told.name_hash,
            server_public_key: told.server_public_key,
            last_seen: told.last_seen,
            device_list: Some(told.device_list),
            ..Memory::of(told.account)
        };
        let lane = Lane { slot: Slot::Device(joined.device), key: secrets.key_encryption_key() };
        let authorisation = self.as_device(told.account, &secrets);
        let known = Known::remembered(memory);
        let given = Answer::to_device(&answer, bytes);
        let mut opened =
            self.check_account(given, lane, authorisation, &known, Memory::of(told.account)).await?;
        opened.must_list(joined.device, &secrets);
        check_listed(&opened)?;
        let DeviceAnswer { account_id, suite, generation, permission, keyslot, .. } = answer;
        let device = joined.device;
        let fresh = Enrolment { account_id, device, suite, generation, permission, keyslot, newest: None };
        opened.enrol(fresh, &mut self.injected.journal)?;
        opened.keep(&mut self.injected.journal)?;
        Ok(Paired { memory: opened.memory, secrets, permission })
    }

    /// Looks into a mailbox; `None` where there is none, not yet or no more.
    pub(crate) async fn read_mailbox(&mut self, mailbox: Digest) -> Result<Option<ReadAnswer>, ClientError> {
        let request = Request::post(paths::PAIRING, &ReadRequest { mailbox });
        match self.exchange(request, None).await {
            Ok(response) => response.json().map(Some),
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::PairingUnknown => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As long as a mailbox lives.
    pub(crate) fn patience(&self) -> Patience {
        Patience(self.injected.clock.uptime() + limits::PAIRING_LIFETIME)
    }

    /// Waits a moment for the other device.
    pub(crate) async fn wait(&mut self, patience: &Patience) -> Result<(), ClientError> {
        if self.injected.clock.uptime() >= patience.0 {
            return Err(ClientError::PairingExpired);
        }
        self.injected.clock.sleep(PAUSE).await;
        Ok(())
    }
}

/// What went wrong at a mailbox that was there before.
pub(crate) fn about_mailbox(error: ClientError) -> ClientError {
    match error {
        ClientError::Refused(refusal) => match refusal.code {
            ProblemCode::PairingUnknown => ClientError::PairingExpired,
            ProblemCode::PairingUsed => ClientError::PairingRefused("somebody else was faster"),
            _ => ClientError::Refused(refusal),
        },
        other => other,
    }
}

/// The secrets of a paired device: one half is the other device's gift, the other never left this one.
fn secrets_of(joined: &Joined) -> DeviceSecrets {
    DeviceSecrets::joined(joined.confirmation.device_secret.expose(), joined.request_key_seed())
}

/// The device list must be there, be the one that the other device named or a later one, and name this device.
fn check_listed(opened: &Opened) -> Result<(), ClientError> {
    match &opened.devices {
        Devices::Given(Some(_)) => Ok(()),
        Devices::Refused(fault) => Err(ClientError::DevicesRefused(*fault)),
        Devices::Given(None) | Devices::Unasked => Err(ClientError::DevicesRefused(DevicesFault::Table)),
    }
}
