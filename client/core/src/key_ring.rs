//! What a session or a device holds of an account's keys: as much as its permission needs (protocol.md section 7).

use crate::keys::{
    AccountKey, AccountKeys, DeviceKeysKey, DeviceListKey, DeviceListPublicKey, EntryPrivateKey,
    EntryPublicKey, InventoryKey, SaveKey,
};
use crate::keyslot::KeyBundle;

/// The keys that a keyslot gave, and what derives from them. Wiped on drop.
#[derive(Debug)]
pub struct KeyRing(HeldKeys);

#[derive(Debug)]
enum HeldKeys {
    /// By passphrase, by recovery code, or by a device that restores.
    Full { account: AccountKey, derived: Box<AccountKeys>, device_list: DeviceListPublicKey },
    /// By a device that adds and does not read.
    Backup {
        inventory: InventoryKey,
        save: SaveKey,
        entry_public: EntryPublicKey,
        device_list: DeviceListPublicKey,
    },
    /// By a device that looks.
    View { inventory: InventoryKey, device_list: DeviceListPublicKey },
}

/// What only holders of the account key have.
#[derive(Clone, Copy, Debug)]
pub struct OwnerKeys<'a> {
    /// The account key.
    pub account: &'a AccountKey,
    /// Opens entries.
    pub entry_private: &'a EntryPrivateKey,
    /// Signs device lists.
    pub device_list: &'a DeviceListKey,
    /// Seals and opens the device keys in a device list.
    pub device_keys: &'a DeviceKeysKey,
}

impl From<AccountKey> for KeyRing {
    fn from(account: AccountKey) -> Self {
        let derived = Box::new(account.account_keys());
        let device_list = derived.device_list.public();
        Self(HeldKeys::Full { account, derived, device_list })
    }
}

impl From<KeyBundle> for KeyRing {
    fn from(bundle: KeyBundle) -> Self {
        match bundle {
            KeyBundle::Full(account) => account.into(),
            KeyBundle::Backup { inventory, save, entry_public, device_list } => {
                Self(HeldKeys::Backup { inventory, save, entry_public, device_list })
            }
            KeyBundle::View { inventory, device_list } => Self(HeldKeys::View { inventory, device_list }),
        }
    }
}

impl KeyRing {
    /// Opens and seals inventories and device lists.
    #[must_use]
    pub fn inventory(&self) -> &InventoryKey {
        match &self.0 {
            HeldKeys::Full { derived, .. } => &derived.inventory,
            HeldKeys::Backup { inventory, .. } | HeldKeys::View { inventory, .. } => inventory,
        }
    }

    /// Verifies device lists.
    #[must_use]
    pub fn device_list(&self) -> &DeviceListPublicKey {
        let (HeldKeys::Full { device_list, .. }
        | HeldKeys::Backup { device_list, .. }
        | HeldKeys::View { device_list, .. }) = &self.0;
        device_list
    }

    /// Authenticates snapshots; from `backup` on.
    #[must_use]
    pub fn save(&self) -> Option<&SaveKey> {
        match &self.0 {
            HeldKeys::Full { derived, .. } => Some(&derived.save),
            HeldKeys::Backup { save, .. } => Some(save),
            HeldKeys::View { .. } => None,
        }
    }

    /// Seals entries; from `backup` on.
    #[must_use]
    pub fn entry_public(&self) -> Option<&EntryPublicKey> {
        match &self.0 {
            HeldKeys::Full { derived, .. } => Some(&derived.entry_public),
            HeldKeys::Backup { entry_public, .. } => Some(entry_public),
            HeldKeys::View { .. } => None,
        }
    }

    /// The account key and what only it gives; from `restore` on.
    #[must_use]
    pub fn owner(&self) -> Option<OwnerKeys<'_>> {
        match &self.0 {
            HeldKeys::Full { account, derived, .. } => Some(OwnerKeys {
                account,
                entry_private: &derived.entry_private,
                device_list: &derived.device_list,
                device_keys: &derived.device_keys,
            }),
            HeldKeys::Backup { .. } | HeldKeys::View { .. } => None,
        }
    }
}
