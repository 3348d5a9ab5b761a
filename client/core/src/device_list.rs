//! The device list: which devices are enrolled, signed by a key that only holders of the account key have
//! (protocol.md section 18).
//!
//! A vault can neither add a device to it nor hide one. It also keeps, for holders of the account key alone, what is needed
//! to make a keyslot for a device that is not at hand.

mod fault;
mod plaintext;

pub use fault::{DevicesFault, judge, same_as_table};

use crate::aad::AssociatedData;
use crate::cbor::Unknown;
use crate::continuity::{Continuity, Seen};
use crate::envelope;
use crate::inventory::Label;
use crate::key_ring::KeyRing;
use crate::keys::{DeviceKeysKey, DeviceListKey, DeviceListPublicKey, InventoryKey, KeyEncryptionKey};
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::device_list::{FORM, Layout, write_signed};
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{
    AccountId, DeviceId, Digest, Generation, Number, OperationId, SuiteId, Timestamp, limits,
};

/// An enrolled device, as the owner signed it.
#[derive(Clone, Debug)]
pub struct Device {
    /// Names the device; random.
    pub id: DeviceId,
    /// What its owner calls it.
    pub label: Label,
    /// What it may do.
    pub permission: Permission,
    /// The Ed25519 public key that signs its requests.
    pub request_key: [u8; 32],
    /// When it was enrolled, by the clock of the device that enrolled it.
    pub enrolled_at: Timestamp,
    /// What kind of device it is.
    pub kind: DeviceKind,
    pub(crate) unknown: DeviceUnknown,
}

/// What kind of device an enrolment belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// A program that keeps its secrets on one machine.
    #[default]
    App,
    /// A passkey, which may be on several machines.
    Passkey,
    /// A kind that a newer version added.
    Newer(u64),
}

impl DeviceKind {
    /// The number that stands for it.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::App => 1,
            Self::Passkey => 2,
            Self::Newer(number) => number,
        }
    }

    /// The kind that a number stands for.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        match number {
            1 => Self::App,
            2 => Self::Passkey,
            other => Self::Newer(other),
        }
    }

    /// What programs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Passkey => "passkey",
            Self::Newer(_) => "newer kind",
        }
    }
}

/// Fields of a device that this version does not know.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceUnknown(Unknown);

impl Device {
    /// A device of this version.
    #[must_use]
    pub fn new(
        id: DeviceId,
        label: Label,
        permission: Permission,
        request_key: [u8; 32],
        enrolled_at: Timestamp,
    ) -> Self {
        let kind = DeviceKind::App;
        Self { id, label, permission, request_key, enrolled_at, kind, unknown: DeviceUnknown::default() }
    }
}

/// What a device list says.
#[derive(Clone, Debug)]
pub struct Contents {
    /// When it was made, by the clock of the device that made it.
    pub changed_at: Timestamp,
    /// The device that made it; zero where that one is not enrolled.
    pub changed_by: DeviceId,
    /// Every enrolled device, in the order of their enrolment.
    pub devices: Vec<Device>,
    unknown: Unknown,
}

impl Contents {
    /// What a first list says.
    #[must_use]
    pub fn new(changed_at: Timestamp, changed_by: DeviceId, devices: Vec<Device>) -> Self {
        Self { changed_at, changed_by, devices, unknown: Unknown::default() }
    }

    /// What the next list says: what a newer version wrote stays.
    #[must_use]
    pub fn continued(&self, changed_at: Timestamp, changed_by: DeviceId, devices: Vec<Device>) -> Self {
        Self { changed_at, changed_by, devices, unknown: self.unknown.clone() }
    }

    /// The device of this id.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == id)
    }
}

/// A device list that was opened and whose signature holds.
#[derive(Clone, Debug)]
pub struct DeviceList {
    /// What stands in the clear.
    pub header: Header,
    /// Digest of the exact bytes.
    pub digest: Digest,
    /// What it says.
    pub contents: Contents,
    device_keys: Vec<u8>,
}

impl Seen {
    /// Judges a device list that the vault offers as the newest. A gap is no fault of it: the owner signed it.
    #[must_use]
    pub fn judge_list(&self, offered: &DeviceList) -> Continuity {
        self.judge_parts(&offered.header, offered.digest, limits::DEVICE_LIST_ANCESTORS)
    }
}

/// What signs and seals a device list.
#[derive(Clone, Copy, Debug)]
pub struct ListKeys<'a> {
    /// Seals the list.
    pub inventory: &'a InventoryKey,
    /// Signs it.
    pub device_list: &'a DeviceListKey,
    /// Seals the device keys in it.
    pub device_keys: &'a DeviceKeysKey,
}

impl<'a> ListKeys<'a> {
    /// Those of a holder of the account key; `None` for any other.
    #[must_use]
    pub fn of(held: &'a KeyRing) -> Option<Self> {
        let owner = held.owner()?;
        Some(Self {
            inventory: held.inventory(),
            device_list: owner.device_list,
            device_keys: owner.device_keys,
        })
    }
}

/// Seals and signs a device list. `device_keys` are the key-encryption keys of its devices, in the same order.
///
/// # Panics
/// Where there are more than 16 devices, or another number of keys.
#[must_use]
pub fn seal(
    header: &Header,
    contents: &Contents,
    device_keys: &[&KeyEncryptionKey],
    keys: ListKeys<'_>,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    assert_eq!(device_keys.len(), contents.devices.len(), "each device has one key");
    let fits = "sixteen devices fit the size classes";
    let escrow = plaintext::encode_keys(&contents.devices, device_keys);
    let aad = AssociatedData::device_keys(header);
    let escrow = envelope::seal(keys.device_keys.expose(), &aad, &escrow, randomness).expect(fits);
    let plaintext = contents.encode(&escrow);
    let aad = AssociatedData::device_list(header);
    let sealed = envelope::seal(keys.inventory.expose(), &aad, &plaintext, randomness).expect(fits);
    sign(header, &sealed, keys.device_list)
}

/// Writes and signs a list around an envelope, whatever that holds; [`seal`] is what a client calls.
#[must_use]
pub fn sign(header: &Header, envelope: &[u8], key: &DeviceListKey) -> Vec<u8> {
    let mut bytes = write_signed(header, envelope);
    let signature = key.sign(&bytes);
    bytes.extend_from_slice(&signature);
    bytes
}

/// Opens a device list, in the order of section 18: shape, account and generation, signature, envelope.
///
/// # Errors
/// As section 1 says; one of another account or generation does not authenticate.
pub fn open(
    bytes: &[u8],
    (account, generation): (AccountId, Generation),
    inventory: &InventoryKey,
    verifier: &DeviceListPublicKey,
) -> Result<DeviceList, OpenError> {
    let layout = Layout::parse(bytes)?;
    let header = &layout.header;
    if (header.account, header.generation) != (account, generation)
        || !verifier.verifies(layout.signed, layout.signature)
    {
        return Err(OpenError::Authentication);
    }
    let aad = AssociatedData::device_list(header);
    let plaintext = envelope::open(inventory.expose(), &aad, layout.envelope)?;
    let (contents, device_keys) = Contents::decode(&plaintext)?;
    Ok(DeviceList { header: layout.header, digest: Digest::of(bytes), contents, device_keys })
}

impl DeviceList {
    /// The key-encryption keys of its devices, in their order: for holders of the account key.
    ///
    /// # Errors
    /// As section 1 says; malformed where they are those of other devices.
    pub fn device_keys(&self, key: &DeviceKeysKey) -> Result<Vec<KeyEncryptionKey>, OpenError> {
        let aad = AssociatedData::device_keys(&self.header);
        let plaintext = envelope::open(key.expose(), &aad, &self.device_keys)?;
        plaintext::decode_keys(&plaintext, &self.contents.devices)
    }

    /// What a device remembers of it.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { number: self.header.number, digest: self.digest }
    }
}

/// The header of the list that follows `newest`; `None` where that has the last of all numbers.
#[must_use]
pub fn next_header(
    newest: Option<&DeviceList>,
    suite: SuiteId,
    (account, generation): (AccountId, Generation),
    operation: OperationId,
) -> Option<Header> {
    let (number, ancestors) = match newest {
        None => (Number::FIRST, Vec::new()),
        Some(newest) => {
            let former = newest.header.ancestors.iter().copied();
            let ancestors = std::iter::once(newest.digest).chain(former).take(FORM.most_ancestors);
            (newest.header.number.next()?, ancestors.collect())
        }
    };
    Some(Header { suite, account, generation, number, operation, ancestors })
}
