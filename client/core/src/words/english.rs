//! The English list of BIP-39, of which recovery codes and generated passphrases are made, too.

/// Words of a list: each stands for eleven bits.
pub(crate) const WORDS: usize = 2048;

/// Which word of a list this is.
pub(crate) fn place_in(list: &[&str], word: &str) -> Option<u16> {
    let place = list.iter().position(|listed| *listed == word)?;
    u16::try_from(place).ok()
}

/// The words of the list.
#[cfg(feature = "languages")]
pub(crate) fn english() -> &'static [&'static str] {
    bip39::Language::English.word_list()
}

/// The same, from a text that is half as large as a table of its words.
#[cfg(not(feature = "languages"))]
pub(crate) fn english() -> &'static [&'static str] {
    static LIST: std::sync::OnceLock<Vec<&'static str>> = std::sync::OnceLock::new();
    LIST.get_or_init(|| include_str!("english.txt").lines().collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_english_words_are_those_of_bip39() {
        let words: Vec<&str> = include_str!("english.txt").lines().collect();
        assert_eq!(words, bip39::Language::English.word_list());
    }
}
