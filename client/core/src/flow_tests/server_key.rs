//! Section 17.1: where a client meets the vault's key, and which of the places authenticates it.

use super::vault::{FakeVault, Fault};
use super::*;
use crate::client::{LoginOptions, Recovery};
use crate::transport::{Method, Response};
use rootcellar_spec::SuiteId;
use rootcellar_spec::wire::login::LoginResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::StartResponse;
use rootcellar_spec::wire::vault::Vault;
use rootcellar_spec::{AccountId, parts};

/// The key of another vault.
async fn foreign_key() -> [u8; 32] {
    key_of(&FakeVault::new(9)).await
}

async fn key_of(vault: &FakeVault) -> [u8; 32] {
    device(vault, 9).vault_info().await.expect("answers").server_public_key
}

/// The next answer to the first trip of a registration or a change of passphrase states this key.
fn state_key(vault: &FakeVault, path: &'static str, key: [u8; 32]) {
    let replace = move |response: Response| {
        let mut answer: StartResponse = response.json().expect("an answer");
        let response_bytes: &mut [u8; 64] = &mut answer.registration_response;
        response_bytes[32..].copy_from_slice(&key);
        Response { body: serde_json::to_vec(&answer).expect("has a JSON form"), ..response }
    };
    vault.fault(Method::Post, path, Fault::Replace(Box::new(replace)));
}

fn sent(vault: &FakeVault) -> Vec<String> {
    vault.take_sent().into_iter().map(|(_, path, _)| path).collect()
}

fn is_foreign(error: &ClientError) -> bool {
    matches!(error, ClientError::ForeignServerKey { replaced_at: None })
}

/// Either of the two may be the one that lies.
#[tokio::test]
async fn a_registration_compares_both_statements_before_it_sends_anything_else() {
    let other = foreign_key().await;
    for lies in [paths::VAULT, paths::REGISTRATION_START] {
        let vault = FakeVault::new(1);
        if lies == paths::VAULT {
            let replace = move |response: Response| {
                let vault: Vault = response.json().expect("an answer");
                let vault = Vault { server_public_key: other, ..vault };
                Response { body: serde_json::to_vec(&vault).expect("has a JSON form"), ..response }
            };
            vault.fault(Method::Get, paths::VAULT, Fault::Replace(Box::new(replace)));
        } else {
            state_key(&vault, paths::REGISTRATION_START, other);
        }
        let client = device(&vault, 2);
        let failed = register(&client, &passphrase()).await.expect_err("two keys");
        assert!(is_foreign(&failed.source) && !failed.maybe_made, "{failed}");
        assert_eq!(sent(&vault), [paths::VAULT, paths::REGISTRATION_START]);
        assert!(client.state_store().kept().local_state.is_none(), "nothing is pinned");
        assert!(vault.state().account.is_none());
    }
}

/// The key of a registration response is never pinned: what a device pins is the key of its next login.
#[tokio::test]
async fn what_pins_is_a_login_that_succeeded() {
    let (vault, phone, code) = registered().await;
    let own = key_of(&vault).await;
    assert_eq!(remembered(&phone).server_public_key, Some(own), "by the login of the registration");

    let fresh = device(&vault, 3);
    let another = |response: Response| {
        let (control, snapshot) = parts::split(&response.body).expect("two parts");
        let mut answer: LoginResponse = serde_json::from_slice(control).expect("an answer");
        answer.account_id = AccountId([7; 16]);
        let control = serde_json::to_vec(&answer).expect("has a JSON form");
        Response { body: parts::join(&control, snapshot.unwrap_or_default()), ..response }
    };
    vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::Replace(Box::new(another)));
    assert!(log_in_anew(&fresh).await.is_err(), "the keyslot is of another account");
    assert!(fresh.state_store().kept().local_state.is_none(), "KE2 alone pins nothing");
    assert!(log_in_anew(&fresh).await.is_ok());
    assert_eq!(remembered(&fresh).server_public_key, Some(own));

    let recovered = device(&vault, 4);
    let mut session = recovered.recover(Recovery::new_device(), &code).await.expect("recovers");
    state_key(&vault, paths::PASSPHRASE_START, foreign_key().await);
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    let lied = error(session.set_passphrase(&new, Some(&name())).await);
    assert!(matches!(lied, ClientError::PassphraseUnconfirmed(_)), "the login finds it out: {lied}");
    drop(session);
    assert_eq!(remembered(&recovered).server_public_key, None, "nothing is pinned");
}

#[tokio::test]
async fn a_change_of_passphrase_compares_what_the_vault_states_with_the_pinned_key() {
    let (vault, phone, _) = registered().await;
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    let mut session = log_in(&phone).await.expect("logs in");
    vault.take_sent();
    state_key(&vault, paths::PASSPHRASE_START, foreign_key().await);
    let refused = error(session.set_passphrase(&new, None).await);
    assert!(is_foreign(&refused), "{refused}");
    assert_eq!(sent(&vault), [paths::PASSPHRASE_START, paths::VAULT], "no record is sent");
    assert!(!session.is_over());
    session.set_passphrase(&new, None).await.expect("the vault's own key");
}

#[tokio::test]
async fn a_move_to_a_newer_suite_compares_it_too() {
    let (vault, phone, _) = registered().await;
    let both = &[SuiteId::TEST, SuiteId::ONE];
    super::suites::answer_with(&vault, SuiteId::ONE, both);
    state_key(&vault, paths::PASSPHRASE_START, foreign_key().await);
    vault.take_sent();
    let session = log_in(&phone).await.expect("a move that fails never fails the login");
    assert_eq!(session.suite(), SuiteId::ONE);
    drop(session);
    assert_eq!(sent(&vault), [paths::LOGIN_START, paths::LOGIN_FINISH, paths::PASSPHRASE_START]);
    super::suites::answer_with(&vault, SuiteId::ONE, both);
    log_in(&phone).await.expect("logs in");
    assert!(sent(&vault).contains(&paths::PASSPHRASE_FINISH.to_owned()), "with its own key it moves");
}

/// Accepting holds once: a login then pins the new key, and a recovery forgets the former one.
#[tokio::test]
async fn accepting_another_key_holds_for_one_login_or_recovery() {
    let (vault, phone, code) = registered().await;
    save(&phone, "one").await.expect("saves");
    let former = remembered(&phone).server_public_key;
    vault.replace_root_secret();
    let own = key_of(&vault).await;

    let session = phone.recover(Recovery::remembered(remembered(&phone)), &code).await.expect("recovers");
    assert_eq!(texts(&session), ["one"], "a recovery compares no key");
    drop(session);
    assert_eq!(remembered(&phone).server_public_key, former, "and changes none");
    let any_key = LoginOptions { accept_server_key: true, ..LoginOptions::default() };
    let accepting = Login::remembered(remembered(&phone)).with(any_key);
    assert!(phone.login(accepting, &passphrase()).await.is_err(), "no name leads to the account");
    assert_eq!(remembered(&phone).server_public_key, former, "a login that failed accepts nothing");

    let accepting = Recovery::remembered(remembered(&phone)).with(any_key);
    phone.recover(accepting, &code).await.expect("recovers");
    assert_eq!(remembered(&phone).server_public_key, None, "the former key is forgotten");
    // Somebody gives the account its name and passphrase again, and this device logs in.
    let other = device(&vault, 5);
    let mut session = other.recover(Recovery::new_device(), &code).await.expect("recovers");
    session.set_passphrase(&passphrase(), Some(&name())).await.expect("sets");
    log_in(&phone).await.expect("logs in");
    assert_eq!(remembered(&phone).server_public_key, Some(own), "pinned by the login");
    vault.replace_root_secret();
    assert!(is_refused_for_its_key(&phone).await, "and compared from then on");
}

async fn is_refused_for_its_key(phone: &Client<Fake>) -> bool {
    let refused = error(log_in(phone).await.map(drop));
    matches!(refused, ClientError::ForeignServerKey { replaced_at: Some(_) })
}
