//! The inventory: what is backed up, without a secret (protocol.md section 9).

mod about;

pub use about::{About, Proof, WayIn};

use crate::cbor::{self, Malformed, MapWriter, Unknown};
use crate::continuity::Seen;
use crate::entry::Kind;
use crate::open_error::OpenError;
use crate::shown::VaultText;
use minicbor::Decoder;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{Digest, EntryId, Number, Timestamp, limits};
use zeroize::Zeroizing;

/// A label of an entry or of a device: 1 to 256 bytes, no control characters. `Display` shows it safely, see [`VaultText`].
#[derive(Clone, PartialEq, Eq)]
pub struct Label(VaultText);

/// The text is no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a label has 1 to {} bytes and no control characters", limits::LABEL_BYTES)]
pub struct InvalidLabel;

impl Label {
    /// Takes a label, without white space at its ends.
    ///
    /// # Errors
    /// Where it is empty, too long or holds control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        Self::untrimmed(text.trim())
    }

    pub(crate) fn untrimmed(text: &str) -> Result<Self, InvalidLabel> {
        let valid = is_line(text, limits::LABEL_BYTES);
        valid.then(|| Self(VaultText::new(text))).ok_or(InvalidLabel)
    }

    /// Exactly as its owner gave it: to compare, seal and store. What is shown goes through `Display`.
    #[must_use]
    pub fn exact(&self) -> &str {
        self.0.exact()
    }

    /// The text, shown safely and exact in JSON.
    #[must_use]
    pub fn text(&self) -> &VaultText {
        &self.0
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a text has 1 to `most` bytes and no control characters.
fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.chars().any(char::is_control)
}

impl std::fmt::Debug for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Label([redacted])")
    }
}

/// The device that made a snapshot.
#[derive(Clone, Debug)]
pub struct Device {
    /// Names the device; random.
    pub id: DeviceId,
    /// What its owner calls it.
    pub label: Label,
}

/// What the inventory says of one entry.
#[derive(Clone, Debug)]
pub struct Item {
    /// The entry.
    pub id: EntryId,
    /// What its owner calls it.
    pub label: Label,
    /// The kind of its secret, as a number: a newer version may have added kinds.
    pub kind: u64,
    /// When it was added, by that device's clock.
    pub created_at: Timestamp,
    /// When it was last changed, by that device's clock.
    pub changed_at: Timestamp,
    /// Digest of the sealed entry.
    pub digest: Digest,
    /// BIP-32 master fingerprint of a phrase.
    pub fingerprint: Option<[u8; 4]>,
    pub(crate) unknown: ItemUnknown,
}

/// Fields of an item that this version does not know.
#[derive(Clone, Debug, Default)]
pub(crate) struct ItemUnknown(Unknown);

/// The inventory of a snapshot.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// When the snapshot was made, by that device's clock.
    pub created_at: Timestamp,
    /// The device that made it.
    pub device: Device,
    /// The entries, in the order of the snapshot's sealed entries.
    pub items: Vec<Item>,
    /// The newest device list that the device had seen; `None` where it had seen none.
    pub device_list: Option<Seen>,
    /// What it says beside the entries.
    pub about: About,
    unknown: Unknown,
    device_unknown: Unknown,
    list_unknown: Unknown,
}

impl Item {
    /// An item of this version.
    #[must_use]
    pub fn new(
        id: EntryId,
        label: Label,
        kind: Kind,
        now: Timestamp,
        digest: Digest,
        fingerprint: Option<[u8; 4]>,
    ) -> Self {
        Self {
            id,
            label,
            kind: kind.number(),
            created_at: now,
            changed_at: now,
            digest,
            fingerprint,
            unknown: ItemUnknown::default(),
        }
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.bytes(1, &self.id.0);
        map.text(2, self.label.exact());
        map.uint(3, self.kind);
        map.uint(4, self.created_at.0);
        map.uint(5, self.changed_at.0);
        map.bytes(6, &self.digest.0);
        if let Some(fingerprint) = &self.fingerprint {
            map.bytes(7, fingerprint);
        }
        map.finish(&self.unknown.0)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let (mut id, mut label, mut kind, mut created, mut changed, mut digest, mut fingerprint) =
            (None, None, None, None, None, None, None);
        let unknown = cbor::read_map(decoder, |key, decoder| {
            match key {
                1 => id = Some(EntryId(cbor::array(decoder)?)),
                2 => label = Some(Label::untrimmed(decoder.str()?).map_err(|_| Malformed)?),
                3 => kind = Some(decoder.u64()?),
                4 => created = Some(Timestamp(decoder.u64()?)),
                5 => changed = Some(Timestamp(decoder.u64()?)),
                6 => digest = Some(Digest(cbor::array(decoder)?)),
                7 => fingerprint = Some(cbor::array(decoder)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            id: id.ok_or(Malformed)?,
            label: label.ok_or(Malformed)?,
            kind: kind.ok_or(Malformed)?,
            created_at: created.ok_or(Malformed)?,
            changed_at: changed.ok_or(Malformed)?,
            digest: digest.ok_or(Malformed)?,
            fingerprint,
            unknown: ItemUnknown(unknown),
        })
    }
}

impl Device {
    fn encode(&self, unknown: &Unknown) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.bytes(1, &self.id.0);
        map.text(2, self.label.exact());
        map.finish(unknown)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<(Self, Unknown), Malformed> {
        let (mut id, mut label) = (None, None);
        let unknown = cbor::read_map(decoder, |key, decoder| {
            match key {
                1 => id = Some(DeviceId(cbor::array(decoder)?)),
                2 => label = Some(Label::untrimmed(decoder.str()?).map_err(|_| Malformed)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok((Self { id: id.ok_or(Malformed)?, label: label.ok_or(Malformed)? }, unknown))
    }
}

impl Inventory {
    /// The inventory of a first snapshot.
    #[must_use]
    pub fn new(created_at: Timestamp, device: Device) -> Self {
        Self {
            created_at,
            device,
            items: Vec::new(),
            device_list: None,
            about: About::default(),
            unknown: Unknown::default(),
            device_unknown: Unknown::default(),
            list_unknown: Unknown::default(),
        }
    }

    /// Makes it the inventory of the next snapshot, by this device. What a newer version wrote about the inventory
    /// stays; what it wrote about the former device goes with that device. `device_list` is the newest that this device
    /// has seen.
    #[must_use]
    pub fn continued(self, created_at: Timestamp, device: Device, device_list: Option<Seen>) -> Self {
        let list_unknown =
            if device_list == self.device_list { self.list_unknown } else { Unknown::default() };
        let device_unknown = Unknown::default();
        Self { created_at, device, device_list, device_unknown, list_unknown, ..self }
    }

    /// The entry's item.
    #[must_use]
    pub fn item(&self, id: EntryId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The CBOR map of section 9, unknown fields among the others.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.uint(1, self.created_at.0);
        map.encoded(2, self.device.encode(&self.device_unknown));
        map.maps(3, self.items.iter().map(Item::encode).collect());
        if let Some(list) = &self.device_list {
            map.encoded(4, encode_seen(list, &self.list_unknown));
        }
        self.about.write(&mut map);
        map.finish(&self.unknown)
    }

    /// Reads the CBOR map of section 9.
    ///
    /// # Errors
    /// `Malformed`, also where an entry id stands twice.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        let (mut created, mut device, mut items, mut device_list) = (None, None, None, None);
        let mut about = About::default();
        let unknown = cbor::read_whole(bytes, |key, decoder| {
            match key {
                1 => created = Some(Timestamp(decoder.u64()?)),
                2 => device = Some(Device::read(decoder)?),
                3 => items = Some(cbor::distinct(decoder, limits::ENTRIES, Item::read, |item| item.id)?),
                4 => device_list = Some(read_seen(decoder)?),
                _ => return about.take(key, decoder),
            }
            Ok(true)
        })?;
        let missing = OpenError::Malformed("inventory");
        let (device, device_unknown) = device.ok_or(missing)?;
        let created_at = created.ok_or(missing)?;
        let items = items.ok_or(missing)?;
        let (device_list, list_unknown) = device_list.unzip();
        let list_unknown = list_unknown.unwrap_or_default();
        Ok(Self { created_at, device, items, device_list, about, unknown, device_unknown, list_unknown })
    }
}

fn encode_seen(seen: &Seen, unknown: &Unknown) -> Zeroizing<Vec<u8>> {
    let mut map = MapWriter::default();
    map.uint(1, seen.number.0);
    map.bytes(2, &seen.digest.0);
    map.finish(unknown)
}

fn read_seen(decoder: &mut Decoder<'_>) -> Result<(Seen, Unknown), Malformed> {
    let (mut number, mut digest) = (None, None);
    let unknown = cbor::read_map(decoder, |key, decoder| {
        match key {
            1 => number = Some(Number(decoder.u64()?)),
            2 => digest = Some(Digest(cbor::array(decoder)?)),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((Seen { number: number.ok_or(Malformed)?, digest: digest.ok_or(Malformed)? }, unknown))
}
