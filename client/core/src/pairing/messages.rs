//! The two sealed messages of a pairing (protocol.md section 19, steps 3 and 5).

use super::offered::Commitment;
use crate::cbor::{self, Malformed, MapWriter, Unknown};
use crate::continuity::Seen;
use crate::inventory::Label;
use crate::keys::secret_array;
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{AccountId, Digest, NameHash, Number, VaultId};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// What the new device tells of itself, once the managing device's share is fixed. Its nonce is a secret until then.
pub struct Reply {
    /// Its nonce, which goes into the code.
    pub nonce: [u8; 32],
    /// The Ed25519 public key that will sign its requests.
    pub request_key: [u8; 32],
    /// Names the device.
    pub device: DeviceId,
    /// What its owner calls it.
    pub label: Label,
}

/// The secret that the managing device draws for the new one, from which the key of its keyslot derives. Redacted in `Debug`,
/// wiped on drop.
#[derive(Debug)]
pub struct DeviceSecret(SecretBox<[u8; 32]>);

/// What the managing device tells the new one after the person has compared the codes.
#[derive(Debug)]
pub struct Confirmation {
    /// The account.
    pub account: AccountId,
    /// Opens the new device's keyslot.
    pub device_secret: DeviceSecret,
    /// The vault.
    pub vault_id: VaultId,
    /// The device list that holds the new device.
    pub device_list: Seen,
    /// The vault's OPAQUE public key, where the managing device knows it.
    pub server_public_key: Option<[u8; 32]>,
    /// Stands for the account's name, where the managing device knows it.
    pub name_hash: Option<NameHash>,
    /// The newest snapshot that the managing device has seen.
    pub last_seen: Option<Seen>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("device", &self.device).finish_non_exhaustive()
    }
}

impl DeviceSecret {
    /// Draws a new one.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(secret_array(|secret: &mut [u8; 32]| randomness.fill(secret)))
    }

    /// Takes over a copy of the bytes; the caller wipes its own.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(secret_array(|secret: &mut [u8; 32]| secret.copy_from_slice(bytes)))
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl Reply {
    /// What the new device must have committed itself to.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment::to(&self.nonce, &self.request_key, self.device, &self.label)
    }

    /// The CBOR map.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.bytes(1, &self.nonce);
        map.bytes(2, &self.request_key);
        map.bytes(3, &self.device.0);
        map.text(4, self.label.exact());
        map.finish(&Unknown::default())
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        let (mut nonce, mut request_key, mut device, mut label) = (None, None, None, None);
        cbor::read_whole(bytes, |key, decoder| {
            match key {
                1 => nonce = Some(cbor::array(decoder)?),
                2 => request_key = Some(cbor::array(decoder)?),
                3 => device = Some(DeviceId(cbor::array(decoder)?)),
                4 => label = Some(Label::untrimmed(decoder.str()?).map_err(|_| Malformed)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = OpenError::Malformed("reply");
        Ok(Self {
            nonce: nonce.ok_or(missing)?,
            request_key: request_key.ok_or(missing)?,
            device: device.ok_or(missing)?,
            label: label.ok_or(missing)?,
        })
    }
}

impl Confirmation {
    /// The CBOR map.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.bytes(1, &self.account.0);
        map.bytes(2, self.device_secret.expose());
        map.text(3, self.vault_id.as_str());
        map.uint(4, self.device_list.number.0);
        map.bytes(5, &self.device_list.digest.0);
        if let Some(key) = &self.server_public_key {
            map.bytes(6, key);
        }
        if let Some(name_hash) = &self.name_hash {
            map.bytes(7, &name_hash.0);
        }
        if let Some(seen) = &self.last_seen {
            map.uint(8, seen.number.0);
            map.bytes(9, &seen.digest.0);
        }
        map.finish(&Unknown::default())
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        let (mut account, mut secret, mut vault_id, mut key, mut name_hash) = (None, None, None, None, None);
        let (mut list, mut snapshot) = ((None, None), (None, None));
        cbor::read_whole(bytes, |field, decoder| {
            match field {
                1 => account = Some(AccountId(cbor::array(decoder)?)),
                2 => secret = Some(DeviceSecret::from_bytes(&Zeroizing::new(cbor::array(decoder)?))),
                3 => vault_id = Some(VaultId::try_from(decoder.str()?.to_owned()).map_err(|_| Malformed)?),
                4 => list.0 = Some(Number(decoder.u64()?)),
                5 => list.1 = Some(Digest(cbor::array(decoder)?)),
                6 => key = Some(cbor::array(decoder)?),
                7 => name_hash = Some(NameHash(cbor::array(decoder)?)),
                8 => snapshot.0 = Some(Number(decoder.u64()?)),
                9 => snapshot.1 = Some(Digest(cbor::array(decoder)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = OpenError::Malformed("confirmation");
        Ok(Self {
            account: account.ok_or(missing)?,
            device_secret: secret.ok_or(missing)?,
            vault_id: vault_id.ok_or(missing)?,
            device_list: seen(list)?.ok_or(missing)?,
            server_public_key: key,
            name_hash,
            last_seen: seen(snapshot)?,
        })
    }
}

/// Number and digest, which go together.
fn seen((number, digest): (Option<Number>, Option<Digest>)) -> Result<Option<Seen>, OpenError> {
    match (number, digest) {
        (None, None) => Ok(None),
        (Some(number), Some(digest)) if number.0 > 0 => Ok(Some(Seen { number, digest })),
        _ => Err(OpenError::Malformed("confirmation")),
    }
}
