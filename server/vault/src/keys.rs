//! Every key of the vault, derived from the operator's root secret (protocol.md section 1, `derive`).
//!
//! | label | bytes | purpose |
//! | --- | --- | --- |
//! | `server-oprf-seed` | 64 | OPAQUE's `oprf_seed`, from which each name's OPRF key derives |
//! | `server-ake` | 32 | input of RFC 9497's `DeriveKeyPair`: the vault's static key pair |
//! | `server-dummy` | 32 | the same, for the public key of the fake record of unknown accounts |
//! | `server-sealing` | 32 | XChaCha20-Poly1305 key of tokens |
//! | `server-sealing-nonce` | 32 | HMAC key that makes a token's nonce of its content |
//! | `server-quorum-slots` | 32 | makes the opaque member of first login responses |
//! | `server-index` | 32 | HMAC key that makes object names of name hashes; never rotates |
//! | `server-fingerprint` | 16 | recognises the root secret; kept in the store |
//!
//! A label is used for one purpose only. Nothing that is derived here is ever stored but the fingerprint.

use crate::opaque::Setup;
use crate::root_secret::RootSecret;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rootcellar_spec::limits::QUORUM_SLOTS_BYTES;
use rootcellar_spec::suite::opaque_bytes::KE1;
use rootcellar_spec::{base64url, encode_parts::encode_parts, labels};
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha512};
use std::fmt;
use zeroize::Zeroizing;

/// The labels of this module, without the protocol's prefix.
mod label {
    pub(super) const OPRF_SEED: &str = "server-oprf-seed";
    pub(super) const AKE: &str = "server-ake";
    pub(super) const DUMMY: &str = "server-dummy";
    pub(super) const SEALING: &str = "server-sealing";
    pub(super) const SEALING_NONCE: &str = "server-sealing-nonce";
    pub(super) const QUORUM_SLOTS: &str = "server-quorum-slots";
    pub(super) const INDEX: &str = "server-index";
    pub(super) const FINGERPRINT: &str = "server-fingerprint";

    #[cfg(test)]
    pub(super) const ALL: [&str; 8] =
        [OPRF_SEED, AKE, DUMMY, SEALING, SEALING_NONCE, QUORUM_SLOTS, INDEX, FINGERPRINT];
}

/// Identifies a root secret without revealing anything about it: 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(#[serde(with = "rootcellar_spec::base64url::array")] pub [u8; 16]);

impl fmt::Display for Fingerprint {
    /// As base64url, which is what operators see and type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

/// All keys of the vault. Wiped on drop.
pub struct VaultKeys {
    opaque: Setup,
    sealing: Zeroizing<[u8; 32]>,
    sealing_nonce: Zeroizing<[u8; 32]>,
    quorum_slots: Zeroizing<[u8; 32]>,
    index: Zeroizing<[u8; 32]>,
    fingerprint: Fingerprint,
}

impl VaultKeys {
    /// Derives all keys. Takes a few scalar multiplications, once at start.
    #[must_use]
    pub fn derive(root: &RootSecret) -> Self {
        let root = root.expose();
        let opaque = Setup::new(
            &derive::<64>(root, label::OPRF_SEED),
            &derive::<32>(root, label::AKE),
            &derive::<32>(root, label::DUMMY),
        );
        Self {
            opaque,
            sealing: derive(root, label::SEALING),
            sealing_nonce: derive(root, label::SEALING_NONCE),
            quorum_slots: derive(root, label::QUORUM_SLOTS),
            index: derive(root, label::INDEX),
            fingerprint: Fingerprint(*derive(root, label::FINGERPRINT)),
        }
    }

    /// The server's keys for OPAQUE.
    #[must_use]
    pub fn opaque(&self) -> &Setup {
        &self.opaque
    }

    /// The fingerprint that the object `vault` must have.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn sealing(&self) -> &[u8; 32] {
        &self.sealing
    }

    /// HMAC-SHA-256 under the key for token nonces.
    pub(crate) fn sealing_nonce(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.sealing_nonce, parts)
    }

    /// Placeholder for the slots of a future vault quorum: pseudorandom, and equal for the same KE1
    /// and name.
    pub(crate) fn quorum_slots(&self, name: &[u8; 32], ke1: &[u8; KE1]) -> [u8; QUORUM_SLOTS_BYTES] {
        let mut slots = [0; QUORUM_SLOTS_BYTES];
        let info = encode_parts(&[name, ke1]);
        Hkdf::<Sha512>::new(None, self.quorum_slots.as_slice())
            .expand(&info, &mut slots)
            .expect("HKDF-SHA-512 gives up to 16,320 bytes");
        slots
    }

    /// HMAC-SHA-256 under the index key over the encoded `parts`. The first part names the purpose.
    pub(crate) fn index(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.index, parts)
    }
}

impl fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKeys([redacted])")
    }
}

/// `derive` of section 1, without contexts.
pub(crate) fn derive<const N: usize>(ikm: &[u8], label: &str) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    let info = encode_parts(&[format!("{}{label}", labels::PREFIX).as_bytes()]);
    Hkdf::<Sha512>::new(None, ikm)
        .expand(&info, out.as_mut())
        .expect("HKDF-SHA-512 gives far more bytes than any key has");
    out
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&encode_parts(parts));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn keys(byte: u8) -> VaultKeys {
        VaultKeys::derive(&RootSecret::new(Box::new([byte; 32])))
    }

    #[test]
    fn no_label_is_used_twice() {
        let all: HashSet<&str> = label::ALL.into_iter().chain(labels::derive::ALL).collect();
        assert_eq!(all.len(), label::ALL.len() + labels::derive::ALL.len());
    }

    #[test]
    fn keys_depend_on_the_root_secret_alone() {
        assert_eq!(keys(1).fingerprint(), keys(1).fingerprint());
        assert_eq!(keys(1).opaque().public_key(), keys(1).opaque().public_key());
        assert_ne!(keys(1).fingerprint(), keys(2).fingerprint());
        assert_ne!(keys(1).opaque().public_key(), keys(2).opaque().public_key());
        assert_ne!(keys(1).index(&[b"x"]), keys(2).index(&[b"x"]));
    }

    #[test]
    fn slots_depend_on_root_secret_name_and_ke1() {
        let slots = keys(1).quorum_slots(&[1; 32], &[2; 96]);
        assert_eq!(slots, keys(1).quorum_slots(&[1; 32], &[2; 96]));
        let others = [
            keys(2).quorum_slots(&[1; 32], &[2; 96]),
            keys(1).quorum_slots(&[3; 32], &[2; 96]),
            keys(1).quorum_slots(&[1; 32], &[3; 96]),
        ];
        assert!(others.iter().all(|other| *other != slots));
        let halves: HashSet<&[u8]> = slots.chunks(64).collect();
        assert_eq!(halves.len(), 8, "all blocks differ");
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", keys(1)), "VaultKeys([redacted])");
    }
}
