//! Entries on their way in and out. What comes in is checked before the vault hears of it.

use super::{Change, Entry, EntryDetails, Item, NewEntry, Secret, entry_id};
use crate::error::RootcellarError;
use crate::phrase::Language;
use crate::secret::{leaving, text};
use rootcellar_client::entry as library;
use rootcellar_client::inventory::{self, Label};
use rootcellar_client::phrase::Phrase;
use rootcellar_client::session;
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// The library's change.
pub(crate) fn change(change: Change) -> Result<session::Change, RootcellarError> {
    let mut made = session::Change::new();
    for new in change.add {
        let (label, entry) = entry(new)?;
        made = made.add(label, entry);
    }
    for id in &change.remove {
        made = made.remove(entry_id(id)?);
    }
    Ok(made)
}

fn entry(new: NewEntry) -> Result<(Label, library::Entry), RootcellarError> {
    let secret = secret(new.secret)?;
    let label = label(&new.label)?;
    let details = new.details.unwrap_or_default();
    let EntryDetails { derivation_paths, network, birthday } = details;
    let details = library::Details { derivation_paths, network, birthday };
    Ok((label, library::Entry::new(secret, details)?))
}

/// A label of an entry or of a device.
pub(crate) fn label(text: &str) -> Result<Label, RootcellarError> {
    Label::parse(text).map_err(|error| RootcellarError::input("invalid-label", error))
}

fn secret(secret: Secret) -> Result<library::Secret, RootcellarError> {
    Ok(match secret {
        Secret::Phrase { words, language, bip39_passphrase } => {
            // Both are taken before either can be refused: what is refused is wiped, too.
            let (words, passphrase) = (text(words), bip39_passphrase.map(text).transpose());
            let phrase = Phrase::parse(&words?, language.map(Into::into))?;
            // An empty BIP-39 passphrase is none.
            let passphrase = passphrase?.filter(|text| !text.is_empty()).map(boxed);
            library::Secret::Bip39 { phrase, passphrase }
        }
        Secret::Seed { seed } => library::Secret::Seed(SecretBox::new(Box::new(seed))),
        Secret::Text { text: bytes } => library::Secret::Text(boxed(text(bytes)?)),
    })
}

fn boxed(mut text: Zeroizing<String>) -> SecretBox<String> {
    SecretBox::new(Box::new(std::mem::take(&mut *text)))
}

impl Entry {
    /// An opened entry, which leaves for the app.
    pub(crate) fn of(item: &inventory::Item, entry: &library::Entry) -> Result<Self, RootcellarError> {
        let secret = match &entry.secret {
            library::Secret::Bip39 { phrase, passphrase } => Secret::Phrase {
                words: leaving(&phrase.words()),
                language: Some(Language::from(phrase.language())),
                bip39_passphrase: passphrase.as_ref().map(|text| leaving(text.expose_secret())),
            },
            library::Secret::Seed(seed) => Secret::Seed { seed: seed.expose_secret().clone() },
            library::Secret::Text(text) => Secret::Text { text: leaving(text.expose_secret()) },
            _ => {
                let why = "the entry is of a kind that this version does not know: update this program";
                return Err(RootcellarError::BadResponse {
                    code: "unsupported".to_owned(),
                    explanation: why.to_owned(),
                });
            }
        };
        let library::Details { derivation_paths, network, birthday } = entry.details.clone();
        let details = EntryDetails { derivation_paths, network, birthday };
        Ok(Self { item: Item::from(item), secret, details })
    }
}
