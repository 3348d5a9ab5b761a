//! Every error as programs and users get it: its code, what it says of the vault, and its text. Codes and what a shell decides by
//! them are stable; this list shows what a change of the types changes of them.

use super::{ClientError, Newer, PairingIncomplete, Refusal};
use crate::address::{AddressError, VaultUrl};
use crate::device_list::DevicesFault;
use crate::open_error::OpenError;
use crate::pairing::OfferedError;
use crate::secret_store::{DeviceStep, NotKept, SecretStoreError};
use crate::snapshot::SealError;
use crate::state_store::StateStoreError;
use crate::text::WeakPassphrase;
use crate::transport::TransportError;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, EntryId, Number, Problem, ProblemCode, SuiteId, Timestamp, VaultId};
use std::fmt::Write as _;
use std::path::Path;

const TIME: Timestamp = Timestamp(1_700_000_000);
const ENTRY: EntryId = EntryId([1; 16]);

fn state() -> StateStoreError {
    StateStoreError::new("could not write", "no space left on the device")
}

fn secrets() -> SecretStoreError {
    SecretStoreError::new("keyring", "it is locked")
}

fn lost() -> Box<ClientError> {
    Box::new(ClientError::Status(502))
}

fn refused(code: ProblemCode, after_unknown: bool) -> ClientError {
    let problem = Problem { retry_after: Some(90), ..Problem::new(code, "as the vault says") };
    ClientError::Refused(Refusal::new(problem, after_unknown))
}

fn vault_id(name: &str) -> VaultId {
    name.to_owned().try_into().expect("a vault ID")
}

fn of_input() -> Vec<ClientError> {
    let weak = WeakPassphrase { guesses_log10: 4, why: "It is a common word. ".to_owned() };
    vec![
        ClientError::Address(AddressError::NotAUrl),
        weak.into(),
        ClientError::NameRequired,
        ClientError::OtherName,
        ClientError::PairingText(OfferedError::Damaged),
        ClientError::NoSuchBackup(Number(4)),
        ClientError::NoSuchDevice(DeviceId([2; 16])),
        ClientError::NoSuchEntry(ENTRY),
        ClientError::TooMuch(SealError::TooManyEntries),
        ClientError::TooManyDevices,
    ]
}

fn of_the_network() -> Vec<ClientError> {
    let unreachable = [
        TransportError::NoConnection("cut".into()),
        TransportError::UnknownAuthority,
        TransportError::WrongName,
        TransportError::Certificate("expired".into()),
        TransportError::NoTls,
        TransportError::NoResponse("cut".into()),
        TransportError::TooLong,
    ];
    let others = [
        ClientError::Status(502),
        ClientError::MalformedResponse("unexpected JSON"),
        ClientError::ResponseTooLong,
        ClientError::Unsupported("a version of the protocol"),
    ];
    unreachable.into_iter().map(ClientError::Unreachable).chain(others).collect()
}

fn of_refusals() -> Vec<ClientError> {
    let wrong = |remaining, next_wait, passphrases_since| ClientError::PassphraseOrAccount {
        remaining,
        next_wait,
        passphrases_since,
    };
    let each = [
        ProblemCode::HeadMoved,
        ProblemCode::NameTaken,
        ProblemCode::InviteRefused,
        ProblemCode::RecoveryRefused,
        ProblemCode::SessionEnded,
        ProblemCode::DeviceRevoked,
        ProblemCode::SignatureInvalid,
        ProblemCode::StorageFull,
        ProblemCode::RateLimited,
        ProblemCode::OutcomeUnknown,
    ];
    let refusal = Box::new(refused(ProblemCode::ClockSkew, false));
    let others = [
        refused(ProblemCode::HeadMoved, true),
        ClientError::DeviceClock { device: TIME, vault: Timestamp(TIME.0 + 400_000), refusal },
        wrong(3, 0, None),
        wrong(1, 0, None),
        wrong(0, 0, None),
        wrong(0, 600, Some(TIME)),
        ClientError::BudgetSpent { retry_after: 3_600 },
    ];
    each.into_iter().map(|code| refused(code, false)).chain(others).collect()
}

fn of_what_is_not_authentic() -> Vec<ClientError> {
    let (seen, offered) = (Number(7), Number(5));
    vec![
        ClientError::ForeignVault { pinned: vault_id("mine"), found: vault_id("theirs") },
        ClientError::ForeignServerKey { replaced_at: None },
        ClientError::ForeignServerKey { replaced_at: Some(TIME) },
        ClientError::ForeignAccount,
        ClientError::Keyslot(OpenError::Authentication),
        ClientError::Snapshot(OpenError::Authentication),
        ClientError::SnapshotLost(Number(7)),
        ClientError::Entry(ENTRY, OpenError::Malformed("CBOR")),
        ClientError::EntryUnreadable(ENTRY, OpenError::Authentication),
        ClientError::Rollback { seen, offered },
        ClientError::Fork { seen, offered: Number(9) },
        ClientError::Gap { seen, offered: Number(900) },
        ClientError::HistoryContradicted,
        ClientError::DevicesRefused(DevicesFault::Table),
        ClientError::DevicesRefused(DevicesFault::Rollback { seen, offered }),
        ClientError::DevicesRefused(DevicesFault::Newer),
        ClientError::PairingRefused("somebody else was faster"),
        ClientError::ReadBack("it does not have it"),
        ClientError::NewerSuite(SuiteId(9)),
        Newer::Entry.into(),
        Newer::EntryToRekey(ENTRY).into(),
        Newer::Keyslot.into(),
        Newer::Backup.into(),
    ]
}

fn of_what_comes_first() -> Vec<ClientError> {
    let elsewhere = VaultUrl::parse("https://other.example").ok();
    let needs = [Permission::View, Permission::Backup, Permission::Restore, Permission::Manage];
    let mut errors: Vec<_> = needs.into_iter().map(|needs| ClientError::NotPermitted { needs }).collect();
    errors.extend([
        ClientError::OlderBackup,
        ClientError::RestoreNotAsked,
        ClientError::NotByPassphrase,
        ClientError::PendingSave,
        ClientError::CodeWaiting { elsewhere: None },
        ClientError::CodeWaiting { elsewhere },
        ClientError::NoPairing,
        ClientError::PairingExpired,
    ]);
    errors
}

fn of_what_is_not_known() -> Vec<ClientError> {
    vec![
        ClientError::Unconfirmed(lost()),
        ClientError::PassphraseUnconfirmed(lost()),
        ClientError::DeletionUnconfirmed(lost()),
        ClientError::DevicesUnconfirmed(lost()),
        ClientError::RecoveryCodeUnconfirmed(lost()),
        ClientError::RekeyUnconfirmed(lost()),
        ClientError::Contended(5),
    ]
}

fn of_this_device() -> Vec<ClientError> {
    let not_committed = |step, source| ClientError::NotCommitted { step, source };
    vec![
        ClientError::KeyDerivation,
        state().into(),
        secrets().into(),
        not_committed(DeviceStep::Enrolment, NotKept::Secrets(secrets())),
        not_committed(DeviceStep::Enrolment, NotKept::Absent),
        not_committed(DeviceStep::Rekey, NotKept::State(state())),
        ClientError::NotAbandoned {
            source: secrets(),
            error: Box::new(refused(ProblemCode::StorageFull, false)),
        },
        PairingIncomplete::NotStaged(Box::new(ClientError::CodeWaiting { elsewhere: None })).into(),
        PairingIncomplete::Absent.into(),
        PairingIncomplete::State(state()).into(),
        PairingIncomplete::NotCommitted(secrets()).into(),
        PairingIncomplete::Earlier.into(),
    ]
}

fn line(error: &ClientError) -> String {
    let mut flags = format!("{:?}", error.outcome());
    for (is_set, name) in [(error.is_tampering(), "tampering"), (error.ends_pairing(), "ends a pairing")] {
        if is_set {
            // Writing to a string cannot fail.
            let _ = write!(flags, ", {name}");
        }
    }
    if let Some(problem) = error.problem() {
        let _ = write!(flags, ", problem {}", problem.as_str());
    }
    format!("{} ({flags})\n    {error}\n", error.code())
}

#[test]
fn codes_outcomes_and_texts_are_those_of_the_list() {
    let all = [
        of_input(),
        of_the_network(),
        of_refusals(),
        of_what_is_not_authentic(),
        of_what_comes_first(),
        of_what_is_not_known(),
        of_this_device(),
    ];
    let listed: String = all.iter().flatten().map(line).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/error/listed.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&file, &listed).expect("written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(listed, expected, "UPDATE_EXPECTED=1 writes {}", file.display());
}
