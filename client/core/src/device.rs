//! What makes a device an enrolled one: its secrets, which the program keeps, and the rest, which the state store keeps
//! (protocol.md sections 4, 7 and 14).

use crate::keys::{KeyEncryptionKey, secret_array};
use crate::randomness::Randomness;
use crate::request_signing::RequestKey;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, SuiteId, base64url};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 32;

/// An enrolled device's secrets: what opens its keyslot, and the seed of the key that signs its requests. Redacted in
/// `Debug`, wiped on drop.
///
/// The client has the program's [`SecretStore`](crate::secret_store::SecretStore) keep them before the vault learns of them, and
/// forget them where it certainly did not.
#[derive(Debug)]
pub struct DeviceSecrets(SecretBox<[u8; Self::BYTES]>);

impl DeviceSecrets {
    /// Size in bytes.
    pub const BYTES: usize = 2 * SECRET_BYTES;

    /// Draws the secrets of a device that is to be enrolled.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(secret_array(|own: &mut [u8; Self::BYTES]| randomness.fill(own)))
    }

    /// The secrets of a device that was paired: the managing device drew one half, the device itself the other.
    pub(crate) fn joined(secret: &[u8; SECRET_BYTES], seed: &[u8; SECRET_BYTES]) -> Self {
        Self(secret_array(|own: &mut [u8; Self::BYTES]| {
            own[..SECRET_BYTES].copy_from_slice(secret);
            own[SECRET_BYTES..].copy_from_slice(seed);
        }))
    }

    /// Takes over a copy of what [`Self::expose`] gave; the caller wipes its own.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        Self(secret_array(|own: &mut [u8; Self::BYTES]| own.copy_from_slice(bytes)))
    }

    /// The device secret and then the request key's seed, to keep them; wiped on drop.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; Self::BYTES]> {
        Zeroizing::new(*self.0.expose_secret())
    }

    /// The key that signs the device's requests.
    #[must_use]
    pub fn request_key(&self) -> RequestKey {
        RequestKey::from_seed(self.halves().1)
    }

    /// The key of the device's keyslot.
    #[must_use]
    pub fn key_encryption_key(&self) -> KeyEncryptionKey {
        KeyEncryptionKey::of_device(self.halves().0)
    }

    /// Names these secrets.
    #[must_use]
    pub fn id(&self) -> SecretsId {
        SecretsId::of(&self.request_key().public())
    }

    fn halves(&self) -> (&[u8; SECRET_BYTES], &[u8; SECRET_BYTES]) {
        let bytes = self.0.expose_secret();
        let (secret, seed) = bytes.split_first_chunk().expect("twice as many bytes");
        (secret, seed.try_into().expect("the other half"))
    }
}

/// Names a device's secrets without telling anything of them: the digest of the public key that verifies their requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretsId(Digest);

impl fmt::Display for SecretsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0.0))
    }
}

impl SecretsId {
    fn of(request_key: &[u8; 32]) -> Self {
        Self(Digest::of(request_key))
    }
}

/// What an enrolled device keeps beside its secrets, so that it saves in one round trip. Nothing in it opens anything
/// without [`DeviceSecrets`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The account.
    pub account_id: AccountId,
    /// This device.
    pub device: DeviceId,
    /// The account's suite.
    pub suite: SuiteId,
    /// The generation of the account's keys.
    pub generation: Generation,
    /// What the device may do.
    pub permission: Permission,
    /// The device's keyslot.
    #[serde(with = "base64url::vec")]
    pub keyslot: Vec<u8>,
    /// The newest snapshot that the device has seen; `None` before the first save.
    pub newest: Option<Cached>,
}

/// A sealed snapshot and the vault's record of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cached {
    /// The vault's record.
    pub record: Head,
    /// The snapshot's exact bytes.
    #[serde(with = "base64url::vec")]
    pub snapshot: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_spec::{Number, OperationId, Timestamp};

    #[test]
    fn secrets_are_kept_and_found_again() {
        let secrets = DeviceSecrets::from_bytes(&std::array::from_fn(|at| u8::try_from(at).expect("small")));
        let again = DeviceSecrets::from_bytes(&secrets.expose());
        assert_eq!(secrets.request_key().public(), again.request_key().public());
        assert_eq!(secrets.key_encryption_key().expose(), again.key_encryption_key().expose());
        let swapped = DeviceSecrets::from_bytes(&std::array::from_fn(|at| secrets.expose()[(at + 32) % 64]));
        assert_ne!(secrets.request_key().public(), swapped.request_key().public());
        assert_eq!(format!("{secrets:?}"), "DeviceSecrets(SecretBox<[u8; 64]>([REDACTED]))");
    }

    #[test]
    fn an_enrolment_reads_what_it_wrote() {
        let record = Head {
            number: Number(3),
            operation: OperationId([1; 16]),
            digest: Digest([2; 32]),
            generation: Generation::FIRST,
            size: 4,
            created_at: Timestamp(5),
        };
        let full = Enrolment {
            account_id: AccountId([1; 16]),
            device: DeviceId([2; 16]),
            suite: SuiteId::ONE,
            generation: Generation::FIRST,
            permission: Permission::Backup,
            keyslot: vec![3; 332],
            newest: Some(Cached { record, snapshot: vec![4; 100] }),
        };
        let bare = Enrolment { newest: None, ..full.clone() };
        for enrolment in [full, bare] {
            let text = serde_json::to_string(&enrolment).expect("serializes");
            assert_eq!(serde_json::from_str::<Enrolment>(&text).ok(), Some(enrolment), "{text}");
        }
    }
}
