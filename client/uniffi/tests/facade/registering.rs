//! The paper of an account that may have been made is never lost, and no paper is taken for good that opens nothing.

use crate::support::{Keys, World, any_code, code, register};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{
    DeviceState, RecoveryCodePurpose, RecoveryCodeState, RootcellarClient, generate_passphrase,
};

const FINISH: &str = "POST /v1/registration/finish";

async fn state(device: &RootcellarClient) -> DeviceState {
    device.state().await.expect("known")
}

/// What the folder has of a recovery code.
async fn recorded(device: &RootcellarClient) -> Option<(RecoveryCodePurpose, RecoveryCodeState)> {
    state(device).await.recovery_code.map(|notice| (notice.purpose, notice.state))
}

#[tokio::test]
async fn the_same_call_finds_a_registration_whose_response_was_lost() {
    let world = World::begin();
    let phone = world.device("ann", &Keys::new()).await;
    let passphrase = generate_passphrase();
    let paper = phone.generate_recovery_code(RecoveryCodePurpose::Registration).await.expect("draws");
    let registering = |paper: Vec<u8>| phone.register("ann".to_owned(), passphrase.clone(), paper, None);
    world.wire.always(FINISH, Fault::LoseResponse);
    assert_eq!(code(registering(paper.clone()).await), "registration-unconfirmed");
    world.wire.heal();
    let waiting = Some((RecoveryCodePurpose::Registration, RecoveryCodeState::Waiting));
    assert_eq!(recorded(&phone).await, waiting);
    // Another paper would be worthless.
    let again = phone.generate_recovery_code(RecoveryCodePurpose::Registration).await;
    assert_eq!(code(again), "recovery-code-waiting");
    assert_eq!(code(registering(any_code()).await), "recovery-code-waiting");
    assert_eq!(recorded(&phone).await, waiting);
    let made = registering(paper.clone()).await.expect("it was made");
    assert_eq!(made.passphrase_accepted_in_seconds, None);
    assert_eq!(recorded(&phone).await, None);
    assert_eq!(state(&phone).await.account_id, Some(made.account_id));
    world.device("elsewhere", &Keys::new()).await.recover(paper, None).await.expect("the paper is good");
    assert_eq!(code(registering(any_code()).await), "home-of-another-account");
}

#[tokio::test]
async fn an_app_that_was_ended_finds_it_too() {
    let world = World::begin();
    let keys = Keys::new();
    let phone = world.device("ben", &keys).await;
    let passphrase = generate_passphrase();
    world.wire.always(FINISH, Fault::LoseResponse);
    assert_eq!(code(register(&phone, "ben", &passphrase).await), "registration-unconfirmed");
    phone.shut_down().await;
    world.wire.heal();

    let phone = world.device("ben", &keys).await;
    let told = phone.finish_registration().await.expect("the vault answers").expect("there is one");
    assert_eq!((told.purpose, told.state), (RecoveryCodePurpose::Registration, RecoveryCodeState::Active));
    let overview = phone.log_in(passphrase, Some("ben".to_owned()), None).await.expect("logs in");
    assert_eq!(overview.recovery_code.map(|told| told.state), Some(RecoveryCodeState::Active));
    assert_eq!(recorded(&phone).await, None);
    assert_eq!(phone.finish_registration().await.expect("nothing is asked").map(|told| told.state), None);
}

#[tokio::test]
async fn a_paper_that_was_never_confirmed_is_said_to_open_nothing_until_that_is_dismissed() {
    let world = World::begin();
    let keys = Keys::new();
    let phone = world.device("cleo", &keys).await;
    let paper = phone.generate_recovery_code(RecoveryCodePurpose::Registration).await.expect("draws");
    phone.shut_down().await;
    let phone = world.device("cleo", &keys).await;
    let unconfirmed = Some((RecoveryCodePurpose::Registration, RecoveryCodeState::Unconfirmed));
    assert_eq!(recorded(&phone).await, unconfirmed);
    assert_eq!(code(phone.recover(paper.clone(), None).await), "recovery-refused");
    phone.dismiss_recovery_code().await.expect("dismisses");
    assert_eq!(recorded(&phone).await, None);
    // It serves all the same where the app still has it.
    phone.register("cleo".to_owned(), generate_passphrase(), paper, None).await.expect("registers");
}

#[tokio::test]
async fn a_refused_registration_can_be_tried_again_with_the_same_paper() {
    let world = World::begin();
    let (_first, ..) = world.registered("dora", &Keys::new()).await;
    let phone = world.device("other", &Keys::new()).await;
    let paper = phone.generate_recovery_code(RecoveryCodePurpose::Registration).await.expect("draws");
    let registering =
        |name: &str| phone.register(name.to_owned(), generate_passphrase(), paper.clone(), None);
    assert_eq!(code(registering("dora").await), "name-taken");
    let unconfirmed = Some((RecoveryCodePurpose::Registration, RecoveryCodeState::Unconfirmed));
    assert_eq!(recorded(&phone).await, unconfirmed);
    registering("emil").await.expect("registers");
    phone.recover(paper, None).await.expect("recovers");
}

#[tokio::test]
async fn a_registration_that_takes_the_last_attempt_is_done() {
    let world = World::begin();
    let phone = world.device("fay", &Keys::new()).await;
    let passphrase = generate_passphrase();
    for _ in 0..4 {
        let guess = phone.log_in(generate_passphrase(), Some("fay".to_owned()), None).await;
        assert_eq!(code(guess), "passphrase-or-account");
    }
    let paper = phone.generate_recovery_code(RecoveryCodePurpose::Registration).await.expect("draws");
    let made = phone.register("fay".to_owned(), passphrase.clone(), paper.clone(), None).await;
    assert!(made.expect("it is done").passphrase_accepted_in_seconds.is_some_and(|seconds| seconds > 0));
    assert_eq!(code(phone.log_in(passphrase, None, None).await), "budget-spent");
    assert_eq!(recorded(&phone).await, None);
    phone.recover(paper, None).await.expect("the paper is good");
}
