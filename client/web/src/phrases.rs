//! Words as they are typed: completed, and told apart from what cannot be meant.

use crate::failure::Failure;
use crate::input;
use crate::json::{Array, Object, texts};
use rootcellar_client::phrase::{Language, Phrase, PhraseError};
use rootcellar_client::recovery_code::{RecoveryCode, RecoveryCodeError};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A language by its name.
pub(crate) fn language(name: &str) -> Result<Language, Failure> {
    name.parse().map_err(|_| Failure::input("language", "invalid"))
}

/// `PhraseCheck` of the page's `api.ts`, for a phrase that is whole.
///
/// # Errors
/// A `Failure` as JSON, where the bytes are no text or the language is none.
#[wasm_bindgen(js_name = checkPhrase)]
pub fn check_phrase(words: Vec<u8>, language: Option<String>) -> Result<String, JsValue> {
    let words = Zeroizing::new(words);
    let check = || {
        let language = language.as_deref().map(self::language).transpose()?;
        Ok(match Phrase::parse(input::text("secret", &words)?, language) {
            Ok(phrase) => state("good").text("language", phrase.language().name()).finish(),
            Err(PhraseError::UnknownWord { position, nearest, .. }) => wrong_word(position, &nearest),
            Err(PhraseError::WordCount(count)) => word_count(count),
            Err(PhraseError::Ambiguous(languages)) => {
                let names = texts(languages.iter().map(|language| language.name()));
                state("ambiguous").raw("languages", &names).finish()
            }
            Err(PhraseError::RecoveryCode) => state("recovery-code").finish(),
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
        Ok(match RecoveryCode::parse(input::text("code", &words)?) {
            Ok(_) => state("good").text("language", "english").finish(),
            Err(RecoveryCodeError::UnknownWord { position, nearest }) => wrong_word(position, &nearest),
            Err(RecoveryCodeError::WordCount(count)) => word_count(count),
            Err(RecoveryCodeError::SeedPhrase) => state("seed-phrase").finish(),
            Err(_) => state("checksum").finish(),
        })
    };
    check().map_err(Failure::into_js)
}

fn state(name: &str) -> Object {
    Object::new().text("state", name)
}

fn word_count(count: usize) -> String {
    state("word-count").number("count", count as u64).finish()
}

fn wrong_word(position: usize, nearest: &[String]) -> String {
    let nearest = texts(nearest.iter().map(String::as_str));
    let mut wrong = Array::new();
    wrong.push(&Object::new().number("position", position as u64).raw("nearest", &nearest).finish());
    state("wrong-word").raw("wrong", &wrong.finish()).finish()
}
