//! The recovery code of an account that may have been made is never lost.

use crate::support::{Keys, World, code};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{generate_passphrase, generate_recovery_code};

const FINISH: &str = "POST /v1/registration/finish";

#[tokio::test]
async fn a_second_registration_does_not_take_the_place_of_an_unconfirmed_one() {
    let world = World::begin();
    let phone = world.device("ann", &Keys::new()).await;
    let passphrase = generate_passphrase();
    let register = || phone.register("ann".to_owned(), passphrase.clone(), None, None);
    world.wire.always(FINISH, Fault::LoseAnswer);
    assert_eq!(code(register().await), "registration-unconfirmed");
    world.wire.heal();
    let kept = phone.unconfirmed_recovery_code().await.expect("asked").expect("there is one");
    assert_eq!(code(register().await), "registration-unconfirmed", "a second try would lose it");
    assert_eq!(phone.unconfirmed_recovery_code().await.expect("asked"), Some(kept.clone()));
    phone.recover(kept, None).await.expect("it is the account's");
    assert!(phone.unconfirmed_recovery_code().await.expect("asked").is_some(), "the person may not have it");
    phone.discard_unconfirmed_registration().await.expect("discards");
    assert_eq!(code(register().await), "home-of-another-account");
}

#[tokio::test]
async fn a_code_that_is_on_paper_before_is_the_accounts() {
    let world = World::begin();
    let phone = world.device("ben", &Keys::new()).await;
    let (passphrase, paper) = (generate_passphrase(), generate_recovery_code());
    let made = phone.register("ben".to_owned(), passphrase.clone(), None, Some(paper.clone())).await;
    assert_eq!(made.expect("registers").recovery_code, paper);
    let again = phone.unconfirmed_recovery_code().await.expect("asked");
    assert_eq!(again.as_ref(), Some(&paper), "the answer may not have reached the app");
    phone.log_in(passphrase, None, None).await.expect("logs in");
    assert_eq!(phone.unconfirmed_recovery_code().await.expect("asked"), None, "the app has gone on");
    world.device("elsewhere", &Keys::new()).await.recover(paper, None).await.expect("recovers");
}

#[tokio::test]
async fn a_refused_registration_can_be_tried_again() {
    let world = World::begin();
    let (_first, ..) = world.registered("cleo", &Keys::new()).await;
    let phone = world.device("other", &Keys::new()).await;
    let taken = phone.register("cleo".to_owned(), generate_passphrase(), None, None).await;
    assert_eq!(code(taken), "name-taken");
    phone.register("dora".to_owned(), generate_passphrase(), None, None).await.expect("registers");
}
