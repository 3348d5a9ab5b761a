//! Words as they are typed: completed, and told apart from what cannot be meant.

use crate::failure::Failure;
use crate::input;
use crate::json::{Array, Object, texts};
use rootcellar_client::phrase::{self, Language, Phrase, PhraseError, WrongWord};
use rootcellar_client::recovery_code::{RecoveryCode, RecoveryCodeError};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A language by its name.
pub(crate) fn language(name: &str) -> Result<Language, Failure> {
    name.parse().map_err(|_| Failure::input("language", "invalid"))
}

/// A phrase's words can be shown.
pub(crate) fn must_be_at_hand(language: Language) -> Result<(), Failure> {
    language.word_list().map(drop).ok_or_else(|| Failure::new("words-needed"))
}

/// Whether every language's words are there.
pub(crate) fn all_at_hand() -> bool {
    Language::ALL.into_iter().all(|language| language.word_list().is_some())
}

/// Takes over a language's words, one a line; whether they were ones.
#[wasm_bindgen(js_name = provideWords)]
#[must_use]
pub fn provide_words(language: &str, words: &str) -> bool {
    provide(language, words).is_ok()
}

fn provide(language: &str, words: &str) -> Result<(), Failure> {
    let language = self::language(language)?;
    // All of them are there where another crate of the same build asked for them.
    if language.word_list().is_some() {
        return Ok(());
    }
    #[cfg(target_arch = "wasm32")]
    language.provide_words(words).map_err(|_| Failure::new("page-damaged"))?;
    #[cfg(not(target_arch = "wasm32"))]
    let _ = words;
    Ok(())
}

/// The words of a language's list, or of all that are there, that begin so, as a JSON array of at most `most`.
#[wasm_bindgen(js_name = completeWord)]
#[must_use]
pub fn complete_word(prefix: &str, language: Option<String>, most: usize) -> String {
    let only = language.as_deref().and_then(|name| self::language(name).ok());
    let asked = Language::ALL.into_iter().filter(|language| only.is_none_or(|only| only == *language));
    texts(asked.flat_map(|language| language.beginning_with(prefix)).take(most))
}

/// `PhraseCheck` of the page's `api.ts`. Words that are wrong are named before the phrase is whole, but for the one that is
/// being typed.
///
/// # Errors
/// A `Failure` as JSON, where the bytes are no text or the language is none.
#[wasm_bindgen(js_name = checkPhrase)]
pub fn check_phrase(words: Vec<u8>, language: Option<String>) -> Result<String, JsValue> {
    let words = Zeroizing::new(words);
    let check = || {
        let language = language.as_deref().map(self::language).transpose()?;
        let text = input::text("secret", &words)?;
        let typed = phrase::wrong_words(text, language);
        Ok(match Phrase::parse(text, language) {
            Ok(phrase) => state("good").text("language", phrase.language().name()).finish(),
            Err(PhraseError::UnknownWord { .. }) => state("wrong-word").raw("wrong", &wrong(&typed)).finish(),
            Err(PhraseError::WordCount(count)) if count > 24 => word_count(count),
            Err(PhraseError::WordCount(_)) => incomplete(text, typed),
            Err(PhraseError::Ambiguous(languages)) => {
                let names = texts(languages.iter().map(|language| language.name()));
                state("ambiguous").raw("languages", &names).finish()
            }
            Err(PhraseError::RecoveryCode) => state("is-recovery-code").finish(),
            Err(_) => state("checksum").finish(),
        })
    };
    check().map_err(Failure::into_js)
}

/// The same for a recovery code.
///
/// # Errors
/// A `Failure` as JSON, where the bytes are no text.
#[wasm_bindgen(js_name = checkRecoveryCode)]
pub fn check_recovery_code(words: Vec<u8>) -> Result<String, JsValue> {
    let words = Zeroizing::new(words);
    let check = || {
        let text = input::text("code", &words)?;
        let apart = Zeroizing::new(text.replace('-', " "));
        let typed = phrase::wrong_words(&apart, Some(Language::English));
        Ok(match RecoveryCode::parse(text) {
            Ok(_) => state("good").text("language", "english").finish(),
            Err(RecoveryCodeError::UnknownWord { .. }) => {
                state("wrong-word").raw("wrong", &wrong(&typed)).finish()
            }
            Err(RecoveryCodeError::WordCount(count)) if count > 12 => word_count(count),
            Err(RecoveryCodeError::WordCount(_)) => incomplete(&apart, typed),
            Err(RecoveryCodeError::SeedPhrase) => state("is-phrase").finish(),
            Err(_) => state("checksum").finish(),
        })
    };
    check().map_err(Failure::into_js)
}

/// Whether a user may overlook something in a BIP-39 passphrase, which is kept exactly as it is. Bytes that are no text are refused
/// when they are saved.
#[wasm_bindgen(js_name = isOddPassphrase)]
#[must_use]
pub fn is_odd_passphrase(secret: Vec<u8>) -> bool {
    let secret = Zeroizing::new(secret);
    std::str::from_utf8(&secret).is_ok_and(rootcellar_client::text::is_odd)
}

/// The last word is still being typed, unless something stands behind it.
fn incomplete(text: &str, mut typed: Vec<WrongWord>) -> String {
    let count = text.split_whitespace().count();
    if !text.ends_with(char::is_whitespace) {
        typed.retain(|one| one.position < count);
    }
    state("incomplete").raw("wrong", &wrong(&typed)).finish()
}

fn state(name: &str) -> Object {
    Object::new().text("state", name)
}

fn word_count(count: usize) -> String {
    state("word-count").number("count", count as u64).finish()
}

fn wrong(words: &[WrongWord]) -> String {
    let mut array = Array::new();
    for WrongWord { position, nearest } in words {
        let nearest = texts(nearest.iter().map(String::as_str));
        array.push(&Object::new().number("position", *position as u64).raw("nearest", &nearest).finish());
    }
    array.finish()
}
