//! Where secrets come from: a file, standard input, or a person who types without echo.

use crate::exit::{Exit, Failure};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text::{self, ask, source, what};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// No secret that is read from a file is longer.
const FILE_BYTES: usize = 64 * 1024;

/// A secret that may be asked for: by which prompt, and what it is called in a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The prompt.
    pub(crate) prompt: &'static str,
    /// The prompt of the second time, of what is typed twice.
    pub(crate) again: &'static str,
    /// Its name.
    pub(crate) what: &'static str,
}

impl Asked {
    pub(crate) const PASSPHRASE: Self =
        Self { prompt: ask::PASSPHRASE, again: ask::PASSPHRASE_AGAIN, what: what::PASSPHRASE };
    pub(crate) const NEW_PASSPHRASE: Self =
        Self { prompt: ask::NEW_PASSPHRASE, again: ask::NEW_PASSPHRASE_AGAIN, what: what::NEW_PASSPHRASE };
    pub(crate) const DEVICE_PASSPHRASE: Self = Self {
        prompt: ask::DEVICE_PASSPHRASE,
        again: ask::DEVICE_PASSPHRASE_AGAIN,
        what: what::DEVICE_PASSPHRASE,
    };
    pub(crate) const BIP39_PASSPHRASE: Self = Self {
        prompt: ask::BIP39_PASSPHRASE,
        again: ask::BIP39_PASSPHRASE_AGAIN,
        what: what::BIP39_PASSPHRASE,
    };
    pub(crate) const RECOVERY_CODE: Self = Self::once(ask::RECOVERY_CODE, what::RECOVERY_CODE);
    pub(crate) const PHRASE: Self = Self::once(ask::PHRASE, what::PHRASE);
    pub(crate) const SEED: Self = Self::once(ask::SEED, what::SEED);
    pub(crate) const TEXT: Self = Self::once(ask::TEXT, what::TEXT);
    pub(crate) const INVITE: Self = Self::once(ask::INVITE, what::INVITE);
    pub(crate) const PAIRING_TEXT: Self = Self::once(ask::PAIRING_TEXT, what::PAIRING_TEXT);

    const fn once(prompt: &'static str, what: &'static str) -> Self {
        Self { prompt, again: prompt, what }
    }
}

/// Reads a secret from `file` if given, else asks for it. `shape` says what it may look like.
pub(crate) fn read(
    shape: Shape,
    file: Option<&Path>,
    asked: Asked,
    option: &str,
) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => from_file(shape, path, asked),
        None => type_it(shape, asked, option),
    }
}

/// Asks on the terminal.
fn type_it(shape: Shape, asked: Asked, option: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = terminal(asked.what, option)?.ask_secret(asked.prompt)?;
    shape.typed(&typed, asked.what)
}

/// Whether a person types it, instead of a file or a pipe.
pub(crate) fn is_typed(file: Option<&Path>) -> bool {
    file.is_none_or(|path| is_standard_input(path) && io::stdin().is_terminal())
}

/// Asks twice and takes the answer when both agree.
pub(crate) fn ask_twice(
    terminal: &mut Terminal,
    shape: Shape,
    asked: Asked,
) -> Result<Zeroizing<String>, Failure> {
    loop {
        let first = shape.typed(&terminal.ask_secret(asked.prompt)?, asked.what)?;
        let second = terminal.ask_secret(asked.again)?;
        let second = shape.typed(&second, asked.what)?;
        if *first == *second {
            return Ok(first);
        }
        terminal.say(ask::DIFFER)?;
    }
}

/// The terminal, or a failure that names the option which does without one.
pub(crate) fn terminal(what: &str, option: &str) -> Result<Terminal, Failure> {
    Terminal::open().ok_or_else(|| {
        Failure::usage(text::input::NoTerminal { what }).advise(text::input::NoTerminalAdvice { option })
    })
}

/// At most one option may name standard input.
pub(crate) fn only_one_standard_input(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let named: Vec<_> = files.iter().filter(|(_, path)| path.is_some_and(is_standard_input)).collect();
    match named.as_slice() {
        [] | [_] => Ok(()),
        [(first, _), (second, _), ..] => Err(Failure::usage(text::input::OneStandardInput { first, second })),
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The secret in a file, or in standard input.
fn from_file(shape: Shape, path: &Path, asked: Asked) -> Result<Zeroizing<String>, Failure> {
    if is_standard_input(path) {
        if io::stdin().is_terminal() {
            // Typed after all: then without echo.
            return type_it(shape, asked, text::input::FILE_OR_PIPE);
        }
        let text = take(&mut io::stdin().lock(), source::STANDARD_INPUT)?;
        return shape.secret(&text, source::STANDARD_INPUT_START, asked.what);
    }
    let name = path.display().to_string();
    let mut file =
        File::open(path).map_err(|error| Failure::file(text::file::Read { file: &name }, &error))?;
    shape.secret(&take(&mut file, &name)?, &name, asked.what)
}

/// All of the text. It is read in place: a growing vector would leave copies behind.
fn take(from: &mut impl Read, name: &str) -> Result<Zeroizing<String>, Failure> {
    let mut buffer = Zeroizing::new(vec![0_u8; FILE_BYTES + 1]);
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::file(text::file::Read { file: name }, &error)),
        }
    }
    if length > FILE_BYTES {
        return Err(Failure::new(
            Exit::Input,
            "input-too-long",
            text::input::FileTooLong { source: name, kib: FILE_BYTES / 1024 },
        ));
    }
    let text = std::str::from_utf8(&buffer[..length]).map_err(|error| {
        let message = text::input::NotText { source: name, at: error.valid_up_to() + 1 };
        Failure::new(Exit::Input, "not-text", message).advise(text::input::NOT_TEXT_ADVICE)
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: &[u8]) -> Result<String, &'static str> {
        take(&mut &*bytes, "test").map(|text| text.to_string()).map_err(|failure| failure.code)
    }

    #[test]
    fn refuses_long_and_binary_input() {
        assert_eq!(taken(b" word\n").as_deref(), Ok(" word\n"));
        assert_eq!(taken(&[0xff]), Err("not-text"));
        assert_eq!(taken(&vec![b'a'; FILE_BYTES]).map(|text| text.len()), Ok(FILE_BYTES));
        assert_eq!(taken(&vec![b'a'; FILE_BYTES + 1]), Err("input-too-long"));
    }

    #[test]
    fn standard_input_serves_once() {
        let dash = Some(Path::new("-"));
        assert!(only_one_standard_input(&[("--a", dash), ("--b", None)]).is_ok());
        assert!(only_one_standard_input(&[("--a", dash), ("--b", Some(Path::new("b")))]).is_ok());
        assert!(only_one_standard_input(&[("--a", dash), ("--b", dash)]).is_err());
    }
}
