//! Devices, and device lists whose sealed parts are made up.

use super::client::{Signs, User, keyslot};
use super::{Reply, TestVault};
use ed25519_dalek::SigningKey;
use rootcellar_spec::device_list::{FORM, Header, SIGNATURE_BYTES, write_signed};
use rootcellar_spec::request_signature::DEVICE_PREFIX;
use rootcellar_spec::wire::devices::{ChangeResponse, DeviceEntry, DevicesRequest};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, Number, SuiteId, base64url};

/// A device and its request key.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) key: SigningKey,
    token: String,
}

/// Header and bytes of a device list.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) header: Header,
    pub(crate) bytes: Vec<u8>,
}

impl Device {
    pub(crate) fn new(user: &User) -> Self {
        Self::with(user.account, DeviceId(user.rng.bytes()), SigningKey::from_bytes(&user.rng.bytes()))
    }

    pub(crate) fn with(account: AccountId, id: DeviceId, key: SigningKey) -> Self {
        let token = format!("{DEVICE_PREFIX}{}", base64url::encode(&[account.0, id.0].concat()));
        Self { id, key, token }
    }

    pub(crate) fn entry(&self, permission: Permission) -> DeviceEntry {
        let request_key = self.key.verifying_key().to_bytes();
        DeviceEntry { id: self.id, request_key, permission, keyslot: Some(self.keyslot()) }
    }

    /// The same without a keyslot: it keeps the one that it has.
    pub(crate) fn kept(&self, permission: Permission) -> DeviceEntry {
        DeviceEntry { keyslot: None, ..self.entry(permission) }
    }

    pub(crate) fn keyslot(&self) -> Vec<u8> {
        keyslot(self.id.0[0])
    }
}

impl Signs for Device {
    fn token(&self) -> &str {
        &self.token
    }

    fn key(&self) -> &SigningKey {
        &self.key
    }
}

impl List {
    pub(crate) fn new(header: Header) -> Self {
        let mut bytes = write_signed(&header, b"sealed");
        bytes.extend_from_slice(&[9; SIGNATURE_BYTES]);
        Self { header, bytes }
    }
}

impl User {
    /// The list behind `before`.
    pub(crate) fn list(&self, before: Option<&List>) -> List {
        let number = before.map_or(1, |before| before.header.number.0 + 1);
        let mut ancestors = Vec::new();
        if let Some(before) = before {
            ancestors.push(Digest::of(&before.bytes));
            ancestors.extend_from_slice(&before.header.ancestors);
            ancestors.truncate(FORM.ancestors_of(Number(number)));
        }
        List::new(Header {
            suite: SuiteId::ONE,
            account: self.account,
            generation: Generation::FIRST,
            number: Number(number),
            operation: self.operation(),
            ancestors,
        })
    }

    /// Sends a change of devices that brings `list`.
    pub(crate) async fn change(
        &self,
        vault: &TestVault,
        by: &impl Signs,
        list: &List,
        devices: Vec<DeviceEntry>,
    ) -> Reply {
        self.post(vault, by, paths::DEVICES, &request(list, devices)).await
    }

    /// Enrols one device for each permission, and returns them with their list.
    pub(crate) async fn enrol<const N: usize>(
        &self,
        vault: &TestVault,
        by: &impl Signs,
        permissions: [Permission; N],
    ) -> ([Device; N], List) {
        let devices = permissions.map(|_| Device::new(self));
        let entries = devices.iter().zip(permissions).map(|(device, may)| device.entry(may)).collect();
        let list = self.list(None);
        self.change(vault, by, &list, entries).await.json::<ChangeResponse>();
        (devices, list)
    }
}

/// A change of devices.
pub(crate) fn request(list: &List, devices: Vec<DeviceEntry>) -> DevicesRequest {
    DevicesRequest { operation: list.header.operation, list: list.bytes.clone(), devices, pairing: None }
}
