//! What the text of a secret may look like, wherever it comes from. There is one rule for each shape.
//!
//! - A *line* (passphrases, invites): one line ending at its end, LF or CRLF, is removed. What remains is the secret, exactly.
//!   More than one line is refused, and so are control characters.
//! - *Words* (phrases, recovery codes, hexadecimal digits): any white space between them, line breaks included.
//! - *Verbatim* (text entries): every byte counts.
//!
//! Each is UTF-8. A line and words do not start with a byte order mark, which nobody sees.

use crate::exit::{Exit, Failure};
use crate::text;
use rootcellar_client::text::CharacterAt;
use zeroize::Zeroizing;

/// Line breaks of any system. CRLF is two of them.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// The source of what is typed, in messages.
const TYPED: &str = text::source::TYPED;

/// What was typed or pasted, as it came. Only a [`Shape`] makes text of it.
pub(crate) struct RawInput(Zeroizing<String>);

impl RawInput {
    /// What the terminal has read.
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Whether nothing but white space was typed.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// The shape of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One line of this program's own: it can always be chosen so that it can be typed.
    Line,
    /// One line that another program chose, such as a BIP-39 passphrase: odd characters in it are kept, except NUL.
    ForeignLine,
    /// Words or digits between white space.
    Words,
    /// Any text.
    Verbatim,
}

impl Shape {
    /// The secret in a text from `source`: a file's name, or "standard input". `what` it is completes the advice.
    pub(crate) fn secret(self, text: &str, source: &str, what: &str) -> Result<Zeroizing<String>, Failure> {
        if self == Self::Verbatim {
            let is_empty = text.trim().is_empty();
            return if is_empty { Err(empty(source)) } else { Ok(Zeroizing::new(text.to_owned())) };
        }
        if text.starts_with('\u{feff}') {
            let message = text::input::ByteOrderMark { source };
            let advice = match source {
                TYPED => text::input::BYTE_ORDER_MARK_TYPED_ADVICE,
                _ => text::input::BYTE_ORDER_MARK_ADVICE,
            };
            return Err(Failure::new(Exit::Input, "input-byte-order-mark", message).advise(advice));
        }
        let secret = if self == Self::Words { text } else { one_line(text, source, what)? };
        self.check_characters(secret, source, what)?;
        let is_empty = if self == Self::ForeignLine { secret.is_empty() } else { secret.trim().is_empty() };
        if is_empty { Err(empty(source)) } else { Ok(Zeroizing::new(secret.to_owned())) }
    }

    /// The secret that was typed. If nothing was typed it is empty, and the caller says what that means.
    pub(crate) fn typed(self, input: &RawInput, what: &str) -> Result<Zeroizing<String>, Failure> {
        let is_nothing = if self == Self::ForeignLine { input.0.is_empty() } else { input.is_blank() };
        if is_nothing { Ok(Zeroizing::default()) } else { self.secret(&input.0, TYPED, what) }
    }

    fn check_characters(self, secret: &str, source: &str, what: &str) -> Result<(), Failure> {
        let is_refused = |character: char| match self {
            Self::Line => character.is_control(),
            Self::ForeignLine => character == '\0',
            Self::Words => character.is_control() && !character.is_whitespace(),
            Self::Verbatim => false,
        };
        let Some(before) = secret.chars().position(is_refused) else { return Ok(()) };
        let found =
            secret.chars().nth(before).map(|character| CharacterAt { character, position: before + 1 });
        let found = found.map(|found| found.to_string()).unwrap_or_default();
        let message = text::input::ControlCharacter { source, found };
        Err(Failure::new(Exit::Input, "input-control-character", message)
            .advise(text::input::ControlCharacterAdvice { what }))
    }
}

/// The text without one line ending at its end, if it has no other line break.
fn one_line<'a>(text: &'a str, source: &str, what: &str) -> Result<&'a str, Failure> {
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if !line.contains(BREAKS) {
        return Ok(line);
    }
    let (message, advice): (String, _) = if line.trim_end_matches(BREAKS).contains(BREAKS) {
        let lines = line.trim_end_matches(BREAKS).lines().count().max(2);
        (text::input::SeveralLines { source, lines, what }.into(), text::input::SEVERAL_LINES_ADVICE)
    } else {
        (text::input::BlankLine { source, what }.into(), text::input::BLANK_LINE_ADVICE)
    };
    Err(Failure::new(Exit::Input, "input-several-lines", message).advise(advice))
}

fn empty(source: &str) -> Failure {
    Failure::new(Exit::Input, "input-empty", text::input::Empty { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: Shape, text: &str) -> Result<String, &'static str> {
        let secret = shape.secret(text, "pass.txt", "passphrase");
        secret.map(|secret| secret.to_string()).map_err(|failure| failure.code)
    }

    #[test]
    fn one_final_line_ending_is_not_part_of_a_line() {
        for shape in [Shape::Line, Shape::ForeignLine] {
            for text in ["two words", "two words\n", "two words\r\n"] {
                assert_eq!(read(shape, text).as_deref(), Ok("two words"), "{text:?}");
            }
            assert_eq!(read(shape, "  ends \n").as_deref(), Ok("  ends "), "spaces count");
            for text in [
                "a\n\n",
                "a\r\n\r\n",
                "a\n\r\n",
                "a\r",
                "a\r\r\n",
                "a\nb",
                "a\nb\n",
                "a\n ",
                "\na\n",
                "a\u{2028}b",
                "a\u{85}",
            ] {
                assert_eq!(read(shape, text), Err("input-several-lines"), "{text:?}");
            }
        }
    }

    #[test]
    fn says_what_was_found() {
        let said = |text: &str| {
            let failure =
                Shape::ForeignLine.secret(text, "pass.txt", "BIP-39 passphrase").expect_err("refused");
            (failure.message, failure.advice.unwrap_or_default())
        };
        let (source, what) = ("pass.txt", "BIP-39 passphrase");
        let blank = text::input::BlankLine { source, what };
        assert_eq!(said("a\n\n"), (blank.into(), text::input::BLANK_LINE_ADVICE.to_owned()));
        let several = text::input::SeveralLines { source, lines: 3, what };
        assert_eq!(said("a\nb\nc\n"), (several.into(), text::input::SEVERAL_LINES_ADVICE.to_owned()));
        assert_eq!(said("\u{feff}a").0, text::input::ByteOrderMark { source }.to_string());
        assert!(said("ab\0c").0.contains("U+0000) at position 3"));
    }

    #[test]
    fn what_is_typed_follows_the_rules_of_a_file() {
        let typed = |shape: Shape, text: &str| {
            let input = RawInput::new(Zeroizing::new(text.to_owned()));
            let secret = shape.typed(&input, "passphrase");
            secret.map(|secret| secret.to_string()).map_err(|failure| failure.code)
        };
        for shape in [Shape::Line, Shape::ForeignLine] {
            for text in ["two words", "  ends ", "\u{feff}a", "a\u{2028}b", "a\u{85}", "a\u{85}b", "a\0b"] {
                assert_eq!(typed(shape, text), read(shape, text), "{text:?}");
            }
            assert_eq!(typed(shape, "").as_deref(), Ok(""));
        }
        assert_eq!(typed(Shape::Line, "  ").as_deref(), Ok(""));
        assert_eq!(typed(Shape::ForeignLine, "  ").as_deref(), Ok("  "), "a wallet may use spaces");
        assert_eq!(typed(Shape::Words, "\u{feff}a b"), Err("input-byte-order-mark"));
    }

    #[test]
    fn control_characters_and_byte_order_marks_are_refused() {
        for (text, shapes) in [("a\0b", 3), ("a\u{1b}b", 2), ("a\tb", 1), ("a\u{7f}", 2)] {
            let refused = [Shape::Line, Shape::ForeignLine, Shape::Words]
                .into_iter()
                .filter(|shape| read(*shape, text) == Err("input-control-character"));
            assert_eq!(refused.count(), shapes, "{text:?}");
        }
        for shape in [Shape::Line, Shape::ForeignLine, Shape::Words] {
            assert_eq!(read(shape, "\u{feff}a"), Err("input-byte-order-mark"));
        }
        assert_eq!(read(Shape::Verbatim, "\u{feff}a\0\n\n").as_deref(), Ok("\u{feff}a\0\n\n"));
    }

    #[test]
    fn words_may_have_lines_of_their_own() {
        assert_eq!(read(Shape::Words, "1. one\r\n2. two\n\n").as_deref(), Ok("1. one\r\n2. two\n\n"));
        for text in ["", "\n", " \n\n"] {
            assert_eq!(read(Shape::Words, text), Err("input-empty"));
        }
    }

    #[test]
    fn nothing_is_no_secret_but_a_wallet_may_use_spaces() {
        for text in ["", "\n", "\r\n"] {
            for shape in [Shape::Line, Shape::ForeignLine] {
                assert_eq!(read(shape, text), Err("input-empty"), "{text:?}");
            }
        }
        assert_eq!(read(Shape::Line, "  \n"), Err("input-empty"));
        assert_eq!(read(Shape::ForeignLine, "  \n").as_deref(), Ok("  "));
    }
}
