//! Entries: what is backed up, and how each is sealed to the account's entry key (protocol.md section 8).

mod plaintext;

use crate::aad::{AssociatedData, ObjectKind};
use crate::envelope::{self, FORMAT_VERSION};
use crate::keys::{EntryPrivateKey, EntryPublicKey};
use crate::open_error::OpenError;
use crate::padding;
use crate::phrase::Phrase;
use crate::randomness::{Randomness, Rng};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::{AccountId, EntryId, Generation, SuiteId, hex, labels, limits};
use secrecy::SecretBox;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const ENC_AT: usize = 4;
const COMMITMENT_AT: usize = ENC_AT + 32;
const CIPHERTEXT_AT: usize = COMMITMENT_AT + 32;
const TAG_BYTES: usize = 16;

/// What kind of secret an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A BIP-39 phrase.
    Bip39,
    /// A raw seed.
    Seed,
    /// Free text.
    Text,
}

impl Kind {
    /// The number that stands for it.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Bip39 => 1,
            Self::Seed => 2,
            Self::Text => 3,
        }
    }

    /// The kind that a number stands for; a newer version may have added some.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::Bip39, Self::Seed, Self::Text].into_iter().find(|kind| kind.number() == number)
    }

    /// What programs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bip39 => "bip39",
            Self::Seed => "seed",
            Self::Text => "text",
        }
    }
}

/// The secret of an entry.
#[derive(Debug)]
#[non_exhaustive]
pub enum Secret {
    /// A BIP-39 phrase, kept as entropy and language.
    Bip39 {
        /// The phrase.
        phrase: Phrase,
        /// The BIP-39 passphrase, as typed.
        passphrase: Option<SecretBox<String>>,
    },
    /// A raw seed of 16 to 64 bytes.
    Seed(SecretBox<Vec<u8>>),
    /// Free text of 1 to 16,000 bytes.
    Text(SecretBox<String>),
}

impl Secret {
    /// A raw seed as people write it: hexadecimal digits, with white space between them or `0x` before.
    ///
    /// # Errors
    /// [`EntryError::SeedNotHex`]; its length is judged by [`Entry::new`].
    pub fn seed_of_hex(text: &str) -> Result<Self, EntryError> {
        let text = text.trim();
        let text = text.strip_prefix("0x").unwrap_or(text);
        // Both of their final size: a growing one would leave copies behind.
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        digits.extend(text.chars().filter(|digit| !digit.is_whitespace()));
        let mut bytes = Zeroizing::new(vec![0; digits.len() / 2]);
        if !hex::decode_into(&*digits, &mut bytes) {
            return Err(EntryError::SeedNotHex);
        }
        Ok(Self::Seed(SecretBox::new(Box::new(std::mem::take(&mut *bytes)))))
    }
}

/// What a wallet may need beside the secret. Kept for BIP-39 phrases and raw seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Derivation paths, at most 16.
    pub derivation_paths: Vec<String>,
    /// The network.
    pub network: Option<String>,
    /// A date `YYYY-MM-DD` or a block height in decimal: where a rescan may begin.
    pub birthday: Option<String>,
}

/// One thing that is backed up, without its label.
#[derive(Debug)]
pub struct Entry {
    /// The secret.
    pub secret: Secret,
    /// What goes with it.
    pub details: Details,
    unknown: crate::cbor::Unknown,
}

/// Why an entry cannot be made of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// A raw seed is not written in hexadecimal digits.
    #[error("a seed consists of the digits 0-9 and a-f, two for each byte")]
    SeedNotHex,
    /// A raw seed has another length.
    #[error("a raw seed has 16 to 64 bytes")]
    SeedLength,
    /// Free text is empty or too long.
    #[error("a text has 1 to {} bytes", limits::TEXT_BYTES)]
    TextLength,
    /// The BIP-39 passphrase is too long.
    #[error("a BIP-39 passphrase has at most {} bytes", limits::PASSPHRASE_BYTES)]
    PassphraseLength,
    /// A derivation path is no path.
    #[error(
        "a derivation path looks like m/84'/0'/0' and has at most {} bytes. An entry can have at most {} of them",
        limits::DERIVATION_PATH_BYTES,
        limits::DERIVATION_PATHS
    )]
    DerivationPath,
    /// The network is empty or too long.
    #[error("a network has 1 to {} bytes", limits::NETWORK_BYTES)]
    Network,
    /// The birthday is neither date nor height.
    #[error("a birthday is a date like 2024-05-31 or a block height")]
    Birthday,
    /// Free text keeps no details.
    #[error(
        "only a phrase or a seed can have a derivation path, network and birthday: write them into the text"
    )]
    DetailsOfText,
}

impl EntryError {
    /// Stable text for programs, of `spec/errors.md`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SeedNotHex => "seed-not-hex",
            Self::SeedLength => "seed-length",
            Self::TextLength => "text-length",
            Self::PassphraseLength => "bip39-passphrase-length",
            Self::DerivationPath => "invalid-derivation-path",
            Self::Network => "invalid-network",
            Self::Birthday => "invalid-birthday",
            Self::DetailsOfText => "details-of-text",
        }
    }
}

impl Entry {
    /// Makes an entry of a secret and its details.
    ///
    /// # Errors
    /// Where a part exceeds its limit or does not read as what it stands for.
    pub fn new(secret: Secret, details: Details) -> Result<Self, EntryError> {
        let entry = Self { secret, details, unknown: crate::cbor::Unknown::default() };
        entry.check_secret().and_then(|()| entry.details.check()).map(|()| entry)
    }

    /// What kind of secret it holds.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.secret {
            Secret::Bip39 { .. } => Kind::Bip39,
            Secret::Seed(_) => Kind::Seed,
            Secret::Text(_) => Kind::Text,
        }
    }
}

/// Which entry of which account.
#[derive(Clone, Copy, Debug)]
pub struct EntryPlace {
    /// The suite to seal under; an entry is opened under the one that it names.
    pub suite: SuiteId,
    /// The account.
    pub account: AccountId,
    /// The generation of its keys.
    pub generation: Generation,
    /// The entry.
    pub entry: EntryId,
}

impl EntryPlace {
    fn aad(&self) -> AssociatedData<'static> {
        AssociatedData {
            suite: self.suite,
            account: self.account,
            generation: self.generation,
            place: ObjectKind::Entry(self.entry),
        }
    }
}

/// Seals an entry to the account's entry public key.
#[must_use]
pub fn seal(
    entry: &Entry,
    key: &EntryPublicKey,
    place: EntryPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    seal_plaintext(&entry.encode(), key, place, randomness)
}

/// Seals the CBOR of an entry, whatever it says; [`seal`] is what a client calls.
#[must_use]
pub fn seal_plaintext(
    plaintext: &[u8],
    key: &EntryPublicKey,
    place: EntryPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    let aad = place.aad();
    let (enc, mut context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &key.0,
        &info(),
        &mut Rng(randomness),
    )
    .expect("a public key that was read as such takes an encapsulation");
    let padded = padding::pad(plaintext).expect("an entry fits the size classes");
    let ciphertext = context.seal(&padded, &aad.encode()).expect("one message is below every limit");
    let mut commitment = [0; 32];
    context.export(&commitment_context(), &mut commitment).expect("32 bytes can be exported");

    let mut sealed = Vec::with_capacity(CIPHERTEXT_AT + ciphertext.len());
    sealed.extend_from_slice(&[FORMAT_VERSION, aad.place.kind()]);
    sealed.extend_from_slice(&aad.suite.0.to_be_bytes());
    sealed.extend_from_slice(&enc.to_bytes());
    sealed.extend_from_slice(&commitment);
    sealed.extend_from_slice(&ciphertext);
    sealed
}

/// Opens an entry.
///
/// # Errors
/// As section 1 says.
pub fn open(sealed: &[u8], key: &EntryPrivateKey, place: EntryPlace) -> Result<Entry, OpenError> {
    Entry::decode(&open_plaintext(sealed, key, place)?)
}

/// Opens an entry as far as its CBOR, whatever that says: what a newer version wrote can be sealed anew, too.
///
/// # Errors
/// As section 1 says.
pub(crate) fn open_plaintext(
    sealed: &[u8],
    key: &EntryPrivateKey,
    place: EntryPlace,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let suite = envelope::named_suite(sealed).unwrap_or(place.suite);
    let aad = EntryPlace { suite, ..place }.aad();
    envelope::check_head(sealed, &aad, CIPHERTEXT_AT + TAG_BYTES)?;
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&sealed[ENC_AT..COMMITMENT_AT])
        .map_err(|_| OpenError::Malformed("encapsulated key"))?;
    let mut context = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key.0,
        &enc,
        &info(),
    )
    .map_err(|_| OpenError::Authentication)?;
    let mut commitment = [0; 32];
    context.export(&commitment_context(), &mut commitment).map_err(|_| OpenError::Authentication)?;
    if !bool::from(commitment.ct_eq(&sealed[COMMITMENT_AT..CIPHERTEXT_AT])) {
        return Err(OpenError::Authentication);
    }
    let padded = context
        .open(&sealed[CIPHERTEXT_AT..], &aad.encode())
        .map(Zeroizing::new)
        .map_err(|_| OpenError::Authentication)?;
    let plaintext = padding::unpad(&padded)?;
    if plaintext.len() > limits::ENTRY_PLAINTEXT_BYTES {
        return Err(OpenError::Malformed("an entry longer than it may be"));
    }
    Ok(Zeroizing::new(plaintext.to_vec()))
}

fn info() -> Vec<u8> {
    encode_parts(&[labels::ENTRY_INFO.as_bytes()])
}

fn commitment_context() -> Vec<u8> {
    encode_parts(&[labels::ENTRY_COMMITMENT.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn seed(text: &str) -> Result<Vec<u8>, EntryError> {
        match Secret::seed_of_hex(text)? {
            Secret::Seed(seed) => Ok(seed.expose_secret().clone()),
            _ => panic!("a seed"),
        }
    }

    #[test]
    fn seeds_are_read_as_people_write_them() {
        assert_eq!(seed("00ff Aa\n10"), Ok(vec![0, 255, 170, 16]));
        assert_eq!(seed(" 0x0102 "), Ok(vec![1, 2]));
        for text in ["0", "123", "0g", "é", "0x0x12"] {
            assert_eq!(seed(text), Err(EntryError::SeedNotHex), "{text}");
        }
    }
}
