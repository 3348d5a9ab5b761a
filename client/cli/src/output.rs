//! Everything that this program prints. Results go to standard output, notes and failures to standard error.
//!
//! With `--json` a command prints exactly one JSON object: its result on standard output, or `{"error": …}` on standard
//! error. What would have been a note is then a member of its `notes`.

use crate::args::ColorWhen;
use crate::exit::{Exit, Failure};
use serde::Serialize;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use zeroize::Zeroizing;

/// Who read the output has enough of it, as in `list | head -1`.
const CLOSED: &str = "output-closed";

/// Where and how to print.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    color: [bool; 2],
    notes: RefCell<Vec<Note>>,
}

/// Something that a person should know and that is not the result.
#[derive(Serialize)]
struct Note {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Result_<'a, T: Serialize> {
    #[serde(flatten)]
    result: &'a T,
    #[serde(skip_serializing_if = "<[Note]>::is_empty")]
    notes: &'a [Note],
}

/// A style for a terminal.
#[derive(Clone, Copy)]
enum Style {
    Bold,
    Yellow,
    Red,
}

impl Output {
    /// Prints as the options say.
    pub(crate) fn new(json: bool, quiet: bool, color: ColorWhen) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let wanted = |terminal: bool| match color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => terminal && !plain && !dumb,
        };
        let color = [wanted(io::stdout().is_terminal()), wanted(io::stderr().is_terminal())];
        Self { json, quiet, color, notes: RefCell::new(Vec::new()) }
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a spinner may be drawn.
    pub(crate) fn may_draw(&self) -> bool {
        !self.json && !self.quiet && io::stderr().is_terminal()
    }

    /// The result: `text` for a person, `value` with `--json`.
    pub(crate) fn result<T: Serialize>(&self, value: &T, text: &str) -> Result<(), Failure> {
        if !self.json {
            return print(&mut io::stdout(), text.as_bytes());
        }
        let notes = self.notes.borrow();
        print(&mut io::stdout(), &json_line(&Result_ { result: value, notes: &notes })?)
    }

    /// A part of the result that comes before the rest; the JSON result holds it too.
    pub(crate) fn first(&self, text: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { print(&mut io::stdout(), text.as_bytes()) }
    }

    /// Raw bytes to standard output: completions, the man page.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        print(&mut io::stdout(), bytes)
    }

    /// Something worth knowing, once.
    pub(crate) fn note(&self, code: &'static str, message: impl Into<String>) {
        self.tell(code, message.into(), None);
    }

    /// Something to act on; `--quiet` does not hide it.
    pub(crate) fn warn(&self, code: &'static str, message: impl Into<String>) {
        self.tell(code, message.into(), Some("Warning: "));
    }

    fn tell(&self, code: &'static str, message: String, prefix: Option<&str>) {
        if self.json {
            self.notes.borrow_mut().push(Note { code, message });
            return;
        }
        if self.quiet && prefix.is_none() {
            return;
        }
        let prefix = prefix.map(|text| paint(self.color[1], Style::Yellow, text)).unwrap_or_default();
        // A note that cannot be printed must not stop the command.
        let _ = writeln!(io::stderr(), "{prefix}{message}");
    }

    /// Why the command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.code == CLOSED && failure.advice.is_none() {
            return;
        }
        let mut stderr = io::stderr();
        if self.json {
            let body = serde_json::json!({ "error": failure.as_json(), "notes": &*self.notes.borrow() });
            let _ = writeln!(stderr, "{body}");
            return;
        }
        let _ = writeln!(stderr, "{}{}", paint(self.color[1], Style::Red, "Error: "), failure.message);
        if let Some(advice) = &failure.advice {
            let _ = writeln!(stderr, "{advice}");
        }
    }

    /// Whether what is printed has colours.
    pub(crate) fn paints(&self) -> bool {
        self.color[0]
    }

    /// Bold on a terminal.
    pub(crate) fn bold(&self, text: &str) -> Zeroizing<String> {
        Zeroizing::new(paint(self.color[0], Style::Bold, text))
    }
}

fn paint(on: bool, style: Style, text: &str) -> String {
    if !on {
        return text.to_owned();
    }
    let code = match style {
        Style::Bold => 1,
        Style::Yellow => 33,
        Style::Red => 31,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

fn print(out: &mut impl Write, bytes: &[u8]) -> Result<(), Failure> {
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::new(Exit::Local, CLOSED, "Standard output was closed."),
        _ => Failure::file("Cannot write to standard output", &error),
    })
}

/// One line of JSON, wiped on drop.
pub(crate) fn json_line(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Large enough for most backups, so that no copy stays behind where the line grew.
    let mut line = Zeroizing::new(Vec::with_capacity(1 << 18));
    serde_json::to_writer(&mut *line, value).map_err(unprintable)?;
    line.push(b'\n');
    Ok(line)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unprintable(error: serde_json::Error) -> Failure {
    Failure::new(Exit::Internal, "internal", format!("Cannot write the result as JSON: {error}."))
}

/// Text from elsewhere (labels, device labels), without what could move a terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_format(c) { '\u{fffd}' } else { c }).collect()
}

/// Characters without a shape of their own: they reorder, join or hide others.
fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\nc\u{202e}\u{200b}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}\u{fffd}d");
    }

    #[test]
    fn color_only_when_on() {
        assert_eq!(paint(false, Style::Red, "x"), "x");
        assert_eq!(paint(true, Style::Red, "x"), "\x1b[31mx\x1b[0m");
    }
}
