//! Keyslots: one wrap of a key bundle each (protocol.md section 7).

use crate::aad::{AssociatedData, Place, Slot};
use crate::cbor::{self, MapWriter};
use crate::envelope;
use crate::keys::{AccountKey, EntryPublicKey, InventoryKey, KeyEncryptionKey, SaveKey};
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::{AccountId, Generation, SuiteId};

/// Size of a keyslot whose bundle fits the smallest size class, in bytes.
pub const BYTES: usize = 256 + envelope::OVERHEAD;

const ACCOUNT_KEY: u64 = 1;
const INVENTORY_KEY: u64 = 2;
const SAVE_KEY: u64 = 3;
const ENTRY_PUBLIC_KEY: u64 = 4;

/// Where a keyslot belongs.
#[derive(Clone, Copy, Debug)]
pub struct KeyslotPlace {
    /// The account's suite.
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
    },
}

impl KeyslotPlace {
    fn aad(&self) -> AssociatedData<'static> {
        AssociatedData {
            suite: self.suite,
            account: self.account,
            generation: self.generation,
            place: Place::Keyslot(self.slot),
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

/// Wraps what a device needs that may see and add but not read.
#[must_use]
pub fn wrap_backup(
    (inventory, save, entry_public): (&InventoryKey, &SaveKey, &EntryPublicKey),
    key: &KeyEncryptionKey,
    place: KeyslotPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    wrap_bundle(
        |map| {
            map.bytes(INVENTORY_KEY, inventory.expose());
            map.bytes(SAVE_KEY, save.expose());
            map.bytes(ENTRY_PUBLIC_KEY, &entry_public.to_bytes());
        },
        key,
        place,
        randomness,
    )
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
    let bundle = envelope::open(key.expose(), &place.aad(), keyslot)?;
    let (mut account, mut inventory, mut save, mut entry) = (None, None, None, None);
    cbor::read_whole(&bundle, |key, decoder| {
        match key {
            ACCOUNT_KEY => account = Some(AccountKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            INVENTORY_KEY => inventory = Some(InventoryKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            SAVE_KEY => save = Some(SaveKey::from_bytes(&zeroizing(cbor::array(decoder)?))),
            ENTRY_PUBLIC_KEY => {
                entry = Some(EntryPublicKey::from_bytes(&cbor::array(decoder)?).ok_or(cbor::Malformed)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    match (account, inventory, save, entry, place.slot) {
        (Some(account), None, None, None, _) => Ok(KeyBundle::Full(account)),
        (None, Some(inventory), Some(save), Some(entry_public), Slot::Device(_)) => {
            Ok(KeyBundle::Backup { inventory, save, entry_public })
        }
        _ => Err(OpenError::Malformed("key bundle")),
    }
}

fn zeroizing<const N: usize>(bytes: [u8; N]) -> zeroize::Zeroizing<[u8; N]> {
    zeroize::Zeroizing::new(bytes)
}
