//! What is backed up: opened one by one, changed in one save, looked at anew.

use crate::account::{backup_view, shown};
use crate::failure::Failure;
use crate::held::{Outcome, Taken, promise};
use crate::json::{Array, Object, texts};
use crate::{host, input, phrases};
use js_sys::Promise;
use rootcellar_client::entry::{Details, Entry, Secret};
use rootcellar_client::pending::PendingOutcome;
use rootcellar_client::phrase::{Phrase, PhraseError};
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
    opened_entry(id).map_err(Failure::into_js)
}

fn opened_entry(id: &str) -> Outcome {
    let mut held = Taken::all();
    let session = held.session()?;
    let entry = session.open_entry(input::entry(id)?)?;
    let details = &entry.details;
    let about = Object::new()
        .raw("derivationPaths", &texts(details.derivation_paths.iter().map(String::as_str)))
        .text_or_null("network", details.network.as_deref())
        .text_or_null("birthday", details.birthday.as_deref());
    let about = |kind: &str, language: Option<&str>| {
        let details = about.finish();
        Object::new().text("kind", kind).text_or_null("language", language).raw("details", &details).finish()
    };
    Ok(match &entry.secret {
        Secret::Bip39 { phrase, passphrase } => {
            phrases::must_be_at_hand(phrase.language())?;
            let passphrase = passphrase.as_ref().map(|passphrase| passphrase.expose_secret().as_bytes());
            let about = about("bip39", Some(phrase.language().name()));
            host::entry(phrase.words().as_bytes(), passphrase, &about)
        }
        Secret::Seed(seed) => {
            let digits = Zeroizing::new(rootcellar_spec::hex::encode(seed.expose_secret()));
            host::entry(digits.as_bytes(), None, &about("seed", None))
        }
        Secret::Text(text) => host::entry(text.expose_secret().as_bytes(), None, &about("text", None)),
        _ => return Err(Failure::new("newer-entry")),
    })
}

/// Forgets what was to be added and removed.
#[wasm_bindgen(js_name = changeNothing)]
pub fn change_nothing() {
    Taken::all().change = rootcellar_client::session::Change::new();
}

/// Has the next save add an entry. A phrase may have a language and a BIP-39 passphrase, a phrase and a seed the details.
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
) -> Result<(), JsValue> {
    let secret = Zeroizing::new(secret);
    let bip39_passphrase = bip39_passphrase.map(Zeroizing::new);
    let details = Details { derivation_paths, network, birthday };
    let made = || {
        let label = input::label("label", label)?;
        let secret = read_secret(kind, &secret, language.as_deref(), bip39_passphrase.as_deref())?;
        Ok((label, Entry::new(secret, details)?))
    };
    let (label, entry) = made().map_err(Failure::into_js)?;
    let mut held = Taken::all();
    held.change = std::mem::take(&mut held.change).add_shown_as(label, entry, None);
    Ok(())
}

/// Has the next save remove an entry.
///
/// # Errors
/// A `Failure` as JSON, where the id is none.
#[wasm_bindgen(js_name = changeRemove)]
pub fn change_remove(id: &str) -> Result<(), JsValue> {
    let id = input::entry(id).map_err(Failure::into_js)?;
    let mut held = Taken::all();
    held.change = std::mem::take(&mut held.change).remove(id);
    Ok(())
}

/// Saves what was to be added and removed. An earlier save that is unfinished is finished before.
#[wasm_bindgen]
pub fn save() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let change = std::mem::take(&mut held.change);
        let mut session = held.session()?;
        if let PendingOutcome::CannotFinish(_) = session.finish_pending().await? {
            return Err(Failure::new("unfinished-save"));
        }
        let saved = session.save(change).await?;
        let json = Object::new().number("number", saved.number.0).flag("merged", saved.merged).finish();
        Ok(JsValue::from_str(&json))
    })
}

/// Fetches the newest backup anew.
#[wasm_bindgen]
pub fn refresh() -> Promise {
    promise(async {
        let mut held = Taken::all();
        held.session()?.refresh().await?;
        shown(&mut held, "nothing").map(|json| JsValue::from_str(&json))
    })
}

/// Finishes a save that was left unfinished.
#[wasm_bindgen(js_name = finishUnfinished)]
pub fn finish_unfinished() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let finished = match held.session()?.finish_pending().await? {
            PendingOutcome::Nothing => "nothing",
            PendingOutcome::AlreadySaved => "already-saved",
            PendingOutcome::Saved => "saved",
            PendingOutcome::Merged => "merged",
            _ => "cannot-finish",
        };
        shown(&mut held, finished).map(|json| JsValue::from_str(&json))
    })
}

/// Gives up a save that was left unfinished.
#[wasm_bindgen(js_name = discardUnfinished)]
pub fn discard_unfinished() -> Promise {
    promise(async {
        let mut held = Taken::all();
        held.session()?.discard_pending().await?;
        shown(&mut held, "nothing").map(|json| JsValue::from_str(&json))
    })
}

/// Numbers and times of the backups that the vault keeps, newest first.
#[wasm_bindgen]
pub fn backups() -> Promise {
    promise(async {
        let mut held = Taken::all();
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
