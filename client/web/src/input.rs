//! What the page hands over, read: text of secrets comes as bytes, which are wiped here.

use crate::failure::Failure;
use rootcellar_client::VaultUrl;
use rootcellar_client::client::AddressError;
use rootcellar_client::inventory::Label;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::{AccountName, Passphrase};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, EntryId};
use zeroize::Zeroizing;

/// The text of a secret's bytes.
pub(crate) fn text<'a>(field: &str, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| Failure::input(field, "invalid"))
}

/// A passphrase. `is_strong` says that the page has judged a new one.
pub(crate) fn passphrase(bytes: Vec<u8>, is_strong: bool) -> Result<Passphrase, Failure> {
    let bytes = Zeroizing::new(bytes);
    let field = "passphrase";
    let passphrase = Passphrase::parse(text(field, &bytes)?).map_err(|error| Failure::text(field, error))?;
    Ok(if is_strong { passphrase.judged_strong() } else { passphrase })
}

/// A recovery code.
pub(crate) fn recovery_code(bytes: Vec<u8>) -> Result<RecoveryCode, Failure> {
    let bytes = Zeroizing::new(bytes);
    RecoveryCode::parse(text("code", &bytes)?).map_err(|error| Failure::recovery_code(&error))
}

/// An account's name.
pub(crate) fn name(text: &str) -> Result<AccountName, Failure> {
    AccountName::parse(text).map_err(|error| Failure::text("name", error))
}

/// A label of an entry or a device.
pub(crate) fn label(field: &str, text: &str) -> Result<Label, Failure> {
    Label::parse(text).map_err(|_| Failure::input(field, "invalid"))
}

/// The origin of a vault, as `URL.origin` gives it.
pub(crate) fn vault(origin: &str) -> Result<VaultUrl, Failure> {
    VaultUrl::of_origin(origin).map_err(|error| {
        let reason = match error {
            AddressError::Insecure => "insecure",
            AddressError::Scheme => "scheme",
            AddressError::Host => "host",
            _ => "not-a-url",
        };
        Failure::input("vault", reason)
    })
}

/// A permission by its name.
pub(crate) fn permission(name: &str) -> Result<Permission, Failure> {
    Permission::from_name(name).ok_or_else(|| Failure::input("permission", "invalid"))
}

/// A device's id.
pub(crate) fn device(id: &str) -> Result<DeviceId, Failure> {
    DeviceId::parse(id).ok_or_else(|| Failure::input("device", "invalid"))
}

/// An entry's id.
pub(crate) fn entry(id: &str) -> Result<EntryId, Failure> {
    EntryId::parse(id).ok_or_else(|| Failure::input("entry", "invalid"))
}
