//! Everything that this program prints. Results go to standard output, notes and failures to standard error.
//!
//! With `--json` a command prints exactly one JSON object: its result on standard output, or `{"error": …}` on standard
//! error. What would have been a note is then a member of its `notes`.

use crate::args::ColorWhen;
use crate::exit::{Cause, Exit, Failure};
use crate::progress::Shows;
use crate::text;
use rootcellar_client::text::is_untypable;
use serde::Serialize;
use serde_json::ser::Formatter;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use zeroize::Zeroizing;

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

    /// How waiting is shown.
    pub(crate) fn shows_waiting(&self) -> Shows {
        match self.json || self.quiet {
            true => Shows::Nothing,
            false if io::stderr().is_terminal() => Shows::Spinner,
            false => Shows::Lines,
        }
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
        self.tell(code, message.into(), Some(text::output::WARNING));
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
        if failure.cause == Some(Cause::OutputClosed) && failure.advice.is_none() {
            return;
        }
        let mut stderr = io::stderr();
        if self.json {
            let body = serde_json::json!({ "error": failure.as_json(), "notes": &*self.notes.borrow() });
            if let Ok(line) = json_line(&body) {
                let _ = stderr.write_all(&line);
            }
            return;
        }
        let _ =
            writeln!(stderr, "{}{}", paint(self.color[1], Style::Red, text::output::ERROR), failure.message);
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
        io::ErrorKind::BrokenPipe => Failure {
            cause: Some(Cause::OutputClosed),
            ..Failure::new(Exit::Local, "output-closed", text::output::CLOSED)
        },
        _ => Failure::file(text::file::WRITE_OUTPUT, &error),
    })
}

/// One line of JSON, wiped on drop.
pub(crate) fn json_line(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Large enough for most backups, so that no copy stays behind where the line grew.
    let mut line = Zeroizing::new(Vec::with_capacity(1 << 18));
    let mut serializer = serde_json::Serializer::with_formatter(&mut *line, VisibleFormatter);
    value.serialize(&mut serializer).map_err(unprintable)?;
    line.push(b'\n');
    Ok(line)
}

/// JSON in which characters that cannot be seen are escapes: it is exact, and a terminal that shows it is not steered.
struct VisibleFormatter;

impl Formatter for VisibleFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_untypable) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let character = rest[at..].chars().next().unwrap_or_default();
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::new(Exit::Internal, "internal", text::output::NoJson { error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_exact_and_steers_no_terminal() {
        let text = "a\u{1b}[2J\u{202e}b\u{200b}\u{9b}\u{e0041} \"q\" \\ \u{1f468}\u{200d}\u{1f469} \u{e9}";
        let line = json_line(&serde_json::json!({ "label": text, text: 1 })).expect("JSON");
        let line = std::str::from_utf8(&line).expect("UTF-8").trim_end();
        assert!(!line.chars().any(is_untypable), "{}", line.escape_unicode());
        assert!(line.contains("\\u202eb\\u200b\\u009b\\udb40\\udc41") && line.contains('\u{e9}'), "{line}");
        let read: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!((read["label"].as_str(), read[text].as_u64()), (Some(text), Some(1)));
    }

    #[test]
    fn color_only_when_on() {
        assert_eq!(paint(false, Style::Red, "x"), "x");
        assert_eq!(paint(true, Style::Red, "x"), "\x1b[31mx\x1b[0m");
    }
}
