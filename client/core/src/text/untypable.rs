//! Characters that cannot be typed again from what is seen (protocol.md section 3).

use std::fmt;

/// A character of a text, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterAt {
    /// The character.
    pub character: char,
    /// Its place in the text as given, counted in characters from 1.
    pub position: usize,
}

impl CharacterAt {
    /// The first character of `text` that `is_meant`.
    pub(super) fn first(text: &str, is_meant: impl Fn(char) -> bool) -> Option<Self> {
        let place = text.chars().enumerate().find(|(_, character)| is_meant(*character));
        place.map(|(before, character)| Self { character, position: before + 1 })
    }
}

/// What it is in words, its code point and its position.
impl fmt::Display for CharacterAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { character, position } = *self;
        write!(f, "{} (U+{:04X}) at position {position}", kind(character), u32::from(character))
    }
}

/// The first character of a text that cannot be typed again from what is seen. No name or passphrase of an account may contain
/// one. A BIP-39 passphrase belongs to the wallet and may, so a program warns instead.
#[must_use]
pub fn first_untypable(text: &str) -> Option<CharacterAt> {
    CharacterAt::first(text, is_untypable)
}

/// Whether a user may easily overlook something in a secret that another program takes exactly as it is, such as a BIP-39
/// passphrase: white space at its ends, or characters that cannot be typed again. [`oddities`] says what.
#[must_use]
pub fn is_odd(secret: &str) -> bool {
    secret.trim() != secret || secret.chars().any(is_untypable)
}

/// What [`is_odd`] in a secret. It reads "starts with 1 space and contains ...".
#[must_use]
pub fn oddities(secret: &str) -> Option<String> {
    if !is_odd(secret) {
        return None;
    }
    let mut said = Vec::new();
    let before = &secret[..secret.len() - secret.trim_start().len()];
    let after = &secret.trim_start()[secret.trim().len()..];
    for (place, spaces) in [("starts", before), ("ends", after)].into_iter().filter(|(_, at)| !at.is_empty())
    {
        let kind = if spaces.chars().all(|space| space == ' ') { "space" } else { "white space character" };
        let count = spaces.chars().count();
        said.push(format!("{place} with {count} {kind}{}", if count == 1 { "" } else { "s" }));
    }
    if let Some(found) = first_untypable(secret) {
        said.push(format!("contains {found}"));
    }
    Some(said.join(" and "))
}

/// How many white space characters are at the start and at the end. If there is nothing else, all are at the start.
#[must_use]
pub fn spaces_at_ends(text: &str) -> (usize, usize) {
    let count = |text: &str| text.chars().count();
    let start = count(text) - count(text.trim_start());
    (start, count(text.trim_start()) - count(text.trim()))
}

/// Whether a character is a control or format character (general categories Cc and Cf), a line or paragraph separator (Zl, Zp),
/// ignorable by default (`Default_Ignorable_Code_Point`) or the blank of Braille, all in Unicode 16.
#[must_use]
pub fn is_untypable(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// What a user may know the character by.
fn kind(character: char) -> &'static str {
    match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
        '\t' => "a tab",
        _ if character.is_whitespace() => "a space",
        _ if character.is_control() => "a control character",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' => "a zero-width non-joiner",
        '\u{200d}' => "a zero-width joiner, as in some emoji",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "a variation selector, as in some emoji",
        '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a text direction character"
        }
        '\u{feff}' => "a byte order mark",
        '\u{e0000}'..='\u{e007f}' => "a tag character, as in some flags",
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => "a blank character",
        _ if is_untypable(character) => "an invisible character",
        _ => "a character",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{Class, HirKind};

    #[test]
    fn the_set_is_that_of_unicode() {
        let set = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\x{2800}]";
        let parsed = regex_syntax::parse(set).expect("a class");
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { panic!("a class") };
        let ranges = class.ranges();
        for character in char::MIN..=char::MAX {
            let expected = ranges.iter().any(|range| (range.start()..=range.end()).contains(&character));
            assert_eq!(is_untypable(character), expected, "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn says_what_it_is_and_where() {
        let said = |text| first_untypable(text).map(|found| found.to_string());
        assert_eq!(said("al\u{200b}ice").as_deref(), Some("a zero-width space (U+200B) at position 3"));
        assert_eq!(said("é\0").as_deref(), Some("a control character (U+0000) at position 2"));
        assert_eq!(said("\u{2764}\u{fe0f}").map(|text| text.contains("emoji")), Some(true));
        assert_eq!(said("Grüne Wiese, שלום, 花"), None);
    }

    #[test]
    fn oddities_are_named() {
        assert_eq!(oddities("two words"), None);
        assert_eq!(oddities(" a  ").as_deref(), Some("starts with 1 space and ends with 2 spaces"));
        let found = oddities("two words\n").expect("odd");
        assert_eq!(
            found,
            "ends with 1 white space character and contains a line break (U+000A) at position 10"
        );
        let found = oddities("a\u{200b}").expect("odd");
        assert_eq!(found, "contains a zero-width space (U+200B) at position 2");
        assert_eq!(spaces_at_ends("   "), (3, 0));
        for text in [" a", "a ", "a\u{a0}", "a\u{200b}b", "a\tb", "\u{feff}a", "\u{2764}\u{fe0f}", "a\u{ad}"]
        {
            assert!(is_odd(text) && oddities(text).is_some_and(|said| !said.is_empty()), "{text:?}");
        }
        for text in ["", "a b", "Grüne Wiese", "שלום"] {
            assert!(!is_odd(text) && oddities(text).is_none(), "{text:?}");
        }
    }
}
