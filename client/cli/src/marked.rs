//! Secrets as a terminal shows them: what could be overlooked is marked, and the marks are explained.

use crate::text;
use rootcellar_client::shown::{shown_in_line, shown_in_text};
use rootcellar_client::text::spaces_at_ends;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A space at an end of the secret.
const SPACE: char = '\u{2423}';

/// A secret with marks.
pub(crate) struct Marked {
    /// What is shown.
    pub(crate) text: Zeroizing<String>,
    /// What the marks mean, if there are any.
    pub(crate) notes: Vec<Mark>,
}

/// What can be overlooked in a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Characters that are not seen.
    Hidden,
    /// So many spaces at the start and at the end.
    Spaces(usize, usize),
}

impl Mark {
    /// The code for programs.
    pub(crate) fn note_code(self) -> &'static str {
        match self {
            Self::Hidden => "unprintable",
            Self::Spaces(..) => "spaces-at-ends",
        }
    }

    /// What a person reads of it.
    pub(crate) fn text(self, entry: &str) -> String {
        match self {
            Self::Hidden => text::entry::Hidden { entry }.into(),
            Self::Spaces(start, end) => text::entry::Spaces { entry, start, end, mark: SPACE }.into(),
        }
    }
}

/// A secret of one line, such as a BIP-39 passphrase, as somebody types it into a wallet.
pub(crate) fn line(secret: &str) -> Marked {
    marked(secret, shown_in_line(secret))
}

/// Free text, which may have lines and tabs. Emoji and other text that needs characters without a shape stay whole.
pub(crate) fn free_text(secret: &str) -> Marked {
    marked(secret, shown_in_text(secret))
}

/// Marks the characters that are not shown, and the spaces at the ends.
fn marked(secret: &str, characters: impl Iterator<Item = (char, bool)>) -> Marked {
    // Large enough for every mark: a growing text would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(secret.len() * "<U+10FFFF>".len()));
    let is_edge = |character: char| character.is_whitespace();
    let start = secret.len() - secret.trim_start_matches(is_edge).len();
    let end = secret.trim_end_matches(is_edge).len();
    let mut hides = false;
    for ((at, _), (character, is_shown)) in secret.char_indices().zip(characters) {
        let is_at_end = is_space(character) && (at < start || at >= end);
        if is_at_end && character == ' ' {
            text.push(SPACE);
        } else if is_at_end || !is_shown {
            hides = true;
            // Writing to a string cannot fail.
            let _ = write!(text, "<U+{:04X}>", u32::from(character));
        } else {
            text.push(character);
        }
    }
    Marked { text, notes: notes(secret, hides) }
}

/// White space that a line may start or end with. Line breaks of a text are seen.
fn is_space(character: char) -> bool {
    character.is_whitespace() && character != '\n'
}

fn notes(secret: &str, hides: bool) -> Vec<Mark> {
    let mut notes = Vec::new();
    if hides {
        notes.push(Mark::Hidden);
    }
    let (start, end) = spaces_at_ends(secret.trim_matches('\n'));
    if start + end > 0 {
        notes.push(Mark::Spaces(start, end));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(marked: &Marked) -> (&str, Vec<&'static str>) {
        (&marked.text, marked.notes.iter().map(|mark| mark.note_code()).collect())
    }

    #[test]
    fn spaces_at_the_ends_are_marked() {
        let plain = line("two words");
        assert_eq!(seen(&plain), ("two words", vec![]));
        let odd = line(" two  words  ");
        assert_eq!(seen(&odd), ("\u{2423}two  words\u{2423}\u{2423}", vec!["spaces-at-ends"]));
        assert_eq!(odd.notes, [Mark::Spaces(1, 2)]);
        let odd = line("x\u{a0}");
        assert_eq!(seen(&odd), ("x<U+00A0>", vec!["unprintable", "spaces-at-ends"]));
        assert_eq!(seen(&line("   ")).0, "\u{2423}\u{2423}\u{2423}");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(seen(&line("a\u{200b}b\tc")), ("a<U+200B>b<U+0009>c", vec!["unprintable"]));
        assert_eq!(seen(&line("a\u{3000}b\n")).0, "a<U+3000>b<U+000A>");
        assert_eq!(seen(&free_text("a\u{1b}[2Jb")), ("a<U+001B>[2Jb", vec!["unprintable"]));
        let family = "\u{1f468}\u{200d}\u{1f469} \u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645}";
        assert_eq!(seen(&free_text(family)), (family, vec![]));
        assert_eq!(seen(&line(family)).1, ["unprintable"], "somebody has to type it");
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(seen(&free_text("one\n\ttwo\n")), ("one\n\ttwo\n", vec![]));
        assert_eq!(seen(&free_text(" one\ntwo \n")), ("\u{2423}one\ntwo\u{2423}\n", vec!["spaces-at-ends"]));
    }
}
