//! Secrets as a terminal shows them: what could be overlooked is marked, and the marks are explained.

use rootcellar_client::text::{is_untypable, spaces_at_ends};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A space at an end of the secret.
const SPACE: char = '\u{2423}';

/// A secret with marks.
pub(crate) struct Marked {
    /// What is shown.
    pub(crate) text: Zeroizing<String>,
    /// What the marks mean, if there are any: codes for programs, and sentences about "it".
    pub(crate) notes: Vec<(&'static str, String)>,
}

/// A secret of one line, such as a BIP-39 passphrase, as somebody types it into a wallet.
pub(crate) fn line(secret: &str) -> Marked {
    marked(secret, |character| character != ' ' && (character.is_whitespace() || is_untypable(character)))
}

/// Free text, which may have lines and tabs.
pub(crate) fn text(secret: &str) -> Marked {
    marked(secret, |character| !matches!(character, '\n' | '\t') && is_untypable(character))
}

fn marked(secret: &str, is_hidden: impl Fn(char) -> bool) -> Marked {
    // Large enough for every mark: a growing text would leave copies behind.
    let mut shown = Zeroizing::new(String::with_capacity(secret.len() * "<U+10FFFF>".len()));
    let is_edge = |character: char| character.is_whitespace();
    let start = secret.len() - secret.trim_start_matches(is_edge).len();
    let end = secret.trim_end_matches(is_edge).len();
    let mut hides = false;
    for (at, character) in secret.char_indices() {
        let is_at_end = is_space(character) && (at < start || at >= end);
        if is_at_end && character == ' ' {
            shown.push(SPACE);
        } else if is_at_end || is_hidden(character) {
            hides = true;
            // Writing to a string cannot fail.
            let _ = write!(shown, "<U+{:04X}>", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Marked { text: shown, notes: notes(secret, hides) }
}

/// White space that a line may start or end with. Line breaks of a text are seen.
fn is_space(character: char) -> bool {
    character.is_whitespace() && character != '\n'
}

fn notes(secret: &str, hides: bool) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if hides {
        let note = "contains characters that cannot be seen, shown as <U+...>; --json and --output give them exactly";
        notes.push(("unprintable", note.to_owned()));
    }
    let (start, end) = spaces_at_ends(secret.trim_matches('\n'));
    if start + end > 0 {
        notes.push((
            "spaces-at-ends",
            format!(
                "has spaces that belong to it: {start} at the start, {end} at the end ({SPACE} is a space)"
            ),
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &Marked) -> (&str, Vec<&'static str>) {
        (&marked.text, marked.notes.iter().map(|(code, _)| *code).collect())
    }

    #[test]
    fn spaces_at_the_ends_are_marked() {
        let plain = line("two words");
        assert_eq!(shown(&plain), ("two words", vec![]));
        let odd = line(" two  words  ");
        assert_eq!(shown(&odd), ("\u{2423}two  words\u{2423}\u{2423}", vec!["spaces-at-ends"]));
        assert!(odd.notes[0].1.contains("1 at the start, 2 at the end"), "{}", odd.notes[0].1);
        let odd = line("x\u{a0}");
        assert_eq!(shown(&odd), ("x<U+00A0>", vec!["unprintable", "spaces-at-ends"]));
        assert_eq!(shown(&line("   ")).0, "\u{2423}\u{2423}\u{2423}");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(shown(&line("a\u{200b}b\tc")), ("a<U+200B>b<U+0009>c", vec!["unprintable"]));
        assert_eq!(shown(&line("a\u{3000}b\n")).0, "a<U+3000>b<U+000A>");
        assert_eq!(shown(&text("a\u{1b}[2Jb")), ("a<U+001B>[2Jb", vec!["unprintable"]));
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(shown(&text("one\n\ttwo\n")), ("one\n\ttwo\n", vec![]));
        assert_eq!(shown(&text(" one\ntwo \n")), ("\u{2423}one\ntwo\u{2423}\n", vec!["spaces-at-ends"]));
    }
}
