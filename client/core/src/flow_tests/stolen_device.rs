//! What the thief of a device with `view` or `backup` can open, with all that the vault stores: no entry.

use super::devices::{enrolled, secrets};
use super::vault::Account;
use super::{registered, save};
use crate::aad::Slot;
use crate::device::Enrolment;
use crate::device_list::{self, DeviceList};
use crate::key_ring::KeyRing;
use crate::keys::{AccountKey, DeviceKeysKey, KeyEncryptionKey};
use crate::keyslot::{self, KeyBundle, KeyslotPlace};
use crate::snapshot::{self, Expected};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, EntryId, Generation};

/// What was stolen: the device's files and secrets, and the keys that they give.
struct Loot {
    enrolment: Enrolment,
    keys: KeyRing,
}

impl Loot {
    fn of(enrolment: Enrolment) -> Self {
        let kek = secrets(3).key_encryption_key();
        let place = place(&enrolment, Slot::Device(enrolment.device));
        let bundle = keyslot::unwrap(&enrolment.keyslot, &kek, place).expect("its own keyslot");
        assert!(!matches!(bundle, KeyBundle::Full(_)));
        Self { enrolment, keys: KeyRing::from(bundle) }
    }

    /// Every 32 bytes that it holds, each tried as every key.
    fn held(&self) -> Vec<[u8; 32]> {
        let halves = |bytes: &[u8]| {
            let half = |half: &[u8]| <[u8; 32]>::try_from(half).expect("32 bytes");
            bytes.chunks(32).map(half).collect::<Vec<_>>()
        };
        let mut held = halves(&*secrets(3).expose());
        held.push(*secrets(3).key_encryption_key().expose());
        held.push(*self.keys.inventory().expose());
        held.push(self.keys.device_list().to_bytes());
        held.extend(self.keys.save().into_iter().flat_map(|save| halves(save.expose())));
        held.extend(self.keys.entry_public().map(crate::keys::EntryPublicKey::to_bytes));
        held
    }

    fn account(&self) -> (AccountId, Generation) {
        (self.enrolment.account_id, self.enrolment.generation)
    }
}

fn place(enrolment: &Enrolment, slot: Slot) -> KeyslotPlace {
    let Enrolment { suite, account_id: account, generation, .. } = *enrolment;
    KeyslotPlace { suite, account, generation, slot }
}

/// Tries one key on the device keys of the list, on every keyslot and on an entry.
fn try_key(key: &[u8; 32], loot: &Loot, list: &DeviceList, stored: &Account, entry: EntryId) {
    let derived = AccountKey::from_bytes(key).account_keys();
    assert!(list.device_keys(&DeviceKeysKey::from_bytes(key)).is_err());
    assert!(list.device_keys(&derived.device_keys).is_err());
    let devices = stored.devices.iter().map(|row| (Slot::Device(row.device.id), &row.keyslot));
    let slots = devices.chain([
        (Slot::Passphrase, &stored.request.passphrase_keyslot),
        (Slot::Recovery, &stored.request.recovery_methods[0].keyslot),
    ]);
    for (slot, keyslot) in slots {
        let opened =
            keyslot::unwrap(keyslot, &KeyEncryptionKey::from_bytes(key), place(&loot.enrolment, slot));
        assert!(!matches!(opened, Ok(KeyBundle::Full(_))), "{slot:?}");
    }
    for (head, bytes) in &stored.snapshots {
        let (account, generation) = loot.account();
        let expected = Expected { account, generation, number: head.number };
        let snapshot = snapshot::open(bytes, expected, loot.keys.inventory(), loot.keys.save());
        let opened = snapshot.expect("it sees it").open_entry(entry, &derived.entry_private);
        assert!(opened.expect("it is there").is_err());
    }
}

#[tokio::test]
async fn a_device_with_backup_alone_opens_no_entry_with_all_that_is_stored() {
    let (vault, first, _) = registered().await;
    let entry = save(&first, "one").await.expect("saves").added[0];
    enrolled(&vault, 4, Permission::Manage).await;
    for permission in [Permission::View, Permission::Backup] {
        let phone = enrolled(&vault, 3, permission).await;
        let loot = Loot::of(phone.state_store().kept().enrolment.clone().expect("enrolled"));
        assert!(loot.keys.owner().is_none());
        let stored = vault.account().clone();
        let list = stored.lists.last().expect("a list");
        let list = device_list::open(list, loot.account(), loot.keys.inventory(), loot.keys.device_list());
        let list = list.expect("it sees the list");
        assert_eq!(list.contents.devices.len(), 2);
        for key in loot.held() {
            try_key(&key, &loot, &list, &stored, entry);
        }
    }
}
