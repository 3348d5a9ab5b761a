//! A new recovery code, interrupted: the next session says which code is valid.

use crate::support::{Keys, World, code};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{
    Overview, Permission, Purpose, RecoveryCodePurpose, RecoveryCodeState, RootcellarClient,
};

const CHANGE: &str = "POST /v1/account/recovery-code";

fn told(overview: &Overview) -> Option<(RecoveryCodePurpose, RecoveryCodeState)> {
    overview.recovery_code.as_ref().map(|notice| (notice.purpose, notice.state))
}

/// Draws a code and confirms it; no request that activates it arrives.
async fn interrupted(world: &World, phone: &RootcellarClient) -> Vec<u8> {
    let new = phone.generate_recovery_code(RecoveryCodePurpose::RecoveryCode).await.expect("draws");
    world.wire.always(CHANGE, Fault::LoseRequest);
    assert_eq!(code(phone.set_recovery_code(new.clone()).await), "recovery-code-unconfirmed");
    world.wire.heal();
    new
}

#[tokio::test]
async fn a_login_activates_the_code_that_was_confirmed_and_says_so() {
    let world = World::begin();
    let (phone, passphrase, old) = world.registered("ann", &Keys::new()).await;
    let new = interrupted(&world, &phone).await;
    let overview = phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
    let active = Some((RecoveryCodePurpose::RecoveryCode, RecoveryCodeState::Active));
    assert_eq!(told(&overview), active);
    assert_eq!(told(&phone.refresh().await.expect("looks again")), active, "as long as the session is open");
    assert!(phone.state().await.expect("known").recovery_code.is_none());
    let elsewhere = world.device("elsewhere", &Keys::new()).await;
    assert_eq!(code(elsewhere.recover(old, None).await), "recovery-refused");
    elsewhere.recover(new, None).await.expect("recovers");
    assert_eq!(told(&phone.log_in(passphrase, None, None).await.expect("logs in")), None);
}

#[tokio::test]
async fn a_session_by_the_former_code_activates_the_newer_one_only_if_asked() {
    let world = World::begin();
    let (phone, _, old) = world.registered("ben", &Keys::new()).await;
    let new = interrupted(&world, &phone).await;
    for _ in 0..2 {
        let overview = phone.recover(old.clone(), None).await.expect("the former is valid");
        let waiting = Some((RecoveryCodePurpose::RecoveryCode, RecoveryCodeState::Waiting));
        assert_eq!(told(&overview), waiting);
    }
    let notice = phone.activate_recovery_code().await.expect("activates").expect("there is one");
    assert_eq!(notice.state, RecoveryCodeState::Active);
    assert!(!phone.state().await.expect("known").session_open);
    assert_eq!(code(phone.activate_recovery_code().await), "not-open");
    assert_eq!(code(phone.recover(old, None).await), "recovery-refused");
    phone.recover(new, None).await.expect("recovers");
}

#[tokio::test]
async fn a_resumed_change_of_keys_puts_the_new_secrets_to_use_at_once() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, _) = world.registered("dora", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    // Done at the first attempt or never heard of: nobody is told, and the login finds out or sends it again.
    for fault in [|| Fault::LoseResponse, || Fault::LoseRequest] {
        phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
        let new = phone.generate_recovery_code(RecoveryCodePurpose::Rekey).await.expect("draws");
        world.wire.always("POST /v1/account/rekey", fault());
        world.wire.always("POST /v1/recovery", Fault::LoseRequest);
        assert_eq!(code(phone.rekey(new).await), "rekey-unconfirmed");
        assert_eq!(keys.count(), 2, "the new secrets wait beside the former");
        world.wire.heal();
        let overview = phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
        assert_eq!(told(&overview), Some((RecoveryCodePurpose::Rekey, RecoveryCodeState::Active)));
        assert_eq!(keys.count(), 1);
        let state = phone.state().await.expect("known");
        assert_eq!((state.enrolled, state.enrolment_open), (Some(Permission::Backup), false));
        phone.enter_as_device(Purpose::Save).await.expect("by the new secrets, at once");
    }
}

#[tokio::test]
async fn a_code_that_was_drawn_and_not_confirmed_is_said_to_open_nothing() {
    let world = World::begin();
    let (phone, passphrase, old) = world.registered("cleo", &Keys::new()).await;
    let new = phone.generate_recovery_code(RecoveryCodePurpose::RecoveryCode).await.expect("draws");
    phone.close_session().await.expect("closes");
    assert_eq!(code(phone.generate_recovery_code(RecoveryCodePurpose::Rekey).await), "not-open");
    let overview = phone.log_in(passphrase, None, None).await.expect("logs in");
    assert_eq!(told(&overview), Some((RecoveryCodePurpose::RecoveryCode, RecoveryCodeState::Unconfirmed)));
    phone.dismiss_recovery_code().await.expect("dismisses");
    assert_eq!(told(&phone.overview().await.expect("is open")), None);
    assert_eq!(code(phone.recover(new, None).await), "recovery-refused");
    phone.recover(old, None).await.expect("the former is valid");
}
