//! Text from a vault or another device, and the one function that makes it safe to show.
//!
//! A terminal or page that prints such text as it is can be steered (control characters), can show another order than the text has
//! (direction overrides) or can hide a difference (characters without a shape). [`VaultText`] therefore has no raw `Display`.
//! Legitimate text stays whole: joined emoji, Persian with zero-width non-joiners, Arabic, Hebrew and Indic text.

mod context;

use crate::text::is_untypable;
use context::{Neighbours, has_its_place};
use std::fmt::{self, Write};
use zeroize::Zeroizing;

/// The most characters of such text that are shown.
pub const SHOWN_CHARACTERS: usize = 300;

/// In place of a character that is not shown.
const REPLACEMENT: char = '\u{fffd}';

/// Text from a vault or another device. `Display` shows it safely, and cuts it after [`SHOWN_CHARACTERS`]; JSON has it exactly.
#[derive(Clone, PartialEq, Eq)]
pub struct VaultText(Zeroizing<String>);

impl VaultText {
    /// Takes the text as it came.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text as it came: to compare, sign, seal or store it. What is shown goes through `Display`.
    #[must_use]
    pub fn exact(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaultText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (character, is_shown)) in shown(&self.0).enumerate() {
            if place == SHOWN_CHARACTERS {
                return f.write_char('…');
            }
            f.write_char(match (character, is_shown) {
                (character, true) => character,
                ('\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}', false) => ' ',
                (_, false) => REPLACEMENT,
            })?;
        }
        Ok(())
    }
}

impl From<&str> for VaultText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for VaultText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// Labels are in it, so nothing is printed by accident.
impl fmt::Debug for VaultText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultText([redacted])")
    }
}

impl serde::Serialize for VaultText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The characters of a text, each with whether it can be shown as it is: it has a shape, or belongs to what is around it.
pub fn shown(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut neighbours = Neighbours::of(text);
    std::iter::from_fn(move || {
        let character = neighbours.advance()?;
        Some((character, has_its_place(character, &neighbours)))
    })
}

/// The characters of a secret of one line, such as a BIP-39 passphrase, each with whether it is seen. A wallet takes such a secret
/// exactly, so that nothing without a shape belongs to what is around it.
pub fn shown_in_line(secret: &str) -> impl Iterator<Item = (char, bool)> {
    let is_shown =
        |character: char| character == ' ' || !(character.is_whitespace() || is_untypable(character));
    secret.chars().map(move |character| (character, is_shown(character)))
}

/// The characters of free text, which may have lines and tabs, each with whether it is seen.
pub fn shown_in_text(secret: &str) -> impl Iterator<Item = (char, bool)> {
    shown(secret).map(|(character, is_shown)| (character, is_shown || matches!(character, '\n' | '\t')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> String {
        VaultText::new(text).to_string()
    }

    #[test]
    fn legitimate_text_stays_whole() {
        for text in [
            "Hardware wallet (2024) – »blue«",
            "Grüne Wiese, Re\u{301}ne\u{301}, Việt Nam, Ελλάδα, 日本語 ガ, 한국어, ไทย",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466} family",
            "\u{1f469}\u{1f3fd}\u{200d}\u{2695}\u{fe0f} doctor",
            "\u{1f468}\u{1f3fb}\u{200d}\u{1f9b0}",
            "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308} \u{1f3f4}\u{200d}\u{2620}\u{fe0f} flags",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland",
            "\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525} \u{2764}\u{fe0f} \u{2764}\u{fe0e} \u{a9}\u{fe0f}",
            "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3}",
            "\u{1f408}\u{200d}\u{2b1b}",
            "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645}",
            "\u{6a9}\u{627}\u{631}\u{200c}\u{647}\u{627}",
            "\u{647}\u{200d}.\u{642}",
            "\u{634}\u{64e}\u{631}\u{652}\u{6c1}",
            "שלום עולם, \u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}",
            "\u{5d0}\u{200f}! \u{627}\u{61c}3",
            "\u{915}\u{94d}\u{200d}\u{937} \u{915}\u{94d}\u{200c}\u{937}",
            "\u{1780}\u{17d2}\u{1798}\u{200b}\u{17c2}\u{179a}",
            "\u{8fbb}\u{e0100} \u{6f22}\u{fe00}",
            "\u{1820}\u{180b}\u{1821}\u{180e}\u{1820}",
            "\u{2801}\u{2800}\u{2803}",
            "\u{600}\u{661}",
        ] {
            assert_eq!(seen(text), text, "{}", text.escape_unicode());
        }
    }

    #[test]
    fn what_steers_reorders_or_hides_is_replaced() {
        for (text, expected) in [
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\0b\u{7f}\u{9b}c", "a\u{fffd}b\u{fffd}\u{fffd}c"),
            ("one\ntwo\tthree\u{2028}four", "one two three four"),
            ("ab\u{202e}dc", "ab\u{fffd}dc"),
            ("\u{202a}\u{202b}\u{202c}\u{202d}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{2066}\u{2067}\u{2068}\u{2069}\u{206a}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("pay\u{200b}pal", "pay\u{fffd}pal"),
            ("pay\u{200c}pal", "pay\u{fffd}pal"),
            ("pay\u{200d}pal", "pay\u{fffd}pal"),
            ("pay\u{ad}pal\u{2060}\u{feff}", "pay\u{fffd}pal\u{fffd}\u{fffd}"),
            ("pay\u{200e}pal\u{200f}\u{61c}", "pay\u{fffd}pal\u{fffd}\u{fffd}"),
            ("a\u{fe0f}b\u{e0100}", "a\u{fffd}b\u{fffd}"),
            ("1\u{fe0f}2", "1\u{fffd}2"),
            ("a\u{e0061}\u{e0062}", "a\u{fffd}\u{fffd}"),
            ("\u{1f3f4}\u{e0061}\u{e0062}", "\u{1f3f4}\u{fffd}\u{fffd}"),
            ("\u{1f600}\u{200d}", "\u{1f600}\u{fffd}"),
            ("\u{200d}\u{1f600}", "\u{fffd}\u{1f600}"),
            ("\u{1f600}\u{200d}\u{200d}\u{1f600}", "\u{1f600}\u{fffd}\u{fffd}\u{1f600}"),
            ("\u{645}\u{200c}\u{200c}\u{645}", "\u{645}\u{fffd}\u{fffd}\u{645}"),
            ("\u{645}\u{200c}", "\u{645}\u{fffd}"),
            ("\u{115f}\u{1160}\u{3164}\u{ffa0}x\u{2800}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}x\u{fffd}"),
            ("a\u{34f}b\u{17b4}\u{fff9}", "a\u{fffd}b\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(seen(text), expected, "{}", text.escape_unicode());
        }
    }

    #[test]
    fn nothing_untypable_stays_by_itself() {
        for character in (char::MIN..=char::MAX).filter(|character| is_untypable(*character)) {
            let text = format!("a{character}b");
            let has_a_shape = matches!(
                u32::from(character),
                0x600..=0x605 | 0x6dd | 0x70f | 0x890 | 0x891 | 0x8e2 | 0x110bd | 0x110cd
            );
            assert_eq!(seen(&text) == text, has_a_shape, "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn long_text_is_cut() {
        let text = seen(&"é".repeat(SHOWN_CHARACTERS + 1));
        assert_eq!(text.chars().count(), SHOWN_CHARACTERS + 1);
        assert!(text.ends_with('…'));
        assert!(!seen(&"é".repeat(SHOWN_CHARACTERS)).ends_with('…'));
    }

    #[test]
    fn only_display_is_cleaned() {
        let text = VaultText::new("a\u{202e}b");
        assert_eq!(text.exact(), "a\u{202e}b");
        assert_eq!(serde_json::to_string(&text).expect("JSON"), "\"a\u{202e}b\"");
        assert_eq!(format!("{text:?}"), "VaultText([redacted])");
    }
}
