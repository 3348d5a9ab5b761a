//! Recovery codes between the moment they are drawn and the moment they are active: whatever is lost in between, exactly one code is
//! valid, and the next program says which.

use super::vault::{FakeVault, Fault};
use super::{
    ADDRESS, Fake, NOW, device, error, log_in, log_in_anew, name, passphrase, program, registered, save,
};
use crate::client::{Client, Recovery};
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::pending_code::{Ceremony, CodeNotice, CodeState};
use crate::recovery_code::RecoveryCode;
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

/// How often a request is sent.
const TRIES: usize = 4;

/// The next program on the same device.
pub(super) fn next_program(vault: &FakeVault, before: &Client<Fake>, seed: u64) -> Client<Fake> {
    next_program_at(vault, ADDRESS, before, seed)
}

/// The same, which finds the vault at this address.
pub(super) fn next_program_at(
    vault: &FakeVault,
    address: &str,
    before: &Client<Fake>,
    seed: u64,
) -> Client<Fake> {
    let client = program(vault, address, before.device().clone(), (seed, NOW));
    *client.state_store().kept() = before.state_store().kept().clone();
    client
}

pub(super) async fn opens(vault: &FakeVault, code: &RecoveryCode) -> bool {
    match device(vault, 99).recover(Recovery::new_device(), code).await {
        Ok(_) => true,
        Err(error) if error.problem() == Some(ProblemCode::RecoveryRefused) => false,
        Err(error) => panic!("{error}"),
    }
}

pub(super) fn lose(vault: &FakeVault, path: &'static str, fault: impl Fn() -> Fault) {
    std::iter::repeat_with(fault).take(TRIES).for_each(|fault| vault.fault(Method::Post, path, fault));
}

pub(super) fn changes(vault: &FakeVault) -> Vec<Vec<u8>> {
    let sent = vault.take_sent();
    sent.into_iter().filter(|(_, path, _)| path == paths::RECOVERY_CODE).map(|(_, _, body)| body).collect()
}

pub(super) fn state(notice: Option<CodeNotice>) -> Option<(Ceremony, CodeState)> {
    notice.map(|notice| (notice.ceremony, notice.state))
}

/// Draws a code and activates it; the network fails at `path`.
pub(super) async fn interrupted(
    vault: &FakeVault,
    phone: &Client<Fake>,
    fault: fn() -> Fault,
) -> RecoveryCode {
    let mut session = log_in(phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    lose(vault, paths::RECOVERY_CODE, fault);
    lose(vault, paths::RECOVERY, || Fault::LoseRequest);
    let failed = error(session.new_recovery_code(&new).await);
    assert!(matches!(failed, ClientError::RecoveryCodeUnconfirmed(_)), "{failed}");
    drop(session);
    vault.state().faults.clear();
    new
}

#[tokio::test]
async fn a_code_that_was_never_confirmed_is_said_to_be_inactive() {
    let (vault, phone, old) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    drop(session);

    let phone = next_program(&vault, &phone, 3);
    for _ in 0..2 {
        let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Unconfirmed)));
    }
    assert!(changes(&vault).is_empty(), "nothing is sent that was not confirmed");
    assert!(opens(&vault, &old).await && !opens(&vault, &new).await);
    phone.dismiss_code().await.expect("is dismissed");
    assert_eq!(log_in(&phone).await.expect("logs in").finish_code().await.expect("is known"), None);
}

#[tokio::test]
async fn nothing_is_asked_between_a_confirmation_and_its_record() {
    let (vault, phone, old) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    vault.take_sent();
    lose(&vault, paths::RECOVERY_CODE, || Fault::LoseRequest);
    lose(&vault, paths::RECOVERY, || Fault::LoseRequest);
    error(session.new_recovery_code(&new).await);
    drop(session);
    vault.state().faults.clear();
    let first = vault.take_sent().into_iter().next().map(|(_, path, _)| path);
    assert_eq!(first.as_deref(), Some(paths::RECOVERY_CODE), "the request was recorded before");
    let phone = next_program(&vault, &phone, 3);
    let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Active)));
    assert!(opens(&vault, &new).await && !opens(&vault, &old).await);
}

#[tokio::test]
async fn no_code_is_shown_if_the_vault_does_not_say_which_one_it_replaces() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    std::iter::repeat_with(|| Fault::LoseRequest)
        .take(TRIES)
        .for_each(|fault| vault.fault(Method::Get, paths::ACCOUNT, fault));
    let failed = error(session.generate_recovery_code(Ceremony::RecoveryCode).await);
    assert_eq!(failed.code(), "unreachable");
    assert!(!session.is_over());
    assert_eq!(phone.code_notice().expect("readable"), None);
}

#[tokio::test]
async fn a_code_that_was_set_after_this_one_was_drawn_is_not_replaced() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let late = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    drop(session);
    let tablet = device(&vault, 3);
    let mut session = log_in_anew(&tablet).await.expect("logs in");
    let second = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    session.new_recovery_code(&second).await.expect("is activated");
    let refused = error(log_in(&phone).await.expect("logs in").new_recovery_code(&late).await);
    assert_eq!(refused.problem(), Some(ProblemCode::RecoveryCodeMoved), "{refused}");
    assert!(opens(&vault, &second).await && !opens(&vault, &late).await);
}

#[tokio::test]
async fn a_confirmed_code_is_activated_by_the_next_program_with_the_same_bytes() {
    for lost in [|| Fault::LoseRequest, || Fault::LoseReply] {
        let (vault, phone, old) = registered().await;
        let new = interrupted(&vault, &phone, lost).await;
        let first = changes(&vault);
        let phone = next_program(&vault, &phone, 3);
        let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Active)));
        assert!(changes(&vault).iter().all(|body| *body == first[0]), "the same bytes");
        assert!(opens(&vault, &new).await && !opens(&vault, &old).await);
        assert_eq!(log_in(&phone).await.expect("logs in").finish_code().await.expect("is known"), None);
    }
}

#[tokio::test]
async fn the_same_program_finishes_it_too() {
    let (vault, phone, old) = registered().await;
    let new = interrupted(&vault, &phone, || Fault::LoseReply).await;
    let mut session = log_in(&phone).await.expect("logs in");
    let other = error(session.generate_recovery_code(Ceremony::RecoveryCode).await);
    assert!(
        matches!(other, ClientError::CodeWaiting { elsewhere: None }),
        "a second paper would make the first worthless: {other}"
    );
    session.new_recovery_code(&new).await.expect("it was activated");
    assert!(opens(&vault, &new).await && !opens(&vault, &old).await);
}

#[tokio::test]
async fn a_code_of_another_device_is_not_replaced_by_an_earlier_one() {
    let (vault, phone, _) = registered().await;
    let first = interrupted(&vault, &phone, || Fault::LoseRequest).await;
    let tablet = device(&vault, 3);
    let mut session = log_in_anew(&tablet).await.expect("logs in");
    let second = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    session.new_recovery_code(&second).await.expect("is activated");
    changes(&vault);

    let phone = next_program(&vault, &phone, 4);
    let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Superseded)));
    assert!(changes(&vault).is_empty());
    assert!(opens(&vault, &second).await && !opens(&vault, &first).await);
    let kept = phone.code_notice().expect("readable").expect("said until it is dismissed");
    assert_eq!(kept.state, CodeState::Superseded);
}

#[tokio::test]
async fn a_session_by_the_old_code_does_not_revoke_it_unasked() {
    let (vault, phone, old) = registered().await;
    save(&phone, "one").await.expect("saves");
    let new = interrupted(&vault, &phone, || Fault::LoseRequest).await;
    let local_state = super::remembered(&phone);
    let phone = next_program(&vault, &phone, 3);
    let mut session = phone.recover(Recovery::remembered(local_state), &old).await.expect("recovers");
    let told = session.finish_code().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Waiting)));
    assert!(!session.is_over());
    let told = session.activate_code().await.expect("is activated");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Active)));
    assert!(session.is_over());
    assert!(opens(&vault, &new).await && !opens(&vault, &old).await);
}

#[tokio::test]
async fn nothing_is_sent_that_could_not_be_recorded() {
    let (vault, phone, old) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    session.client.state_store().take_only(0);
    assert!(matches!(error(session.new_recovery_code(&new).await), ClientError::StateStore(_)));
    assert!(!session.is_over());
    assert!(changes(&vault).is_empty());
    assert!(opens(&vault, &old).await && !opens(&vault, &new).await);
    let full = error(session.generate_recovery_code(Ceremony::RecoveryCode).await);
    assert!(matches!(full, ClientError::StateStore(_)), "no code is shown that is not recorded: {full}");
}

#[tokio::test]
async fn a_refused_code_is_unconfirmed_again() {
    let (vault, phone, old) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    lose(&vault, paths::RECOVERY_CODE, || Fault::NoConnection);
    assert_ne!(error(session.new_recovery_code(&new).await).outcome(), Outcome::Uncertain);
    let phone = next_program(&vault, &phone, 3);
    let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Unconfirmed)));
    assert!(opens(&vault, &old).await && !opens(&vault, &new).await);
}

#[tokio::test]
async fn a_registration_whose_response_was_lost_is_finished_by_the_next_program() {
    for lost in [|| Fault::LoseRequest, || Fault::LoseReply] {
        let vault = FakeVault::new(1);
        let phone = device(&vault, 2);
        let code = phone.generate_first_code().await.expect("draws");
        lose(&vault, paths::REGISTRATION_FINISH, lost);
        let failed = phone.register(name(), &passphrase(), None, &code).await.expect_err("is lost");
        assert!(failed.maybe_made, "{failed}");
        vault.state().faults.clear();

        let phone = next_program(&vault, &phone, 3);
        let told = phone.finish_registration().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::Registration, CodeState::Active)));
        let told = log_in_anew(&phone).await.expect("logs in").finish_code().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::Registration, CodeState::Active)));
        assert_eq!(phone.code_notice().expect("readable"), None);
        assert!(opens(&vault, &code).await);
    }
}

#[tokio::test]
async fn a_registration_that_was_not_made_leaves_a_code_that_is_said_to_open_nothing() {
    let vault = FakeVault::new(1);
    let phone = device(&vault, 2);
    let code = phone.generate_first_code().await.expect("draws");
    let unconfirmed = next_program(&vault, &phone, 3).finish_registration().await.expect("is known");
    assert_eq!(state(unconfirmed), Some((Ceremony::Registration, CodeState::Unconfirmed)));

    lose(&vault, paths::REGISTRATION_FINISH, || Fault::LoseRequest);
    phone.register(name(), &passphrase(), None, &code).await.expect_err("is lost");
    vault.state().faults.clear();
    let phone = next_program(&vault, &phone, 4);
    vault.fault(Method::Post, paths::REGISTRATION_FINISH, Fault::Refuse(ProblemCode::LoginExpired));
    let told = phone.finish_registration().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::Registration, CodeState::Refused)));
    // The paper serves for the next attempt.
    phone.register(name(), &passphrase(), None, &code).await.expect("registers");
    assert!(opens(&vault, &code).await);
}

#[tokio::test]
async fn an_attempt_with_the_same_code_finds_the_account_that_it_made() {
    let vault = FakeVault::new(1);
    let phone = device(&vault, 2);
    let code = phone.generate_first_code().await.expect("draws");
    lose(&vault, paths::REGISTRATION_FINISH, || Fault::LoseReply);
    phone.register(name(), &passphrase(), None, &code).await.expect_err("is lost");
    vault.state().faults.clear();
    let account = vault.account().request.account_id;
    let made = phone.register(name(), &passphrase(), None, &code).await.expect("it was made");
    assert_eq!(made.local_state.account_id, account);
    assert_eq!(phone.code_notice().expect("readable"), None);
}
