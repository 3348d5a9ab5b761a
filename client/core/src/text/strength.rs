//! Weak passphrases are refused at registration; strong ones are offered.

use super::Passphrase;
use crate::randomness::{self, Randomness};
use crate::words::{WORDS, english};
use secrecy::SecretBox;

/// Words of a generated passphrase: 6 of 2,048, that is 66 bits.
const GENERATED_WORDS: usize = 6;

/// The fewest guesses, as a power of ten, that a passphrase must withstand by zxcvbn's estimate.
pub const FEWEST_GUESSES_LOG10: f64 = 12.0;

/// A passphrase that is too easily guessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this passphrase is too easy to guess (about 10^{guesses_log10} attempts). {why}Use several random words"
)]
pub struct WeakPassphrase {
    /// The estimated number of guesses, as a power of ten.
    pub guesses_log10: u32,
    /// What makes it weak and what would make it stronger; ends with a space if not empty.
    pub why: String,
}

impl Passphrase {
    /// Judges a passphrase; `hints` are things that a guesser would try first, such as the account name. One that was
    /// generated, or that the program has judged, is strong. Without the feature `strength` every other one is weak.
    ///
    /// # Errors
    /// Why it is weak. The estimate works on copies of the passphrase that it does not wipe.
    pub fn check_strength(&self, hints: &[&str]) -> Result<(), WeakPassphrase> {
        if self.is_strong { Ok(()) } else { judge(self.expose(), hints) }
    }

    /// The same passphrase, for a program that was built without the feature `strength` and has judged it by an estimate of
    /// its own, as strict as zxcvbn's: at least 10^[`FEWEST_GUESSES_LOG10`] guesses.
    #[must_use]
    pub fn judged_strong(self) -> Self {
        Self { is_strong: true, ..self }
    }

    /// Draws a passphrase of six words, 66 bits.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        let mut text = String::with_capacity(GENERATED_WORDS * 9);
        for place in 0..GENERATED_WORDS {
            // 2,048 divides 65,536: the remainder is uniform.
            let index = usize::from(u16::from_be_bytes(randomness::bytes(randomness))) % WORDS;
            if place > 0 {
                text.push('-');
            }
            text.push_str(english()[index]);
        }
        Self { text: SecretBox::new(Box::new(text)), is_strong: true }
    }
}

#[cfg(feature = "strength")]
use estimate::judge;

/// Nobody has judged it, and nothing here can.
#[cfg(not(feature = "strength"))]
fn judge(_passphrase: &str, _hints: &[&str]) -> Result<(), WeakPassphrase> {
    Err(WeakPassphrase { guesses_log10: 0, why: "Its strength was not checked. ".to_owned() })
}

#[cfg(feature = "strength")]
mod estimate {
    //! The estimate of zxcvbn, and what it does not know.

    use super::{FEWEST_GUESSES_LOG10, WeakPassphrase};
    use zeroize::Zeroizing;
    use zxcvbn::zxcvbn;

    /// Passphrases that everybody has read; zxcvbn takes them for words chosen at random.
    const WELL_KNOWN: [&str; 4] = [
        "correcthorsebatterystaple",
        "tobeornottobethatisthequestion",
        "thequickbrownfoxjumpsoverthelazydog",
        "itwasthebestoftimesitwastheworstoftimes",
    ];
    /// Shorter hints are part of many words.
    const SHORTEST_HINT: usize = 4;

    pub(super) fn judge(passphrase: &str, hints: &[&str]) -> Result<(), WeakPassphrase> {
        let plain = letters(passphrase);
        if WELL_KNOWN.iter().any(|known| plain.contains(known) && plain.len() < known.len() + 6) {
            let why = "This is a well-known phrase. ".to_owned();
            return Err(WeakPassphrase { guesses_log10: 3, why });
        }
        // What a hint contains, in whatever spelling, must not count towards the strength.
        let mut rest = plain.clone();
        for hint in hints.iter().map(|hint| letters(hint)).filter(|hint| hint.len() >= SHORTEST_HINT) {
            *rest = rest.replace(hint.as_str(), "");
        }
        let named = rest.len() < plain.len();
        if named && zxcvbn(&rest, hints).guesses_log10() < FEWEST_GUESSES_LOG10 {
            let why = "It contains the account name or the vault's name, which attackers try first. ";
            return Err(WeakPassphrase {
                guesses_log10: floor(zxcvbn(&rest, hints).guesses_log10()),
                why: why.to_owned(),
            });
        }
        let estimate = zxcvbn(passphrase, hints);
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
        Err(WeakPassphrase { guesses_log10: floor(estimate.guesses_log10()), why })
    }

    /// Letters and digits alone, in lower case.
    fn letters(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
    }

    /// The estimate is a finite number between 0 and the threshold.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn floor(guesses_log10: f64) -> u32 {
        guesses_log10.max(0.0).floor() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandomness;

    #[test]
    #[cfg(feature = "strength")]
    fn refuses_weak_ones_and_says_why() {
        for text in ["hunter2hunter2", "alice1984", "correct horse", "qwertyuiop"] {
            let weak = Passphrase::parse(text).expect("a passphrase").check_strength(&["alice"]);
            assert!(!weak.expect_err(text).to_string().contains(text));
        }
    }

    #[test]
    #[cfg(feature = "strength")]
    fn names_and_quotations_do_not_count() {
        for text in
            ["Correct Horse Battery Staple", "correct-horse-battery-staple!", "alice.von.wunder-land-1!"]
        {
            let weak =
                Passphrase::parse(text).expect("a passphrase").check_strength(&["alice_von_wunderland"]);
            assert!(weak.is_err(), "{text}");
        }
        let strong =
            Passphrase::parse("alicevonwunderland glacier viola tundra ocelot").expect("a passphrase");
        assert_eq!(strong.check_strength(&["alice_von_wunderland"]), Ok(()), "the rest is strong");
    }

    #[test]
    #[cfg(not(feature = "strength"))]
    fn without_an_estimate_none_passes_unjudged() {
        let unjudged = || Passphrase::parse("glacier viola tundra ocelot").expect("a passphrase");
        assert!(unjudged().check_strength(&[]).is_err());
        assert_eq!(unjudged().judged_strong().check_strength(&[]), Ok(()));
    }

    #[test]
    fn accepts_what_it_generates() {
        let generated = Passphrase::generate(&mut SystemRandomness);
        assert_eq!(generated.check_strength(&[]), Ok(()));
        assert_eq!(generated.expose().split('-').count(), GENERATED_WORDS);
        #[cfg(feature = "strength")]
        assert_eq!(estimate::judge(generated.expose(), &[]), Ok(()), "by the estimate, too");
    }
}
