//! The recovery code: twelve words that no wallet takes for a seed (protocol.md section 11).

use crate::derive::derive_into;
use crate::keys::{KeyEncryptionKey, secret_array};
use crate::randomness::Randomness;
use crate::words;
use bip39::Language;
use ed25519_dalek::SigningKey;
use rootcellar_spec::labels::derive as labels;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// XORed into the four checksum bits.
const CHECKSUM_MASK: u8 = 0b1001;
const WORDS: usize = 12;
const WORD_BITS: usize = 11;

/// The recovery code. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct RecoveryCode(SecretBox<[u8; 16]>);

/// Why words are no recovery code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryCodeError {
    /// Not twelve words.
    #[error("a recovery code has 12 words, this has {0}")]
    WordCount(usize),
    /// A word is not on the list.
    #[error("word {position} is not on the list of words{}", did_you_mean(.nearest))]
    UnknownWord {
        /// Its place, from 1.
        position: usize,
        /// Words that may have been meant, nearest first.
        nearest: Vec<String>,
    },
    /// The words are a wallet's seed.
    #[error(
        "these words are a wallet's seed phrase, not a recovery code; never type a seed where it does not belong"
    )]
    SeedPhrase,
    /// The checksum is wrong.
    #[error("the words do not fit together: one is wrong, or two are swapped; compare them with the paper")]
    Checksum,
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
        let mut bits = Zeroizing::new([0_u8; 17]);
        for (place, word) in words.iter().enumerate() {
            let index = Language::English.find_word(word).ok_or_else(|| RecoveryCodeError::UnknownWord {
                position: place + 1,
                nearest: words::nearest(word, Language::English.word_list().iter().copied()),
            })?;
            (0..WORD_BITS).filter(|bit| index >> (WORD_BITS - 1 - bit) & 1 == 1).for_each(|bit| {
                let at = place * WORD_BITS + bit;
                bits[at / 8] |= 0x80 >> (at % 8);
            });
        }
        let (entropy, last) = bits.split_first_chunk::<16>().expect("17 bytes");
        match (last[0] >> 4) ^ bip39_checksum(entropy) {
            CHECKSUM_MASK => Ok(Self::from_entropy(entropy)),
            0 => Err(RecoveryCodeError::SeedPhrase),
            _ => Err(RecoveryCodeError::Checksum),
        }
    }

    /// The twelve words, between single spaces.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let entropy = self.0.expose_secret();
        let mut bits = Zeroizing::new([0_u8; 17]);
        bits[..16].copy_from_slice(entropy);
        bits[16] = (bip39_checksum(entropy) ^ CHECKSUM_MASK) << 4;
        let mut text = Zeroizing::new(String::with_capacity(WORDS * 9));
        for place in 0..WORDS {
            let index = (place * WORD_BITS..(place + 1) * WORD_BITS)
                .fold(0_usize, |index, at| index << 1 | usize::from(bits[at / 8] >> (7 - at % 8) & 1));
            if place > 0 {
                text.push(' ');
            }
            text.push_str(Language::English.word_list()[index]);
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

    /// The key of the recovery keyslot.
    #[must_use]
    pub fn key_encryption_key(&self) -> KeyEncryptionKey {
        KeyEncryptionKey::of_recovery(self.0.expose_secret())
    }
}

/// The four checksum bits of BIP-39 for 16 bytes of entropy, in the low half.
fn bip39_checksum(entropy: &[u8; 16]) -> u8 {
    Sha256::digest(entropy)[0] >> 4
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
            prop_assert!(bip39::Mnemonic::parse_in_normalized(Language::English, &words).is_err());
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
