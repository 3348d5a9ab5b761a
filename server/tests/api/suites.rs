//! Sections 2, 15.6 and 17: the suites that a vault offers, and how an account moves to a newer one.

use crate::history::{history, kinds};
use crate::passphrase::prepare;
use crate::recovery_code::with_new_code;
use crate::rekey::NewKeys;
use crate::support::client::{Session, Snapshot, User, keyslot, keyslot_of};
use crate::support::devices::{Device, List};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::devices::{ChangeResponse, DeviceEntry, RecoveryCodeRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::{Permission, StartResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::{FinishRequest, PassphraseFinishRequest, PassphraseFinishResponse};
use rootcellar_spec::{Digest, Generation, ProblemCode, SuiteId};
use rootcellar_vault::clock::Clock;

/// A vault that offers the suite of tests too, and someone with an account of suite 1.
async fn moving() -> (TestVault, User, Session) {
    let mut settings = settings();
    settings.suites = SuiteId::KNOWN;
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    assert_eq!((session.answer.suite, &session.answer.suites[..]), (SuiteId::ONE, SuiteId::KNOWN));
    (vault, user, session)
}

/// The same passphrase once more, under the suite of tests.
async fn request(vault: &TestVault, user: &mut User, session: &Session) -> PassphraseFinishRequest {
    let request = prepare(vault, user, session, "right").await;
    let passphrase_keyslot = keyslot_of(SuiteId::TEST, 9);
    PassphraseFinishRequest { suite: SuiteId::TEST, passphrase_keyslot, keep_sessions: true, ..request }
}

fn of_suite(user: &User, suite: SuiteId) -> Snapshot {
    let mut snapshot = user.snapshot(None, "content");
    snapshot.bytes[8..10].copy_from_slice(&suite.0.to_be_bytes());
    snapshot
}

#[tokio::test]
async fn an_account_moves_and_no_session_ends() {
    let (vault, mut user, session) = moving().await;
    let other = user.log_in(&vault, "right").await;
    let before: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
    vault.pass(60);
    let request = request(&vault, &mut user, &session).await;
    let first = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    let first = first.json::<PassphraseFinishResponse>().time;
    assert_eq!(first, vault.clock.now());
    for session in [&session, &other] {
        let account: Account = user.get(&vault, session, paths::ACCOUNT).await.json();
        assert_eq!(account.suite, SuiteId::TEST);
        assert_eq!(account.passphrase_changed_at, before.passphrase_changed_at);
    }
    vault.pass(60);
    let again = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
    assert_eq!(again.json::<PassphraseFinishResponse>().time, first);

    let session = user.log_in(&vault, "right").await;
    assert_eq!(session.answer.suite, SuiteId::TEST);
    assert_eq!(session.answer.keyslot, keyslot_of(SuiteId::TEST, 9));
    assert_eq!(
        user.recover(&vault).await.answer.keyslot,
        keyslot(2),
        "the recovery code stays of its own suite"
    );
    let told = history(&vault, &user, &session).await;
    let moved = &told.acts.events[3];
    assert_eq!((moved.kind.as_str(), moved.detail), (kind::SUITE, u64::from(SuiteId::TEST.0)));
    assert!(!kinds(&told.acts).contains(&kind::PASSPHRASE));
    user.put(&vault, &session, &of_suite(&user, SuiteId::TEST)).await.parts::<SnapshotResponse>();
}

/// KE2 of the former record gives another key than the keyslot is wrapped under by now.
#[tokio::test]
async fn a_login_that_a_move_overtook_starts_again() {
    let (vault, mut user, session) = moving().await;
    let begun = user.begin("right");
    let answer: StartResponse = vault.post(paths::LOGIN_START, &begun.request).await.json();
    let request = request(&vault, &mut user, &session).await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let (late, _) =
        user.finish_login(&begun, "right", &answer, vault.clock.now()).expect("the same passphrase");
    vault.send(late).await.problem(ProblemCode::LoginExpired);
    user.log_in(&vault, "right").await;
}

#[tokio::test]
async fn a_move_that_broke_off_is_whole_when_it_is_sent_again() {
    for fault in [Fault::Down, Fault::AppliedThenDown] {
        let (vault, mut user, session) = moving().await;
        let request = request(&vault, &mut user, &session).await;
        vault.store.fail_next("accounts/", fault);
        assert_eq!(user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.status, 503);
        vault.store.come_back();
        for _ in 0..2 {
            let again = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await;
            again.json::<PassphraseFinishResponse>();
        }
        let session = user.log_in(&vault, "right").await;
        let told = history(&vault, &user, &session).await;
        assert_eq!(
            kinds(&told.acts),
            [kind::REGISTRATION, kind::LOGIN, kind::SUITE, kind::LOGIN],
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn only_a_newer_suite_leaves_sessions_as_they_are() {
    let (vault, mut user, session) = moving().await;
    let request = request(&vault, &mut user, &session).await;
    let same =
        PassphraseFinishRequest { suite: SuiteId::ONE, passphrase_keyslot: keyslot(9), ..request.clone() };
    let refused = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &same).await;
    assert_eq!(refused.problem(ProblemCode::Malformed).field.as_deref(), Some("suite"));
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let back = prepare(&vault, &mut user, &session, "right").await;
    let back = PassphraseFinishRequest { keep_sessions: true, ..back };
    let refused = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &back).await;
    assert_eq!(refused.problem(ProblemCode::Malformed).field.as_deref(), Some("suite"));
}

/// It knows the suite of tests, and still takes none of its objects.
#[tokio::test]
async fn a_vault_takes_the_suites_that_it_offers_and_no_other() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let honest = user.prepare_registration(&vault, "right").await;
    let strange = keyslot_of(SuiteId::TEST, 1);
    let registration = FinishRequest {
        suite: SuiteId::TEST,
        passphrase_keyslot: strange.clone(),
        recovery_methods: vec![user.recovery_method(strange.clone(), Generation::FIRST, honest.operation)],
        ..honest.clone()
    };
    vault.post(paths::REGISTRATION_FINISH, &registration).await.problem(ProblemCode::Unsupported);
    assert_eq!(vault.post(paths::REGISTRATION_FINISH, &honest).await.status, 200);

    let session = user.log_in(&vault, "right").await;
    assert_eq!(session.answer.suites, SuiteId::IN_USE);
    let change = request(&vault, &mut user, &session).await;
    let refused = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await;
    refused.problem(ProblemCode::Unsupported);
    let snapshot = of_suite(&user, SuiteId::TEST);
    user.put(&vault, &session, &snapshot).await.problem(ProblemCode::Unsupported);
    let mut list = user.list(None);
    list = List::new(Header { suite: SuiteId::TEST, ..list.header });
    user.change(&vault, &session, &list, Vec::new()).await.problem(ProblemCode::Unsupported);
    let own = Device::new(&user).entry(Permission::View);
    let own = DeviceEntry { keyslot: Some(strange.clone()), ..own };
    user.change(&vault, &session, &user.list(None), vec![own]).await.problem(ProblemCode::Unsupported);
    let mut keys = NewKeys::after(&user, None);
    keys.request.suite = SuiteId::TEST;
    keys.send(&vault, &session).await.problem(ProblemCode::Unsupported);
    let new = with_new_code(&user);
    let (operation, generation) = (user.operation(), Generation::FIRST);
    let code = |keyslot| {
        let recovery_methods = vec![new.recovery_method(keyslot, generation, operation)];
        let replaces = Digest::of(&user.locator);
        RecoveryCodeRequest { operation, generation, replaces, recovery_methods }
    };
    let refused = user.post(&vault, &session, paths::RECOVERY_CODE, &code(strange)).await;
    refused.problem(ProblemCode::Unsupported);
    user.post(&vault, &session, paths::RECOVERY_CODE, &code(keyslot(8))).await.json::<ChangeResponse>();
}

/// A re-key wraps the new key under the passphrase's key of the record that its session logged in with, which a move has replaced.
#[tokio::test]
async fn a_move_in_between_keeps_a_re_key_from_locking_the_passphrase_out() {
    let (vault, mut user, session) = moving().await;
    let other = user.log_in(&vault, "right").await;
    let request = request(&vault, &mut user, &other).await;
    user.post(&vault, &other, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let keys = NewKeys::after(&user, None);
    keys.send(&vault, &session).await.problem(ProblemCode::GenerationMoved);
    assert_eq!(user.log_in(&vault, "right").await.answer.keyslot, keyslot_of(SuiteId::TEST, 9));
}
