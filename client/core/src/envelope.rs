//! The committing envelope of keyslots, inventories, device lists and pairings (protocol.md section 6).

use crate::aad::AssociatedData;
use crate::derive::derive_into;
use crate::keys::secret_array;
use crate::open_error::OpenError;
use crate::padding;
use crate::randomness::{self, Randomness};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rootcellar_spec::SuiteId;
use rootcellar_spec::labels::derive::ENVELOPE;
use secrecy::{ExposeSecret, SecretBox};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The format version that this code reads and writes.
pub const FORMAT_VERSION: u8 = 1;

const NONCE_AT: usize = 4;
const COMMITMENT_AT: usize = NONCE_AT + 24;
const CIPHERTEXT_AT: usize = COMMITMENT_AT + 32;
const TAG_BYTES: usize = 16;

/// Bytes that an envelope adds to its padded plaintext.
pub const OVERHEAD: usize = CIPHERTEXT_AT + TAG_BYTES;

/// Seals `plaintext` under a 32-byte key; `None` where it exceeds the largest size class.
#[must_use]
pub fn seal(
    key: &[u8; 32],
    aad: &AssociatedData<'_>,
    plaintext: &[u8],
    randomness: &mut dyn Randomness,
) -> Option<Vec<u8>> {
    let padded = padding::pad(plaintext)?;
    let nonce: [u8; 24] = randomness::bytes(randomness);
    let derived = Derived::new(key, &nonce);
    let ciphertext = derived
        .cipher()
        .encrypt(&XNonce::from(nonce), Payload { msg: &padded, aad: &aad.encode() })
        .expect("the largest size class is far below the cipher's limit");
    let mut envelope = Vec::with_capacity(CIPHERTEXT_AT + ciphertext.len());
    envelope.extend_from_slice(&[FORMAT_VERSION, aad.place.kind()]);
    envelope.extend_from_slice(&aad.suite.0.to_be_bytes());
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(derived.commitment());
    envelope.extend_from_slice(&ciphertext);
    Some(envelope)
}

/// Opens an envelope: shape, then version and suite, then the commitment, then the ciphertext.
///
/// # Errors
/// As section 1 says.
pub fn open(
    key: &[u8; 32],
    aad: &AssociatedData<'_>,
    envelope: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    check_head(envelope, aad, CIPHERTEXT_AT + TAG_BYTES)?;
    let nonce: [u8; 24] =
        envelope[NONCE_AT..COMMITMENT_AT].try_into().expect("the length was checked with the head");
    let derived = Derived::new(key, &nonce);
    if !bool::from(derived.commitment().ct_eq(&envelope[COMMITMENT_AT..CIPHERTEXT_AT])) {
        return Err(OpenError::Authentication);
    }
    let padded = derived
        .cipher()
        .decrypt(&XNonce::from(nonce), Payload { msg: &envelope[CIPHERTEXT_AT..], aad: &aad.encode() })
        .map(Zeroizing::new)
        .map_err(|_| OpenError::Authentication)?;
    padding::unpad(&padded).map(|plaintext| Zeroizing::new(plaintext.to_vec()))
}

/// The suite that a sealed object names, whether or not it is known; `None` where the bytes are too short for it.
#[must_use]
pub(crate) fn named_suite(bytes: &[u8]) -> Option<SuiteId> {
    bytes.first_chunk::<4>().map(|head| SuiteId(u16::from_be_bytes([head[2], head[3]])))
}

/// Checks the four bytes that every sealed object begins with, and then that it has at least `shortest` bytes.
pub(crate) fn check_head(bytes: &[u8], aad: &AssociatedData<'_>, shortest: usize) -> Result<(), OpenError> {
    let Some([version, kind, suite_high, suite_low]) = bytes.first_chunk::<4>() else {
        return Err(OpenError::Malformed("truncated"));
    };
    let suite = SuiteId(u16::from_be_bytes([*suite_high, *suite_low]));
    if *version != FORMAT_VERSION || !suite.is_known() {
        return Err(OpenError::Unsupported);
    }
    if bytes.len() < shortest {
        return Err(OpenError::Malformed("truncated"));
    }
    if *kind != aad.place.kind() || suite != aad.suite {
        return Err(OpenError::Authentication);
    }
    Ok(())
}

/// AEAD key and key commitment of one envelope.
struct Derived(SecretBox<[u8; 64]>);

impl Derived {
    fn new(key: &[u8; 32], nonce: &[u8; 24]) -> Self {
        Self(secret_array(|okm: &mut [u8; 64]| derive_into(key, ENVELOPE, &[nonce], okm)))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new_from_slice(&self.0.expose_secret()[..32]).expect("the key has 32 bytes")
    }

    fn commitment(&self) -> &[u8] {
        &self.0.expose_secret()[32..]
    }
}
