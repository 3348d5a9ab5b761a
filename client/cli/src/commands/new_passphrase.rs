//! A new passphrase: made, read from a file, or asked for twice; a weak one is refused with the reason.

use crate::entry_input::{refused_input, sentence};
use crate::exit::Failure;
use crate::secret_input;
use rootcellar_client::randomness::SystemRandomness;
use rootcellar_client::text::Passphrase;
use std::path::Path;

/// How often a person may choose anew.
const TRIES: u32 = 5;

/// Where a new passphrase comes from.
pub(super) struct Source<'a> {
    /// Make one.
    pub(super) generate: bool,
    /// Read it from this file.
    pub(super) file: Option<&'a Path>,
    /// The option that names the file.
    pub(super) option: &'static str,
    /// What to ask for.
    pub(super) prompt: &'static str,
}

impl Source<'_> {
    /// A strong passphrase; `hints` are what a guesser would try first.
    pub(super) fn read(&self, hints: &[&str]) -> Result<Passphrase, Failure> {
        if self.generate {
            return Ok(Passphrase::generate(&mut SystemRandomness));
        }
        if self.file.is_some() {
            return strong(&secret_input::read(self.file, self.prompt, self.option)?, hints);
        }
        let mut terminal = secret_input::terminal(self.prompt, self.option)?;
        for _ in 1..TRIES {
            match strong(&secret_input::ask_twice(&mut terminal, self.prompt)?, hints) {
                Ok(passphrase) => return Ok(passphrase),
                Err(failure) => {
                    let advice = failure.advice.unwrap_or_default();
                    terminal.print(&format!("{}\n{advice}\n", failure.message))?;
                }
            }
        }
        strong(&secret_input::ask_twice(&mut terminal, self.prompt)?, hints)
    }
}

fn strong(text: &str, hints: &[&str]) -> Result<Passphrase, Failure> {
    let passphrase = Passphrase::parse(text).map_err(|error| refused_input("invalid-passphrase", error))?;
    passphrase.check_strength(hints).map_err(|weak| {
        refused_input("weak-passphrase", sentence(&weak.to_string())).advise("--generate makes a strong one.")
    })?;
    Ok(passphrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn weak_ones_are_refused_with_a_reason() {
        let failure = strong("password1", &[]).expect_err("weak");
        assert_eq!((failure.exit, failure.code), (Exit::Input, "weak-passphrase"));
        assert!(strong("seven quiet lanterns under the orchard wall", &[]).is_ok());
    }

    #[test]
    fn a_made_one_is_strong() {
        let source = Source { generate: true, file: None, option: "--passphrase-file", prompt: "Passphrase" };
        let made = source.read(&[]).expect("made");
        assert!(strong(made.expose(), &[]).is_ok());
    }
}
