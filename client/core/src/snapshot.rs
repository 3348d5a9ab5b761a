//! Snapshots: one sealed, immutable version of all of an account's entries (protocol.md section 10).

pub use crate::continuity::{Continuity, Seen};

use crate::aad::AssociatedData;
use crate::entry::{self, Entry, EntryPlace};
use crate::envelope;
use crate::inventory::Inventory;
use crate::keys::{EntryPrivateKey, InventoryKey, SaveKey};
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use hmac::{Hmac, KeyInit, Mac};
use rootcellar_spec::snapshot::{Header, Layout, write_authenticated};
use rootcellar_spec::{AccountId, Digest, EntryId, Generation, Number, limits};
use sha2::Sha512;

/// A snapshot that was opened: authenticated, its inventory read, its entries still sealed.
#[derive(Debug)]
pub struct Snapshot {
    /// What stands in the clear.
    pub header: Header,
    /// Digest of the exact bytes.
    pub digest: Digest,
    /// What is backed up.
    pub inventory: Inventory,
    /// The sealed entries, in the order of the inventory's items.
    pub sealed_entries: Vec<Vec<u8>>,
}

impl Seen {
    /// Judges a snapshot that the vault offers as the newest.
    #[must_use]
    pub fn judge(&self, offered: &Snapshot) -> Continuity {
        self.judge_parts(&offered.header, offered.digest, limits::ANCESTORS)
    }
}

/// What the vault said of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The account.
    pub account: AccountId,
    /// The generation of its keys.
    pub generation: Generation,
    /// The snapshot's number.
    pub number: Number,
}

/// Why a snapshot cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// More entries than a snapshot may hold.
    #[error("a backup has at most {} entries: remove one first", limits::ENTRIES)]
    TooManyEntries,
    /// More bytes than a snapshot may have.
    #[error("a backup has at most {} bytes: remove an entry first", limits::SNAPSHOT_BYTES)]
    TooLarge,
}

/// Seals a snapshot. The inventory's items must name `sealed_entries`, in order.
///
/// # Errors
/// Where it would exceed the limits of section 1.1.
pub fn seal(
    header: &Header,
    inventory: &Inventory,
    sealed_entries: &[Vec<u8>],
    inventory_key: &InventoryKey,
    save_key: &SaveKey,
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, SealError> {
    if sealed_entries.len() > limits::ENTRIES {
        return Err(SealError::TooManyEntries);
    }
    let plaintext = inventory.encode();
    let aad = AssociatedData::inventory(header);
    let envelope =
        envelope::seal(inventory_key.expose(), &aad, &plaintext, randomness).ok_or(SealError::TooLarge)?;
    let entries: Vec<&[u8]> = sealed_entries.iter().map(Vec::as_slice).collect();
    let mut bytes = write_authenticated(header, &envelope, &entries);
    let mac = mac(save_key, &bytes).finalize().into_bytes();
    bytes.extend_from_slice(&mac);
    if bytes.len() > limits::SNAPSHOT_BYTES { Err(SealError::TooLarge) } else { Ok(bytes) }
}

/// Opens a snapshot, in the order of section 10. `save` is `None` on a device with `view`, which has no save key: for it
/// the inventory's envelope authenticates number, operation and ancestors, and the inventory the sealed entries.
///
/// # Errors
/// As section 1 says; one that is not the expected one does not authenticate.
pub fn open(
    bytes: &[u8],
    expected: Expected,
    inventory: &InventoryKey,
    save: Option<&SaveKey>,
) -> Result<Snapshot, OpenError> {
    let layout = Layout::parse(bytes)?;
    let header = &layout.header;
    let found = (header.account, header.generation, header.number);
    if found != (expected.account, expected.generation, expected.number) {
        return Err(OpenError::Authentication);
    }
    if let Some(save) = save {
        mac(save, layout.authenticated).verify_slice(layout.mac).map_err(|_| OpenError::Authentication)?;
    }
    let plaintext = envelope::open(inventory.expose(), &AssociatedData::inventory(header), layout.inventory)?;
    let inventory = Inventory::decode(&plaintext)?;
    let named = inventory.items.iter().map(|item| item.digest);
    if !named.eq(layout.entries.iter().map(|entry| Digest::of(entry))) {
        return Err(OpenError::Authentication);
    }
    let sealed_entries = layout.entries.iter().map(|entry| entry.to_vec()).collect();
    Ok(Snapshot { header: layout.header, digest: Digest::of(bytes), inventory, sealed_entries })
}

fn mac(key: &SaveKey, authenticated: &[u8]) -> Hmac<Sha512> {
    Hmac::<Sha512>::new_from_slice(key.expose())
        .expect("HMAC takes a key of any length")
        .chain_update(authenticated)
}

impl Snapshot {
    /// Opens one entry; `None` where the snapshot has no such entry.
    ///
    /// # Errors
    /// As section 1 says.
    pub fn open_entry(&self, id: EntryId, key: &EntryPrivateKey) -> Option<Result<Entry, OpenError>> {
        let index = self.inventory.items.iter().position(|item| item.id == id)?;
        Some(entry::open(&self.sealed_entries[index], key, self.entry_place(id)))
    }

    /// Where an entry of this snapshot belongs.
    pub(crate) fn entry_place(&self, entry: EntryId) -> EntryPlace {
        let Header { suite, account, generation, .. } = self.header;
        EntryPlace { suite, account, generation, entry }
    }

    /// The ancestors of the snapshot that follows this one.
    #[must_use]
    pub fn ancestors_of_next(&self) -> Vec<Digest> {
        std::iter::once(self.digest)
            .chain(self.header.ancestors.iter().copied())
            .take(limits::ANCESTORS)
            .collect()
    }

    /// What a device remembers of it.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { number: self.header.number, digest: self.digest }
    }
}
