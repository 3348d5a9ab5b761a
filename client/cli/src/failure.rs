//! From the library's errors to exit codes.

use crate::entry_input::sentence;
use crate::exit::{Cause, Exit, Failure};
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
                let message = failure.message;
                return Self {
                    message: format!("{message} The secrets drawn for this could not be removed: {left}"),
                    ..failure
                };
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
            .advise("'rootcellar login --enrol' enrols this device again."),
    }
}

/// What took place all the same.
fn done(step: DeviceStep) -> &'static str {
    match step {
        DeviceStep::Enrolment => "This device is enrolled.",
        DeviceStep::Rekey => {
            "The account has new keys; the new recovery code is active, and this device is enrolled under them."
        }
    }
}

const PAIRED_IN_VAIN: &str =
    "The account lists this device, but its secrets are lost: revoke it on another device and pair again.";

/// Of a pairing after which the account lists this device, where the command that paired it cannot
/// be repeated.
fn of_a_pairing(incomplete: PairingIncomplete) -> Failure {
    let code = incomplete.code();
    match incomplete {
        PairingIncomplete::NotStaged(source) => Failure::from(*source).but(PAIRED_IN_VAIN),
        PairingIncomplete::Absent => Failure::new(Exit::Local, "device-secrets-lost", PAIRED_IN_VAIN),
        PairingIncomplete::State(source) => Failure::new(Exit::Local, code, sentence(&source.to_string()))
            .but("This device is paired and its secrets are stored, but not all that it knows of the account.")
            .advise(
                "Make room in the home folder and run 'rootcellar status'. If this device does not remember the account, revoke it \
                 on another device and pair again.",
            ),
        PairingIncomplete::NotCommitted(source) => of_the_store(source).but(
            "This device is paired, and all that it needs is stored. Its new secrets are still beside the former: if the next \
             command says that this device is not enrolled, run it again.",
        ),
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
            Some("Once you know why, 'rootcellar restore --accept-history' accepts it.")
        }
        ClientError::ForeignServerKey { replaced_at: Some(_) } => Some(
            "Once the operator has confirmed it: 'rootcellar recover --accept-new-key' with the recovery code; or, where a \
             passphrase was set since, 'rootcellar restore --accept-new-key'.",
        ),
        ClientError::ForeignServerKey { replaced_at: None } | ClientError::ForeignVault { .. } => {
            Some("If the vault was set up anew, begin with a new home folder (--home).")
        }
        ClientError::Unreachable(TransportError::UnknownAuthority) => {
            Some("--ca-file FILE trusts the certificates in a file for this vault.")
        }
        ClientError::Refused(refusal) if refusal.code == ProblemCode::SignatureInvalid => Some(
            "Is the address the one that the operator gave? Behind a proxy they must set 'public-origin' to it.",
        ),
        ClientError::Snapshot(_) | ClientError::SnapshotLost(_) => Some(RUINED_HEAD),
        ClientError::Entry(..) => {
            Some("'--backup NUMBER' with 'restore' or 'recover' opens an older one: try the number before.")
        }
        ClientError::EntryUnreadable(..) => Some(
            "'rootcellar restore --backup NUMBER' looks for it in an older backup. 'rootcellar remove ID' removes it; then \
             'rootcellar rekey' again.",
        ),
        ClientError::DevicesRefused(DevicesFault::Newer) => None,
        ClientError::DevicesRefused(_) => Some(
            "Entries can still be restored. Where a device that was stolen left this behind, 'rootcellar devices --accept-history' \
             shows which devices there are, and 'rootcellar devices revoke DEVICE --accept-history' removes it. The same option of \
             'devices permit' and 'approve', 'rekey', 'add' and 'remove' goes on without what was seen, once you know why.",
        ),
        ClientError::NotPermitted { needs } if *needs < Permission::Manage => Some(
            "Give the passphrase (--passphrase-file FILE), or let a device that manages the account permit it.",
        ),
        ClientError::PairingRefused(_) => {
            Some("'rootcellar devices', on a device of the account, lists who is let in.")
        }
        ClientError::NameRequired => Some("Give the account name with --account NAME."),
        _ => None,
    }
}

/// What to do if the newest backup does not open.
pub(crate) const RUINED_HEAD: &str = "\
A stolen device or a fault of the vault can cause this. 'rootcellar status' lists the backups that the vault keeps, and 'rootcellar \
history' shows which device saved. If you lost a device, run 'rootcellar devices revoke DEVICE'. Find the newest backup that opens with \
'rootcellar restore --backup NUMBER', and then continue with it: 'rootcellar rekey --backup NUMBER'.";

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
        assert!(
            wrong.message.starts_with("Wrong passphrase") && wrong.message.ends_with('.'),
            "{}",
            wrong.message
        );
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
        assert!(rollback.advice.is_some_and(|advice| advice.contains("--accept-history")));
    }

    #[test]
    fn refused_devices_have_a_way_out() {
        let refused = failure(ClientError::DevicesRefused(DevicesFault::Table));
        let advice = refused.advice.expect("advice");
        assert!(advice.contains("devices revoke DEVICE --accept-history"), "{advice}");
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
            assert_eq!(failure.message.contains("secrets are lost"), are_lost, "{}", failure.message);
        }
        assert_eq!((waiting.exit, waiting.code), (Exit::Uncertain, "recovery-code-waiting"));
        assert!(waiting.message.contains("secrets are lost"), "{}", waiting.message);
        assert_eq!(
            (staging.code, state.code, committing.code),
            ("keyring", "paired-not-committed", "keyring")
        );
        assert!(state.message.ends_with("no space left."), "{}", state.message);
        assert!(committing.message.contains("run it again") && committing.message.ends_with("It is locked."));
    }

    #[test]
    fn refusals_keep_their_code() {
        assert_eq!(exit_of_refusal(ProblemCode::NameTaken), Exit::Refused);
        assert_eq!(exit_of_refusal(ProblemCode::RecoveryRefused), Exit::Credentials);
        assert_eq!(exit_of_refusal(ProblemCode::Busy), Exit::Unreachable);
    }
}
