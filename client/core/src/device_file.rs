//! A device's secrets in a file, under a passphrase of their own (protocol.md section 6.2): for programs without a platform's
//! keyring.
//!
//! The passphrase has nothing to do with the account's. It is stretched at the cost of the account's, since whoever has the file
//! can try as many as they like.

use crate::aad::{AssociatedData, ObjectKind};
use crate::envelope;
use crate::keys::KeyEncryptionKey;
use crate::ksf::Argon2id;
use crate::open_error::OpenError;
use crate::randomness::{self, Randomness};
use crate::text::Passphrase;
use rootcellar_spec::{AccountId, DeviceId, Generation, SuiteId};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

/// Size of what is sealed, in bytes: the device secret and the seed of the request key.
pub const SECRET_BYTES: usize = 64;
/// Size of the salt that a file begins with, in bytes.
const SALT_BYTES: usize = 16;

/// Why a device file could not be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceFileError {
    /// Argon2id failed.
    #[error("the passphrase could not be checked: this needs 64 MiB of free memory")]
    KeyDerivation,
    /// It does not open; a wrong passphrase and an altered file look alike.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Whose secrets these are. A file of another device, or of another account, does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
}

impl Owner {
    fn associated_data(self) -> AssociatedData<'static> {
        AssociatedData {
            suite: SuiteId::ONE,
            account: self.account,
            generation: Generation(0),
            place: ObjectKind::DeviceFile(self.device),
        }
    }
}

/// Seals a device's secrets. Takes a key stretching.
///
/// # Errors
/// Where there is no memory for the stretching.
pub fn seal(
    secrets: &[u8; SECRET_BYTES],
    owner: Owner,
    passphrase: &Passphrase,
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, DeviceFileError> {
    let file = seal_plaintext(secrets, owner, passphrase, randomness)?;
    Ok(file.expect("64 bytes fit the smallest size class"))
}

/// Seals a plaintext that need not be a device's secrets, for vectors of what readers refuse; `None` where it fits no size
/// class.
///
/// # Errors
/// As [`seal`].
pub fn seal_plaintext(
    plaintext: &[u8],
    owner: Owner,
    passphrase: &Passphrase,
    randomness: &mut dyn Randomness,
) -> Result<Option<Vec<u8>>, DeviceFileError> {
    let salt: [u8; SALT_BYTES] = randomness::bytes(randomness);
    let key = key(passphrase, &salt)?;
    let envelope = envelope::seal(key.expose(), &owner.associated_data(), plaintext, randomness);
    Ok(envelope.map(|envelope| [&salt[..], &envelope].concat()))
}

/// Opens what [`seal`] made. Takes a key stretching.
///
/// # Errors
/// [`OpenError::Authentication`] for a wrong passphrase, another device's file and altered bytes alike.
pub fn open(
    file: &[u8],
    owner: Owner,
    passphrase: &Passphrase,
) -> Result<Zeroizing<[u8; SECRET_BYTES]>, DeviceFileError> {
    let (salt, envelope) = file.split_first_chunk().ok_or(OpenError::Malformed("truncated"))?;
    let aad = owner.associated_data();
    // A file that cannot open is not worth a stretching.
    envelope::check_head(envelope, &aad, envelope::OVERHEAD)?;
    let opened = envelope::open(key(passphrase, salt)?.expose(), &aad, envelope)?;
    let secrets: &[u8; SECRET_BYTES] = opened
        .as_slice()
        .try_into()
        .map_err(|_| OpenError::Malformed("not the size of a device's secrets"))?;
    Ok(Zeroizing::new(*secrets))
}

fn key(passphrase: &Passphrase, salt: &[u8; SALT_BYTES]) -> Result<KeyEncryptionKey, DeviceFileError> {
    let stretched = Argon2id::default().stretch_salted(salt, passphrase.expose().as_bytes());
    let stretched = stretched.ok_or(DeviceFileError::KeyDerivation)?;
    Ok(KeyEncryptionKey::of_device_file(stretched.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SystemRandomness;

    const OWNER: Owner = Owner { account: AccountId([1; 16]), device: DeviceId([2; 16]) };

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::parse(text).expect("a passphrase")
    }

    fn sealed() -> Vec<u8> {
        seal(&[7; SECRET_BYTES], OWNER, &passphrase("three grey owls"), &mut SystemRandomness)
            .expect("sealed")
    }

    #[test]
    fn opens_for_its_device_and_passphrase_alone() {
        let file = sealed();
        let opened = open(&file, OWNER, &passphrase(" three grey owls\n")).expect("opens");
        assert_eq!(*opened, [7; SECRET_BYTES]);
        let refused = Err(DeviceFileError::Open(OpenError::Authentication));
        let opens = |owner, words| open(&file, owner, &passphrase(words)).map(|_| ());
        assert_eq!(opens(OWNER, "three grey owl"), refused);
        assert_eq!(opens(Owner { account: AccountId([3; 16]), ..OWNER }, "three grey owls"), refused);
        assert_eq!(opens(Owner { device: DeviceId([3; 16]), ..OWNER }, "three grey owls"), refused);
    }

    #[test]
    fn the_salt_is_part_of_the_key() {
        let mut file = sealed();
        file[0] ^= 1;
        let refused = open(&file, OWNER, &passphrase("three grey owls")).map(|_| ());
        assert_eq!(refused, Err(DeviceFileError::Open(OpenError::Authentication)));
        assert_ne!(sealed()[..SALT_BYTES], sealed()[..SALT_BYTES], "drawn anew each time");
    }

    #[test]
    fn nothing_shorter_opens() {
        let file = sealed();
        for length in [0, SALT_BYTES, SALT_BYTES + 4, SALT_BYTES + envelope::OVERHEAD - 1] {
            let short = open(&file[..length], OWNER, &passphrase("three grey owls")).map(|_| ());
            assert!(matches!(short, Err(DeviceFileError::Open(OpenError::Malformed(_)))), "{length} bytes");
        }
    }
}
