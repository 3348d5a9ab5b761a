//! Accounts, the snapshots that they name, and the names that lead to them.

use super::history::{self, Told};
use super::retention::{self, Stored};
use super::{hex, read};
use crate::memory::Objects;
use bytes::Bytes;
use rootcellar_spec::snapshot::Layout;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::{Digest, Timestamp, base64url, device_list};
use rootcellar_store::Key;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Account {
    version: u64,
    #[serde(default)]
    generation: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    snapshots: Vec<Stored>,
    /// There on tombstones alone.
    deleted_at: Option<Timestamp>,
}

fn snapshot_key(account: &Key, snapshot: &Stored) -> Key {
    let folder = account.as_str().trim_end_matches("account");
    let operation = rootcellar_spec::hex::encode(&snapshot.operation.0);
    Key::new(format!("{folder}snapshots/{operation}-{}", snapshot.version))
}

/// How many snapshots an account names.
pub(super) fn snapshots(account: &Bytes) -> usize {
    read::<Account>(account).snapshots.len()
}

/// An account's object was written. How many new logins by passphrase its history records.
pub(super) fn told(before: Option<&Bytes>, after: &Bytes) -> usize {
    if read::<Account>(after).deleted_at.is_some() {
        return 0;
    }
    let (former, latter) = (before.map(read::<Devices>), read::<Devices>(after));
    if let Some(former) = former {
        former.lead_to(&latter);
    }
    history::compare(before.map(read::<Told>).as_ref(), &read::<Told>(after))
}

/// Devices change with their list, and each list follows the one before.
#[derive(Deserialize)]
struct Devices {
    #[serde(default)]
    devices: Vec<Value>,
    device_list: Option<String>,
}

impl Devices {
    fn lead_to(&self, next: &Self) {
        let of = |devices: &[Value]| -> Vec<_> {
            let what =
                |device: &Value| ["id", "request_key", "permission"].map(|member| device[member].clone());
            devices.iter().map(what).collect()
        };
        if self.device_list == next.device_list {
            assert_eq!(of(&self.devices), of(&next.devices), "devices changed, and their list did not");
            return;
        }
        let list = |list: &Option<String>| {
            let bytes = list.as_ref().map(|list| base64url::decode(list).expect("what the vault writes"));
            bytes.map(|bytes| {
                (Digest::of(&bytes), device_list::Layout::parse(&bytes).map(|read| read.header).ok())
            })
        };
        let (before, after) = (list(&self.device_list), list(&next.device_list));
        let Some((_, Some(header))) = after else { panic!("a device list is gone, or is none") };
        let number = before.as_ref().map_or(0, |(_, header)| header.as_ref().map_or(0, |old| old.number.0));
        assert_eq!(header.number.0, number + 1, "a device list has a wrong number");
        let ancestor = before.map(|(digest, _)| digest);
        assert_eq!(
            header.ancestors.first(),
            ancestor.as_ref(),
            "a device list does not follow the one before"
        );
    }
}

/// An account's object was written.
pub(super) fn changed(objects: &Objects, key: &Key, before: Option<&Bytes>, after: Option<&Bytes>) {
    let before = before.map(read::<Account>);
    let Some(after) = after.map(read::<Account>) else {
        let held = before.is_some_and(|before| !before.snapshots.is_empty());
        assert!(!held, "an account was removed that held snapshots");
        return;
    };
    let version = before.as_ref().map_or(0, |before| before.version);
    assert_eq!(after.version, version + 1, "an account skipped a version or went back");
    for head in &after.snapshots {
        let bytes = objects.get(&snapshot_key(key, head)).map(|(body, _)| Digest::of(body));
        assert_eq!(bytes, Some(head.digest), "an account names a snapshot that the store does not hold");
    }
    let is_rekey = before.as_ref().is_some_and(|before| before.generation != after.generation);
    let before = before.map_or_else(Vec::new, |before| before.snapshots);
    let is_save = after.snapshots.first().map(|head| head.digest) != before.first().map(|head| head.digest);
    if is_rekey {
        assert_eq!(is_save, !before.is_empty(), "the data was not sealed again, or there was none");
        assert!(after.snapshots.len() <= 1, "a snapshot under the former keys is kept");
    }
    // A tombstone names none any more.
    let Some(head) = after.snapshots.first() else { return };
    assert!(!is_save || head.version == after.version, "a head is told to be of another version");
    if !is_save {
        assert_eq!(after.snapshots, before, "snapshots changed without a save");
        return;
    }
    if !is_rekey {
        retention::check_save(&before, head, &after.snapshots[1..]);
    }
    follows(objects, key, head, before.first().map(|former| &**former));
}

/// A new head follows the old one.
fn follows(objects: &Objects, account: &Key, head: &Stored, before: Option<&Head>) {
    let (bytes, _) = &objects[&snapshot_key(account, head)];
    let Ok(Layout { header, .. }) = Layout::parse(bytes) else { panic!("a head is no snapshot") };
    assert_eq!(head.number, header.number, "an account tells another number than its head");
    let Some(before) = before else {
        assert_eq!(head.number.0, 1, "a head has a wrong number");
        return;
    };
    assert!(head.number > before.number, "a head went back");
    let index = usize::try_from(head.number.0 - before.number.0 - 1).expect("few saves");
    assert_eq!(header.ancestors.get(index), Some(&before.digest), "a head does not follow the one before");
}

/// A snapshot's object was written.
pub(super) fn snapshot_changed(objects: &Objects, key: &Key, before: Option<&Bytes>, after: Option<&Bytes>) {
    assert!(before.is_none() || after.is_none(), "a snapshot was written over");
    if after.is_none() {
        let (folder, _) = key.as_str().split_once("snapshots/").expect("a snapshot's name");
        let account = Key::new(format!("{folder}account"));
        let named = objects.get(&account).map_or_else(Vec::new, |(body, _)| read::<Account>(body).snapshots);
        let is_named = named.iter().any(|head| snapshot_key(&account, head) == *key);
        assert!(!is_named, "a snapshot was removed that its account names");
    }
}

/// A name's object was written.
pub(super) fn name_changed(objects: &Objects, name: &str, before: Option<&Bytes>, after: Option<&Bytes>) {
    let leads_to = |body: &Bytes| read::<serde_json::Value>(body)["account_id"].as_str().map(hex);
    let Some(before) = before.and_then(leads_to) else { return };
    if after.and_then(leads_to).as_ref() == Some(&before) {
        return;
    }
    let account = objects.get(&Key::new(format!("accounts/{before}/account")));
    let names_back = |account: &Account| account.deleted_at.is_none() && hex(&account.name) == name;
    let is_named_back = account.is_some_and(|(body, _)| names_back(&read(body)));
    assert!(!is_named_back, "a name was taken from the account that has it");
}
