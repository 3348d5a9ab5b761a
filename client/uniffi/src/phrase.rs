//! Help while a person types: words completed, wrong ones named with the nearest, checksums, strength.

use crate::error::RootcellarError;
use crate::secret::{leaving, passphrase, recovery_code, text};
use rootcellar_client::phrase::{self, Phrase};
use rootcellar_client::text::{Passphrase, oddities};
use rootcellar_client::{SystemRandomness, fingerprint};
use rootcellar_spec::hex;

/// Declares the languages once.
macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A language of BIP-39.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
        pub enum Language { $($(#[$doc])* $name,)* }

        impl From<Language> for phrase::Language {
            fn from(language: Language) -> Self {
                match language { $(Language::$name => Self::$name,)* }
            }
        }

        impl From<phrase::Language> for Language {
            fn from(language: phrase::Language) -> Self {
                match language { $(phrase::Language::$name => Self::$name,)* }
            }
        }
    };
}

languages! {
    /// English.
    English,
    /// Chinese in simplified characters.
    SimplifiedChinese,
    /// Chinese in traditional characters.
    TraditionalChinese,
    /// Czech.
    Czech,
    /// French.
    French,
    /// Italian.
    Italian,
    /// Japanese.
    Japanese,
    /// Korean.
    Korean,
    /// Portuguese.
    Portuguese,
    /// Spanish.
    Spanish,
}

/// What is known of a phrase whose words fit together.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PhraseFacts {
    /// The language of its words.
    pub language: Language,
    /// How many words it has: 12, 15, 18, 21 or 24.
    pub word_count: u32,
    /// BIP-32 master fingerprint without a BIP-39 passphrase, eight hexadecimal digits.
    pub fingerprint: Option<String>,
}

/// Checks a phrase's words, in UTF-8 between spaces. Without a language, the one is found whose list holds every word. Takes a
/// few milliseconds.
#[uniffi::export(default(language = None))]
pub fn check_phrase(words: Vec<u8>, language: Option<Language>) -> Result<PhraseFacts, RootcellarError> {
    let phrase = Phrase::parse(&text(words)?, language.map(Into::into))?;
    Ok(PhraseFacts {
        language: phrase.language().into(),
        word_count: u32::try_from(phrase.word_count()).unwrap_or(u32::MAX),
        fingerprint: fingerprint::master(&phrase, "").map(|fingerprint| hex::encode(&fingerprint)),
    })
}

/// The words of a list that begin with what was typed, at most so many; accents may be typed or left out of the way they are
/// composed. Nothing for an empty beginning.
#[uniffi::export]
pub fn complete_word(
    beginning: Vec<u8>,
    language: Language,
    most: u32,
) -> Result<Vec<String>, RootcellarError> {
    let language = phrase::Language::from(language);
    let words = language.beginning_with(&text(beginning)?);
    Ok(words.take(usize::try_from(most).unwrap_or(usize::MAX)).map(str::to_owned).collect())
}

/// The words of a list that may have been meant by a mistyped one, nearest first, at most five; the word itself where it is on
/// the list.
#[uniffi::export]
pub fn nearest_words(word: Vec<u8>, language: Language) -> Result<Vec<String>, RootcellarError> {
    Ok(phrase::Language::from(language).nearest(&text(word)?))
}

/// What a user may overlook in a BIP-39 passphrase, in UTF-8: spaces at its ends, a character that cannot be seen. It is saved
/// exactly as given; an app shows this before it saves. Nothing where there is nothing unusual.
#[uniffi::export]
pub fn bip39_passphrase_oddities(bip39_passphrase: Vec<u8>) -> Result<Option<String>, RootcellarError> {
    Ok(oddities(&text(bip39_passphrase)?))
}

/// Checks a recovery code's twelve words, in UTF-8.
#[uniffi::export]
pub fn check_recovery_code(words: Vec<u8>) -> Result<(), RootcellarError> {
    recovery_code(words).map(drop)
}

/// Makes a strong passphrase of six words in UTF-8, which the app wipes.
#[uniffi::export]
#[must_use]
pub fn generate_passphrase() -> Vec<u8> {
    leaving(Passphrase::generate(&mut SystemRandomness).expose())
}

/// Judges a new passphrase, in UTF-8; hints are what a guesser would try first, such as the account's name. Fails with
/// `WeakPassphrase`.
#[uniffi::export(default(hints = []))]
pub fn check_passphrase(passphrase: Vec<u8>, hints: Vec<String>) -> Result<(), RootcellarError> {
    let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
    Ok(self::passphrase(passphrase)?.check_strength(&hints)?)
}
