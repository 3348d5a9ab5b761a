//! From what a person gives to `add` to an entry; everything is checked before the vault hears of it.

use crate::args::{Add, EntryKind};
use crate::exit::{Exit, Failure};
use crate::secret_input;
use crate::secret_text::Shape;
use crate::word_input::{Mistake, Words};
use rootcellar_client::entry::{Details, Entry, EntryError, Secret};
use rootcellar_client::inventory::Label;
use rootcellar_client::phrase::{Language, Phrase, PhraseError};
use rootcellar_client::text::oddities;
use rootcellar_spec::limits::LABEL_BYTES;
use secrecy::{ExposeSecret, SecretBox};

const PHRASE: Words<'_> = Words { what: "Seed phrase", option: "--from FILE", most: 24 };

/// An entry that is ready to be sealed.
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
    let label = label("The label", &add.label)?;
    let language = add.language.as_deref().map(language).transpose()?;
    let with_passphrase = add.bip39_passphrase || add.bip39_passphrase_file.is_some();
    if add.kind != EntryKind::Bip39 && (with_passphrase || language.is_some()) {
        return Err(Failure::usage("Only a BIP-39 phrase has a language and a BIP-39 passphrase."));
    }
    let secret = match add.kind {
        EntryKind::Bip39 => bip39(add, language)?,
        EntryKind::Seed => {
            let text =
                secret_input::read(Shape::Words, add.from.as_deref(), "Seed in hexadecimal", "--from FILE")?;
            Secret::seed_of_hex(&text).map_err(refused)?
        }
        EntryKind::Text => {
            let text = secret_input::read(Shape::Verbatim, add.from.as_deref(), "Text", "--from FILE")?;
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
pub(crate) fn label(subject: &str, text: &str) -> Result<Label, Failure> {
    Label::parse(text).map_err(|_| {
        let what = match text.trim() {
            "" => "is empty".to_owned(),
            text if text.len() > LABEL_BYTES => format!("is longer than {LABEL_BYTES} bytes"),
            _ => "holds a control character".to_owned(),
        };
        refused_input("invalid-label", format!("{subject} {what}"))
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
    let (what, option) = ("BIP-39 passphrase", "--bip39-passphrase-file FILE");
    let passphrase = if let Some(file) = &add.bip39_passphrase_file {
        Some(secret_input::read(Shape::ForeignLine, Some(file), what, option)?)
    } else if add.bip39_passphrase {
        let mut terminal = secret_input::terminal(what, option)?;
        Some(secret_input::ask_twice(&mut terminal, Shape::ForeignLine, what)?)
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
        PhraseError::WordCount(13 | 16 | 19 | 22 | 25..) => {
            "What follows the words may be a BIP-39 passphrase (a '25th word'): give it with --bip39-passphrase or \
             --bip39-passphrase-file FILE, and the words alone here."
        }
        PhraseError::WordCount(_) => "Type all words of the phrase, with spaces between.",
        PhraseError::UnknownWord { .. } => "Compare the word with the original.",
        PhraseError::Ambiguous(_) => "Name the language with --language.",
        PhraseError::RecoveryCode => "Keep the recovery code on paper; add the wallet's own phrase.",
        PhraseError::Checksum => "Compare every word with the original.",
        _ => "Compare the phrase with the original.",
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
