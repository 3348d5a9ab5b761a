//! A vault whose operator replaced its root secret.

use super::vault::{FakeVault, Fault};
use super::{Fake, device, error, log_in, log_in_anew, name, registered, remembered, save, texts};
use crate::client::{Client, Login, LoginOptions, Recovery};
use crate::error::ClientError;
use crate::recovery_code::RecoveryCode;
use crate::text::{AccountName, Passphrase};
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

/// An account with one entry, at a vault that has another root secret by now.
async fn adopted() -> (FakeVault, Client<Fake>, RecoveryCode) {
    let (vault, phone, code) = registered().await;
    save(&phone, "one").await.expect("saves");
    vault.replace_root_secret();
    vault.take_sent();
    (vault, phone, code)
}

fn new() -> Passphrase {
    Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase")
}

#[tokio::test]
async fn a_passphrase_from_before_is_refused_with_the_time_and_the_way_on() {
    let (vault, phone, _) = adopted().await;
    let time = vault.state().passphrases_since;
    let fresh = device(&vault, 3);
    let refused = error(log_in_anew(&fresh).await.map(|_| ()));
    assert!(
        matches!(refused, ClientError::PassphraseOrAccount { passphrases_since, .. } if passphrases_since == time)
    );
    let said = refused.to_string();
    assert!(said.contains("2023-11-14 22:13 UTC"), "{said}");

    let refused = error(log_in(&phone).await.map(|_| ()));
    assert!(matches!(refused, ClientError::ForeignServerKey { replaced_at } if replaced_at == time));
    let said = refused.to_string();
    assert!(said.contains("2023-11-14"), "{said}");
}

#[tokio::test]
async fn a_recovery_gives_the_account_a_name_and_a_passphrase_again() {
    let (vault, _, code) = adopted().await;
    let fresh = device(&vault, 3);
    let mut session = fresh.recover(Recovery::new_device(), &code).await.expect("recovers");
    assert!(!session.is_named());
    assert_eq!(texts(&session), ["one"]);
    assert_eq!(error(session.set_passphrase(&new(), None).await).code(), "name-required");

    let bob = AccountName::parse("bob").expect("a name");
    // Another account has the name: the vault may have ended the session with that.
    let taken = Fault::Refuse(ProblemCode::NameTaken);
    vault.fault(Method::Post, paths::PASSPHRASE_FINISH, taken);
    assert_eq!(error(session.set_passphrase(&new(), Some(&bob)).await).code(), "name-taken");
    assert!(session.is_over());

    let mut session = fresh.recover(Recovery::new_device(), &code).await.expect("recovers");
    let local_state = session.set_passphrase(&new(), Some(&bob)).await.expect("sets and logs in").local_state;
    assert!(
        local_state.name_hash.is_some() && local_state.server_public_key.is_some(),
        "verified and pinned"
    );
    let other = device(&vault, 4);
    let session = other.login(Login::new_device(bob), &new()).await.expect("logs in");
    assert_eq!(texts(&session), ["one"]);
}

#[tokio::test]
async fn a_device_that_knows_the_former_key_sets_no_passphrase_unless_a_person_accepts_the_new_one() {
    let (vault, phone, code) = adopted().await;
    let known = Recovery::remembered(remembered(&phone));
    let mut session = phone.recover(known, &code).await.expect("what is backed up comes back all the same");
    assert_eq!(texts(&session), ["one"]);
    let refused = error(session.set_passphrase(&new(), None).await);
    assert!(matches!(refused, ClientError::ForeignServerKey { replaced_at: Some(_) }), "{refused}");
    assert!(
        vault.take_sent().iter().all(|(_, path, _)| path != paths::PASSPHRASE_FINISH),
        "no record is sent"
    );

    let known = Recovery::remembered(remembered(&phone))
        .with(LoginOptions { accept_server_key: true, ..LoginOptions::default() });
    let mut session = phone.recover(known, &code).await.expect("recovers");
    let local_state = session.set_passphrase(&new(), None).await.expect("the name is remembered").local_state;
    let vault_key = device(&vault, 5).vault_info().await.expect("answers").server_public_key;
    assert_eq!(local_state.server_public_key, Some(vault_key), "pinned anew");
    assert!(phone.login(Login::remembered(local_state), &new()).await.is_ok());
}

/// Somebody recovered on another device: this one knows the former key, and the new passphrase.
#[tokio::test]
async fn another_device_takes_the_new_key_with_the_new_passphrase_once_a_person_accepts_it() {
    let (vault, phone, code) = adopted().await;
    let fresh = device(&vault, 3);
    let mut session = fresh.recover(Recovery::new_device(), &code).await.expect("recovers");
    session.set_passphrase(&new(), Some(&name())).await.expect("sets");
    let login = || Login::remembered(remembered(&phone));
    let (refused, accepted) =
        (login(), login().with(LoginOptions { accept_server_key: true, ..LoginOptions::default() }));
    let refused = error(phone.login(refused, &new()).await.map(|_| ()));
    assert!(matches!(refused, ClientError::ForeignServerKey { replaced_at: Some(_) }), "{refused}");
    assert_eq!(texts(&phone.login(accepted, &new()).await.expect("logs in")), ["one"]);
    let login = Login::remembered(remembered(&phone));
    assert!(phone.login(login, &new()).await.is_ok(), "pinned anew");
}

#[tokio::test]
async fn another_name_than_the_accounts_own_is_refused() {
    let (_vault, phone, code) = registered().await;
    let bob = AccountName::parse("bob").expect("a name");
    let known = Recovery::remembered(remembered(&phone));
    let mut session = phone.recover(known, &code).await.expect("recovers");
    assert!(session.is_named());
    assert_eq!(error(session.set_passphrase(&new(), Some(&bob)).await).code(), "other-name");
    assert!(log_in(&phone).await.is_ok(), "the former passphrase holds");
}
