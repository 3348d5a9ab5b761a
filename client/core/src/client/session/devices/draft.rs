//! A device list in the making: the devices, the key of each one's keyslot, and which keyslots are made anew.

use crate::aad::Slot;
use crate::device_list::{Contents, Device, DeviceList};
use crate::error::ClientError;
use crate::keys::{AccountKey, DeviceKeysKey, KeyEncryptionKey};
use crate::keyslot::{self, KeyslotPlace};
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::wire::devices::DeviceEntry;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, DeviceId, Generation, SuiteId, Timestamp, limits};

/// The devices as they are to be.
pub(crate) struct Draft(Vec<Row>);

struct Row {
    device: Device,
    key: KeyEncryptionKey,
    /// Whether the keyslot is made anew; otherwise the device keeps the one that it has.
    wraps: bool,
}

impl Draft {
    /// The devices of the newest list, unchanged.
    pub(super) fn of(newest: Option<&DeviceList>, key: &DeviceKeysKey) -> Result<Self, OpenError> {
        let Some(newest) = newest else { return Ok(Self(Vec::new())) };
        let keys = newest.device_keys(key)?;
        let devices = newest.contents.devices.iter().cloned();
        Ok(Self(devices.zip(keys).map(|(device, key)| Row { device, key, wraps: false }).collect()))
    }

    /// Adds a device, or puts it in the place of the one of its id.
    pub(crate) fn put(&mut self, device: Device, key: KeyEncryptionKey) -> Result<(), ClientError> {
        self.0.retain(|row| row.device.id != device.id);
        if self.0.len() >= limits::DEVICES {
            return Err(ClientError::TooManyDevices);
        }
        self.0.push(Row { device, key, wraps: true });
        Ok(())
    }

    /// Changes what a device may do; gives what it might before.
    pub(super) fn permit(&mut self, id: DeviceId, permission: Permission) -> Result<Permission, ClientError> {
        let row = self.0.iter_mut().find(|row| row.device.id == id).ok_or(ClientError::NoSuchDevice(id))?;
        let former = std::mem::replace(&mut row.device.permission, permission);
        row.wraps = !(former == permission || former.holds_account_key() && permission.holds_account_key());
        Ok(former)
    }

    /// Removes a device; gives what it might do.
    pub(super) fn remove(&mut self, id: DeviceId) -> Result<Permission, ClientError> {
        let at = self.0.iter().position(|row| row.device.id == id).ok_or(ClientError::NoSuchDevice(id))?;
        Ok(self.0.remove(at).device.permission)
    }

    /// What the list says.
    pub(super) fn contents(
        &self,
        newest: Option<&DeviceList>,
        changed_at: Timestamp,
        own: DeviceId,
    ) -> Contents {
        let is_enrolled = self.0.iter().any(|row| row.device.id == own);
        let changed_by = if is_enrolled { own } else { DeviceId([0; 16]) };
        let devices = self.0.iter().map(|row| row.device.clone()).collect();
        match newest {
            None => Contents::new(changed_at, changed_by, devices),
            Some(newest) => newest.contents.continued(changed_at, changed_by, devices),
        }
    }

    /// The keys of the devices' keyslots, in their order.
    pub(super) fn device_keys(&self) -> Vec<&KeyEncryptionKey> {
        self.0.iter().map(|row| &row.key).collect()
    }

    /// What the vault is sent of each device.
    pub(super) fn entries(
        &self,
        account_key: &AccountKey,
        suite: SuiteId,
        (account, generation): (AccountId, Generation),
        randomness: &mut dyn Randomness,
    ) -> Vec<DeviceEntry> {
        let mut entry = |Row { device, key, wraps }: &Row| {
            let place = KeyslotPlace { suite, account, generation, slot: Slot::Device(device.id) };
            let permission = device.permission;
            let wrap = || keyslot::wrap_for_device(account_key, permission, key, place, randomness);
            let keyslot = wraps.then(wrap);
            DeviceEntry { id: device.id, request_key: device.request_key, permission, keyslot }
        };
        self.0.iter().map(&mut entry).collect()
    }
}
