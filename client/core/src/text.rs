//! Account names and passphrases in their one normal form (protocol.md section 3).

mod strength;
mod unicode;
mod untypable;

pub use strength::{FEWEST_GUESSES_LOG10, WeakPassphrase};
pub use unicode::Form;
#[cfg(not(feature = "unicode"))]
pub use unicode::PlatformForms;
pub(crate) use unicode::in_form;
pub use untypable::{CharacterAt, first_untypable, is_odd, is_untypable, oddities, spaces_at_ends};

use crate::derive::derive_into;
use rootcellar_spec::labels::derive::ACCOUNT_NAME;
use rootcellar_spec::{NameHash, VaultId, limits};
use secrecy::{ExposeSecret, SecretBox};
use unicode::are_assigned;
use zeroize::Zeroizing;

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
    /// It contains a character that Unicode 16 does not assign, so that its form may change.
    #[error("it contains {0}, which Unicode 16 does not define: replace it")]
    Unassigned(CharacterAt),
    /// It contains a character that nobody can type again from what is seen.
    #[error("it contains {0}, which is hard to type again: remove it")]
    Untypable(CharacterAt),
    /// An account name contains white space.
    #[error("it contains {0}: an account name cannot contain spaces")]
    SpaceInName(CharacterAt),
}

impl AccountName {
    /// Normalises a name.
    ///
    /// # Errors
    /// Where the text cannot be an account name.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let mut name = Self::normalised(lasting(text)?);
        if has_space(&name) {
            return Err(TextError::SpaceInName(space_in(text)));
        }
        let name = Self(SecretBox::new(Box::new(std::mem::take(&mut *name))));
        within(name.expose(), limits::NAME_BYTES).map(|()| name)
    }

    fn normalised(text: &str) -> Zeroizing<String> {
        let mut name = in_form(Form::Nfd, text);
        for _ in 0..2 {
            name = in_form(Form::Nfkc, &in_form(Form::Folded, &name));
        }
        name
    }

    /// What the vault learns of the name.
    #[must_use]
    pub fn hash(&self, vault_id: &VaultId) -> NameHash {
        let mut hash = [0; 32];
        derive_into(self.expose().as_bytes(), ACCOUNT_NAME, &[vault_id.as_bytes()], &mut hash);
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
        let mut passphrase = in_form(Form::Nfkd, lasting(text)?);
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

/// The text without white space at its ends, if each of its characters keeps its form for ever and can be typed again.
fn lasting(text: &str) -> Result<&str, TextError> {
    let stripped = text.trim();
    if !are_assigned(stripped) {
        return Err(TextError::Unassigned(first_in(text, |character| {
            !are_assigned(character.encode_utf8(&mut [0; 4]))
        })));
    }
    if stripped.chars().any(is_untypable) {
        return Err(TextError::Untypable(first_in(text, is_untypable)));
    }
    Ok(stripped)
}

fn has_space(text: &str) -> bool {
    text.chars().any(char::is_whitespace)
}

/// The character of a name that is white space, or becomes some in normal form.
fn space_in(text: &str) -> CharacterAt {
    first_in(text, |character| has_space(&AccountName::normalised(character.encode_utf8(&mut [0; 4]))))
}

/// The first character that `is_meant`, between the white space at the ends of the text; the first of all where none is, which the
/// tables of a platform might lead to.
fn first_in(text: &str, is_meant: impl Fn(char) -> bool) -> CharacterAt {
    let before = text.chars().take_while(|character| character.is_whitespace()).count();
    let place =
        CharacterAt::first(text.trim(), is_meant).or_else(|| CharacterAt::first(text.trim(), |_| true));
    let CharacterAt { character, position } = place.expect("a text that is refused for a character has one");
    CharacterAt { character, position: before + position }
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
        assert_eq!(AccountName::parse(" ").err(), Some(TextError::Empty));
        assert_eq!(AccountName::parse(&"x".repeat(129)).err(), Some(TextError::TooLong(128)));
    }

    #[test]
    fn a_refused_character_is_named_with_its_place() {
        let at = |character, position| CharacterAt { character, position };
        for (text, expected) in [
            (" \tal\u{e000}ice", TextError::Unassigned(at('\u{e000}', 5))),
            ("al\u{200d}\u{e000}", TextError::Unassigned(at('\u{e000}', 4))),
            ("  a\u{200b} b", TextError::Untypable(at('\u{200b}', 4))),
            ("\u{feff}alice", TextError::Untypable(at('\u{feff}', 1))),
            ("a\u{7}b", TextError::Untypable(at('\u{7}', 2))),
            ("alice\nsmith", TextError::Untypable(at('\n', 6))),
            (" a b", TextError::SpaceInName(at(' ', 3))),
            ("x\u{b4}", TextError::SpaceInName(at('\u{b4}', 2))),
        ] {
            assert_eq!(AccountName::parse(text).err(), Some(expected), "{text:?}");
        }
        for (text, expected) in [
            ("seven\tsheep", TextError::Untypable(at('\t', 6))),
            ("seven sheep\0", TextError::Untypable(at('\0', 12))),
            ("one line\ntwo", TextError::Untypable(at('\n', 9))),
            ("\u{1f468}\u{200d}\u{1f469}", TextError::Untypable(at('\u{200d}', 2))),
            ("a\u{378}", TextError::Unassigned(at('\u{378}', 2))),
        ] {
            assert_eq!(Passphrase::parse(text).err(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn passphrases_keep_case_and_inner_spaces() {
        let passphrase = |text| Passphrase::parse(text).expect("a passphrase").expose().to_owned();
        assert_eq!(passphrase("\u{3000}Grüne  Wiese \n"), "Gru\u{308}ne  Wiese");
        assert_eq!(passphrase("ﬁve"), "five");
    }
}
