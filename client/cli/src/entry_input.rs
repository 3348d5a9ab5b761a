//! From what a person gives to `add` to an entry; everything is checked before the vault hears of it.

use crate::args::{Add, EntryKind};
use crate::exit::{Exit, Failure};
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::text;
use crate::word_input::{Mistake, Words};
use rootcellar_client::entry::{Details, Entry, EntryError, Secret};
use rootcellar_client::inventory::Label;
use rootcellar_client::phrase::{Language, Phrase, PhraseError};
use rootcellar_client::text::oddities;
use rootcellar_spec::limits::LABEL_BYTES;
use secrecy::{ExposeSecret, SecretBox};

const PHRASE: Words = Words { asked: Asked::PHRASE, option: FROM, most: 24 };
const FROM: &str = "--from FILE";

/// An entry that is ready to be encrypted.
pub(crate) struct NewEntry {
    /// What to call it.
    pub(crate) label: Label,
    /// What it is.
    pub(crate) entry: Entry,
    /// What a user may overlook in the BIP-39 passphrase, which is saved all the same.
    pub(crate) oddities: Option<String>,
}

/// Checks the arguments, then reads the secret.
pub(crate) fn read(add: &Add) -> Result<NewEntry, Failure> {
    let label = label(text::subject::LABEL, &add.label)?;
    let language = add.language.as_deref().map(language).transpose()?;
    let with_passphrase = add.bip39_passphrase || add.bip39_passphrase_file.is_some();
    if add.kind != EntryKind::Bip39 && (with_passphrase || language.is_some()) {
        return Err(Failure::usage(text::phrase::ONLY_BIP39));
    }
    let secret = match add.kind {
        EntryKind::Bip39 => bip39(add, language)?,
        EntryKind::Seed => {
            let text = secret_input::read(Shape::Words, add.from.as_deref(), Asked::SEED, FROM)?;
            Secret::seed_of_hex(&text).map_err(refused)?
        }
        EntryKind::Text => {
            let text = secret_input::read(Shape::Verbatim, add.from.as_deref(), Asked::TEXT, FROM)?;
            Secret::Text(SecretBox::new(Box::new(text.as_str().to_owned())))
        }
    };
    let details = Details {
        derivation_paths: add.derivation_paths.clone(),
        network: add.network.clone(),
        birthday: add.birthday.clone(),
    };
    let entry = Entry::new(secret, details).map_err(refused)?;
    let oddities = match &entry.secret {
        Secret::Bip39 { passphrase: Some(passphrase), .. } => oddities(passphrase.expose_secret()),
        _ => None,
    };
    Ok(NewEntry { label, entry, oddities })
}

/// Reads a label of an entry or of a device.
pub(crate) fn label(subject: &str, given: &str) -> Result<Label, Failure> {
    Label::parse(given).map_err(|_| {
        let message: String = match given.trim() {
            "" => text::label::Empty { subject }.into(),
            long if long.len() > LABEL_BYTES => text::label::TooLong { subject, bytes: LABEL_BYTES }.into(),
            _ => text::label::ControlCharacter { subject }.into(),
        };
        refused_input("invalid-label", message)
    })
}

fn language(text: &str) -> Result<Language, Failure> {
    text.to_lowercase().parse().map_err(|error| refused_input("unknown-language", error))
}

fn bip39(add: &Add, language: Option<Language>) -> Result<Secret, Failure> {
    let phrase = PHRASE.read(add.from.as_deref(), |text| {
        Phrase::parse(text, language).map_err(|error| Mistake {
            word: if let PhraseError::UnknownWord { position, .. } = &error { Some(*position) } else { None },
            of_options: matches!(&error, PhraseError::Ambiguous(_)),
            failure: mistaken(error),
        })
    })?;
    let (asked, option) = (Asked::BIP39_PASSPHRASE, "--bip39-passphrase-file FILE");
    let passphrase = if let Some(file) = &add.bip39_passphrase_file {
        Some(secret_input::read(Shape::ForeignLine, Some(file), asked, option)?)
    } else if add.bip39_passphrase {
        let mut terminal = secret_input::terminal(asked.what, option)?;
        Some(secret_input::ask_twice(&mut terminal, Shape::ForeignLine, asked)?)
    } else {
        None
    };
    // An empty BIP-39 passphrase is none.
    let passphrase = passphrase.filter(|text| !text.is_empty());
    let passphrase = passphrase.map(|text| SecretBox::new(Box::new(text.as_str().to_owned())));
    Ok(Secret::Bip39 { phrase, passphrase })
}

fn mistaken(error: PhraseError) -> Failure {
    let advice = match &error {
        PhraseError::WordCount(13 | 16 | 19 | 22 | 25..) => text::phrase::EXTRA_WORDS_ADVICE,
        PhraseError::WordCount(_) => text::phrase::WORD_COUNT_ADVICE,
        PhraseError::UnknownWord { .. } => text::phrase::UNKNOWN_WORD_ADVICE,
        PhraseError::Ambiguous(_) => text::phrase::AMBIGUOUS_ADVICE,
        PhraseError::RecoveryCode => text::phrase::RECOVERY_CODE_ADVICE,
        PhraseError::Checksum => text::phrase::CHECKSUM_ADVICE,
        _ => text::phrase::OTHER_ADVICE,
    };
    refused_input(error.code(), error).advise(advice)
}

fn refused(error: EntryError) -> Failure {
    refused_input(error.code(), error)
}

/// Input that cannot be what it should be.
pub(crate) fn refused_input(code: &'static str, error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Input, code, sentence(&error.to_string()))
}

/// As [`refused_input`], for a message that says "it" of what it is about.
pub(crate) fn refused_text(subject: &str, code: &'static str, error: impl std::fmt::Display) -> Failure {
    let message = error.to_string();
    match message.strip_prefix("it ") {
        Some(rest) => refused_input(code, format!("{subject} {rest}")),
        None => refused_input(code, message),
    }
}

/// A message of the library as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sentences() {
        assert_eq!(sentence("a label is short"), "A label is short.");
        assert_eq!(sentence("did you mean x?"), "Did you mean x?");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn a_recovery_code_is_told_apart_from_a_wrong_checksum() {
        assert_eq!(mistaken(PhraseError::RecoveryCode).code, "phrase-is-recovery-code");
        assert_eq!(mistaken(PhraseError::Checksum).code, "phrase-checksum");
        assert_eq!(mistaken(PhraseError::Checksum).exit, Exit::Input);
    }
}
