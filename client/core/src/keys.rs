//! Every key of protocol.md section 4, each a type of its own: redacted in `Debug`, wiped on drop, not `Clone`.

use crate::derive::derive_into;
use crate::randomness::Randomness;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256 as Kem};
use rootcellar_spec::ed25519::is_canonical;
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::labels::{self as joined, derive as labels};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use zeroize::Zeroizing;

/// A secret that is filled in place on the heap, so that no copy stays behind.
pub(crate) fn secret_array<const N: usize>(fill: impl FnOnce(&mut [u8; N])) -> SecretBox<[u8; N]> {
    let mut secret = SecretBox::new(Box::new([0; N]));
    fill(secret.expose_secret_mut());
    secret
}

macro_rules! secret_key {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(SecretBox<[u8; $bytes]>);

        impl $name {
            /// Size in bytes.
            pub const BYTES: usize = $bytes;

            /// Takes over a copy of the bytes; the caller wipes its own.
            #[must_use]
            pub fn from_bytes(bytes: &[u8; $bytes]) -> Self {
                Self(secret_array(|key: &mut [u8; $bytes]| key.copy_from_slice(bytes)))
            }

            #[allow(dead_code, reason = "not every key is derived")]
            fn derive(ikm: &[u8], label: &str) -> Self {
                Self(secret_array(|key: &mut [u8; $bytes]| derive_into(ikm, label, &[], key)))
            }

            /// The bytes, for primitives, wrapping and vectors.
            #[must_use]
            pub fn expose(&self) -> &[u8; $bytes] {
                self.0.expose_secret()
            }
        }
    };
}

secret_key!(
    /// OPAQUE's `export_key`: known to who knows the passphrase, never to the vault.
    ExportKey,
    64
);
secret_key!(
    /// OPAQUE's `session_key`: shared with the vault for one login.
    SessionKey,
    64
);
secret_key!(
    /// A key-encryption key: wraps the bundle of one keyslot.
    KeyEncryptionKey,
    32
);
secret_key!(
    /// The random key from which an account's other keys derive.
    AccountKey,
    32
);
secret_key!(
    /// Seals labels, kinds, fingerprints and dates.
    InventoryKey,
    32
);
secret_key!(
    /// Authenticates a whole snapshot.
    SaveKey,
    64
);
secret_key!(
    /// Seals the key-encryption keys of the enrolled devices into the device list.
    DeviceKeysKey,
    32
);
secret_key!(
    /// Keys the MAC over a login's second trip.
    LoginMacKey,
    64
);

impl ExportKey {
    /// The key of the passphrase keyslot.
    #[must_use]
    pub fn key_encryption_key(&self) -> KeyEncryptionKey {
        KeyEncryptionKey::derive(self.expose(), labels::KEK_PASSPHRASE)
    }
}

impl KeyEncryptionKey {
    /// The key of the recovery keyslot, from the recovery code's 16 bytes of entropy.
    pub(crate) fn of_recovery(entropy: &[u8; 16]) -> Self {
        Self::derive(entropy, labels::KEK_RECOVERY)
    }

    /// The key of a device's keyslot, from the device's secret.
    pub(crate) fn of_device(secret: &[u8; 32]) -> Self {
        Self::derive(secret, labels::KEK_DEVICE)
    }

    /// The key of a device file, from its stretched passphrase.
    pub(crate) fn of_device_file(stretched: &[u8; 64]) -> Self {
        Self::derive(stretched, labels::KEK_DEVICE_FILE)
    }
}

impl SessionKey {
    /// The key of the login MAC (section 15.3).
    #[must_use]
    pub fn login_mac_key(&self) -> LoginMacKey {
        LoginMacKey::derive(self.expose(), labels::LOGIN_MAC)
    }
}

impl AccountKey {
    /// Draws a new account key.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(secret_array(|key: &mut [u8; 32]| randomness.fill(key)))
    }

    /// Derives all that a reader needs.
    #[must_use]
    pub fn account_keys(&self) -> AccountKeys {
        let mut ikm = Zeroizing::new([0; 32]);
        derive_into(self.expose(), labels::ENTRY, &[], ikm.as_mut());
        let (private, public) = Kem::derive_keypair(ikm.as_ref());
        let mut seed = Zeroizing::new([0; 32]);
        derive_into(self.expose(), labels::DEVICE_LIST, &[], seed.as_mut());
        AccountKeys {
            inventory: InventoryKey::derive(self.expose(), labels::INVENTORY),
            save: SaveKey::derive(self.expose(), labels::SAVE),
            entry_public: EntryPublicKey(public),
            entry_private: EntryPrivateKey(private),
            device_list: DeviceListKey(SigningKey::from_bytes(&seed)),
            device_keys: DeviceKeysKey::derive(self.expose(), labels::DEVICE_KEYS),
        }
    }
}

/// What derives from the account key.
#[derive(Debug)]
pub struct AccountKeys {
    /// Opens and seals the inventory.
    pub inventory: InventoryKey,
    /// Authenticates snapshots.
    pub save: SaveKey,
    /// Seals entries.
    pub entry_public: EntryPublicKey,
    /// Opens entries.
    pub entry_private: EntryPrivateKey,
    /// Signs device lists.
    pub device_list: DeviceListKey,
    /// Seals and opens the device keys in a device list.
    pub device_keys: DeviceKeysKey,
}

/// The key that entries are sealed to; known to enrolled devices and never to the vault.
#[derive(Clone)]
pub struct EntryPublicKey(pub(crate) <Kem as hpke::Kem>::PublicKey);

/// The key that opens entries. Wiped on drop by the library that defines it.
pub struct EntryPrivateKey(pub(crate) <Kem as hpke::Kem>::PrivateKey);

impl EntryPublicKey {
    /// The 32 bytes of RFC 9180's serialization.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// Reads 32 bytes; `None` where they are no public key.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(bytes).ok().map(Self)
    }
}

/// The Ed25519 key that signs device lists (section 18). Wiped on drop by the library that defines it.
pub struct DeviceListKey(SigningKey);

/// The key that verifies device lists; every enrolled device holds it.
#[derive(Clone)]
pub struct DeviceListPublicKey(VerifyingKey);

impl DeviceListKey {
    /// The key that verifies what this one signs.
    #[must_use]
    pub fn public(&self) -> DeviceListPublicKey {
        DeviceListPublicKey(self.0.verifying_key())
    }

    /// Signs every byte of a device list before the signature.
    pub(crate) fn sign(&self, signed: &[u8]) -> [u8; 64] {
        self.0.sign(&device_list_message(signed)).to_bytes()
    }
}

impl DeviceListPublicKey {
    /// The 32 bytes of RFC 8032.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Reads 32 bytes; `None` where they are no public key.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        (is_canonical(bytes) && !key.is_weak()).then_some(Self(key))
    }

    /// Verifies strictly: no small-order points, canonical encodings.
    pub(crate) fn verifies(&self, signed: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(&device_list_message(signed), &Signature::from_bytes(signature)).is_ok()
    }
}

fn device_list_message(signed: &[u8]) -> Vec<u8> {
    encode_parts(&[joined::DEVICE_LIST.as_bytes(), signed])
}

impl std::fmt::Debug for DeviceListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceListKey([redacted])")
    }
}

impl std::fmt::Debug for DeviceListPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceListPublicKey([redacted])")
    }
}

impl std::fmt::Debug for EntryPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntryPublicKey([redacted])")
    }
}

impl std::fmt::Debug for EntryPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntryPrivateKey([redacted])")
    }
}
