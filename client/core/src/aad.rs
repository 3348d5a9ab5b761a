//! Associated data (protocol.md section 5): one struct, one encoding, that binds a sealed object to its place.

use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::snapshot::Header;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{AccountId, Digest, EntryId, Generation, SuiteId, labels};

/// Which keyslot of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Opened by the passphrase.
    Passphrase,
    /// Opened by the recovery code.
    Recovery,
    /// Opened by an enrolled device.
    Device(DeviceId),
}

/// The place that an object belongs to, within its account.
#[derive(Clone, Copy, Debug)]
pub enum ObjectKind<'a> {
    /// A keyslot.
    Keyslot(Slot),
    /// The inventory of the snapshot with this header.
    Inventory(&'a Header),
    /// An entry.
    Entry(EntryId),
    /// The envelope of the device list with this header.
    DeviceList(&'a Header),
    /// The device keys within the device list with this header.
    DeviceKeys(&'a Header),
    /// The reply in a pairing's mailbox (section 19), which belongs to no account yet.
    PairingReply(Digest),
    /// The confirmation in a pairing's mailbox.
    PairingConfirmation(Digest),
    /// A file that keeps the secrets of this device.
    DeviceFile(DeviceId),
    /// The label of the recovery method whose locator has this digest (section 7.1).
    RecoveryLabel(Digest),
    /// The account's name, which a device keeps for itself until a snapshot notes it.
    AccountName,
}

/// What every sealed object is bound to.
#[derive(Clone, Copy, Debug)]
pub struct AssociatedData<'a> {
    /// The suite that sealed it.
    pub suite: SuiteId,
    /// Its account.
    pub account: AccountId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// Its place.
    pub place: ObjectKind<'a>,
}

impl ObjectKind<'_> {
    /// The object kind: one byte of the envelope and of the associated data.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Self::Keyslot(_) => 1,
            Self::Inventory(_) => 2,
            Self::Entry(_) => 3,
            Self::DeviceList(_) => 4,
            Self::DeviceKeys(_) => 5,
            Self::PairingReply(_) => 6,
            Self::PairingConfirmation(_) => 7,
            Self::DeviceFile(_) => 8,
            Self::RecoveryLabel(_) => rootcellar_spec::envelope::RECOVERY_LABEL,
            Self::AccountName => 10,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Keyslot(Slot::Passphrase) => [&[1][..], &[0; 16]].concat(),
            Self::Keyslot(Slot::Recovery) => [&[2][..], &[0; 16]].concat(),
            Self::Keyslot(Slot::Device(device)) => [&[3][..], &device.0].concat(),
            Self::Inventory(header) | Self::DeviceList(header) => [
                &header.number.0.to_be_bytes()[..],
                &header.operation.0,
                &Digest::of(&header.joined_ancestors()).0,
            ]
            .concat(),
            Self::Entry(entry) => entry.0.to_vec(),
            Self::DeviceKeys(header) => [&header.number.0.to_be_bytes()[..], &header.operation.0].concat(),
            Self::PairingReply(digest) | Self::PairingConfirmation(digest) | Self::RecoveryLabel(digest) => {
                digest.0.to_vec()
            }
            Self::DeviceFile(device) => device.0.to_vec(),
            Self::AccountName => Vec::new(),
        }
    }
}

impl<'a> AssociatedData<'a> {
    /// The associated data of the inventory of the snapshot with this header.
    #[must_use]
    pub fn inventory(header: &'a Header) -> Self {
        Self::under(header, ObjectKind::Inventory(header))
    }

    /// The associated data of the envelope of the device list with this header.
    #[must_use]
    pub fn device_list(header: &'a Header) -> Self {
        Self::under(header, ObjectKind::DeviceList(header))
    }

    /// The associated data of the device keys within the device list with this header.
    #[must_use]
    pub fn device_keys(header: &'a Header) -> Self {
        Self::under(header, ObjectKind::DeviceKeys(header))
    }

    fn under(header: &Header, place: ObjectKind<'a>) -> Self {
        let Header { suite, account, generation, .. } = *header;
        Self { suite, account, generation, place }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode_parts(&[
            labels::AAD.as_bytes(),
            &self.suite.0.to_be_bytes(),
            &[self.place.kind()],
            &self.account.0,
            &self.generation.0.to_be_bytes(),
            &self.place.encode(),
        ])
    }
}
