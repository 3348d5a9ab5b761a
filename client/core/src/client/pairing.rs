//! Pairing, the new device's side (protocol.md sections 15.8 and 19): it shows an offer, waits for an enrolled device, and
//! keeps nothing before the owner's device list names it.

use super::open_account::{KeyslotKey, Known, check_continuity};
use super::opened::{Devices, OpenedAccount};
use super::response::AccountResponse;
use super::{Client, Platform};
use crate::aad::Slot;
use crate::device::{DeviceSecrets, Enrolment};
use crate::device_list::{self, DevicesFault};
use crate::error::ClientError;
use crate::inventory::Label;
use crate::local_state::LocalState;
use crate::pairing::{Joined, Joining, Offer};
use crate::snapshot::Seen;
use crate::state_store::StateStore;
use crate::time::Clock;
use crate::transport::{Request, Response};
use rootcellar_spec::wire::devices::DeviceResponse;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::pairing::{OPENING_BYTES, ReadRequest, ReadResponse, ReplyRequest, ReplyResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, ProblemCode, limits};
use std::time::Duration;

/// How often the mailbox is looked into.
const PAUSE: Duration = Duration::from_secs(1);

/// A device that was paired. Nobody else has its secrets: [`Client::finish_pairing`] has them kept.
#[derive(Debug)]
pub struct Paired {
    /// What it remembers from now on.
    pub local_state: LocalState,
    /// Its secrets.
    pub secrets: DeviceSecrets,
    /// What it may do.
    pub permission: Permission,
    pub(super) opened: OpenedAccount,
    pub(super) enrolment: Enrolment,
    /// The keyslot of the enrolment that this one replaces.
    pub(super) former: Option<Vec<u8>>,
}

/// What the two devices of a pairing have seen of the account.
struct BothKnow {
    /// What this device remembers, with the newer of what the two have seen.
    newer: LocalState,
    /// The other snapshot.
    earlier_snapshot: Option<Seen>,
    /// The other device list.
    earlier_list: Option<Seen>,
}

/// When to stop waiting for the other device.
pub(crate) struct WaitLimit(Duration);

impl<P: Platform> Client<P> {
    /// Draws what this device shows, as text and as a QR code, to be paired with the account of somebody who reads it: one
    /// round trip, which asks for the vault ID. `label` is what the device will be called.
    ///
    /// # Errors
    /// [`ClientError::CodeWaiting`] while a recorded re-key names this device's secrets. If the vault cannot be reached or uses another
    /// version.
    pub async fn offer_pairing(&self, label: Label) -> Result<Offer, ClientError> {
        self.may_stage()?;
        let vault_id = self.vault_info().await?.vault_id;
        Ok(Offer::draw(&vault_id, self.device().id, label, &mut self.randomness()))
    }

    /// Waits until the other device has read the offer, at most ten minutes, and replies. Then the person compares the codes of
    /// both devices, and goes on, with [`Self::finish_pairing`], only where they are the same.
    ///
    /// # Errors
    /// [`ClientError::PairingExpired`] where nobody came; [`ClientError::PairingRefused`] where somebody sent what is none.
    pub async fn await_opening(&self, offer: Offer) -> Result<Joining, ClientError> {
        let opening = self.wait_for_opening(&offer).await?;
        let joining = self.take_opening(offer, &opening)?;
        self.send_reply(&joining).await?;
        Ok(joining)
    }

    /// The first part of [`Self::await_opening`]: waits, and changes nothing.
    pub(crate) async fn wait_for_opening(&self, offer: &Offer) -> Result<[u8; OPENING_BYTES], ClientError> {
        let wait_limit = self.wait_limit();
        loop {
            if let Some(answer) = self.read_mailbox(offer.mailbox()).await? {
                return Ok(answer.opening);
            }
            self.wait(&wait_limit).await?;
        }
    }

    /// The second part: takes the opening, once and for all. No request is sent.
    pub(crate) fn take_opening(
        &self,
        offer: Offer,
        opening: &[u8; OPENING_BYTES],
    ) -> Result<Joining, ClientError> {
        let taken = offer.reply(opening, &mut self.randomness());
        let refused = ClientError::PairingRefused("what the other device sent is no opening");
        taken.map(|(joining, _)| joining).map_err(|_| refused)
    }

    /// The third part: replies. The same reply may be sent again.
    pub(crate) async fn send_reply(&self, joining: &Joining) -> Result<(), ClientError> {
        let body = ReplyRequest { mailbox: joining.mailbox(), reply: joining.reply().to_vec() };
        match self.exchange(Request::post(paths::PAIRING_REPLY, &body), None).await {
            Ok(response) => response.json::<ReplyResponse>().map(drop),
            Err(error) => Err(about_mailbox(error)),
        }
    }

    /// Waits until the other device has confirmed, at most ten minutes; then opens the keyslot that it made and looks for this
    /// device in the list of devices. Only then has secrets, enrolment and what the device learned kept. To be called when the
    /// user has said that the codes are the same.
    ///
    /// A device that knows the account already gives what it has `remembered`: it forgets nothing of it, and what the vault
    /// gives must continue what both devices have seen.
    ///
    /// # Errors
    /// [`ClientError::ForeignAccount`], [`ClientError::ForeignVault`] and
    /// [`ClientError::ForeignServerKey`] if the other device has an account, a vault or a vault's
    /// key that is not the remembered one; nothing is kept then. [`ClientError::PairingExpired`] if
    /// the other device did not confirm; [`ClientError::PairingRefused`] if the confirmation is not
    /// its own; [`ClientError::DevicesRefused`] if the list of devices does not name this one; as
    /// for a login if the vault gave anything that is not the account's.
    /// [`ClientError::PairingIncomplete`] if the account lists this device, and not everything
    /// could be kept: a program that can make room for it uses
    /// [`PairingProgress`](super::PairingProgress), whose second half may be repeated.
    pub async fn finish_pairing(
        &self,
        joining: &Joining,
        remembered: Option<LocalState>,
    ) -> Result<Paired, ClientError> {
        let mut paired = self.receive_pairing(joining, remembered.clone()).await?;
        self.keep_pairing(&mut paired, remembered).await?;
        Ok(paired)
    }

    /// The first part of [`Self::finish_pairing`]: waits and verifies, and keeps nothing. If it
    /// failed, or what it gave was lost, it may be called again as long as the mailbox lives.
    pub(crate) async fn receive_pairing(
        &self,
        joining: &Joining,
        remembered: Option<LocalState>,
    ) -> Result<Paired, ClientError> {
        let wait_limit = self.wait_limit();
        let mailbox = joining.mailbox();
        let confirmation = loop {
            match self.read_mailbox(mailbox).await? {
                None => return Err(ClientError::PairingExpired),
                Some(ReadResponse { confirmation: Some(confirmation), .. }) => break confirmation,
                Some(_) => self.wait(&wait_limit).await?,
            }
        };
        let joined = joining
            .receive(&confirmation)
            .map_err(|_| ClientError::PairingRefused("the confirmation is not the other device's"))?;
        let both = self.both_know(&joined, remembered).await?;
        let secrets = secrets_of(&joined);
        let response = loop {
            match self.ask_as_paired(&joined, &secrets).await? {
                Some(response) => break response,
                None => self.wait(&wait_limit).await?,
            }
        };
        self.take_in(&joined, both, secrets, &response).await
    }

    /// Asks for what an enrolled device needs; `None` while the vault does not know the device.
    async fn ask_as_paired(
        &self,
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

    /// Joins what this device remembers with what the other one told; nothing of what it remembers gives way.
    async fn both_know(
        &self,
        joined: &Joined,
        remembered: Option<LocalState>,
    ) -> Result<BothKnow, ClientError> {
        let told = &joined.confirmation;
        let own = remembered.unwrap_or_else(|| LocalState::of(told.account));
        if own.account_id != told.account {
            return Err(ClientError::ForeignAccount);
        }
        if let Some(pinned) = own.vault_id.clone().filter(|pinned| *pinned != told.vault_id) {
            return Err(ClientError::ForeignVault { pinned, found: told.vault_id.clone() });
        }
        let keys = own.server_public_key.zip(told.server_public_key);
        if keys.is_some_and(|(pinned, found)| pinned != found) {
            let replaced_at = self.passphrases_since().await;
            return Err(ClientError::ForeignServerKey { replaced_at });
        }
        let (last_seen, earlier_snapshot) = in_order(own.last_seen, told.last_seen);
        let (device_list, earlier_list) = in_order(own.device_list, Some(told.device_list));
        let newer = LocalState {
            vault_id: Some(told.vault_id.clone()),
            name_hash: own.name_hash.or(told.name_hash),
            server_public_key: own.server_public_key.or(told.server_public_key),
            last_seen,
            device_list,
            ..own
        };
        Ok(BothKnow { newer, earlier_snapshot, earlier_list })
    }

    /// Verifies everything that the vault gives to the new device.
    async fn take_in(
        &self,
        joined: &Joined,
        both: BothKnow,
        secrets: DeviceSecrets,
        response: &Response,
    ) -> Result<Paired, ClientError> {
        let (answer, bytes) = response.two_parts::<DeviceResponse>()?;
        let account = joined.confirmation.account;
        if answer.account_id != account {
            return Err(ClientError::ForeignAccount);
        }
        let keyslot_key = KeyslotKey { slot: Slot::Device(joined.device), key: secrets.key_encryption_key() };
        let authorisation = self.as_device(account, &secrets);
        let known = Known::remembered(both.newer);
        let given = AccountResponse::to_device(&answer, bytes);
        let mut opened =
            self.check_account(given, keyslot_key, authorisation, &known, LocalState::of(account)).await?;
        opened.must_list(joined.device, &secrets);
        check_listed(&opened, both.earlier_list)?;
        check_earlier(&opened, both.earlier_snapshot)?;
        let DeviceResponse { account_id, suite, generation, permission, keyslot, .. } = answer;
        let device = joined.device;
        let enrolment =
            Enrolment { account_id, device, suite, generation, permission, keyslot, newest: None };
        let former = self.state_store().enrolment()?.map(|former| former.keyslot);
        Ok(Paired { local_state: opened.local_state.clone(), secrets, permission, opened, enrolment, former })
    }

    /// Looks into a mailbox; `None` where there is none, not yet or no more.
    pub(crate) async fn read_mailbox(&self, mailbox: Digest) -> Result<Option<ReadResponse>, ClientError> {
        let request = Request::post(paths::PAIRING, &ReadRequest { mailbox });
        match self.exchange(request, None).await {
            Ok(response) => response.json().map(Some),
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::PairingUnknown => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As long as a mailbox lives.
    pub(crate) fn wait_limit(&self) -> WaitLimit {
        WaitLimit(self.clock().uptime() + limits::PAIRING_LIFETIME)
    }

    /// Waits a moment for the other device.
    pub(crate) async fn wait(&self, wait_limit: &WaitLimit) -> Result<(), ClientError> {
        if self.clock().uptime() >= wait_limit.0 {
            return Err(ClientError::PairingExpired);
        }
        self.clock().sleep(PAUSE).await;
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

/// Of what two devices have seen, the newer first; of two of the same number, the first device's own.
pub(super) fn in_order(own: Option<Seen>, told: Option<Seen>) -> (Option<Seen>, Option<Seen>) {
    let number = |seen: Option<Seen>| seen.map(|seen| seen.number);
    if number(told) > number(own) { (told, own) } else { (own, told) }
}

/// The device list must be there, continue the lists that both devices have seen, and name this device.
fn check_listed(opened: &OpenedAccount, earlier: Option<Seen>) -> Result<(), ClientError> {
    match &opened.devices {
        Devices::Given(Some(list)) => {
            device_list::judge(earlier, Some(list)).map_err(ClientError::DevicesRefused)
        }
        Devices::Refused(fault) => Err(ClientError::DevicesRefused(*fault)),
        Devices::Given(None) | Devices::Unasked => Err(ClientError::DevicesRefused(DevicesFault::Table)),
    }
}

/// The snapshot, which continues the newer of what both devices have seen, must not contradict the earlier either. That it
/// reaches not as far back is no fault of it.
fn check_earlier(opened: &OpenedAccount, earlier: Option<Seen>) -> Result<(), ClientError> {
    let newest = opened.newest.as_ref().map(|newest| &newest.snapshot);
    match check_continuity(earlier, newest) {
        Err(ClientError::Gap { .. }) => Ok(()),
        judged => judged,
    }
}
