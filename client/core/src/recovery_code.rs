//! The recovery code: twelve words that no wallet takes for a seed (protocol.md section 11).

use crate::derive::derive_into;
use crate::keys::{KeyEncryptionKey, secret_array};
use crate::randomness::Randomness;
use crate::words::{self, bits, english, place_in};
use ed25519_dalek::{Signer, SigningKey};
use rootcellar_spec::labels::derive as labels;
use rootcellar_spec::wire::recovery::{RecoveryBinding, RecoveryMethod};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// XORed into the four checksum bits, at the front of a byte.
const CHECKSUM_MASK: u8 = 0b1001_0000;
const WORDS: usize = 12;

/// The recovery code. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct RecoveryCode(SecretBox<[u8; 16]>);

/// Why words are no recovery code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryCodeError {
    /// Not twelve words.
    #[error("a recovery code has 12 words, but this has {0}")]
    WordCount(usize),
    /// A word is not on the list.
    #[error("word {position} is not on the word list{}", did_you_mean(.nearest))]
    UnknownWord {
        /// Its place, from 1.
        position: usize,
        /// Words that may have been meant, nearest first.
        nearest: Vec<String>,
    },
    /// The words are a wallet's seed.
    #[error(
        "these words are a wallet's seed phrase, not a recovery code. Never enter a seed phrase where it does not belong"
    )]
    SeedPhrase,
    /// The checksum is wrong.
    #[error(
        "these words are not a valid recovery code: one is wrong, or two are swapped. Compare them with your paper"
    )]
    Checksum,
}

impl RecoveryCodeError {
    /// Stable text for programs, of `spec/errors.md`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WordCount(_) => "recovery-code-word-count",
            Self::UnknownWord { .. } => "recovery-code-unknown-word",
            Self::SeedPhrase => "recovery-code-is-phrase",
            Self::Checksum => "recovery-code-checksum",
        }
    }
}

/// `; did you mean …?`, or nothing.
pub(crate) fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; did you mean {}?", nearest.join(", ")) }
}

impl RecoveryCode {
    /// Draws a new code.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(secret_array(|entropy: &mut [u8; 16]| randomness.fill(entropy)))
    }

    /// A code of the given entropy, for vectors.
    #[must_use]
    pub fn from_entropy(entropy: &[u8; 16]) -> Self {
        Self(secret_array(|own: &mut [u8; 16]| own.copy_from_slice(entropy)))
    }

    /// Reads the twelve words, in any case, between any white space or hyphens.
    ///
    /// # Errors
    /// Which word is wrong, or why the words are no recovery code.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let words: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty()).collect();
        if words.len() != WORDS {
            return Err(RecoveryCodeError::WordCount(words.len()));
        }
        if let Some(place) = words.iter().position(|word| place_in(english(), word).is_none()) {
            let nearest = words::nearest(words[place], english().iter().copied());
            return Err(RecoveryCodeError::UnknownWord { position: place + 1, nearest });
        }
        let bits = bits::pack(words.iter().filter_map(|word| place_in(english(), word)));
        let (entropy, last) = bits.split_first_chunk::<16>().expect("33 bytes");
        match last[0] ^ bits::checksum(entropy) {
            CHECKSUM_MASK => Ok(Self::from_entropy(entropy)),
            0 => Err(RecoveryCodeError::SeedPhrase),
            _ => Err(RecoveryCodeError::Checksum),
        }
    }

    /// The twelve words, between single spaces.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let mut bits = bits::with_checksum(self.0.expose_secret());
        bits[16] ^= CHECKSUM_MASK;
        let mut text = Zeroizing::new(String::with_capacity(WORDS * 9));
        for place in 0..WORDS {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(english()[bits::word_at(&bits, place)]);
        }
        text
    }

    /// What finds the account, 32 bytes.
    #[must_use]
    pub fn locator(&self) -> [u8; 32] {
        let mut locator = [0; 32];
        derive_into(self.0.expose_secret(), labels::RECOVERY_LOCATOR, &[], &mut locator);
        locator
    }

    /// The key that signs a recovery login. Wiped on drop.
    #[must_use]
    pub fn login_key(&self) -> SigningKey {
        let mut seed = Zeroizing::new([0; 32]);
        derive_into(self.0.expose_secret(), labels::RECOVERY_LOGIN, &[], seed.as_mut());
        SigningKey::from_bytes(&seed)
    }

    /// The recovery method of this code, with the proof that whoever sends it holds the login key (section 15.5).
    #[must_use]
    pub fn method(&self, keyslot: Vec<u8>, binding: RecoveryBinding) -> RecoveryMethod {
        let key = self.login_key();
        let mut method = RecoveryMethod {
            label: None,
            wait: 0,
            keyslot,
            locator: self.locator(),
            login_public_key: key.verifying_key().to_bytes(),
            proof: [0; 64],
        };
        method.proof = key.sign(&method.proof_message(binding)).to_bytes();
        method
    }

    /// The key of the recovery keyslot.
    #[must_use]
    pub fn key_encryption_key(&self) -> KeyEncryptionKey {
        KeyEncryptionKey::of_recovery(self.0.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_it_writes(entropy: [u8; 16]) {
            let words = RecoveryCode::from_entropy(&entropy).words();
            let again = RecoveryCode::parse(&words.to_uppercase().replace(' ', " - \n")).expect("its own words");
            prop_assert_eq!(again.0.expose_secret(), &entropy);
            prop_assert!(bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &words).is_err());
        }

        #[test]
        fn refuses_seed_phrases(entropy: [u8; 16]) {
            let phrase = bip39::Mnemonic::from_entropy(&entropy).expect("16 bytes").to_string();
            prop_assert_eq!(RecoveryCode::parse(&phrase).err(), Some(RecoveryCodeError::SeedPhrase));
        }
    }

    #[test]
    fn names_the_wrong_word() {
        let words = RecoveryCode::from_entropy(&[7; 16]).words().replacen("always", "allways", 1);
        let words = if words.contains("allways") {
            words
        } else {
            format!("{} abandn", &words[..words.rfind(' ').expect("words")])
        };
        let Err(RecoveryCodeError::UnknownWord { nearest, .. }) = RecoveryCode::parse(&words) else {
            panic!("a wrong word");
        };
        assert!(nearest.iter().any(|word| word == "abandon" || word == "always"));
        assert_eq!(RecoveryCode::parse("abandon").err(), Some(RecoveryCodeError::WordCount(1)));
    }
}
