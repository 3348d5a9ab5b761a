//! Weak passphrases are refused at registration; strong ones are offered.

use super::Passphrase;
use crate::randomness::{self, Randomness};
use bip39::Language;
use secrecy::SecretBox;
use zxcvbn::zxcvbn;

/// Words of a generated passphrase: 6 of 2,048, that is 66 bits.
const GENERATED_WORDS: usize = 6;

/// The fewest guesses, as a power of ten, that a passphrase must withstand by zxcvbn's estimate.
const FEWEST_GUESSES_LOG10: f64 = 12.0;

/// A passphrase that is too easily guessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this passphrase is too easy to guess (about 10^{guesses_log10} tries). {why}Several random words are strong"
)]
pub struct WeakPassphrase {
    /// The estimated number of guesses, as a power of ten.
    pub guesses_log10: u32,
    /// What makes it weak and what would make it stronger; ends with a space if not empty.
    pub why: String,
}

impl Passphrase {
    /// Judges a passphrase; `hints` are things that a guesser would try first, such as the account name.
    ///
    /// # Errors
    /// Why it is weak. The estimate works on copies of the passphrase that it does not wipe.
    pub fn check_strength(&self, hints: &[&str]) -> Result<(), WeakPassphrase> {
        let estimate = zxcvbn(self.expose(), hints);
        if estimate.guesses_log10() >= FEWEST_GUESSES_LOG10 {
            return Ok(());
        }
        let mut why = String::new();
        if let Some(feedback) = estimate.feedback() {
            let warning = feedback.warning().map(|warning| warning.to_string());
            for line in warning.into_iter().chain(feedback.suggestions().iter().map(ToString::to_string)) {
                why.push_str(line.trim_end_matches('.'));
                why.push_str(". ");
            }
        }
        // The estimate is a finite number between 0 and the threshold.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let guesses_log10 = estimate.guesses_log10().floor() as u32;
        Err(WeakPassphrase { guesses_log10, why })
    }

    /// Draws a passphrase of six words, 66 bits.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        let mut text = String::with_capacity(GENERATED_WORDS * 9);
        for place in 0..GENERATED_WORDS {
            // 2,048 divides 65,536: the remainder is uniform.
            let index = usize::from(u16::from_be_bytes(randomness::bytes(randomness))) % 2048;
            if place > 0 {
                text.push('-');
            }
            text.push_str(Language::English.word_list()[index]);
        }
        Self(SecretBox::new(Box::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    #[test]
    fn refuses_weak_ones_and_says_why() {
        for text in ["hunter2hunter2", "alice1984", "correct horse", "qwertyuiop"] {
            let weak = Passphrase::parse(text).expect("a passphrase").check_strength(&["alice"]);
            assert!(!weak.expect_err(text).to_string().contains(text));
        }
    }

    #[test]
    fn accepts_what_it_generates() {
        let generated = Passphrase::generate(&mut SystemRandomness);
        assert_eq!(generated.check_strength(&[]), Ok(()));
        assert_eq!(generated.expose().split('-').count(), GENERATED_WORDS);
    }
}
