//! The CBOR of a device list and of the device keys in it (protocol.md section 18).

use super::{Contents, Device, DeviceKind, DeviceUnknown};
use crate::cbor::{self, Malformed, MapWriter, Unknown};
use crate::inventory::Label;
use crate::keys::KeyEncryptionKey;
use crate::open_error::OpenError;
use minicbor::Decoder;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, Timestamp, limits};
use zeroize::Zeroizing;

impl Device {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.bytes(1, &self.id.0);
        map.text(2, self.label.exact());
        map.uint(3, u64::from(self.permission.number()));
        map.bytes(4, &self.request_key);
        map.uint(5, self.enrolled_at.0);
        if self.kind != DeviceKind::App {
            map.uint(6, self.kind.number());
        }
        map.finish(&self.unknown.0)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let (mut id, mut label, mut permission, mut request_key, mut enrolled) =
            (None, None, None, None, None);
        let mut kind = DeviceKind::App;
        let unknown = cbor::read_map(decoder, |key, decoder| {
            match key {
                1 => id = Some(DeviceId(cbor::array(decoder)?)),
                2 => label = Some(Label::untrimmed(decoder.str()?).map_err(|_| Malformed)?),
                3 => permission = Some(read_permission(decoder)?),
                4 => request_key = Some(cbor::array(decoder)?),
                5 => enrolled = Some(Timestamp(decoder.u64()?)),
                6 => kind = DeviceKind::from_number(decoder.u64()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            id: id.ok_or(Malformed)?,
            label: label.ok_or(Malformed)?,
            permission: permission.ok_or(Malformed)?,
            request_key: request_key.ok_or(Malformed)?,
            enrolled_at: enrolled.ok_or(Malformed)?,
            kind,
            unknown: DeviceUnknown(unknown),
        })
    }
}

fn read_permission(decoder: &mut Decoder<'_>) -> Result<Permission, Malformed> {
    u8::try_from(decoder.u64()?).ok().and_then(Permission::from_number).ok_or(Malformed)
}

impl Contents {
    /// The CBOR map, with the sealed device keys in it.
    pub(super) fn encode(&self, device_keys: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.uint(1, self.changed_at.0);
        map.bytes(2, &self.changed_by.0);
        map.maps(3, self.devices.iter().map(Device::encode).collect());
        map.bytes(4, device_keys);
        map.finish(&self.unknown)
    }

    /// Reads the CBOR map, and gives the sealed device keys beside it.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, Vec<u8>), OpenError> {
        let (mut changed, mut by, mut devices, mut keys) = (None, None, None, None);
        let unknown = cbor::read_whole(bytes, |key, decoder| {
            match key {
                1 => changed = Some(Timestamp(decoder.u64()?)),
                2 => by = Some(DeviceId(cbor::array(decoder)?)),
                3 => {
                    devices =
                        Some(cbor::distinct(decoder, limits::DEVICES, Device::read, |device| device.id)?)
                }
                4 => keys = Some(decoder.bytes()?.to_vec()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = OpenError::Malformed("device list");
        let contents = Self {
            changed_at: changed.ok_or(missing)?,
            changed_by: by.ok_or(missing)?,
            devices: devices.ok_or(missing)?,
            unknown,
        };
        Ok((contents, keys.ok_or(missing)?))
    }
}

/// The plaintext of the device keys.
pub(super) fn encode_keys(devices: &[Device], keys: &[&KeyEncryptionKey]) -> Zeroizing<Vec<u8>> {
    let one = |(device, key): (&Device, &&KeyEncryptionKey)| {
        let mut map = MapWriter::default();
        map.bytes(1, &device.id.0);
        map.bytes(2, key.expose());
        map.finish(&Unknown::default())
    };
    let mut map = MapWriter::default();
    map.maps(1, devices.iter().zip(keys).map(one).collect());
    map.finish(&Unknown::default())
}

/// Reads the plaintext of the device keys, which must be those of these devices.
pub(super) fn decode_keys(bytes: &[u8], devices: &[Device]) -> Result<Vec<KeyEncryptionKey>, OpenError> {
    let mut keys = None;
    cbor::read_whole(bytes, |key, decoder| {
        if key == 1 {
            keys = Some(cbor::list(decoder, limits::DEVICES, read_key)?);
        }
        Ok(key == 1)
    })?;
    let keys: Vec<(DeviceId, KeyEncryptionKey)> = keys.ok_or(OpenError::Malformed("device keys"))?;
    if !keys.iter().map(|(id, _)| *id).eq(devices.iter().map(|device| device.id)) {
        return Err(OpenError::Malformed("device keys"));
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

fn read_key(decoder: &mut Decoder<'_>) -> Result<(DeviceId, KeyEncryptionKey), Malformed> {
    let (mut id, mut kek) = (None, None);
    cbor::read_map(decoder, |key, decoder| {
        match key {
            1 => id = Some(DeviceId(cbor::array(decoder)?)),
            2 => kek = Some(KeyEncryptionKey::from_bytes(&Zeroizing::new(cbor::array(decoder)?))),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((id.ok_or(Malformed)?, kek.ok_or(Malformed)?))
}
