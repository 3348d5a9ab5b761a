//! What is backed up: opened one by one, changed in one save, looked at anew.

use crate::account::{backup_view, shown};
use crate::failure::Failure;
use crate::held::{OpenClient, StepResult, at_once, promise};
use crate::json::{Array, Object, texts};
use crate::{host, input, phrases};
use js_sys::Promise;
use rootcellar_client::VaultText;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::inventory::Label;
use rootcellar_client::pending_save::PendingSaveOutcome;
use rootcellar_client::phrase::{Phrase, PhraseError};
use rootcellar_client::session::Change;
use rootcellar_client::shown::{shown_in_line, shown_in_text};
use rootcellar_spec::{EntryId, base64url};
use secrecy::{ExposeSecret, SecretBox};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// Opens one entry.
///
/// # Errors
/// A `Failure` as JSON.
#[wasm_bindgen(js_name = openEntry)]
pub fn open_entry(id: &str) -> Result<JsValue, JsValue> {
    at_once(|held| opened_entry(held, id)).map_err(Failure::into_js)
}

fn opened_entry(held: &mut OpenClient, id: &str) -> StepResult {
    let entry = held.session()?.open_entry(input::entry(id)?)?;
    let about = |kind: &str, language: Option<&str>, unseen: &str| {
        let about = Object::new().text("kind", kind).text_or_null("language", language);
        about.raw("unseen", unseen).raw("details", &details(&entry.details)).finish()
    };
    Ok(match &entry.secret {
        Secret::Bip39 { phrase, passphrase } => {
            phrases::must_be_at_hand(phrase.language())?;
            let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose_secret().as_str());
            let about =
                about("bip39", Some(phrase.language().name()), &places(passphrase.map(shown_in_line)));
            host::entry(phrase.words().as_bytes(), passphrase.map(str::as_bytes), &about)
        }
        Secret::Seed(seed) => {
            let digits = Zeroizing::new(rootcellar_spec::hex::encode(seed.expose_secret()));
            host::entry(digits.as_bytes(), None, &about("seed", None, "[]"))
        }
        Secret::Text(text) => {
            let text = text.expose_secret();
            host::entry(text.as_bytes(), None, &about("text", None, &places(Some(shown_in_text(text)))))
        }
        _ => return Err(Failure::new("newer-entry")),
    })
}

/// `Details` of the page's `api.ts`. Other devices write them.
fn details(details: &Details) -> String {
    let shown = |text: &String| VaultText::new(text).to_string();
    let paths: Vec<String> = details.derivation_paths.iter().map(shown).collect();
    Object::new()
        .raw("derivationPaths", &texts(paths.iter().map(String::as_str)))
        .text_or_null("network", details.network.as_ref().map(shown).as_deref())
        .text_or_null("birthday", details.birthday.as_ref().map(shown).as_deref())
        .finish()
}

/// The places of characters that cannot be seen, as a JSON array.
fn places(characters: Option<impl Iterator<Item = (char, bool)>>) -> String {
    let mut array = Array::new();
    let hidden = characters.into_iter().flatten().enumerate().filter(|(_, (_, is_shown))| !is_shown);
    hidden.for_each(|(place, _)| array.push(&place.to_string()));
    array.finish()
}

/// Forgets what was to be added and removed.
#[wasm_bindgen(js_name = changeNothing)]
pub fn change_nothing() {
    at_once(|held| held.change = Change::new());
}

/// Has the next save add an entry. A phrase may have a language and a BIP-39 passphrase, a phrase and a seed the details. If the label is
/// what the page was shown of one of the entries that are `replaced`, the new entry is called exactly as that one.
///
/// # Errors
/// A `Failure` as JSON, which names the field at fault.
#[wasm_bindgen(js_name = changeAdd)]
#[expect(clippy::too_many_arguments, reason = "fields of one form, which cross one by one")]
pub fn change_add(
    label: &str,
    kind: &str,
    secret: Vec<u8>,
    language: Option<String>,
    bip39_passphrase: Option<Vec<u8>>,
    derivation_paths: Vec<String>,
    network: Option<String>,
    birthday: Option<String>,
    replaced: Vec<String>,
) -> Result<(), JsValue> {
    let secret = Zeroizing::new(secret);
    let bip39_passphrase = bip39_passphrase.map(Zeroizing::new);
    let details = Details { derivation_paths, network, birthday };
    let add = |held: &mut OpenClient| {
        let stored = match replaced.is_empty() {
            true => None,
            false => {
                let items = held.session()?.items().iter();
                stored_label(items.map(|item| (item.id, &item.label)), &replaced, label)
            }
        };
        let label = stored.map_or_else(|| input::label("label", label), Ok)?;
        let secret = read_secret(kind, &secret, language.as_deref(), bip39_passphrase.as_deref())?;
        let entry = Entry::new(secret, details)?;
        held.change = std::mem::take(&mut held.change).add_shown_as(label, entry, None);
        Ok(())
    };
    at_once(add).map_err(Failure::into_js)
}

/// The label of a replaced entry of which the page was shown this text.
fn stored_label<'a>(
    mut stored: impl Iterator<Item = (EntryId, &'a Label)>,
    replaced: &[String],
    shown: &str,
) -> Option<Label> {
    let is_it = |(id, label): &(EntryId, &Label)| {
        replaced.contains(&base64url::encode(&id.0)) && label.to_string() == shown
    };
    stored.find(is_it).map(|(_, label)| label.clone())
}

/// Has the next save remove an entry.
///
/// # Errors
/// A `Failure` as JSON, where the id is none.
#[wasm_bindgen(js_name = changeRemove)]
pub fn change_remove(id: &str) -> Result<(), JsValue> {
    let id = input::entry(id).map_err(Failure::into_js)?;
    at_once(|held| held.change = std::mem::take(&mut held.change).remove(id));
    Ok(())
}

/// Saves what was to be added and removed. An earlier save that is unfinished is finished before.
#[wasm_bindgen]
pub fn save() -> Promise {
    promise(async |held| {
        let change = std::mem::take(&mut held.change);
        let session = held.session()?;
        if let PendingSaveOutcome::CannotFinish(_) = session.finish_pending().await? {
            return Err(Failure::new("pending-save"));
        }
        let saved = session.save(change).await?;
        let json = Object::new().number("number", saved.number.0).flag("merged", saved.merged).finish();
        Ok(JsValue::from_str(&json))
    })
}

/// Fetches the newest backup anew.
#[wasm_bindgen]
pub fn refresh() -> Promise {
    promise(async |held| {
        held.session()?.refresh().await?;
        shown(held, "nothing")
    })
}

/// Finishes a save that was left unfinished.
#[wasm_bindgen(js_name = finishPendingSave)]
pub fn finish_pending_save() -> Promise {
    promise(async |held| {
        let finished = match held.session()?.finish_pending().await? {
            PendingSaveOutcome::Nothing => "nothing",
            PendingSaveOutcome::AlreadySaved => "already-saved",
            PendingSaveOutcome::Saved => "saved",
            PendingSaveOutcome::Merged => "merged",
            _ => "cannot-finish",
        };
        shown(held, finished)
    })
}

/// Gives up a save that was left unfinished.
#[wasm_bindgen(js_name = discardPendingSave)]
pub fn discard_pending_save() -> Promise {
    promise(async |held| {
        held.session()?.discard_pending().await?;
        shown(held, "nothing")
    })
}

/// Numbers and times of the backups that the vault keeps, newest first.
#[wasm_bindgen]
pub fn backups() -> Promise {
    promise(async |held| {
        let account = held.session()?.account().await?;
        let mut array = Array::new();
        account.snapshots.iter().for_each(|head| array.push(&backup_view(head)));
        Ok(JsValue::from_str(&array.finish()))
    })
}

fn read_secret(
    kind: &str,
    secret: &[u8],
    language: Option<&str>,
    bip39_passphrase: Option<&Vec<u8>>,
) -> Result<Secret, Failure> {
    let text = input::text("secret", secret)?;
    Ok(match kind {
        "bip39" => {
            let language = language.map(phrases::language).transpose()?;
            let phrase = Phrase::parse(text, language).map_err(|error| match error {
                PhraseError::UnknownWord { .. } if !phrases::all_at_hand() => Failure::new("words-needed"),
                error => Failure::phrase(&error),
            })?;
            let passphrase = match bip39_passphrase {
                Some(bytes) => Some(owned(input::text("bip39Passphrase", bytes)?)),
                None => None,
            };
            Secret::Bip39 { phrase, passphrase }
        }
        "seed" => Secret::seed_of_hex(text)?,
        "text" => Secret::Text(owned(text)),
        _ => return Err(Failure::input("kind", "invalid")),
    })
}

fn owned(text: &str) -> SecretBox<String> {
    SecretBox::new(Box::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn details_of_other_devices_cannot_steer_the_page() {
        let hostile = "main\u{202e}net\u{200b}\u{1b}".to_owned();
        let written = Details {
            derivation_paths: vec![hostile.clone(), "m/84'/0'/0'".to_owned()],
            network: Some(hostile.clone()),
            birthday: Some(hostile),
        };
        let shown = "main\u{fffd}net\u{fffd}\u{fffd}";
        let expected =
            json!({ "derivationPaths": [shown, "m/84'/0'/0'"], "network": shown, "birthday": shown });
        assert_eq!(read(&details(&written)), expected);
        let none = json!({ "derivationPaths": [], "network": null, "birthday": null });
        assert_eq!(read(&details(&Details::default())), none);
    }

    #[test]
    fn characters_that_cannot_be_seen_are_named_by_their_place() {
        let line = |secret| read(&places(Some(shown_in_line(secret))));
        assert_eq!(line(" two  words "), json!([]));
        assert_eq!(line("\u{1f511}a\u{200b}b\u{a0}\tc"), json!([2, 4, 5]));
        assert_eq!(line("\u{2764}\u{fe0f}"), json!([1]), "a wallet takes it exactly");
        let text = |secret| read(&places(Some(shown_in_text(secret))));
        assert_eq!(text("one\n\ttwo \u{2764}\u{fe0f}"), json!([]));
        assert_eq!(text("pay\u{200b}pal\u{1b}"), json!([3, 7]));
        assert_eq!(places(None::<std::iter::Empty<(char, bool)>>), "[]");
    }

    #[test]
    fn an_entry_that_is_replaced_keeps_its_label_unless_that_was_edited() {
        let label = |text| Label::parse(text).expect("a label");
        let labels = [(EntryId([1; 16]), label("a\u{202e}b")), (EntryId([2; 16]), label("plain"))];
        let id = |id| base64url::encode(&[id; 16]);
        let stored = |replaced: &[String], shown| {
            stored_label(labels.iter().map(|(id, label)| (*id, label)), replaced, shown)
        };
        assert_eq!(stored(&[id(1)], "a\u{fffd}b"), Some(label("a\u{202e}b")));
        assert_eq!(stored(&[id(1)], "a\u{fffd}c"), None, "it was edited");
        assert_eq!(stored(&[id(2)], "a\u{fffd}b"), None, "of another entry");
        assert_eq!(stored(&[], "a\u{fffd}b"), None);
    }
}
