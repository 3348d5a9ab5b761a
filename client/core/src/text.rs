//! Account names and passphrases in their one normal form (protocol.md section 3).

mod strength;
mod unicode;

pub use strength::{FEWEST_GUESSES_LOG10, WeakPassphrase};
pub use unicode::Form;
#[cfg(not(feature = "unicode"))]
pub use unicode::PlatformForms;
pub(crate) use unicode::in_form;

use crate::derive::derive_into;
use rootcellar_spec::labels::derive::ACCOUNT_NAME;
use rootcellar_spec::{Identity, NameHash, limits};
use secrecy::{ExposeSecret, SecretBox};
use unicode::are_assigned;

/// An account name, normalised. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct AccountName(SecretBox<String>);

/// A passphrase, normalised. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct Passphrase {
    text: SecretBox<String>,
    /// Whether it is known to be strong, so that nobody needs to judge it.
    is_strong: bool,
}

/// Why a text is no account name or no passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing is left of it.
    #[error("it is empty")]
    Empty,
    /// It is longer than allowed.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// It holds a character that has no lasting meaning.
    #[error("it holds a character that Unicode has not assigned; such characters may change their form")]
    Unassigned,
    /// An account name holds white space or a control character.
    #[error("an account name has no spaces and no control characters")]
    SpaceInName,
}

impl AccountName {
    /// Normalises a name.
    ///
    /// # Errors
    /// Where the text cannot be an account name.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = assigned(text)?;
        let mut name = in_form(Form::Nfd, text);
        for _ in 0..2 {
            name = in_form(Form::Nfkc, &in_form(Form::Folded, &name));
        }
        let name = Self(SecretBox::new(Box::new(std::mem::take(&mut *name))));
        if name.expose().chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(TextError::SpaceInName);
        }
        within(name.expose(), limits::NAME_BYTES).map(|()| name)
    }

    /// What the vault learns of the name.
    #[must_use]
    pub fn hash(&self, identity: &Identity) -> NameHash {
        let mut hash = [0; 32];
        derive_into(self.expose().as_bytes(), ACCOUNT_NAME, &[identity.as_bytes()], &mut hash);
        NameHash(hash)
    }

    /// The normalised name.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Passphrase {
    /// Normalises a passphrase.
    ///
    /// # Errors
    /// Where the text cannot be a passphrase.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = assigned(text)?;
        let mut passphrase = in_form(Form::Nfkd, text);
        let text = SecretBox::new(Box::new(std::mem::take(&mut *passphrase)));
        let passphrase = Self { text, is_strong: false };
        within(passphrase.expose(), limits::PASSPHRASE_BYTES).map(|()| passphrase)
    }

    /// The normalised passphrase.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// The text without white space at its ends, if each of its characters keeps its form for ever.
fn assigned(text: &str) -> Result<&str, TextError> {
    let text = text.trim();
    if are_assigned(text) { Ok(text) } else { Err(TextError::Unassigned) }
}

fn within(text: &str, most: usize) -> Result<(), TextError> {
    match text.len() {
        0 => Err(TextError::Empty),
        length if length > most => Err(TextError::TooLong(most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_alike() {
        for (a, b) in [
            ("Alice", " alice\n"),
            ("STRASSE", "straße"),
            ("ﬁona", "FIONA"),
            ("é", "e\u{301}"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ] {
            let (a, b) = (AccountName::parse(a).expect("a name"), AccountName::parse(b).expect("a name"));
            assert_eq!(a.expose(), b.expose());
        }
        assert_eq!(AccountName::parse("a b").err(), Some(TextError::SpaceInName));
        assert_eq!(AccountName::parse("a\u{7}b").err(), Some(TextError::SpaceInName));
        assert_eq!(AccountName::parse(" ").err(), Some(TextError::Empty));
        assert_eq!(AccountName::parse(&"x".repeat(129)).err(), Some(TextError::TooLong(128)));
        assert_eq!(AccountName::parse("\u{e000}").err(), Some(TextError::Unassigned));
    }

    #[test]
    fn passphrases_keep_case_and_inner_spaces() {
        let passphrase = |text| Passphrase::parse(text).expect("a passphrase").expose().to_owned();
        assert_eq!(passphrase("\u{3000}Grüne  Wiese \n"), "Gru\u{308}ne  Wiese");
        assert_eq!(passphrase("ﬁve"), "five");
        assert_eq!(Passphrase::parse("\u{378}").err(), Some(TextError::Unassigned));
    }
}
