//! What an inventory says beside the entries: of the account, of proofs, and of what later versions need
//! (protocol.md section 9, keys 5 to 9).

use super::is_line;
use crate::cbor::{self, Malformed, MapWriter, Unknown};
use crate::text::AccountName;
use minicbor::Decoder;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{Digest, Timestamp, limits};
use zeroize::Zeroizing;

const ACCOUNT_NAME: u64 = 5;
const VAULT_ADDRESSES: u64 = 6;
const PROOFS: u64 = 7;
const QUORUM_SET: u64 = 8;
const MERGED: u64 = 9;

/// What an inventory says beside the entries. Everything in it is optional, and is carried over from snapshot to snapshot.
#[derive(Clone, Default)]
pub struct About {
    name: Option<Zeroizing<String>>,
    addresses: Vec<String>,
    /// When which way in was last shown to restore the backup.
    pub proofs: Vec<Proof>,
    /// Reserved for a quorum of vaults; not interpreted.
    quorum_set: Option<Vec<u8>>,
    /// Digests of snapshots that are no ancestors and whose entries were taken in, newest first.
    pub merged: Vec<Digest>,
}

/// That a way in restored a snapshot.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The way in, as a number: a newer version may have added some.
    pub way: u64,
    /// When, by the clock of the device that did it.
    pub proven_at: Timestamp,
    /// The snapshot that was restored.
    pub snapshot: Digest,
    /// The device that did it.
    pub device: DeviceId,
    unknown: Unknown,
}

/// A way in that a proof names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// The passphrase.
    Passphrase,
    /// The recovery code.
    RecoveryCode,
    /// An enrolled device.
    Device,
    /// A passkey.
    Passkey,
    /// An exported file.
    Export,
}

impl WayIn {
    /// The way that a number stands for; a newer version may have added some.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Passphrase),
            2 => Some(Self::RecoveryCode),
            3 => Some(Self::Device),
            4 => Some(Self::Passkey),
            5 => Some(Self::Export),
            _ => None,
        }
    }
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("About").field("proofs", &self.proofs.len()).finish_non_exhaustive()
    }
}

impl About {
    /// The account's name, normalised, if a device has noted it.
    #[must_use]
    pub fn account_name(&self) -> Option<&str> {
        self.name.as_deref().map(String::as_str)
    }

    /// The vault's addresses, the one that was used last first.
    #[must_use]
    pub fn vault_addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Notes where the vault was reached, and the account's name where it is known.
    pub(crate) fn note(&mut self, address: &str, name: Option<&AccountName>) {
        if let Some(name) = name {
            self.name = Some(Zeroizing::new(name.expose().to_owned()));
        }
        if is_line(address, limits::ADDRESS_BYTES) {
            self.addresses.retain(|other| other != address);
            self.addresses.insert(0, address.to_owned());
            self.addresses.truncate(limits::ADDRESSES);
        }
    }

    /// Drops a noted name that is not, or does not lead to, the account's any more.
    pub(crate) fn keep_name_if(&mut self, is_right: impl FnOnce(&AccountName) -> bool) {
        let noted = self.name.as_ref().and_then(|name| AccountName::parse(name).ok());
        if !noted.is_some_and(|name| is_right(&name)) {
            self.name = None;
        }
    }

    pub(super) fn write(&self, map: &mut MapWriter) {
        if let Some(name) = &self.name {
            map.text(ACCOUNT_NAME, name);
        }
        if !self.addresses.is_empty() {
            map.texts(VAULT_ADDRESSES, &self.addresses);
        }
        if !self.proofs.is_empty() {
            map.maps(PROOFS, self.proofs.iter().map(Proof::encode).collect());
        }
        if let Some(set) = &self.quorum_set {
            map.bytes(QUORUM_SET, set);
        }
        if !self.merged.is_empty() {
            map.byte_strings(MERGED, self.merged.iter().map(|digest| &digest.0[..]));
        }
    }

    /// Takes the value of a key, if it is one of these.
    pub(super) fn take(&mut self, key: u64, decoder: &mut Decoder<'_>) -> Result<bool, Malformed> {
        match key {
            ACCOUNT_NAME => self.name = Some(Zeroizing::new(line(decoder, limits::NAME_BYTES)?)),
            VAULT_ADDRESSES => {
                let address = |decoder: &mut Decoder<'_>| line(decoder, limits::ADDRESS_BYTES);
                self.addresses = some(decoder, limits::ADDRESSES, address)?;
            }
            PROOFS => self.proofs = some(decoder, limits::PROOFS, Proof::read)?,
            QUORUM_SET => {
                let set = decoder.bytes()?;
                if !(1..=limits::QUORUM_SET_BYTES).contains(&set.len()) {
                    return Err(Malformed);
                }
                self.quorum_set = Some(set.to_vec());
            }
            MERGED => {
                let digest = |decoder: &mut Decoder<'_>| Ok(Digest(cbor::array(decoder)?));
                self.merged = some(decoder, limits::MERGED, digest)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Proof {
    /// A proof of this version.
    #[must_use]
    pub fn new(way: u64, proven_at: Timestamp, snapshot: Digest, device: DeviceId) -> Self {
        Self { way, proven_at, snapshot, device, unknown: Unknown::default() }
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.uint(1, self.way);
        map.uint(2, self.proven_at.0);
        map.bytes(3, &self.snapshot.0);
        map.bytes(4, &self.device.0);
        map.finish(&self.unknown)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let (mut way, mut proven, mut snapshot, mut device) = (None, None, None, None);
        let unknown = cbor::read_map(decoder, |key, decoder| {
            match key {
                1 => way = Some(decoder.u64()?),
                2 => proven = Some(Timestamp(decoder.u64()?)),
                3 => snapshot = Some(Digest(cbor::array(decoder)?)),
                4 => device = Some(DeviceId(cbor::array(decoder)?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            way: way.ok_or(Malformed)?,
            proven_at: proven.ok_or(Malformed)?,
            snapshot: snapshot.ok_or(Malformed)?,
            device: device.ok_or(Malformed)?,
            unknown,
        })
    }
}

/// Reads an array that holds something: an empty one is left out instead.
fn some<'b, T>(
    decoder: &mut Decoder<'b>,
    most: usize,
    read: impl FnMut(&mut Decoder<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let values = cbor::list(decoder, most, read)?;
    if values.is_empty() { Err(Malformed) } else { Ok(values) }
}

/// Reads a text of 1 to `most` bytes without control characters.
fn line(decoder: &mut Decoder<'_>, most: usize) -> Result<String, Malformed> {
    let text = decoder.str()?;
    if is_line(text, most) { Ok(text.to_owned()) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_used_last_is_first_and_the_oldest_is_dropped() {
        let mut about = About::default();
        for number in 0..20 {
            about.note(&format!("https://vault-{number}.example.org"), None);
        }
        assert_eq!(about.vault_addresses().len(), limits::ADDRESSES);
        let name = AccountName::parse("Alice").expect("a name");
        about.note("https://vault-15.example.org", Some(&name));
        assert_eq!(
            about.vault_addresses()[..2],
            ["https://vault-15.example.org", "https://vault-19.example.org"]
        );
        assert_eq!(about.vault_addresses().len(), limits::ADDRESSES);
        // A device that does not know the name leaves it.
        about.note("https://vault-15.example.org", None);
        assert_eq!(about.account_name(), Some("alice"));
    }
}
