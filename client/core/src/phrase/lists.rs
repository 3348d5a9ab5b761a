//! The languages' lists of words. All are compiled in, unless the program was built without the feature `languages`: then
//! English is, and the program hands over another language's list before it needs it, so that nobody loads ten for one.

use super::Language;
#[cfg(not(feature = "languages"))]
use crate::words::english;
use crate::words::{WORDS, place_in};
#[cfg(not(feature = "languages"))]
use std::sync::OnceLock;

/// The text is no list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list has {WORDS} words, one a line")]
pub struct NoWordList;

#[cfg(not(feature = "languages"))]
static PROVIDED: [OnceLock<Vec<&'static str>>; Language::ALL.len()] =
    [const { OnceLock::new() }; Language::ALL.len()];

impl Language {
    /// Its words, in the order of BIP-39 and in NFKD; `None` where they are neither compiled in nor provided.
    #[must_use]
    pub fn word_list(self) -> Option<&'static [&'static str]> {
        #[cfg(feature = "languages")]
        return Some(self.list().word_list());
        #[cfg(not(feature = "languages"))]
        match self {
            Self::English => Some(english()),
            other => {
                PROVIDED.iter().zip(Self::ALL).find(|(_, one)| *one == other)?.0.get().map(Vec::as_slice)
            }
        }
    }

    /// Takes over the words of this language, one a line as BIP-39 has them, for the rest of the program. Without effect where
    /// they are there. The program answers for their being the right ones.
    ///
    /// # Errors
    /// Where it is no list of words.
    #[cfg(not(feature = "languages"))]
    pub fn provide_words(self, text: &str) -> Result<(), NoWordList> {
        let place = PROVIDED.iter().zip(Self::ALL).find(|(_, one)| *one == self).map(|(place, _)| place);
        let place = place.filter(|_| self.word_list().is_none());
        if text.lines().count() != WORDS {
            return Err(NoWordList);
        }
        if let Some(place) = place {
            // Shown and compared until the program ends.
            let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
            let _ = place.set(text.lines().collect());
        }
        Ok(())
    }

    /// Which of its words this is; `None` also where the list is not there.
    pub(crate) fn find(self, word: &str) -> Option<u16> {
        place_in(self.word_list()?, word)
    }
}
