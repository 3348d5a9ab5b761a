//! Keyslots: one wrap of a key bundle each (protocol.md section 7).

use crate::aad::{AssociatedData, ObjectKind, Slot};
use crate::cbor::{self, MapWriter};
use crate::envelope;
use crate::keys::{AccountKey, DeviceListPublicKey, EntryPublicKey, InventoryKey, KeyEncryptionKey, SaveKey};
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Generation, SuiteId};

const ACCOUNT_KEY: u64 = 1;
const INVENTORY_KEY: u64 = 2;
const SAVE_KEY: u64 = 3;
const ENTRY_PUBLIC_KEY: u64 = 4;
const DEVICE_LIST_KEY: u64 = 5;

/// Where a keyslot belongs.
#[derive(Clone, Copy, Debug)]
pub struct KeyslotPlace {
    /// The suite to wrap under; a keyslot is unwrapped under the one that it names.
    pub suite: SuiteId,
    /// The account.
    pub account: AccountId,
    /// The generation of its keys.
    pub generation: Generation,
    /// Which of its keyslots.
    pub slot: Slot,
}

/// What a keyslot holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyBundle {
    /// Everything: passphrase, recovery code, and devices that restore.
    Full(AccountKey),
    /// See and add, but not read.
    Backup {
        /// Seals and opens the inventory.
        inventory: InventoryKey,
        /// Authenticates snapshots.
        save: SaveKey,
        /// Seals entries.
        entry_public: EntryPublicKey,
        /// Verifies device lists.
        device_list: DeviceListPublicKey,
    },
    /// See, and no more.
    View {
        /// Opens the inventory.
        inventory: InventoryKey,
        /// Verifies device lists.
        device_list: DeviceListPublicKey,
    },
}

impl KeyBundle {
    /// Whether it is what a device of this permission gets.
    #[must_use]
    pub fn is_for(&self, permission: Permission) -> bool {
        match self {
            Self::Full(_) => permission.holds_account_key(),
            Self::Backup { .. } => permission == Permission::Backup,
            Self::View { .. } => permission == Permission::View,
        }
    }
}

impl KeyslotPlace {
    fn aad(&self) -> AssociatedData<'static> {
        AssociatedData {
            suite: self.suite,
            account: self.account,
            generation: self.generation,
            place: ObjectKind::Keyslot(self.slot),
        }
    }
}

/// Wraps the account key: 332 bytes.
#[must_use]
pub fn wrap(
    account_key: &AccountKey,
    key: &KeyEncryptionKey,
    place: KeyslotPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    wrap_bundle(|map| map.bytes(ACCOUNT_KEY, account_key.expose()), key, place, randomness)
}

/// Wraps what a device of this permission needs: 332 bytes.
#[must_use]
pub fn wrap_for_device(
    account_key: &AccountKey,
    permission: Permission,
    key: &KeyEncryptionKey,
    place: KeyslotPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    if permission.holds_account_key() {
        return wrap(account_key, key, place, randomness);
    }
    let keys = account_key.account_keys();
    let write = |map: &mut MapWriter| {
        map.bytes(INVENTORY_KEY, keys.inventory.expose());
        if permission >= Permission::Backup {
            map.bytes(SAVE_KEY, keys.save.expose());
            map.bytes(ENTRY_PUBLIC_KEY, &keys.entry_public.to_bytes());
        }
        map.bytes(DEVICE_LIST_KEY, &keys.device_list.public().to_bytes());
    };
    wrap_bundle(write, key, place, randomness)
}

fn wrap_bundle(
    write: impl FnOnce(&mut MapWriter),
    key: &KeyEncryptionKey,
    place: KeyslotPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    let mut map = MapWriter::default();
    write(&mut map);
    let bundle = map.finish(&cbor::Unknown::default());
    envelope::seal(key.expose(), &place.aad(), &bundle, randomness)
        .expect("a key bundle fits the smallest size class")
}

/// Unwraps a keyslot.
///
/// # Errors
/// As section 1 says; a bundle that does not hold exactly what its slot may hold is malformed.
pub fn unwrap(keyslot: &[u8], key: &KeyEncryptionKey, place: KeyslotPlace) -> Result<KeyBundle, OpenError> {
    let suite = envelope::named_suite(keyslot).unwrap_or(place.suite);
    let bundle = envelope::open(key.expose(), &KeyslotPlace { suite, ..place }.aad(), keyslot)?;
    let (mut account, mut inventory, mut save, mut entry, mut list) = (None, None, None, None, None);
    cbor::read_whole(&bundle, |key, decoder| {
        match key {
            ACCOUNT_KEY => account = Some(AccountKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            INVENTORY_KEY => inventory = Some(InventoryKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            SAVE_KEY => save = Some(SaveKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            ENTRY_PUBLIC_KEY => {
                entry = Some(EntryPublicKey::from_bytes(&cbor::array(decoder)?).ok_or(cbor::Malformed)?);
            }
            DEVICE_LIST_KEY => {
                list = Some(DeviceListPublicKey::from_bytes(&cbor::array(decoder)?).ok_or(cbor::Malformed)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let is_device = matches!(place.slot, Slot::Device(_));
    match (account, inventory, save, entry, list) {
        (Some(account), None, None, None, None) => Ok(KeyBundle::Full(account)),
        (None, Some(inventory), Some(save), Some(entry_public), Some(device_list)) if is_device => {
            Ok(KeyBundle::Backup { inventory, save, entry_public, device_list })
        }
        (None, Some(inventory), None, None, Some(device_list)) if is_device => {
            Ok(KeyBundle::View { inventory, device_list })
        }
        _ => Err(OpenError::Malformed("key bundle")),
    }
}

fn zeroizing<const N: usize>(bytes: [u8; N]) -> zeroize::Zeroizing<[u8; N]> {
    zeroize::Zeroizing::new(bytes)
}
