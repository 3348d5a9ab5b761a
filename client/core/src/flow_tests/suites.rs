//! Suites that are newer than this program or than the account, and an entry that stops a change of keys.

use super::vault::{FakeVault, Fault};
use super::{Fake, error, log_in, registered, save, texts};
use crate::client::Client;
use crate::error::ClientError;
use crate::recovery_code::RecoveryCode;
use crate::transport::{Method, Response};
use rootcellar_spec::wire::login::{LoginResponse, StartResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::{ProblemCode, SuiteId, parts};

/// A suite of a later version of this program.
const LATER: SuiteId = SuiteId(9);

/// The next login's answer says that the vault takes these suites, and that the account is of this one.
pub(super) fn answer_with(vault: &FakeVault, account: SuiteId, suites: &'static [SuiteId]) {
    let change = move |response: Response| {
        let (control, snapshot) = parts::split(&response.body).expect("two parts");
        let answer: LoginResponse = serde_json::from_slice(control).expect("a login's answer");
        let answer = LoginResponse { suite: account, suites: suites.to_vec(), ..answer };
        let control = serde_json::to_vec(&answer).expect("has a JSON form");
        Response { body: parts::join(&control, snapshot.unwrap_or_default()), ..response }
    };
    vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::Replace(Box::new(change)));
}

async fn saved() -> (FakeVault, Client<Fake>) {
    let (vault, client, _) = registered().await;
    save(&client, "one").await.expect("saves");
    vault.take_sent();
    (vault, client)
}

#[tokio::test]
async fn a_program_that_does_not_know_the_accounts_suite_says_that_it_is_too_old() {
    let (vault, client) = saved().await;
    let change = |response: Response| {
        let answer: StartResponse = response.json().expect("an answer");
        let body = serde_json::to_vec(&StartResponse { suite: LATER, ..answer }).expect("has a JSON form");
        Response { body, ..response }
    };
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Replace(Box::new(change)));
    let too_old = error(log_in(&client).await.map(drop));
    assert!(matches!(too_old, ClientError::NewerSuite(LATER)), "{too_old}");
    assert_eq!(too_old.code(), "newer-suite");
    assert!(too_old.to_string().contains("Update this program"), "{too_old}");
    assert!(
        vault.take_sent().iter().all(|(_, path, _)| path != paths::LOGIN_FINISH),
        "no passphrase is tried"
    );
    // The recovery code and an enrolled device read it in the answer itself.
    answer_with(&vault, LATER, &[LATER]);
    let too_old = error(log_in(&client).await.map(drop));
    assert!(matches!(too_old, ClientError::NewerSuite(LATER)), "{too_old}");
}

#[tokio::test]
async fn a_suite_that_this_program_does_not_know_is_no_reason_to_move() {
    let (vault, client) = saved().await;
    answer_with(&vault, SuiteId::ONE, &[LATER, SuiteId::ONE]);
    let session = log_in(&client).await.expect("logs in");
    assert_eq!((session.suite(), texts(&session)), (SuiteId::ONE, vec!["one".to_owned()]));
    drop(session);
    assert_eq!(vault.take_sent().len(), 2);
}

#[tokio::test]
async fn a_move_that_fails_never_fails_the_login() {
    let (vault, client) = saved().await;
    let both = &[SuiteId::TEST, SuiteId::ONE];
    for path in [paths::PASSPHRASE_START, paths::PASSPHRASE_FINISH] {
        answer_with(&vault, SuiteId::ONE, both);
        vault.fault(Method::Post, path, Fault::Refuse(ProblemCode::BudgetSpent));
        let session = log_in(&client).await.expect("logs in");
        assert_eq!((session.suite(), session.is_by_passphrase()), (SuiteId::ONE, true), "{path}");
        assert_eq!(texts(&session), ["one"]);
    }
    // Where nobody knows whether it took place, the session may not wrap anything for the passphrase.
    answer_with(&vault, SuiteId::ONE, both);
    for _ in 0..4 {
        vault.fault(Method::Post, paths::PASSPHRASE_FINISH, Fault::LoseRequest);
    }
    let mut session = log_in(&client).await.expect("logs in");
    assert_eq!((session.suite(), session.is_by_passphrase()), (SuiteId::ONE, false));
    let refused = error(session.rekey(&RecoveryCode::from_entropy(&[1; 16]), None).await);
    assert!(matches!(refused, ClientError::NotByPassphrase), "{refused}");
}

#[tokio::test]
async fn an_entry_that_does_not_open_stops_a_change_of_keys() {
    let (vault, client) = saved().await;
    let mut session = log_in(&client).await.expect("logs in");
    vault.take_sent();
    let newest = session.opened_mut().newest.as_mut().expect("a snapshot");
    let entry = newest.snapshot.inventory.items[0].id;
    let sealed = newest.snapshot.sealed_entries[0].last_mut().expect("a tag");
    *sealed ^= 1;
    let refused = error(session.rekey(&RecoveryCode::from_entropy(&[1; 16]), None).await);
    assert!(matches!(refused, ClientError::EntryUnreadable(named, _) if named == entry), "{refused}");
    assert!(refused.to_string().contains(&entry.to_string()), "{refused}");
    let changes = vault.take_sent().into_iter().filter(|(method, ..)| *method != Method::Get);
    assert_eq!(changes.count(), 0, "nothing was changed");
}
