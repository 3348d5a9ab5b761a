//! What the vault answers about devices (section 15.7), and how it lets one in without a session (section 14).

use super::{Account, State, VaultResponse, head_record, ok, read, refuse, two_parts};
use crate::transport::Request;
use rootcellar_spec::device_list::Layout;
use rootcellar_spec::request_signature::DEVICE_PREFIX;
use rootcellar_spec::wire::devices::{
    ChangeResponse, DeviceEntry, DeviceResponse, DevicesRequest, DevicesResponse, EnrolledDevice,
    RekeyRequest, RekeyResponse,
};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, Digest, Problem, ProblemCode, SuiteId, Timestamp, base64url, parts};

/// A device as the vault keeps it.
#[derive(Clone)]
pub(in crate::flow_tests) struct Row {
    pub(in crate::flow_tests) device: EnrolledDevice,
    pub(in crate::flow_tests) keyslot: Vec<u8>,
}

/// Who sends a request.
pub(super) struct Sender {
    pub(super) key: [u8; 32],
    pub(super) permission: Permission,
    pub(super) device: Option<DeviceId>,
}

impl Account {
    /// Returns the former devices.
    fn replace_devices(&mut self, devices: Vec<DeviceEntry>, time: Timestamp) -> Vec<Row> {
        let former = std::mem::take(&mut self.devices);
        for entry in devices {
            let kept = former.iter().find(|row| row.device.id == entry.id);
            let keyslot = entry.keyslot.or_else(|| kept.map(|row| row.keyslot.clone()));
            let (id, request_key, permission) = (entry.id, entry.request_key, entry.permission);
            let device =
                EnrolledDevice { id, request_key, permission, enrolled_at: time, last_seen_at: time };
            self.devices.push(Row { device, keyslot: keyslot.expect("a keyslot") });
        }
        former
    }
}

impl State {
    /// Whom a session header stands for.
    pub(super) fn sender(&self, header: &str) -> Result<Sender, Box<Problem>> {
        let Some(ids) = header.strip_prefix(DEVICE_PREFIX) else {
            let key = self.sessions.get(header).copied();
            let session = |key| Sender { key, permission: Permission::Manage, device: None };
            return key.map(session).map_or_else(|| refuse(ProblemCode::SessionEnded), Ok);
        };
        let ids: [u8; 32] = base64url::decode_array(ids).expect("account and device");
        let account = self.account.as_ref().expect("an account");
        assert_eq!(ids[..16], account.request.account_id.0);
        let row = account.devices.iter().find(|row| row.device.id.0 == ids[16..]);
        let device = |row: &EnrolledDevice| Sender {
            key: row.request_key,
            permission: row.permission,
            device: Some(row.id),
        };
        row.map(|row| device(&row.device)).map_or_else(|| refuse(ProblemCode::DeviceRevoked), Ok)
    }

    pub(super) fn device(&self, id: Option<DeviceId>) -> VaultResponse {
        let account = self.account.as_ref().expect("an account");
        let row = account.devices.iter().find(|row| Some(row.device.id) == id).expect("a device asks");
        let newest = account.snapshots.last();
        let answer = DeviceResponse {
            account_id: account.request.account_id,
            suite: SuiteId::ONE,
            generation: account.generation,
            permission: row.device.permission,
            keyslot: row.keyslot.clone(),
            head: newest.map(|(head, _)| head.clone()),
            device_list: account.lists.last().expect("a list").clone(),
            time: Timestamp(self.time),
        };
        two_parts(&answer, newest.map(|(_, bytes)| bytes.as_slice()))
    }

    pub(super) fn devices(&self) -> VaultResponse {
        let account = self.account.as_ref().expect("an account");
        let devices = account.devices.iter().map(|row| row.device.clone()).collect();
        ok(&DevicesResponse { devices, list: account.lists.last().cloned(), time: Timestamp(self.time) })
    }

    pub(super) fn rekey(&mut self, request: &Request) -> VaultResponse {
        let time = Timestamp(self.time);
        let (control, snapshot) = parts::split(&request.body).expect("two parts");
        let body: RekeyRequest = serde_json::from_slice(control).expect("a body of the protocol");
        let account = self.account.as_mut().expect("an account");
        if body.replaces != Digest::of(&account.request.recovery_methods[0].locator) {
            return refuse(ProblemCode::RecoveryCodeMoved);
        }
        account.generation = body.generation;
        account.request.passphrase_keyslot = body.passphrase_keyslot;
        account.request.recovery_methods = body.recovery_methods;
        account.replace_devices(body.devices, time);
        account.lists.extend(body.list);
        if let Some(snapshot) = snapshot {
            let head = head_record(account.request.account_id, snapshot, time);
            account.snapshots.push((head, snapshot.to_vec()));
        }
        let head = account.snapshots.last().map(|(head, _)| head.clone());
        self.sessions.clear();
        ok(&RekeyResponse { head, time })
    }

    pub(super) fn change_devices(&mut self, request: &Request) -> VaultResponse {
        let body: DevicesRequest = read(request);
        let time = Timestamp(self.time);
        let account = self.account.as_mut().expect("an account");
        if account.lists.last() == Some(&body.list) {
            return ok(&ChangeResponse { time });
        }
        let header = Layout::parse(&body.list).expect("a list").header;
        let newest = account.lists.last().map(|list| Digest::of(list));
        let follows = (account.lists.len() as u64 + 1, newest);
        if (header.number.0, header.ancestors.first().copied()) != follows {
            return refuse(ProblemCode::DevicesMoved);
        }
        if let Some(pairing) = body.pairing {
            let met = self.mailboxes.iter_mut().find(|mailbox| mailbox.name == pairing.mailbox);
            met.expect("a mailbox").confirmation = Some(pairing.confirmation);
        }
        let former = account.replace_devices(body.devices, time);
        account.lists.push(body.list);
        let narrowed = |row: &Row| {
            let now = account.devices.iter().find(|now| now.device.id == row.device.id);
            now.is_none_or(|now| now.device.permission < row.device.permission)
        };
        if former.iter().any(narrowed) {
            self.sessions.clear();
        }
        ok(&ChangeResponse { time })
    }
}
