//! All that an account holds, sealed anew under new keys, and opened again before it is sent.

use super::super::Session;
use crate::aad::Slot;
use crate::client::Platform;
use crate::client::open_account::Reader;
use crate::client::opened::Devices;
use crate::device::{DeviceSecrets, Enrolment, SecretsId};
use crate::device_list::{self, Contents, Device, ListKeys};
use crate::entry::{self, EntryPlace};
use crate::error::ClientError;
use crate::key_ring::KeyRing;
use crate::keys::{AccountKey, EntryPrivateKey, KeyEncryptionKey};
use crate::keyslot::{self, KeyslotPlace};
use crate::local_state::LocalState;
use crate::open_error::OpenError;
use crate::pending_code::CodeRequest;
use crate::randomness;
use crate::recovery_code::RecoveryCode;
use crate::snapshot::{self, Seen, Snapshot};
use crate::time::Clock;
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::devices::{DeviceEntry, RekeyRequest};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::recovery::RecoveryBinding;
use rootcellar_spec::{AccountId, DeviceId, Digest, EntryId, Generation, OperationId, SuiteId, parts};

/// What is sent, and what is remembered of it once it holds.
pub(super) struct Renewed {
    /// The new keys.
    pub(super) keys: KeyRing,
    /// The control part.
    pub(super) request: RekeyRequest,
    /// The snapshot; empty where the account has none.
    pub(super) snapshot: Vec<u8>,
    /// This device's enrolment, if it is enrolled anew.
    pub(super) enrolment: Option<Enrolment>,
    /// The secrets that go with it.
    pub(super) secrets: Option<SecretsId>,
    newest: Option<Seen>,
    list: Option<Seen>,
}

/// Where everything belongs from now on.
#[derive(Clone, Copy)]
struct Target {
    suite: SuiteId,
    account: AccountId,
    generation: Generation,
    operation: OperationId,
}

impl Target {
    fn entry(self, entry: EntryId) -> EntryPlace {
        EntryPlace { suite: self.suite, account: self.account, generation: self.generation, entry }
    }

    fn binding(self) -> RecoveryBinding {
        let Self { account, generation, operation, .. } = self;
        RecoveryBinding { account, generation, operation }
    }

    fn keyslot(self, slot: Slot) -> KeyslotPlace {
        KeyslotPlace { suite: self.suite, account: self.account, generation: self.generation, slot }
    }
}

impl Renewed {
    /// The request, and what the device keeps once the vault has taken it.
    pub(super) fn to_record(&self, code: &RecoveryCode) -> CodeRequest {
        let control = serde_json::to_vec(&self.request).expect("wire types have a JSON form");
        let body = parts::join(&control, &self.snapshot);
        CodeRequest {
            enrolment: self.enrolment.clone(),
            secrets: self.secrets,
            newest: self.newest,
            list: self.list,
            ..CodeRequest::new(code, Some(self.request.replaces), body)
        }
    }

    /// What a device remembers once this holds.
    pub(super) fn remembered(&self, former: LocalState) -> LocalState {
        LocalState {
            last_seen: self.newest.or(former.last_seen),
            device_list: self.list.or(former.device_list),
            ..former
        }
    }
}

impl<P: Platform> Session<P> {
    /// Draws new keys and seals everything anew under them.
    pub(super) fn renew(
        &mut self,
        code: &RecoveryCode,
        own_device: Option<(&DeviceSecrets, Permission)>,
        replaces: Digest,
    ) -> Result<Renewed, ClientError> {
        let randomness = &mut self.client.randomness();
        let account_key = AccountKey::generate(randomness);
        let next = self.opened.generation.0.checked_add(1);
        let target = Target {
            suite: self.opened.suite,
            account: self.opened.account,
            generation: next.map(Generation).ok_or(ClientError::MalformedResponse("the last generation"))?,
            operation: OperationId(randomness::bytes(randomness)),
        };
        let passphrase_key = self.opened.passphrase_key.as_ref().ok_or(ClientError::NotByPassphrase)?;
        let mut wrap =
            |key: &KeyEncryptionKey, slot| keyslot::wrap(&account_key, key, target.keyslot(slot), randomness);
        let passphrase_keyslot = wrap(passphrase_key, Slot::Passphrase);
        let recovery_keyslot = wrap(&code.key_encryption_key(), Slot::Recovery);
        let own =
            own_device.map(|(secrets, permission)| self.own_entry(&account_key, target, secrets, permission));
        let keys = KeyRing::from(account_key);
        let list = self.renew_list(&keys, target, own_device)?;
        let list_seen = list.as_ref().map(|(_, seen)| *seen);
        let (snapshot, newest) = match self.renew_snapshot(&keys, target, list_seen)? {
            Some((bytes, seen)) => (bytes, Some(seen)),
            None => (Vec::new(), None),
        };
        let request = RekeyRequest {
            operation: target.operation,
            suite: target.suite,
            generation: target.generation,
            replaces,
            passphrase_keyslot,
            recovery_methods: vec![code.method(recovery_keyslot, target.binding())],
            list: list.map(|(bytes, _)| bytes),
            devices: own.iter().map(|(entry, _)| entry.clone()).collect(),
        };
        let enrolment = own.map(|(_, enrolment)| enrolment);
        let secrets = own_device.map(|(secrets, _)| secrets.id());
        Ok(Renewed { keys, request, snapshot, enrolment, secrets, newest, list: list_seen })
    }

    /// This device, enrolled anew: what the vault is told, and what the state store keeps.
    fn own_entry(
        &mut self,
        account_key: &AccountKey,
        target: Target,
        secrets: &DeviceSecrets,
        permission: Permission,
    ) -> (DeviceEntry, Enrolment) {
        let device = self.client.device().id;
        let key = secrets.key_encryption_key();
        let place = target.keyslot(Slot::Device(device));
        let randomness = &mut self.client.randomness();
        let keyslot = keyslot::wrap_for_device(account_key, permission, &key, place, randomness);
        let Target { suite, account, generation, .. } = target;
        let request_key = secrets.request_key().public();
        let entry = DeviceEntry { id: device, request_key, permission, keyslot: Some(keyslot.clone()) };
        let enrolment =
            Enrolment { account_id: account, device, suite, generation, permission, keyslot, newest: None };
        (entry, enrolment)
    }

    /// The device list that follows, which names this device or none; `None` where there was none and gets none.
    fn renew_list(
        &mut self,
        keys: &KeyRing,
        target: Target,
        own_device: Option<(&DeviceSecrets, Permission)>,
    ) -> Result<Option<(Vec<u8>, Seen)>, ClientError> {
        let former = match &self.opened.devices {
            Devices::Given(list) => list.as_ref(),
            _ => None,
        };
        if former.is_none() && own_device.is_none() {
            return Ok(None);
        }
        let now = self.client.clock().now();
        let own = &self.client.device();
        let key = own_device.map(|(secrets, _)| secrets.key_encryption_key());
        let device = own_device.map(|(secrets, permission)| {
            Device::new(own.id, own.label.clone(), permission, secrets.request_key().public(), now)
        });
        let changed_by = device.as_ref().map_or(DeviceId([0; 16]), |device| device.id);
        let devices = device.into_iter().collect();
        let contents = match former {
            Some(former) => former.contents.continued(now, changed_by, devices),
            None => Contents::new(now, changed_by, devices),
        };
        let Target { suite, account, generation, operation } = target;
        let header = device_list::next_header(former, suite, (account, generation), operation)
            .ok_or(ClientError::MalformedResponse("the last of all device lists"))?;
        let list_keys = ListKeys::of(keys).ok_or(ClientError::NotPermitted { needs: Permission::Manage })?;
        let device_keys: Vec<&KeyEncryptionKey> = key.iter().collect();
        let randomness = &mut self.client.randomness();
        let sealed = device_list::seal(&header, &contents, &device_keys, list_keys, randomness);
        let seen = Seen { number: header.number, digest: Digest::of(&sealed) };
        Ok(Some((sealed, seen)))
    }

    /// The newest snapshot, sealed anew entry by entry, and opened again; `None` where the account has none.
    fn renew_snapshot(
        &mut self,
        keys: &KeyRing,
        target: Target,
        list: Option<Seen>,
    ) -> Result<Option<(Vec<u8>, Seen)>, ClientError> {
        let needs = Permission::Manage;
        let Some(newest) = &self.opened.newest else { return Ok(None) };
        let former = &newest.snapshot;
        let (save, entry_public) =
            keys.save().zip(keys.entry_public()).ok_or(ClientError::NotPermitted { needs })?;
        let owner = self.opened.keys.owner().ok_or(ClientError::NotPermitted { needs })?;
        let now = self.client.clock().now();
        let device = self.client.device().clone();
        let randomness = &mut self.client.randomness();
        let mut inventory = former.inventory.clone().continued(now, device, list);
        self.opened.note_account(&mut inventory.about, self.client.vault());
        let mut sealed_entries = Vec::with_capacity(inventory.items.len());
        for (item, sealed) in inventory.items.iter_mut().zip(&former.sealed_entries) {
            let place = former.entry_place(item.id);
            let plaintext = entry::open_plaintext(sealed, owner.entry_private, place)
                .map_err(|error| ClientError::of_entry_to_rekey(item.id, error))?;
            let renewed = entry::seal_plaintext(&plaintext, entry_public, target.entry(item.id), randomness);
            item.digest = Digest::of(&renewed);
            sealed_entries.push(renewed);
        }
        let (number, ancestors) = self
            .opened
            .following(former)
            .ok_or(ClientError::MalformedResponse("the last of all snapshots"))?;
        let header = Header {
            suite: target.suite,
            account: target.account,
            generation: target.generation,
            number,
            operation: target.operation,
            ancestors,
        };
        let bytes = snapshot::seal(&header, &inventory, &sealed_entries, keys.inventory(), save, randomness)?;
        let reader = Reader { account: target.account, generation: target.generation, keys };
        let opened = reader.open(&bytes, header.number).map_err(ClientError::of_snapshot)?;
        same_entries(former, owner.entry_private, &opened, keys)?;
        Ok(Some((bytes, opened.seen())))
    }
}

/// Opens every entry under the new keys, and compares it with the former.
fn same_entries(
    former: &Snapshot,
    former_key: &EntryPrivateKey,
    renewed: &Snapshot,
    keys: &KeyRing,
) -> Result<(), ClientError> {
    let needs = Permission::Manage;
    let key = keys.owner().ok_or(ClientError::NotPermitted { needs })?.entry_private;
    for (item, (before, after)) in
        former.inventory.items.iter().zip(former.sealed_entries.iter().zip(&renewed.sealed_entries))
    {
        let before = entry::open_plaintext(before, former_key, former.entry_place(item.id));
        let after = entry::open_plaintext(after, key, renewed.entry_place(item.id));
        match (before, after) {
            (Ok(before), Ok(after)) if before == after => {}
            (Err(error), _) | (_, Err(error)) => return Err(ClientError::Snapshot(error)),
            _ => return Err(ClientError::Snapshot(OpenError::Authentication)),
        }
    }
    Ok(())
}
