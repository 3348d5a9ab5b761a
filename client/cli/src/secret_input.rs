//! Where secrets come from: a file, standard input, or a person who types without echo.

use crate::exit::{Exit, Failure};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// No secret that is read from a file is longer.
const FILE_BYTES: usize = 64 * 1024;

/// Reads a secret from `file` if given, else asks for it. `shape` says what it may look like.
pub(crate) fn read(
    shape: Shape,
    file: Option<&Path>,
    what: &str,
    option: &str,
) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => from_file(shape, path, what),
        None => ask(shape, what, option),
    }
}

/// Asks on the terminal.
fn ask(shape: Shape, what: &str, option: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = terminal(what, option)?.ask_secret(&format!("{what}: "))?;
    shape.typed(&typed, &lower(what))
}

/// Whether a person types it, instead of a file or a pipe.
pub(crate) fn is_typed(file: Option<&Path>) -> bool {
    file.is_none_or(|path| is_standard_input(path) && io::stdin().is_terminal())
}

/// Asks twice and takes the answer when both agree.
pub(crate) fn ask_twice(
    terminal: &mut Terminal,
    shape: Shape,
    what: &str,
) -> Result<Zeroizing<String>, Failure> {
    loop {
        let first = shape.typed(&terminal.ask_secret(&format!("{what}: "))?, &lower(what))?;
        let second = terminal.ask_secret(&format!("{what}, once more: "))?;
        let second = shape.typed(&second, &lower(what))?;
        if *first == *second {
            return Ok(first);
        }
        terminal.print("They differ. Type it again.\n")?;
    }
}

/// The terminal, or a failure that names the option which does without one.
pub(crate) fn terminal(what: &str, option: &str) -> Result<Terminal, Failure> {
    Terminal::open().ok_or_else(|| {
        Failure::usage(format!("There is no terminal to ask on for the {}.", lower(what)))
            .advise(format!("Use {option} instead."))
    })
}

/// Only the first letter: the rest may be a name.
fn lower(what: &str) -> String {
    if what.starts_with("BIP") {
        return what.to_owned();
    }
    let mut letters = what.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// At most one option may name standard input.
pub(crate) fn only_one_standard_input(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let named: Vec<_> = files.iter().filter(|(_, path)| path.is_some_and(is_standard_input)).collect();
    match named.as_slice() {
        [] | [_] => Ok(()),
        [(first, _), (second, _), ..] => {
            Err(Failure::usage(format!("Only one of {first} and {second} can be '-' (standard input).")))
        }
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The secret in a file, or in standard input.
fn from_file(shape: Shape, path: &Path, what: &str) -> Result<Zeroizing<String>, Failure> {
    if is_standard_input(path) {
        if io::stdin().is_terminal() {
            // Typed after all: then without echo.
            return ask(shape, what, "a file or a pipe");
        }
        let text = take(&mut io::stdin().lock(), "standard input")?;
        return shape.secret(&text, "Standard input", &lower(what));
    }
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| Failure::file(format!("Cannot read {name}"), &error))?;
    shape.secret(&take(&mut file, &name)?, &name, &lower(what))
}

/// All of the text. It is read in place: a growing vector would leave copies behind.
fn take(source: &mut impl Read, name: &str) -> Result<Zeroizing<String>, Failure> {
    let mut buffer = Zeroizing::new(vec![0_u8; FILE_BYTES + 1]);
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::file(format!("Cannot read {name}"), &error)),
        }
    }
    if length > FILE_BYTES {
        return Err(Failure::new(
            Exit::Input,
            "input-too-long",
            format!("{name} is too long: no secret has more than {} KiB.", FILE_BYTES / 1024),
        ));
    }
    let text = std::str::from_utf8(&buffer[..length]).map_err(|error| {
        let message = format!("{name} is not UTF-8 text (byte {}).", error.valid_up_to() + 1);
        Failure::new(Exit::Input, "not-text", message).advise("Save it as UTF-8.")
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
