//! From the library's errors to exit codes.

use crate::entry_input::sentence;
use crate::exit::{Cause, Exit, Failure};
use crate::text;
use rootcellar_client::device_list::DevicesFault;
use rootcellar_client::error::PairingIncomplete;
use rootcellar_client::files::device_store::FolderSecretStoreError;
use rootcellar_client::secret_store::{DeviceStep, NotKept, SecretStoreError};
use rootcellar_client::transport::TransportError;
use rootcellar_client::{ClientError, Outcome};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::Permission;

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let error = match error {
            ClientError::SecretStore(error) => return of_the_store(error),
            ClientError::PairingIncomplete(incomplete) => return of_a_pairing(incomplete),
            ClientError::NotCommitted { step, source } => return not_kept(source).but(done(step)),
            ClientError::NotAbandoned { source, error } => {
                let (failure, left) = (Self::from(*error), of_the_store(source).message);
                let message = text::failure::SecretsLeft { failure: &failure.message, why: left }.into();
                return Self { message, ..failure };
            }
            other => other,
        };
        let wait = match &error {
            ClientError::Refused(refusal) => refusal.retry_after,
            ClientError::BudgetSpent { retry_after } => Some(*retry_after),
            ClientError::PassphraseOrAccount { next_wait: wait @ 1.., .. } => Some(*wait),
            _ => None,
        };
        let failure = Self::new(exit(&error), error.code(), sentence(&error.to_string())).wait(wait);
        Self { cause: cause(&error), ..failure.maybe_advise(advice(&error)) }
    }
}

/// Of what keeps this device's secrets.
fn of_the_store(error: SecretStoreError) -> Failure {
    let failure = Failure::new(Exit::Local, error.code(), sentence(&error.to_string()));
    error.medium::<FolderSecretStoreError>().map_or(failure, |error| Failure::from(*error))
}

/// Why a step that took place is not complete here, and what to do.
fn not_kept(why: NotKept) -> Failure {
    match why {
        NotKept::Secrets(error) => of_the_store(error),
        NotKept::State(error) => Failure::from(ClientError::StateStore(error)),
        other => Failure::new(Exit::Local, "device-secrets-lost", sentence(&other.to_string()))
            .advise(text::failure::ENROL_AGAIN),
    }
}

/// What took place all the same.
fn done(step: DeviceStep) -> &'static str {
    match step {
        DeviceStep::Enrolment => text::failure::DONE_ENROLMENT,
        DeviceStep::Rekey => text::failure::DONE_REKEY,
    }
}

/// Of a pairing after which the account lists this device, where the command that paired it cannot
/// be repeated.
fn of_a_pairing(incomplete: PairingIncomplete) -> Failure {
    let code = incomplete.code();
    match incomplete {
        PairingIncomplete::NotStaged(source) => Failure::from(*source).but(text::failure::PAIRED_IN_VAIN),
        PairingIncomplete::Absent => {
            Failure::new(Exit::Local, "device-secrets-lost", text::failure::PAIRED_IN_VAIN)
        }
        PairingIncomplete::State(source) => Failure::new(Exit::Local, code, sentence(&source.to_string()))
            .but(text::failure::PAIRED_STATE)
            .advise(text::failure::PAIRED_STATE_ADVICE),
        PairingIncomplete::NotCommitted(source) => {
            of_the_store(source).but(text::failure::PAIRED_NOT_COMMITTED)
        }
        other => Failure::new(Exit::Local, code, sentence(&other.to_string())),
    }
}

fn cause(error: &ClientError) -> Option<Cause> {
    match error {
        ClientError::ForeignAccount => Some(Cause::ForeignAccount),
        ClientError::Refused(refusal) if refusal.code == ProblemCode::DeviceRevoked => {
            Some(Cause::DeviceRevoked)
        }
        _ => None,
    }
}

/// What this program offers beyond what the library says.
fn advice(error: &ClientError) -> Option<&'static str> {
    match error {
        ClientError::Rollback { .. } | ClientError::Fork { .. } | ClientError::Gap { .. } => {
            Some(text::failure::ACCEPT_HISTORY_ADVICE)
        }
        ClientError::ForeignServerKey { replaced_at: Some(_) } => Some(text::failure::NEW_KEY_ADVICE),
        ClientError::ForeignServerKey { replaced_at: None } | ClientError::ForeignVault { .. } => {
            Some(text::failure::NEW_VAULT_ADVICE)
        }
        ClientError::Unreachable(TransportError::UnknownAuthority) => Some(text::failure::AUTHORITY_ADVICE),
        ClientError::Refused(refusal) if refusal.code == ProblemCode::SignatureInvalid => {
            Some(text::failure::SIGNATURE_ADVICE)
        }
        ClientError::Snapshot(_) | ClientError::SnapshotLost(_) => Some(text::backup::REFUSED_ADVICE),
        ClientError::Entry(..) => Some(text::failure::OLDER_BACKUP_ADVICE),
        ClientError::EntryUnreadable(..) => Some(text::failure::UNREADABLE_ADVICE),
        ClientError::DevicesRefused(DevicesFault::Newer) => None,
        ClientError::DevicesRefused(_) => Some(text::failure::DEVICES_ADVICE),
        ClientError::NotPermitted { needs } if *needs < Permission::Manage => {
            Some(text::failure::PERMISSION_ADVICE)
        }
        ClientError::PairingRefused(_) => Some(text::failure::PAIRING_REFUSED_ADVICE),
        ClientError::NameRequired => Some(text::account::NAME_ADVICE),
        _ => None,
    }
}

fn exit(error: &ClientError) -> Exit {
    match error {
        ClientError::Address(_)
        | ClientError::NameRequired
        | ClientError::OtherName
        | ClientError::OlderBackup
        | ClientError::NotByPassphrase => Exit::Usage,
        ClientError::Unreachable(_) | ClientError::Contended(_) => Exit::Unreachable,
        ClientError::Refused(refusal) => exit_of_refusal(refusal.code),
        ClientError::DeviceClock { .. } => exit_of_refusal(ProblemCode::ClockSkew),
        ClientError::MalformedResponse(_)
        | ClientError::ResponseTooLong
        | ClientError::Status(_)
        | ClientError::Unsupported(_)
        | ClientError::NewerSuite(_)
        | ClientError::Newer(_)
        | ClientError::DevicesRefused(DevicesFault::Newer) => Exit::Refused,
        ClientError::PassphraseOrAccount { .. } => Exit::Credentials,
        ClientError::BudgetSpent { .. } => Exit::Budget,
        error if error.is_tampering() => Exit::Tampering,
        ClientError::NotPermitted { .. } | ClientError::TooManyDevices | ClientError::PairingExpired => {
            Exit::Refused
        }
        ClientError::NoSuchEntry(_) | ClientError::NoSuchBackup(_) | ClientError::NoSuchDevice(_) => {
            Exit::NoEntry
        }
        ClientError::TooMuch(_) | ClientError::WeakPassphrase(_) | ClientError::PairingText(_) => Exit::Input,
        error if error.outcome() == Outcome::Uncertain => Exit::Uncertain,
        ClientError::PendingSave | ClientError::CodeWaiting { .. } => Exit::Uncertain,
        ClientError::KeyDerivation
        | ClientError::StateStore(_)
        | ClientError::SecretStore(_)
        | ClientError::NotCommitted { .. }
        | ClientError::NotAbandoned { .. } => Exit::Local,
        _ => Exit::Internal,
    }
}

fn exit_of_refusal(code: ProblemCode) -> Exit {
    match code {
        ProblemCode::RecoveryRefused | ProblemCode::LoginRefused | ProblemCode::DeviceRevoked => {
            Exit::Credentials
        }
        ProblemCode::BudgetSpent => Exit::Budget,
        ProblemCode::OutcomeUnknown => Exit::Uncertain,
        ProblemCode::Busy
        | ProblemCode::StoreUnavailable
        | ProblemCode::Timeout
        | ProblemCode::ClockUntrusted
        | ProblemCode::ReadOnly
        | ProblemCode::RateLimited
        | ProblemCode::Internal => Exit::Unreachable,
        _ => Exit::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_client::error::Newer;
    use rootcellar_client::state_store::StateStoreError;
    use rootcellar_spec::Number;

    fn failure(error: ClientError) -> Failure {
        error.into()
    }

    #[test]
    fn waits_reach_programs() {
        let spent = failure(ClientError::BudgetSpent { retry_after: 300 });
        assert_eq!((spent.exit, spent.code, spent.retry_after), (Exit::Budget, "budget-spent", Some(300)));
        let wrong =
            failure(ClientError::PassphraseOrAccount { remaining: 2, next_wait: 0, passphrases_since: None });
        assert_eq!((wrong.exit, wrong.retry_after), (Exit::Credentials, None));
        assert!(wrong.message.ends_with('.'), "{}", wrong.message);
    }

    #[test]
    fn what_is_not_authentic_has_a_code_of_its_own() {
        for error in [
            ClientError::ForeignServerKey { replaced_at: None },
            ClientError::ForeignAccount,
            ClientError::ReadBack("differs"),
        ] {
            assert_eq!(failure(error).exit, Exit::Tampering);
        }
        let rollback = failure(ClientError::Rollback { seen: Number(5), offered: Number(4) });
        assert_eq!(rollback.exit, Exit::Tampering);
        assert_eq!(rollback.advice.as_deref(), Some(text::failure::ACCEPT_HISTORY_ADVICE));
    }

    #[test]
    fn refused_devices_have_a_way_out() {
        let refused = failure(ClientError::DevicesRefused(DevicesFault::Table));
        assert_eq!(refused.advice.as_deref(), Some(text::failure::DEVICES_ADVICE));
    }

    #[test]
    fn what_a_newer_version_wrote_is_not_called_tampering() {
        for newer in [ClientError::Newer(Newer::Backup), ClientError::DevicesRefused(DevicesFault::Newer)] {
            let failure = failure(newer);
            assert_eq!((failure.exit, failure.code), (Exit::Refused, "newer-format"));
            assert_eq!(failure.advice, None);
        }
        assert_eq!(failure(ClientError::NewerSuite(rootcellar_spec::SuiteId(7))).exit, Exit::Refused);
    }

    #[test]
    fn what_a_pairing_lacks_decides_what_to_do() {
        let locked = || SecretStoreError::new("keyring", "it is locked");
        let full = StateStoreError::new("could not write what this device remembers", "no space left");
        let [staging, waiting, gone, state, committing] = [
            PairingIncomplete::NotStaged(Box::new(locked().into())),
            PairingIncomplete::NotStaged(Box::new(ClientError::CodeWaiting { elsewhere: None })),
            PairingIncomplete::Absent,
            PairingIncomplete::State(full),
            PairingIncomplete::NotCommitted(locked()),
        ]
        .map(|incomplete| failure(incomplete.into()));
        for (failure, are_lost) in [(&staging, true), (&gone, true), (&state, false), (&committing, false)] {
            assert_eq!(failure.exit, Exit::Local);
            assert_eq!(
                failure.message.starts_with(text::failure::PAIRED_IN_VAIN),
                are_lost,
                "{}",
                failure.message
            );
        }
        assert_eq!((waiting.exit, waiting.code), (Exit::Uncertain, "recovery-code-waiting"));
        assert!(waiting.message.starts_with(text::failure::PAIRED_IN_VAIN), "{}", waiting.message);
        assert_eq!(
            (staging.code, state.code, committing.code),
            ("keyring", "paired-not-committed", "keyring")
        );
        assert!(state.message.starts_with(text::failure::PAIRED_STATE), "{}", state.message);
        assert!(state.message.ends_with("no space left."), "the cause is named: {}", state.message);
        assert!(committing.message.starts_with(text::failure::PAIRED_NOT_COMMITTED));
        assert!(committing.message.ends_with("It is locked."), "the cause is named: {}", committing.message);
    }

    #[test]
    fn refusals_keep_their_code() {
        assert_eq!(exit_of_refusal(ProblemCode::NameTaken), Exit::Refused);
        assert_eq!(exit_of_refusal(ProblemCode::RecoveryRefused), Exit::Credentials);
        assert_eq!(exit_of_refusal(ProblemCode::Busy), Exit::Unreachable);
    }
}
