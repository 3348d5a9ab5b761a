//! What the keys of a terminal mean: lines that are corrected while they are typed, and words over several lines.

use super::unusable;
use crate::exit::{Exit, Failure};
use crate::text;
use std::io;
use zeroize::Zeroizing;

/// No answer that is typed is longer, and a buffer of this size is never moved while it fills.
const LINE_BYTES: usize = 16 * 1024;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: u8 = 8;
const CTRL_U: u8 = 21;
const ESCAPE: u8 = 27;
const DELETE: u8 = 127;

/// A line that drops the words before it.
pub(super) const RESTART: &str = "-";

/// Where keys come from, byte by byte.
pub(super) trait Keys {
    /// The next byte; `None` at the end.
    fn next(&mut self) -> io::Result<Option<u8>>;

    /// Whether another byte follows at once, as in a paste or an escape sequence.
    fn more(&mut self) -> io::Result<bool>;
}

/// Reads a secret of one line, as [`read_line`] does. What arrives at once after it was pasted with it and may belong to the
/// secret, and a control character was not meant to be left out: neither is dropped silently.
pub(super) fn read_secret(keys: &mut impl Keys) -> Result<Zeroizing<String>, Failure> {
    let line = read_keys(keys)?;
    let mut has_more = false;
    while keys.more().map_err(|error| unusable(&error))? {
        let next = keys.next().map_err(|error| unusable(&error))?;
        has_more |= !matches!(next, Some(b'\n' | b'\r') | None);
        if next.is_none() {
            break;
        }
    }
    if has_more {
        return Err(Failure::new(Exit::Input, "input-several-lines", text::input::SEVERAL_LINES_PASTED));
    }
    match line.control {
        Some(key) => Err(Failure::new(
            Exit::Input,
            "input-control-character",
            text::input::ControlCharacterTyped { code: format_args!("{key:04X}") },
        )),
        None => Ok(line.text),
    }
}

/// A line that was typed.
struct Typed {
    text: Zeroizing<String>,
    /// A control character that is not part of the text and does not correct it.
    control: Option<u8>,
}

/// Reads one line: backspace and Ctrl-U correct, Ctrl-C, and Ctrl-D on an empty line, cancel. Arrows and other keys that
/// send escape sequences do nothing.
pub(super) fn read_line(keys: &mut impl Keys) -> Result<Zeroizing<String>, Failure> {
    read_keys(keys).map(|line| line.text)
}

fn read_keys(keys: &mut impl Keys) -> Result<Typed, Failure> {
    let mut control = None;
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_BYTES));
    loop {
        let Some(key) = keys.next().map_err(|error| unusable(&error))? else {
            if line.is_empty() {
                return Err(Failure::cancelled());
            }
            break;
        };
        match key {
            b'\n' | b'\r' => break,
            CTRL_C => return Err(Failure::cancelled()),
            CTRL_D if line.is_empty() => return Err(Failure::cancelled()),
            BACKSPACE | DELETE => remove_last_character(&mut line),
            CTRL_U => {
                line.clear();
                control = None;
            }
            ESCAPE => skip_sequence(keys).map_err(|error| unusable(&error))?,
            other if other < b' ' && other != b'\t' => control = Some(other),
            _ if line.len() == LINE_BYTES => return Err(too_long()),
            byte => line.push(byte),
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| not_text())?;
    Ok(Typed { text: Zeroizing::new(text.to_owned()), control })
}

/// Reads words over as many lines as they take: up to `most` of them as `count` counts, or up to an empty line.
///
/// Fewer than `most` never end it by themselves, even where so many make an answer: the first half of 24 words can pass for
/// 12. `so_far` is told how many there are; none after a line of [`RESTART`], which drops what came before it.
pub(super) fn read_words(
    keys: &mut impl Keys,
    (most, count): (usize, impl Fn(&str) -> usize),
    mut so_far: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(LINE_BYTES));
    loop {
        let line = read_line(keys)?;
        let empty = line.trim().is_empty();
        if text.len() + line.len() + 1 > LINE_BYTES {
            return Err(too_long());
        }
        if line.trim() == RESTART {
            text.clear();
        } else {
            text.push_str(&line);
            text.push(' ');
        }
        if keys.more().map_err(|error| unusable(&error))? {
            continue;
        }
        let words = count(&text);
        if empty || words >= most {
            return Ok(text);
        }
        so_far(words)?;
    }
}

/// Skips the rest of an escape sequence: `[` or `O`, parameters, and a final character; or nothing, for the key itself.
fn skip_sequence(keys: &mut impl Keys) -> io::Result<()> {
    if !keys.more()? {
        return Ok(());
    }
    match keys.next()? {
        Some(b'[') => while keys.next()?.is_some_and(|key| !(0x40..=0x7e).contains(&key)) {},
        Some(b'O') => drop(keys.next()?),
        _ => {}
    }
    Ok(())
}

fn remove_last_character(line: &mut Vec<u8>) {
    while let Some(byte) = line.pop() {
        let continues = byte & 0b1100_0000 == 0b1000_0000;
        if !continues {
            break;
        }
    }
}

fn too_long() -> Failure {
    Failure::new(Exit::Input, "input-too-long", text::input::LINE_TOO_LONG)
}

fn not_text() -> Failure {
    Failure::new(Exit::Input, "not-text", text::input::TYPED_NOT_TEXT)
        .advise(text::input::TYPED_NOT_TEXT_ADVICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pastes: each arrives at once, and nothing follows it before it was read.
    struct Pastes(Vec<Vec<u8>>);

    impl Pastes {
        fn of(pastes: &[&str]) -> Self {
            Self(pastes.iter().rev().map(|paste| paste.bytes().rev().collect()).collect())
        }
    }

    impl Keys for Pastes {
        fn next(&mut self) -> io::Result<Option<u8>> {
            while self.0.last().is_some_and(Vec::is_empty) {
                self.0.pop();
            }
            Ok(self.0.last_mut().and_then(Vec::pop))
        }

        fn more(&mut self) -> io::Result<bool> {
            Ok(self.0.last().is_some_and(|paste| !paste.is_empty()))
        }
    }

    fn typed(keys: &str) -> Result<String, Exit> {
        read_line(&mut Pastes::of(&[keys])).map(|line| line.to_string()).map_err(|failure| failure.exit)
    }

    #[test]
    fn keys_correct_the_line() {
        assert_eq!(typed("abc\nrest").as_deref(), Ok("abc"));
        assert_eq!(typed("abé\u{7f}c\r").as_deref(), Ok("abc"), "a character of two bytes goes at once");
        assert_eq!(typed("wrong\u{15}right\n").as_deref(), Ok("right"));
        assert_eq!(typed("\u{7f}\u{8}a\n").as_deref(), Ok("a"), "nothing to remove");
        assert_eq!(typed("a\u{1}\u{4}b\n").as_deref(), Ok("ab"), "other control keys do nothing");
        assert_eq!(typed("no line break").as_deref(), Ok("no line break"));
    }

    #[test]
    fn a_secret_drops_nothing_silently() {
        let secret = |pastes: &[&str]| {
            let read = read_secret(&mut Pastes::of(pastes));
            read.map(|line| line.to_string()).map_err(|failure| failure.code)
        };
        assert_eq!(secret(&["abc\n"]).as_deref(), Ok("abc"));
        assert_eq!(secret(&["abc\r\n"]).as_deref(), Ok("abc"));
        assert_eq!(secret(&["abc\n\n"]).as_deref(), Ok("abc"), "Enter twice");
        assert_eq!(secret(&["abc\n", "the next answer\n"]).as_deref(), Ok("abc"), "typed later");
        for pasted in ["abc\nd", "abc\nd\n", "abc\n\nd", "\nabc\n", "abc\n \n"] {
            assert_eq!(secret(&[pasted]), Err("input-several-lines"), "{pasted:?}");
        }
        assert_eq!(secret(&["a\0b\n"]), Err("input-control-character"));
        assert_eq!(secret(&["a\u{1}\u{15}b\n"]).as_deref(), Ok("b"), "the line was cleared");
    }

    #[test]
    fn arrows_and_function_keys_do_nothing() {
        assert_eq!(typed("a\u{1b}[D\u{1b}[1;5Cb\u{1b}OPc\u{1b}[3~d\n").as_deref(), Ok("abcd"));
        let line = read_line(&mut Pastes::of(&["a\u{1b}", "b\n"])).expect("a line");
        assert_eq!(line.as_str(), "ab", "the escape key itself swallows nothing");
    }

    #[test]
    fn keys_cancel() {
        assert_eq!(typed("abc\u{3}"), Err(Exit::Cancelled));
        assert_eq!(typed("\u{4}"), Err(Exit::Cancelled));
        assert_eq!(typed(""), Err(Exit::Cancelled));
    }

    #[test]
    fn refuses_what_is_no_text_or_too_long() {
        assert!(read_line(&mut Pastes(vec![vec![b'\n', 0xff]])).is_err());
        assert_eq!(typed(&"a".repeat(LINE_BYTES + 1)), Err(Exit::Input));
    }

    fn words(pastes: &[&str]) -> (String, Vec<usize>) {
        let mut told = Vec::new();
        let count = |text: &str| text.split_whitespace().count();
        let text = read_words(&mut Pastes::of(pastes), (4, count), |so_far| {
            told.push(so_far);
            Ok(())
        });
        let text = text.expect("words");
        (text.split_whitespace().collect::<Vec<_>>().join(" "), told)
    }

    #[test]
    fn words_may_come_on_several_lines() {
        assert_eq!(
            words(&["a b\n", "\n"]),
            ("a b".to_owned(), vec![2]),
            "more could come: half a phrase is no phrase"
        );
        assert_eq!(words(&["a\nb\n", "\n"]), ("a b".to_owned(), vec![2]), "pasted");
        assert_eq!(words(&["a\nb\nc\nd\n"]), ("a b c d".to_owned(), vec![]), "all of the paste");
        assert_eq!(words(&["a\n", "b\n", "c\n", "d\n"]), ("a b c d".to_owned(), vec![1, 2, 3]), "by hand");
        assert_eq!(words(&["a\n", "b\n", "\n"]), ("a b".to_owned(), vec![1, 2]));
        assert_eq!(words(&["a b c\n", "\n"]), ("a b c".to_owned(), vec![3]), "one too many ends when told");
        assert_eq!(words(&["\n"]).0, "");
        assert_eq!(words(&["x y\n", "-\n", "a b\n", "\n"]), ("a b".to_owned(), vec![2, 0, 2]), "begun anew");
        assert_eq!(words(&["x\n-\na b c d\n"]).0, "a b c d", "in a paste, too");
        assert_eq!(words(&["a b c d e\n"]).0, "a b c d e");
    }
}
