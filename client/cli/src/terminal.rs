//! Asking a person on the controlling terminal, so that standard input and output stay free for data.
//!
//! Secrets are read without echo into memory that is wiped. Ctrl-C is read as a key: the terminal is put back in order
//! before the program ends. What was typed or pasted beyond an answer is thrown away then, so that no part of a secret
//! reaches the shell.

mod keys;

use crate::exit::Failure;
use crate::secret_text::RawInput;
use crate::text;
use keys::{Keys, RESTART, read_secret, read_words};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use zeroize::Zeroizing;

/// How long a terminal may pause within a paste or an escape sequence, in tenths of a second.
const PAUSE_DECISECONDS: u8 = 3;

/// The controlling terminal.
pub(crate) struct Terminal(File);

impl Terminal {
    /// Opens it; `None` where there is none.
    pub(crate) fn open() -> Option<Self> {
        File::options().read(true).write(true).open("/dev/tty").ok().map(Self)
    }

    /// Asks for one line without echo.
    pub(crate) fn ask_secret(&mut self, prompt: &str) -> Result<RawInput, Failure> {
        let line = {
            // Before the prompt: what is typed as soon as it appears must not be echoed.
            let mut silent = Silence::begin(&self.0)?;
            write(&self.0, prompt)?;
            read_secret(&mut silent)
        };
        self.print("\n")?;
        line.map(RawInput::new)
    }

    /// Asks for words without echo: on one line or on several, typed or pasted; up to `most` as `count` counts them, or up to an
    /// empty line. A line of [`RESTART`] alone drops what came before it.
    pub(crate) fn ask_words(
        &mut self,
        prompt: &str,
        most: usize,
        count: impl Fn(&str) -> usize,
    ) -> Result<RawInput, Failure> {
        let words = {
            let mut silent = Silence::begin(&self.0)?;
            write(&self.0, prompt)?;
            read_words(&mut silent, (most, count), |so_far| {
                if so_far == 0 {
                    return write(&self.0, &format!("\n{}", text::words::Restarted { prompt }));
                }
                let so_far = text::words::SoFar { n: so_far as u64, restart: RESTART };
                write(&self.0, &format!("\n{so_far}"))
            })
        };
        self.print("\n")?;
        words.map(RawInput::new)
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

    /// Asks until the answer is yes or no; nothing else counts as either.
    pub(crate) fn ask_yes(&mut self, prompt: &str) -> Result<bool, Failure> {
        loop {
            let answer = self.ask(prompt)?;
            match [text::typed::YES, text::typed::NO].map(|word| is_answer(&answer, word)) {
                [true, false] => return Ok(true),
                [false, true] => return Ok(false),
                _ => self.say(text::ask::YES_OR_NO)?,
            }
        }
    }

    /// Prints a line.
    pub(crate) fn say(&mut self, text: impl Display) -> Result<(), Failure> {
        self.print(&text::line(text))
    }

    /// Whether the answer to a question is this word; nothing less is one.
    pub(crate) fn is_confirmed(&mut self, prompt: &str, word: &str) -> Result<bool, Failure> {
        Ok(self.ask(prompt)?.eq_ignore_ascii_case(word))
    }

    /// Prints without a line break.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        write(&self.0, text)
    }
}

/// The whole word, or its first letter.
fn is_answer(answer: &str, word: &str) -> bool {
    let answer = answer.to_lowercase();
    answer == word || answer.chars().eq(word.chars().take(1))
}

fn write(mut terminal: &File, text: &str) -> Result<(), Failure> {
    terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).map_err(|error| unusable(&error))
}

/// Without echo as long as it lives.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
    silent: Termios,
    /// A key that was read to see whether there is one.
    ahead: Option<u8>,
    /// Whether nothing followed the last key for a while.
    is_quiet: bool,
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
        Ok(Self { terminal, before, silent, ahead: None, is_quiet: false })
    }

    /// Waits for one byte, for ever or for a short pause.
    fn read(&mut self, patient: bool) -> io::Result<Option<u8>> {
        let (least, time) = if patient { (1, 0) } else { (0, PAUSE_DECISECONDS) };
        self.silent.special_codes[SpecialCodeIndex::VMIN] = least;
        self.silent.special_codes[SpecialCodeIndex::VTIME] = time;
        tcsetattr(self.terminal, OptionalActions::Now, &self.silent)?;
        let mut byte = Zeroizing::new([0_u8; 1]);
        loop {
            match self.terminal.read(&mut *byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Keys for Silence<'_> {
    fn next(&mut self) -> io::Result<Option<u8>> {
        self.is_quiet = false;
        match self.ahead.take() {
            Some(key) => Ok(Some(key)),
            None => self.read(true),
        }
    }

    fn more(&mut self) -> io::Result<bool> {
        if self.ahead.is_none() {
            self.ahead = self.read(false)?;
            self.is_quiet = self.ahead.is_none();
        }
        Ok(self.ahead.is_some())
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // The rest of a paste may still be on its way, and would be echoed and run by the shell.
        while !self.is_quiet && matches!(self.more(), Ok(true)) {
            self.ahead = None;
        }
        // Nothing better can be done where the terminal has gone.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn unusable(error: &io::Error) -> Failure {
    Failure::file(text::file::TERMINAL, error)
}
