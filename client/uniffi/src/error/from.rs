//! From the library's errors to the facade's.

use super::RootcellarError;
use crate::PendingSaveResult;
use rootcellar_client::client::RegisterError;
use rootcellar_client::device_list::DevicesFault;
use rootcellar_client::entry::EntryError;
use rootcellar_client::files::FolderError;
use rootcellar_client::files::device_store::FolderSecretStoreError;
use rootcellar_client::pending_save::PendingSaveFault;
use rootcellar_client::phrase::PhraseError;
use rootcellar_client::recovery_code::RecoveryCodeError;
use rootcellar_client::secret_store::SecretStoreError;
use rootcellar_client::text::WeakPassphrase;
use rootcellar_client::transport::{SetupError, TransportError};
use rootcellar_client::{ClientError, Outcome};
use rootcellar_spec::ProblemCode;

impl From<ClientError> for RootcellarError {
    fn from(error: ClientError) -> Self {
        let (code, explanation) = (error.code().to_owned(), error.to_string());
        match error {
            ClientError::Address(_) | ClientError::PairingText(_) => Self::InvalidInput { code, explanation },
            ClientError::WeakPassphrase(weak) => weak.into(),
            ClientError::Unreachable(cause) if is_untrusted(&cause) => Self::Untrusted { code, explanation },
            ClientError::Unreachable(_) => Self::Unreachable { code, explanation },
            ClientError::Status(status) => Self::HttpStatus { code, explanation, status },
            ClientError::Refused(refusal) => refused(refusal.code, refusal.retry_after, code, explanation),
            ClientError::DeviceClock { .. } => refused(ProblemCode::ClockSkew, None, code, explanation),
            ClientError::PassphraseOrAccount { remaining, next_wait, passphrases_since } => {
                Self::PassphraseOrAccount {
                    code,
                    explanation,
                    remaining_attempts: remaining,
                    retry_after_seconds: next_wait,
                    passphrases_since: passphrases_since.map(|time| time.0),
                }
            }
            ClientError::BudgetSpent { retry_after } => {
                Self::BudgetSpent { code, explanation, retry_after_seconds: retry_after }
            }
            ClientError::NameRequired => Self::NameRequired { code, explanation },
            ClientError::OtherName => Self::OtherName { code, explanation },
            ClientError::ForeignVault { pinned, found } => {
                let (pinned, found) = (pinned.to_string(), found.to_string());
                Self::ForeignVault { code, explanation, pinned, found }
            }
            ClientError::ForeignServerKey { replaced_at } => {
                Self::ForeignServerKey { code, explanation, replaced_at: replaced_at.map(|time| time.0) }
            }
            ClientError::ForeignAccount => Self::ForeignAccount { code, explanation },
            ClientError::Rollback { seen, offered } => {
                Self::Rollback { code, explanation, seen: seen.0, offered: offered.0 }
            }
            ClientError::Fork { seen, offered } => {
                Self::Fork { code, explanation, seen: seen.0, offered: offered.0 }
            }
            ClientError::Gap { seen, offered } => {
                Self::Gap { code, explanation, seen: seen.0, offered: offered.0 }
            }
            ClientError::SnapshotLost(number) => Self::BackupLost { code, explanation, number: number.0 },
            ClientError::SecretStore(error) => of_the_store(error),
            ClientError::NotCommitted { .. } | ClientError::PairingIncomplete(_) => {
                Self::Incomplete { code, explanation }
            }
            ClientError::NotAbandoned { error, .. } => Self::from(*error),
            ClientError::NotPermitted { needs } => {
                Self::NotPermitted { code, explanation, needs: Some(needs.into()) }
            }
            other => plain(&other, code, explanation),
        }
    }
}

fn of_the_store(error: SecretStoreError) -> RootcellarError {
    let (code, explanation) = (error.code().to_owned(), error.to_string());
    let other = RootcellarError::Local { code, explanation };
    error.medium::<FolderSecretStoreError>().map_or(other, |error| RootcellarError::from(*error))
}

/// Those that say no more than their code and explanation.
fn plain(error: &ClientError, code: String, explanation: String) -> RootcellarError {
    use RootcellarError as To;
    match error {
        ClientError::MalformedResponse(_)
        | ClientError::ResponseTooLong
        | ClientError::Unsupported(_)
        | ClientError::NewerSuite(_)
        | ClientError::Newer(_)
        | ClientError::DevicesRefused(DevicesFault::Newer) => To::BadResponse { code, explanation },
        ClientError::Keyslot(_)
        | ClientError::Snapshot(_)
        | ClientError::Entry(..)
        | ClientError::EntryUnreadable(..)
        | ClientError::DevicesRefused(_)
        | ClientError::HistoryContradicted
        | ClientError::PairingRefused(_)
        | ClientError::ReadBack(_) => To::NotAuthentic { code, explanation },
        ClientError::NoSuchBackup(_) | ClientError::NoSuchDevice(_) | ClientError::NoSuchEntry(_) => {
            To::NotFound { code, explanation }
        }
        ClientError::OlderBackup
        | ClientError::RestoreNotAsked
        | ClientError::NotByPassphrase
        | ClientError::PendingSave
        | ClientError::NoPairing
        | ClientError::CodeWaiting { .. } => To::SessionState { code, explanation },
        ClientError::TooManyDevices | ClientError::TooMuch(_) => To::TooMuch { code, explanation },
        ClientError::Contended(_) => To::Contended { code, explanation },
        error if error.outcome() == Outcome::Uncertain => To::Unconfirmed { code, explanation },
        ClientError::PairingExpired => To::PairingExpired { code, explanation },
        ClientError::KeyDerivation | ClientError::StateStore(_) => To::Local { code, explanation },
        _ => To::Internal { code, explanation },
    }
}

fn refused(
    problem: ProblemCode,
    retry_after_seconds: Option<u64>,
    code: String,
    explanation: String,
) -> RootcellarError {
    match problem {
        ProblemCode::SessionEnded => RootcellarError::SessionState { code, explanation },
        ProblemCode::NotPermitted => RootcellarError::NotPermitted { code, explanation, needs: None },
        ProblemCode::OutcomeUnknown => RootcellarError::Unconfirmed { code, explanation },
        _ => RootcellarError::Refused { code, explanation, retry_after_seconds },
    }
}

fn is_untrusted(cause: &TransportError) -> bool {
    matches!(
        cause,
        TransportError::UnknownAuthority
            | TransportError::WrongName
            | TransportError::Certificate(_)
            | TransportError::NoTls
    )
}

impl From<WeakPassphrase> for RootcellarError {
    fn from(weak: WeakPassphrase) -> Self {
        let (code, explanation) = ("weak-passphrase".to_owned(), weak.to_string());
        Self::WeakPassphrase { code, explanation, guesses_log10: weak.guesses_log10 }
    }
}

/// The recovery code of an account that may have been made stays with the object.
impl From<RegisterError> for RootcellarError {
    fn from(error: RegisterError) -> Self {
        if !error.maybe_made {
            return error.source.into();
        }
        let explanation = error.to_string();
        match error.source {
            // What is not authentic stays what it is.
            ClientError::ForeignAccount | ClientError::Keyslot(_) | ClientError::ForeignServerKey { .. } => {
                error.source.into()
            }
            _ => Self::Unconfirmed { code: "registration-unconfirmed".to_owned(), explanation },
        }
    }
}

impl From<PhraseError> for RootcellarError {
    fn from(error: PhraseError) -> Self {
        if let PhraseError::UnknownWord { position, language, .. } = &error {
            // The library's own text repeats the word, and names those that may have been meant.
            let explanation = format!("word {position} is not on the {language} list");
            return unknown_word(error.code(), *position, explanation);
        }
        Self::input(error.code(), error)
    }
}

impl From<RecoveryCodeError> for RootcellarError {
    fn from(error: RecoveryCodeError) -> Self {
        if let RecoveryCodeError::UnknownWord { position, .. } = &error {
            let explanation = format!("word {position} of the recovery code is not on the list of words");
            return unknown_word(error.code(), *position, explanation);
        }
        Self::input(error.code(), error)
    }
}

fn unknown_word(code: &str, position: usize, explanation: String) -> RootcellarError {
    let position = u32::try_from(position).unwrap_or(u32::MAX);
    RootcellarError::UnknownWord { code: code.to_owned(), explanation, position }
}

impl From<EntryError> for RootcellarError {
    fn from(error: EntryError) -> Self {
        Self::input(error.code(), error)
    }
}

impl From<FolderError> for RootcellarError {
    fn from(error: FolderError) -> Self {
        let (code, explanation) = (error.code().to_owned(), error.to_string());
        match error {
            FolderError::Used(_) | FolderError::OtherAccount(_) => Self::ForeignAccount { code, explanation },
            _ => Self::Local { code, explanation },
        }
    }
}

impl From<FolderSecretStoreError> for RootcellarError {
    fn from(error: FolderSecretStoreError) -> Self {
        let (code, explanation) = (error.code().to_owned(), error.to_string());
        match error {
            FolderSecretStoreError::Folder(error) => error.into(),
            FolderSecretStoreError::Keyring(_)
            | FolderSecretStoreError::NotForgotten(_)
            | FolderSecretStoreError::Lost => Self::KeystoreFailed { code, explanation },
            _ => Self::Local { code, explanation },
        }
    }
}

impl From<SetupError> for RootcellarError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Tls(_) => Self::Local { code: "tls".to_owned(), explanation: error.to_string() },
            _ => Self::input("invalid-authorities", error),
        }
    }
}

impl From<PendingSaveFault> for RootcellarError {
    fn from(reason: PendingSaveFault) -> Self {
        let (code, explanation) = ("pending-save-stuck".to_owned(), reason.to_string());
        Self::PendingSaveStuck { code, explanation, reason: PendingSaveResult::from(reason) }
    }
}
