//! A new passphrase: made, read from a file, or asked for twice; a weak one is refused with the reason.

use crate::entry_input::{refused_input, refused_text, sentence};
use crate::exit::{Exit, Failure};
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
use rootcellar_client::randomness::SystemRandomness;
use rootcellar_client::text::Passphrase;
use std::path::Path;

/// How often a person may choose again.
const TRIES: u32 = 5;

/// Where a new passphrase comes from.
pub(crate) struct Source<'a> {
    /// Make one.
    pub(crate) generate: bool,
    /// Read it from this file.
    pub(crate) file: Option<&'a Path>,
    /// The option that names the file.
    pub(crate) option: &'static str,
    /// What to ask for.
    pub(crate) asked: Asked,
    /// Said before it is asked for.
    pub(crate) wanted: &'static str,
    /// What to do instead of a weak one.
    pub(crate) instead: &'static str,
    /// A passphrase that it must not be.
    pub(crate) other_than: Option<&'a Passphrase>,
}

impl Source<'_> {
    /// A strong passphrase; `hints` are what a guesser would try first.
    pub(crate) fn read(&self, hints: &[&str]) -> Result<Passphrase, Failure> {
        if self.generate {
            return Ok(Passphrase::generate(&mut SystemRandomness));
        }
        if self.file.is_some() {
            let text = secret_input::read(Shape::Line, self.file, self.asked, self.option)?;
            return self.strong(&text, hints);
        }
        let mut terminal = secret_input::terminal(self.asked.what, self.option)?;
        terminal.say(self.wanted)?;
        for _ in 1..TRIES {
            match self.ask(&mut terminal, hints) {
                Ok(passphrase) => return Ok(passphrase),
                Err(failure) if failure.exit == Exit::Input => terminal.print(&failure.lines())?,
                Err(failure) => return Err(failure),
            }
        }
        self.ask(&mut terminal, hints)
    }

    /// Judges the passphrase before it is typed again.
    fn ask(&self, terminal: &mut Terminal, hints: &[&str]) -> Result<Passphrase, Failure> {
        let first = terminal.ask_secret(self.asked.prompt)?;
        let first = Shape::Line.typed(&first, self.asked.what)?;
        let passphrase = self.strong(&first, hints)?;
        let second = terminal.ask_secret(self.asked.again)?;
        let second = Shape::Line.typed(&second, self.asked.what)?;
        if *first == *second {
            return Ok(passphrase);
        }
        Err(Failure::new(Exit::Input, "passphrases-differ", text::passphrase::DIFFER))
    }

    fn strong(&self, text: &str, hints: &[&str]) -> Result<Passphrase, Failure> {
        let passphrase = Passphrase::parse(text)
            .map_err(|error| refused_text(text::subject::PASSPHRASE, "invalid-passphrase", error))?;
        passphrase.check_strength(hints).map_err(|weak| {
            refused_input("weak-passphrase", sentence(&weak.to_string())).advise(self.instead)
        })?;
        if self.other_than.is_some_and(|other| other.expose() == passphrase.expose()) {
            return Err(refused_input("same-passphrase", text::passphrase::SAME));
        }
        Ok(passphrase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(generate: bool) -> Source<'static> {
        let (wanted, instead) = (text::passphrase::HINT, text::passphrase::HINT_WEAK);
        let (option, asked) = ("--passphrase-file", Asked::PASSPHRASE);
        Source { generate, file: None, option, asked, wanted, instead, other_than: None }
    }

    #[test]
    fn weak_ones_are_refused_with_a_reason() {
        let strong = |text| source(false).strong(text, &[]);
        let failure = strong("password1").expect_err("weak");
        assert_eq!((failure.exit, failure.code), (Exit::Input, "weak-passphrase"));
        let text = "seven quiet lanterns under the orchard wall";
        assert!(strong(text).is_ok());
        let account = Passphrase::parse(text).expect("a passphrase");
        let other = Source { other_than: Some(&account), ..source(false) };
        assert_eq!(other.strong(text, &[]).expect_err("the same").code, "same-passphrase");
        assert!(other.strong("seven quiet lanterns under the orchard walls", &[]).is_ok());
    }

    #[test]
    fn a_made_one_is_strong() {
        let made = source(true).read(&[]).expect("made");
        assert!(source(false).strong(made.expose(), &[]).is_ok());
    }
}
