//! Asking a person on the controlling terminal, so that standard input and output stay free for data.
//!
//! Secrets are read without echo into memory that is wiped. Ctrl-C is read as a key: the terminal is put back in order
//! before the program ends.

use crate::exit::{Exit, Failure};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use zeroize::Zeroizing;

/// No line that is typed here is longer, and a buffer of this size is never moved while it fills.
const LINE_BYTES: usize = 16 * 1024;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: u8 = 8;
const CTRL_U: u8 = 21;
const DELETE: u8 = 127;

/// The controlling terminal.
pub(crate) struct Terminal(File);

impl Terminal {
    /// Opens it; `None` where there is none.
    pub(crate) fn open() -> Option<Self> {
        File::options().read(true).write(true).open("/dev/tty").ok().map(Self)
    }

    /// Asks for one line without echo.
    pub(crate) fn ask_secret(&mut self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        let line = {
            // Before the prompt: what is typed as soon as it appears must not be echoed.
            let _silent = Silence::begin(&self.0)?;
            write(&self.0, prompt)?;
            read_secret_line(&mut &self.0)
        };
        self.print("\n")?;
        line
    }

    /// Asks for one line that may be seen.
    pub(crate) fn ask(&mut self, prompt: &str) -> Result<String, Failure> {
        self.print(prompt)?;
        let mut line = String::new();
        let read = BufReader::new(&self.0).read_line(&mut line).map_err(|error| unusable(&error))?;
        if read == 0 {
            return Err(Failure::cancelled());
        }
        Ok(line.trim().to_owned())
    }

    /// Prints without a line break.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        write(&self.0, text)
    }
}

fn write(mut terminal: &File, text: &str) -> Result<(), Failure> {
    terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).map_err(|error| unusable(&error))
}

/// Without echo as long as it lives.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn begin(terminal: &'a File) -> Result<Self, Failure> {
        let before = tcgetattr(terminal).map_err(|error| unusable(&error.into()))?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &silent).map_err(|error| unusable(&error.into()))?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // Nothing better can be done where the terminal has gone.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Reads the keys of one line: backspace and Ctrl-U correct, Ctrl-C and Ctrl-D on an empty line cancel.
fn read_secret_line(keys: &mut impl Read) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_BYTES));
    let mut key = Zeroizing::new([0_u8; 1]);
    loop {
        match keys.read(&mut *key) {
            Ok(0) if line.is_empty() => return Err(Failure::cancelled()),
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unusable(&error)),
        }
        match key[0] {
            b'\n' | b'\r' => break,
            CTRL_C => return Err(Failure::cancelled()),
            CTRL_D if line.is_empty() => return Err(Failure::cancelled()),
            BACKSPACE | DELETE => remove_last_character(&mut line),
            CTRL_U => line.clear(),
            control if control < b' ' && control != b'\t' => {}
            _ if line.len() == LINE_BYTES => return Err(too_long()),
            byte => line.push(byte),
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| not_text())?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn remove_last_character(line: &mut Vec<u8>) {
    while let Some(byte) = line.pop() {
        let continues = byte & 0b1100_0000 == 0b1000_0000;
        if !continues {
            break;
        }
    }
}

fn unusable(error: &io::Error) -> Failure {
    Failure::file("Cannot use the terminal", error)
}

fn too_long() -> Failure {
    Failure::new(Exit::Input, "input-too-long", "The line is longer than anything that is asked for here.")
}

fn not_text() -> Failure {
    Failure::new(Exit::Input, "not-text", "What was typed is not valid UTF-8 text.")
        .advise("Check that the terminal uses UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> Result<String, Exit> {
        read_secret_line(&mut keys.as_bytes()).map(|line| line.to_string()).map_err(|failure| failure.exit)
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
    fn keys_cancel() {
        assert_eq!(typed("abc\u{3}"), Err(Exit::Cancelled));
        assert_eq!(typed("\u{4}"), Err(Exit::Cancelled));
        assert_eq!(typed(""), Err(Exit::Cancelled));
    }

    #[test]
    fn refuses_what_is_no_text_or_too_long() {
        let bytes: &[u8] = &[0xff, b'\n'];
        assert!(read_secret_line(&mut &*bytes).is_err());
        assert_eq!(typed(&"a".repeat(LINE_BYTES + 1)), Err(Exit::Input));
    }
}
