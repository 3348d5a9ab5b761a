//! BIP-39 phrases in all of its languages: reading, naming what is wrong, writing them back.

mod language;
mod lists;
#[cfg(feature = "fingerprint")]
mod seed;

pub use language::Language;
pub use lists::NoWordList;

use crate::recovery_code::{RecoveryCode, did_you_mean};
use crate::text::{Form, in_form};
use crate::words::{self, bits};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// A phrase, as entropy and language. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct Phrase {
    entropy: SecretBox<Vec<u8>>,
    language: Language,
}

/// Why words are no phrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhraseError {
    /// Not 12, 15, 18, 21 or 24 words.
    #[error("a phrase has 12, 15, 18, 21 or 24 words, but this has {0}")]
    WordCount(usize),
    /// A word is not on the list.
    #[error("word {position} ({word}) is not on the {language} list{}", did_you_mean(.nearest))]
    UnknownWord {
        /// Its place, from 1.
        position: usize,
        /// The word as typed, without control characters.
        word: String,
        /// The language that most of the words belong to.
        language: Language,
        /// Words that may have been meant, nearest first.
        nearest: Vec<String>,
    },
    /// The words belong to several languages.
    #[error("these words are on several word lists: choose the language, one of {}", names(.0))]
    Ambiguous(Vec<Language>),
    /// The words are a Rootcellar recovery code.
    #[error(
        "these words are a Rootcellar recovery code, or one word is wrong. Do not save a recovery code in the vault that it opens"
    )]
    RecoveryCode,
    /// The checksum is wrong.
    #[error("these words are not a valid phrase: one is wrong, or two are swapped")]
    Checksum,
}

impl PhraseError {
    /// Stable text for programs, of `spec/errors.md`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WordCount(_) => "phrase-word-count",
            Self::UnknownWord { .. } => "phrase-unknown-word",
            Self::Ambiguous(_) => "phrase-ambiguous",
            Self::RecoveryCode => "phrase-is-recovery-code",
            Self::Checksum => "phrase-checksum",
        }
    }
}

fn names(languages: &[Language]) -> String {
    languages.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Phrase {
    /// Reads a phrase. Without a language, the one is found whose list holds every word.
    ///
    /// # Errors
    /// Which word is wrong and what may have been meant, or why the words are no phrase.
    pub fn parse(text: &str, language: Option<Language>) -> Result<Self, PhraseError> {
        let normalised = in_form(Form::LowerNfkd, text);
        let words: Vec<&str> = normalised.split_whitespace().collect();
        if !matches!(words.len(), 12 | 15 | 18 | 21 | 24) {
            return Err(PhraseError::WordCount(words.len()));
        }
        let candidates = match language {
            Some(language) => vec![language],
            None => Language::ALL.into_iter().filter(|language| language.holds_all(&words)).collect(),
        };
        let readings: Vec<Self> =
            candidates.iter().filter_map(|language| Self::read(&words, *language)).collect();
        match (readings.len(), &candidates[..]) {
            (1, _) => Ok(readings.into_iter().next().expect("there is one")),
            (0, []) => Err(unknown_word(&words, Language::likeliest(&words))),
            (0, [language]) if !language.holds_all(&words) => Err(unknown_word(&words, *language)),
            (0, _) if RecoveryCode::parse(&normalised).is_ok() => Err(PhraseError::RecoveryCode),
            (0, _) => Err(PhraseError::Checksum),
            (_, several) => Err(PhraseError::Ambiguous(several.to_vec())),
        }
    }

    fn read(words: &[&str], language: Language) -> Option<Self> {
        if !language.holds_all(words) {
            return None;
        }
        let bits = bits::pack(words.iter().filter_map(|word| language.find(word)));
        let entropy = bits::checked(&bits, words.len())?;
        Self::from_entropy(entropy, language)
    }

    /// A phrase of 16, 20, 24, 28 or 32 bytes of entropy; `None` for other lengths.
    #[must_use]
    pub fn from_entropy(entropy: &[u8], language: Language) -> Option<Self> {
        matches!(entropy.len(), 16 | 20 | 24 | 28 | 32)
            .then(|| Self { entropy: SecretBox::new(Box::new(entropy.to_vec())), language })
    }

    /// The entropy.
    #[must_use]
    pub fn entropy(&self) -> &[u8] {
        self.entropy.expose_secret()
    }

    /// The language of its words.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// How many words it has.
    #[must_use]
    pub fn word_count(&self) -> usize {
        self.entropy().len() * 3 / 4
    }

    /// The words, as the list writes them; between ideographic spaces in Japanese, else between single spaces. Nothing where
    /// the language's list is not there ([`Language::word_list`]).
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        let separator = if self.language == Language::Japanese { "\u{3000}" } else { " " };
        self.words_between(separator)
    }

    /// The 64-byte seed of BIP-39.
    #[cfg(feature = "fingerprint")]
    #[must_use]
    pub fn to_seed(&self, bip39_passphrase: &str) -> Zeroizing<[u8; 64]> {
        let passphrase = in_form(Form::Nfkd, bip39_passphrase);
        seed::stretch(&self.words_between(" "), &passphrase)
    }

    fn words_between(&self, separator: &str) -> Zeroizing<String> {
        let list = self.language.word_list().unwrap_or_default();
        let bits = bits::with_checksum(self.entropy());
        let mut text = Zeroizing::new(String::with_capacity(24 * 32));
        let words = (0..self.word_count()).filter_map(|place| list.get(bits::word_at(&bits, place)));
        for (place, word) in words.enumerate() {
            if place > 0 {
                text.push_str(separator);
            }
            text.push_str(word);
        }
        text
    }
}

/// A word that is on no list, or not on that of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongWord {
    /// Its place, from 1.
    pub position: usize,
    /// Words that may have been meant, nearest first.
    pub nearest: Vec<String>,
}

/// The wrong words of a phrase that may still be typed, by the list of the language, else of the one that most of the words
/// belong to.
#[must_use]
pub fn wrong_words(text: &str, language: Option<Language>) -> Vec<WrongWord> {
    let normalised = in_form(Form::LowerNfkd, text);
    let words: Vec<&str> = normalised.split_whitespace().collect();
    let language = language.unwrap_or_else(|| Language::likeliest(&words));
    let wrong = words.iter().enumerate().filter(|(_, word)| language.find(word).is_none());
    wrong.map(|(place, word)| WrongWord { position: place + 1, nearest: language.nearest(word) }).collect()
}

fn unknown_word(words: &[&str], language: Language) -> PhraseError {
    let (place, word) = words
        .iter()
        .enumerate()
        .find(|(_, word)| !language.holds_all(&[word]))
        .expect("some word is not on the list, or the list would have held them all");
    PhraseError::UnknownWord {
        position: place + 1,
        word: word.chars().filter(|c| !c.is_control()).collect(),
        language,
        nearest: words::nearest(word, language.word_list().unwrap_or_default().iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_it_writes(entropy: [u8; 32], words in 0_usize..5, language in 0_u64..10) {
            let language = Language::from_number(language).expect("ten languages");
            let phrase = Phrase::from_entropy(&entropy[..16 + 4 * words], language).expect("a BIP-39 length");
            let again = Phrase::parse(&phrase.words(), Some(language)).expect("its own words");
            prop_assert_eq!(again.entropy(), phrase.entropy());
            prop_assert_eq!(again.language(), language);
        }
    }

    #[test]
    fn names_a_mistyped_word() {
        let error = Phrase::parse(
            "abandon abandn abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
            None,
        );
        let Err(PhraseError::UnknownWord { position: 2, nearest, language: Language::English, .. }) = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(nearest[0], "abandon");
    }

    #[test]
    fn names_every_wrong_word_of_what_is_typed() {
        let wrong = wrong_words("Abandon abandn zoo qqqqqqqq", None);
        let named: Vec<_> =
            wrong.iter().map(|word| (word.position, word.nearest.first().map(String::as_str))).collect();
        assert_eq!(named, [(2, Some("abandon")), (4, None)]);
        assert_eq!(wrong_words("", None), []);
    }

    #[test]
    fn refuses_recovery_codes_and_wrong_checksums() {
        let code = RecoveryCode::from_entropy(&[9; 16]).words();
        assert_eq!(Phrase::parse(&code, None).err(), Some(PhraseError::RecoveryCode));
        let swapped =
            "abandon about abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon";
        assert!(matches!(
            Phrase::parse(swapped, None),
            Err(PhraseError::Checksum | PhraseError::RecoveryCode)
        ));
        assert_eq!(Phrase::parse("abandon", None).err(), Some(PhraseError::WordCount(1)));
    }

    #[test]
    fn finds_the_language() {
        for language in [Language::Japanese, Language::French, Language::Korean, Language::Czech] {
            let phrase = Phrase::from_entropy(&[0x5a; 16], language).expect("16 bytes");
            assert_eq!(Phrase::parse(&phrase.words(), None).expect("its own words").language(), language);
        }
    }
}
