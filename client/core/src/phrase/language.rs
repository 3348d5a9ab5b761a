//! The languages of BIP-39 and their numbers (protocol.md section 8).

use crate::text::{Form, in_form};
use crate::words;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        /// A language of BIP-39.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Language { $($(#[$doc])* $name,)* }

        impl Language {
            /// All of them, in the order of their numbers.
            pub const ALL: [Self; 10] = [$(Self::$name),*];

            /// The number that stands for it.
            #[must_use]
            pub fn number(self) -> u64 {
                match self { $(Self::$name => $number,)* }
            }

            /// Its name, in lower case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            #[cfg(feature = "languages")]
            pub(super) fn list(self) -> bip39::Language {
                match self { $(Self::$name => bip39::Language::$name,)* }
            }
        }
    };
}

languages! {
    /// English.
    English = 0, "english";
    /// Chinese in simplified characters.
    SimplifiedChinese = 1, "simplified-chinese";
    /// Chinese in traditional characters.
    TraditionalChinese = 2, "traditional-chinese";
    /// Czech.
    Czech = 3, "czech";
    /// French.
    French = 4, "french";
    /// Italian.
    Italian = 5, "italian";
    /// Japanese.
    Japanese = 6, "japanese";
    /// Korean.
    Korean = 7, "korean";
    /// Portuguese.
    Portuguese = 8, "portuguese";
    /// Spanish.
    Spanish = 9, "spanish";
}

/// The text names no language of BIP-39.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown language: use one of english, simplified-chinese, traditional-chinese, czech, french, italian, japanese, korean, portuguese, spanish"
)]
pub struct UnknownLanguage;

impl Language {
    /// The language of a number.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.number() == number)
    }

    /// The words of the list that begin like this, in the list's order; composed and decomposed accents are the same. None for
    /// an empty beginning.
    pub fn beginning_with(self, beginning: &str) -> impl Iterator<Item = &'static str> + use<> {
        let beginning = one_word(beginning);
        let list = self.word_list().unwrap_or_default().iter().copied();
        list.filter(move |word| !beginning.is_empty() && word.starts_with(beginning.as_str()))
    }

    /// The words of the list that may be meant by this one, nearest first, at most five; itself alone where it is on the list.
    #[must_use]
    pub fn nearest(self, word: &str) -> Vec<String> {
        let word = one_word(word);
        match self.find(&word) {
            Some(_) => vec![word.to_string()],
            None => words::nearest(&word, self.word_list().unwrap_or_default().iter().copied()),
        }
    }

    /// Whether every word is on the list.
    pub(crate) fn holds_all(self, words: &[&str]) -> bool {
        words.iter().all(|word| self.find(word).is_some())
    }

    /// The language whose list holds most of the words.
    pub(crate) fn likeliest(words: &[&str]) -> Self {
        let held = |language: &Self| words.iter().filter(|word| language.holds_all(&[word])).count();
        Self::ALL.into_iter().rev().max_by_key(held).unwrap_or(Self::English)
    }
}

/// A word as the lists write it.
fn one_word(text: &str) -> Zeroizing<String> {
    in_form(Form::LowerNfkd, text.trim())
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.name() == text).ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_however_they_are_typed() {
        let english: Vec<_> = Language::English.beginning_with(" Aban").collect();
        assert_eq!(english, ["abandon"]);
        assert_eq!(Language::English.beginning_with(" ").count(), 0);
        for typed in ["acad\u{e9}m", "acade\u{301}m"] {
            assert_eq!(Language::French.beginning_with(typed).count(), 1, "{typed:?}");
        }
    }

    #[test]
    fn the_nearest_words_of_a_right_one_are_itself() {
        assert_eq!(Language::English.nearest("ABANDON"), ["abandon"]);
        // Told at once, however long it is.
        assert!(Language::English.nearest(&"a".repeat(10_000_000)).is_empty());
        assert_eq!(Language::English.nearest("abandn").first().map(String::as_str), Some("abandon"));
    }
}
