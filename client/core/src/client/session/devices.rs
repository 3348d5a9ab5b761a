//! The account's devices: looking at them, enrolling this one, and what another may do (protocol.md sections 15.7 and 18).
//!
//! Every change makes the next device list, which only a holder of the account key can sign, and is one swap at the vault.
//! Where another device was faster, the change is applied anew to its list.

mod draft;

pub(crate) use draft::Draft;

use super::Session;
use crate::client::Platform;
use crate::client::opened::Devices;
use crate::device::{DeviceSecrets, Enrolment};
use crate::device_list::{self, Device, DeviceList, ListKeys, same_as_table};
use crate::error::{ClientError, Refusal};
use crate::randomness::{self, Randomness};
use crate::secret_store::{DeviceStep, NotKept};
use crate::snapshot::Seen;
use crate::state_store::{StateStore, StateStoreError};
use crate::time::Clock;
use crate::transport::Request;
use rootcellar_spec::wire::devices::{
    ChangeResponse, DeviceEntry, DevicesRequest, DevicesResponse, PairingConfirmation,
};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{DeviceId, Digest, OperationId, ProblemCode, Timestamp};

/// How often a change is applied anew because another device was faster.
const CONFLICT_TRIES: u32 = 5;

/// An enrolled device, as its owner signed it and as the vault sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KnownDevice {
    /// What the owner signed; with it when the device was enrolled, by the clock of the one that enrolled it.
    pub device: Device,
    /// When it was seen last, by the vault's clock, to the day.
    pub last_seen_at: Timestamp,
    /// Whether it is the device that asks.
    pub is_this: bool,
}

/// What a change of another device's permission, or its removal, came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceChange {
    /// What the device could do before.
    pub former: Permission,
    /// Why a re-key is advised, if it is: the device may have kept keys that it is not to have any more.
    pub rekey_reason: Option<RekeyReason>,
    /// Whether all sessions ended with the change, this one too unless it is a device's: its next request is refused with
    /// `session-ended`. What it has open stays readable.
    pub ended_sessions: bool,
}

/// What a device can still do with keys that it held, until a re-key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekeyReason {
    /// It held the account key: it opens every stored copy of a backup, later ones too.
    ReadsBackups,
    /// It held the save key, the inventory key and the entry public key: it sees the labels in stored copies, and if the vault
    /// is malicious, the two can make backups that the account's other devices take for genuine.
    ForgesBackups,
}

impl RekeyReason {
    /// The reason for a device that had the permission `former` and now has `now`; `None` where it was revoked.
    #[must_use]
    pub fn of(former: Permission, now: Option<Permission>) -> Option<Self> {
        let lost = |needed: Permission| former >= needed && now.is_none_or(|now| now < needed);
        if lost(Permission::Restore) {
            Some(Self::ReadsBackups)
        } else if lost(Permission::Backup) {
            Some(Self::ForgesBackups)
        } else {
            None
        }
    }

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadsBackups => "reads-backups",
            Self::ForgesBackups => "forges-backups",
        }
    }
}

/// What a change of devices brought.
pub(crate) struct Changed<T> {
    /// What the edit gave.
    pub(crate) value: T,
    /// What was sent of each device.
    pub(crate) entries: Vec<DeviceEntry>,
}

impl<P: Platform> Session<P> {
    /// The account's devices, in the order of their enrolment: one round trip.
    ///
    /// # Errors
    /// [`ClientError::DevicesRefused`] where what the vault says of them contradicts itself or what is known.
    pub async fn devices(&mut self) -> Result<Vec<KnownDevice>, ClientError> {
        let table = self.fetch_devices().await?;
        let own = self.client.device().id;
        let devices = match &self.opened.devices {
            Devices::Given(Some(list)) => &list.contents.devices[..],
            _ => &[],
        };
        let seen = |device: &Device| {
            let row = table.devices.iter().find(|row| row.id == device.id)?;
            let (last_seen_at, is_this) = (row.last_seen_at, device.id == own);
            Some(KnownDevice { device: device.clone(), last_seen_at, is_this })
        };
        Ok(devices.iter().filter_map(seen).collect())
    }

    /// Enrols this client's device with new secrets, which the secret store keeps before the vault learns of them, and has the state store
    /// keep the enrolment. A device that is enrolled already is enrolled again, with these secrets.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`, [`ClientError::TooManyDevices`], [`ClientError::DevicesRefused`],
    /// [`ClientError::SecretStore`]; [`ClientError::CodeWaiting`] while a recorded re-key names other secrets.
    /// [`ClientError::DevicesUnconfirmed`] if it is not known whether the device is enrolled: the secrets stay staged.
    /// [`ClientError::NotCommitted`] if it is enrolled, and this device could not keep all of it. After any other error it is not
    /// enrolled, and the secrets are forgotten, or it says that they could not be ([`ClientError::NotAbandoned`]).
    pub async fn enrol(
        &mut self,
        secrets: &DeviceSecrets,
        permission: Permission,
    ) -> Result<(), ClientError> {
        self.owner(Permission::Manage)?;
        self.client.stage(self.opened.account, secrets).await?;
        let fresh = match self.send_enrolment(secrets, permission).await {
            Ok(fresh) => fresh,
            Err(error) => return Err(self.client.abandon_after(error, secrets.id()).await),
        };
        let committed = self.client.commit(secrets.id()).await;
        let kept = self.keep_enrolment(fresh).await;
        let incomplete = |source| ClientError::NotCommitted { step: DeviceStep::Enrolment, source };
        committed.and(kept.map_err(NotKept::State)).map_err(incomplete)
    }

    async fn keep_enrolment(&mut self, fresh: Enrolment) -> Result<(), StateStoreError> {
        let state_store = self.client.state_store();
        self.opened.enrol(fresh, state_store).await?;
        self.opened.keep(state_store).await
    }

    /// Has the vault enrol this device. Nothing of it is kept here.
    async fn send_enrolment(
        &mut self,
        secrets: &DeviceSecrets,
        permission: Permission,
    ) -> Result<Enrolment, ClientError> {
        let own = self.client.device().clone();
        let now = self.client.clock().now();
        let request_key = secrets.request_key().public();
        let device = Device::new(own.id, own.label, permission, request_key, now);
        let edit = |draft: &mut Draft| draft.put(device.clone(), secrets.key_encryption_key());
        let changed = self.send_change(edit, |_, _| None).await?;
        let entry = changed.entries.into_iter().find(|entry| entry.id == own.id);
        let keyslot = entry.and_then(|entry| entry.keyslot).unwrap_or_default();
        Ok(Enrolment {
            account_id: self.opened.account,
            device: own.id,
            suite: self.opened.suite,
            generation: self.opened.generation,
            permission,
            keyslot,
            newest: None,
        })
    }

    /// Gives a device another permission, with the keyslot that it needs.
    ///
    /// # Errors
    /// [`ClientError::NotPermitted`] without `manage`, [`ClientError::NoSuchDevice`], [`ClientError::DevicesRefused`];
    /// [`ClientError::DevicesUnconfirmed`] where it is not known whether it was changed. After any other error it was not.
    pub async fn permit(
        &mut self,
        device: DeviceId,
        permission: Permission,
    ) -> Result<DeviceChange, ClientError> {
        let changed = self.change_devices(|draft| draft.permit(device, permission), |_, _| None).await?;
        let former = changed.value;
        if device == self.client.device().id {
            self.take_own(changed.entries).await?;
        }
        Ok(DeviceChange {
            former,
            rekey_reason: RekeyReason::of(former, Some(permission)),
            ended_sessions: permission < former,
        })
    }

    /// Removes a device: its requests are refused from then on, and its keyslot is gone.
    ///
    /// # Errors
    /// As for [`Self::permit`].
    pub async fn revoke(&mut self, device: DeviceId) -> Result<DeviceChange, ClientError> {
        let former = self.change_devices(|draft| draft.remove(device), |_, _| None).await?.value;
        if device == self.client.device().id {
            self.opened.enrolment = None;
            self.client.state_store().keep_enrolment(None).await.map_err(unconfirmed)?;
        }
        Ok(DeviceChange { former, rekey_reason: RekeyReason::of(former, None), ended_sessions: true })
    }

    /// As [`Self::send_change`], and remembers the new list.
    pub(crate) async fn change_devices<T>(
        &mut self,
        edit: impl FnMut(&mut Draft) -> Result<T, ClientError>,
        confirm: impl FnMut(Seen, &mut dyn Randomness) -> Option<PairingConfirmation>,
    ) -> Result<Changed<T>, ClientError> {
        let changed = self.send_change(edit, confirm).await?;
        self.keep().await.map_err(unconfirmed)?;
        Ok(changed)
    }

    /// Applies a change to the newest device list and sends it, again and again while other devices are faster. `confirm`
    /// makes the confirmation where the change ends a pairing; it is told which list brings the new device.
    async fn send_change<T>(
        &mut self,
        mut edit: impl FnMut(&mut Draft) -> Result<T, ClientError>,
        mut confirm: impl FnMut(Seen, &mut dyn Randomness) -> Option<PairingConfirmation>,
    ) -> Result<Changed<T>, ClientError> {
        self.owner(Permission::Manage)?;
        if let Devices::Unasked = self.opened.devices {
            self.fetch_devices().await?;
        }
        let mut conflicts = 0;
        loop {
            let (request, value) = self.next_list(&mut edit, &mut confirm)?;
            let Some(moved) = self.send_list(&request).await? else {
                return Ok(Changed { value, entries: request.devices });
            };
            conflicts += 1;
            if conflicts == CONFLICT_TRIES {
                return Err(ClientError::Refused(moved));
            }
        }
    }

    /// The request that brings the list after the newest one.
    fn next_list<T>(
        &mut self,
        edit: &mut impl FnMut(&mut Draft) -> Result<T, ClientError>,
        confirm: &mut impl FnMut(Seen, &mut dyn Randomness) -> Option<PairingConfirmation>,
    ) -> Result<(DevicesRequest, T), ClientError> {
        let needs = Permission::Manage;
        let owner = self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })?;
        let keys = ListKeys::of(&self.opened.keys).ok_or(ClientError::NotPermitted { needs })?;
        let newest = match &self.opened.devices {
            Devices::Refused(fault) => return Err(ClientError::DevicesRefused(*fault)),
            Devices::Given(list) => list.as_ref(),
            Devices::Unasked => None,
        };
        let mut draft =
            Draft::of(newest, keys.device_keys).map_err(|error| ClientError::DevicesRefused(error.into()))?;
        let value = edit(&mut draft)?;
        let (suite, place) = (self.opened.suite, (self.opened.account, self.opened.generation));
        let now = self.client.clock().now();
        let own = self.client.device().id;
        let randomness = &mut self.client.randomness();
        let operation = OperationId(randomness::bytes(randomness));
        let header = device_list::next_header(newest, suite, place, operation)
            .ok_or(ClientError::MalformedResponse("the last number"))?;
        let contents = draft.contents(newest, now, own);
        let list = device_list::seal(&header, &contents, &draft.device_keys(), keys, randomness);
        let devices = draft.entries(owner.account, suite, place, randomness);
        let seen = Seen { number: header.number, digest: Digest::of(&list) };
        Ok((DevicesRequest { operation, list, devices, pairing: confirm(seen, randomness) }, value))
    }

    /// Sends a change. Gives the refusal where another device was faster, whose list is then the newest of this session.
    async fn send_list(&mut self, request: &DevicesRequest) -> Result<Option<Refusal>, ClientError> {
        match self.exchange(Request::post(paths::DEVICES, request)).await {
            Ok(response) => {
                response.json::<ChangeResponse>().map_err(unconfirmed)?;
                let list = self.reader().device_list(Some(&request.list));
                self.opened.take_list(list, false);
                Ok(None)
            }
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::DevicesMoved => {
                let fetched = self.fetch_devices().await;
                fetched.map_err(|error| if refusal.after_unknown { unconfirmed(error) } else { error })?;
                // An earlier try may have arrived, and another device changed the list after it: the list tells.
                let arrived = self.has_list(Digest::of(&request.list));
                Ok((!arrived).then_some(Refusal { after_unknown: false, ..refusal }))
            }
            Err(error) if error.did_nothing() => Err(error),
            Err(error) => Err(unconfirmed(error)),
        }
    }

    /// Whether the newest device list is this one or descends from it.
    fn has_list(&self, digest: Digest) -> bool {
        let Devices::Given(Some(list)) = &self.opened.devices else { return false };
        list.digest == digest || list.header.ancestors.contains(&digest)
    }

    /// Asks the vault for the devices, and checks what it says.
    async fn fetch_devices(&mut self) -> Result<DevicesResponse, ClientError> {
        let answer: DevicesResponse = self.exchange(Request::get(paths::DEVICES)).await?.json()?;
        let list = self.reader().device_list(answer.list.as_deref());
        let list = list.and_then(|list: Option<DeviceList>| {
            same_as_table(list.as_ref(), &answer.devices).map(|()| list)
        });
        self.opened.take_list(list, false);
        self.keep().await?;
        match self.devices_fault() {
            Some(fault) => Err(ClientError::DevicesRefused(fault)),
            None => Ok(answer),
        }
    }

    /// Takes over this device's own changed permission.
    async fn take_own(&mut self, entries: Vec<DeviceEntry>) -> Result<(), ClientError> {
        let Some(enrolment) = self.opened.enrolment.clone() else { return Ok(()) };
        let Some(entry) = entries.into_iter().find(|entry| entry.id == enrolment.device) else {
            return Ok(());
        };
        let keyslot = entry.keyslot.unwrap_or_else(|| enrolment.keyslot.clone());
        if self.opened.authorisation.is_device() {
            self.opened.permission = entry.permission;
        }
        let fresh = Enrolment { permission: entry.permission, keyslot, ..enrolment };
        self.opened.enrol(fresh, self.client.state_store()).await.map_err(unconfirmed)
    }
}

/// What fails once a change was sent does not tell whether the vault has applied it.
fn unconfirmed(error: impl Into<ClientError>) -> ClientError {
    ClientError::DevicesUnconfirmed(Box::new(error.into()))
}
