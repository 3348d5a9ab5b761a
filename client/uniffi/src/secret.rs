//! Secrets as they cross the border: bytes that are read into wiped memory at once.

use crate::RootcellarError;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::{AccountName, Passphrase};
use zeroize::Zeroizing;

/// A secret text of bytes in UTF-8.
pub(crate) fn text(bytes: Vec<u8>) -> Result<Zeroizing<String>, RootcellarError> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(RootcellarError::input("not-utf8", "a secret text is given as UTF-8: these bytes are none"))
        }
    }
}

/// The account's passphrase.
pub(crate) fn passphrase(bytes: Vec<u8>) -> Result<Passphrase, RootcellarError> {
    let text = text(bytes)?;
    let said = |error| RootcellarError::input("invalid-passphrase", about("the passphrase", error));
    Passphrase::parse(&text).map_err(said)
}

/// A recovery code, as words.
pub(crate) fn recovery_code(bytes: Vec<u8>) -> Result<RecoveryCode, RootcellarError> {
    Ok(RecoveryCode::parse(&text(bytes)?)?)
}

/// An account's name.
pub(crate) fn account_name(name: &str) -> Result<AccountName, RootcellarError> {
    AccountName::parse(name)
        .map_err(|error| RootcellarError::input("invalid-account-name", about("the account name", error)))
}

/// The bytes of a text that leaves for the app, which wipes them.
pub(crate) fn leaving(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// The library says "it" of a text.
fn about(subject: &str, error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    text.strip_prefix("it ").map_or(text.clone(), |rest| format!("{subject} {rest}"))
}
