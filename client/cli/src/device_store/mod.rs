//! Where this device keeps the secrets by which it is enrolled ([`rootcellar_client::files::device_store`]): which keeper a person
//! chooses, the platform's keyring, and what a person reads of its failures.

mod choice;
#[cfg(feature = "keyring")]
mod platform;
#[cfg(not(feature = "keyring"))]
#[path = "no_keyring.rs"]
mod platform;

pub(crate) use choice::{SecretStoreOption, check, choose, device_passphrase};
pub(crate) use platform::PlatformKeyring;
pub(crate) use rootcellar_client::files::device_store::{Chosen, SecretStoreKind};

use crate::entry_input::sentence;
use crate::exit::{Exit, Failure};
use crate::text;
use rootcellar_client::files::device_store::FolderSecretStoreError;

/// The device's secrets in a home folder, whose lock the caller holds.
pub(crate) type FolderSecretStore =
    rootcellar_client::files::device_store::FolderSecretStore<PlatformKeyring>;

/// Gives the passphrase of the encrypted file, when it is needed.
pub(crate) type AskPassphrase<'a> =
    &'a mut dyn FnMut() -> Result<rootcellar_client::text::Passphrase, SecretsFailure>;

/// Why a device's secrets could not be had.
pub(crate) enum SecretsFailure {
    /// The store failed.
    Store(FolderSecretStoreError),
    /// Their passphrase could not be asked for.
    Asking(Failure),
}

impl From<FolderSecretStoreError> for SecretsFailure {
    fn from(error: FolderSecretStoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for SecretsFailure {
    fn from(failure: Failure) -> Self {
        Self::Asking(failure)
    }
}

impl From<SecretsFailure> for Failure {
    fn from(failure: SecretsFailure) -> Self {
        match failure {
            SecretsFailure::Store(error) => error.into(),
            SecretsFailure::Asking(failure) => failure,
        }
    }
}

impl From<FolderSecretStoreError> for Failure {
    fn from(error: FolderSecretStoreError) -> Self {
        if let FolderSecretStoreError::Folder(error) = error {
            return error.into();
        }
        let exit =
            if matches!(error, FolderSecretStoreError::Passphrase) { Exit::Credentials } else { Exit::Local };
        // A path that a message begins with stays as it is.
        let message = match &error {
            FolderSecretStoreError::Damaged { .. } => format!("{error}."),
            _ => sentence(&error.to_string()),
        };
        Self::new(exit, error.code(), message).maybe_advise(advice(&error))
    }
}

fn advice(error: &FolderSecretStoreError) -> Option<&'static str> {
    Some(match error {
        FolderSecretStoreError::Damaged { .. } => text::secret_store::DAMAGED_ADVICE,
        FolderSecretStoreError::Keyring(_) => text::secret_store::KEYRING_LOCKED_ADVICE,
        FolderSecretStoreError::Lost
        | FolderSecretStoreError::Passphrase
        | FolderSecretStoreError::Encrypted(_) => text::secret_store::LOST_ADVICE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_passphrase_and_a_damaged_file_say_what_to_do() {
        let wrong = Failure::from(FolderSecretStoreError::Passphrase);
        assert_eq!((wrong.exit, wrong.code), (Exit::Credentials, "device-passphrase"));
        let damaged =
            FolderSecretStoreError::Damaged { path: "/x/device-secrets.json".into(), why: "no".to_owned() };
        let damaged = Failure::from(damaged);
        assert!(
            damaged.message.starts_with("/x/device-secrets.json "),
            "the path stays as it is: {}",
            damaged.message
        );
        assert_eq!(damaged.advice.as_deref(), Some(text::secret_store::DAMAGED_ADVICE));
    }
}
