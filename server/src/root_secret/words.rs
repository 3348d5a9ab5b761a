//! The root secret on paper: 24 words of the English BIP-39 list.

use super::RootSecret;
use crate::error_code::ErrorCode;
use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

/// Why the words are not a root secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// There are not 24 words.
    #[error("A root secret has 24 words, and these are {0}. Check for missing or extra words.")]
    Count(usize),
    /// A word, counted from 1, is not on the list.
    #[error("Word {0} is not on the English BIP-39 list. Check its spelling.")]
    Unknown(usize),
    /// The checksum is wrong.
    #[error("These words are not a valid root secret. Check each word and the order.")]
    Checksum,
}

impl From<&WordsError> for ErrorCode {
    fn from(_: &WordsError) -> Self {
        Self::WordsInvalid
    }
}

/// The 24 words, separated by spaces.
#[must_use]
pub fn write(secret: &RootSecret) -> Zeroizing<String> {
    let mnemonic = Mnemonic::from_entropy(secret.expose()).expect("32 bytes make 24 words");
    let mut text = Zeroizing::new(String::with_capacity(24 * 9));
    for (index, word) in mnemonic.words().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Parses 24 words, in upper or lower case, separated by whitespace.
///
/// # Errors
/// If they are not 24 words of the list with a valid checksum.
pub fn read(text: &str) -> Result<RootSecret, WordsError> {
    let mut words = Zeroizing::new(String::with_capacity(text.len()));
    let mut count = 0;
    for word in text.split_whitespace() {
        if count > 0 {
            words.push(' ');
        }
        words.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        count += 1;
    }
    if count != 24 {
        return Err(WordsError::Count(count));
    }
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words).map_err(|error| match error {
        bip39::Error::UnknownWord(index) => WordsError::Unknown(index + 1),
        _ => WordsError::Checksum,
    })?;
    let entropy = Zeroizing::new(mnemonic.to_entropy());
    let mut bytes = Box::new([0; RootSecret::BYTES]);
    bytes.copy_from_slice(&entropy);
    Ok(RootSecret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_went() {
        let secret = RootSecret::new(Box::new([0x7f; 32]));
        let words = write(&secret);
        assert_eq!(words.split(' ').count(), 24);
        assert_eq!(read(&words).expect("words").expose(), secret.expose());
        assert_eq!(read(&words.to_uppercase().replace(' ', "\n ")).expect("words").expose(), secret.expose());
    }

    #[test]
    fn says_what_is_wrong_without_the_word() {
        let words = write(&RootSecret::new(Box::new([0x7f; 32])));
        assert!(matches!(read("one two"), Err(WordsError::Count(2))));
        let misspelt = words.replacen("legal", "leegal", 1);
        assert!(matches!(read(&misspelt), Err(WordsError::Unknown(1))), "{misspelt}");
        let swapped = words.replacen("legal", "abandon", 1);
        assert!(matches!(read(&swapped), Err(WordsError::Checksum)));
    }
}
