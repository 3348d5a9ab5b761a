//! Registration, recovery and the change of passphrase.

use super::vault::{FakeVault, Fault};
use super::*;
use crate::client::Recovery;
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

#[tokio::test]
async fn a_lost_answer_makes_one_account() {
    let vault = FakeVault::new(1);
    vault.fault(Method::Post, paths::REGISTRATION_FINISH, Fault::LoseReply);
    let client = device(&vault, 2);
    register(&client, &passphrase()).await.expect("registers");
    let sent = vault.take_sent();
    let finishes: Vec<_> = sent.iter().filter(|(_, path, _)| path == paths::REGISTRATION_FINISH).collect();
    assert_eq!(finishes.len(), 2);
    assert_eq!(finishes[0].2, finishes[1].2, "the same bytes");
    assert_eq!(remembered(&client).account_id, vault.account().request.account_id);
}

#[tokio::test]
async fn a_taken_name_leaves_no_code_to_keep() {
    let (vault, ..) = registered().await;
    let failed = register(&device(&vault, 3), &passphrase()).await.expect_err("taken");
    assert_eq!(failed.source.problem(), Some(ProblemCode::NameTaken));
    assert!(!failed.maybe_made);
}

#[tokio::test]
async fn a_weak_passphrase_is_never_sent() {
    let vault = FakeVault::new(1);
    let weak = Passphrase::parse("alice1990").expect("a passphrase");
    let failed = register(&device(&vault, 2), &weak).await.expect_err("weak");
    assert_eq!(failed.source.code(), "weak-passphrase");
    assert!(vault.take_sent().is_empty());
}

#[tokio::test]
async fn an_account_that_does_not_open_is_not_called_made() {
    let vault = FakeVault::new(1);
    // The vault confirms and then loses the recovery keyslot.
    vault.fault(Method::Post, paths::RECOVERY, Fault::Refuse(ProblemCode::RecoveryRefused));
    let failed = register(&device(&vault, 2), &passphrase()).await.expect_err("unverified");
    assert_eq!(failed.source.problem(), Some(ProblemCode::RecoveryRefused));
    assert!(failed.maybe_made, "{failed}");
}

#[tokio::test]
async fn a_registration_that_took_the_last_attempt_is_verified_by_the_code_alone() {
    let vault = FakeVault::new(1);
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    let phone = device(&vault, 2);
    let (made, _) = register(&phone, &passphrase()).await.expect("registers");
    assert_eq!(made.passphrase_accepted_in, Some(60));
    assert_eq!(made.local_state.account_id, vault.account().request.account_id);
    assert!(!made.session.is_by_passphrase());
    assert_eq!(phone.code_notice().expect("readable"), None, "the paper is known to be good");
    let pinned = remembered(&phone);
    // The next login needs no name, and accepts no other key of the vault.
    log_in(&phone).await.expect("logs in");
    assert_eq!(remembered(&phone), pinned);

    // That the vault says it made an account is not enough.
    let vault = FakeVault::new(1);
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    vault.fault(Method::Post, paths::RECOVERY, Fault::Refuse(ProblemCode::RecoveryRefused));
    let failed = register(&device(&vault, 2), &passphrase()).await.expect_err("unverified");
    assert!(failed.maybe_made, "{failed}");
}

#[tokio::test]
async fn a_lost_registration_that_took_the_last_attempt_is_found_by_the_same_call() {
    let vault = FakeVault::new(1);
    let phone = device(&vault, 2);
    let code = phone.generate_first_code().await.expect("draws");
    for _ in 0..4 {
        vault.fault(Method::Post, paths::REGISTRATION_FINISH, Fault::LoseReply);
    }
    phone.register(name(), &passphrase(), None, &code).await.expect_err("is lost");
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    let made = phone.register(name(), &passphrase(), None, &code).await.expect("it was made");
    assert_eq!(made.passphrase_accepted_in, Some(60));
    assert_eq!(made.local_state.account_id, vault.account().request.account_id);
}

#[tokio::test]
async fn a_registration_that_was_not_told_of_is_opened_both_ways() {
    let (vault, _, code) = registered().await;
    let opens = async |seed: u64, passphrase: &Passphrase, code: &RecoveryCode| {
        let phone = device(&vault, seed);
        phone.open_registered(Login::new_device(name()), passphrase, code).await?.refresh().await
    };
    opens(3, &passphrase(), &code).await.expect("opens");
    // The login is let pass, and the account has another code.
    let other = RecoveryCode::from_entropy(&[9; 16]);
    let failed = error(opens(4, &passphrase(), &other).await);
    assert_eq!(failed.problem(), Some(ProblemCode::RecoveryRefused));
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    assert_eq!(error(opens(5, &new, &code).await).code(), "passphrase-or-account");
}

#[tokio::test]
async fn recovers_in_one_trip_and_sets_a_passphrase() {
    let (vault, phone, code) = registered().await;
    save(&phone, "one").await.expect("saves");
    vault.take_sent();
    let fresh = device(&vault, 3);
    let mut session = fresh.recover(Recovery::new_device(), &code).await.expect("recovers");
    assert_eq!(vault.take_sent().len(), 1);
    assert_eq!(texts(&session), ["one"]);
    assert_eq!(session.local_state().name_hash, None);

    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    // What the vault says of itself is not kept before a passphrase was set with it.
    vault.fault(Method::Post, paths::PASSPHRASE_FINISH, Fault::Refuse(ProblemCode::GenerationMoved));
    error(session.set_passphrase(&new, Some(&name())).await.map(drop));
    assert_eq!((session.is_over(), &session.local_state().vault_id), (false, &None));
    session.set_passphrase(&new, None).await.expect("sets");
    assert_eq!(error(log_in(&fresh).await.map(|_| ())).code(), "name-required");
    let login = Login::remembered(remembered(&fresh)).with_name(name());
    let session = fresh.login(login, &new).await.expect("logs in");
    assert_eq!(texts(&session), ["one"]);
    assert_eq!(error(log_in(&phone).await.map(|_| ())).code(), "passphrase-or-account");
}

#[tokio::test]
async fn a_lost_answer_to_a_passphrase_change_is_said() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    // It took place, and ended the session with which it is sent again.
    vault.fault(Method::Post, paths::PASSPHRASE_FINISH, Fault::LoseReply);
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    let failed = error(session.set_passphrase(&new, None).await);
    assert_eq!(failed.code(), "passphrase-unconfirmed");
    assert!(phone.login(Login::new_device(name()), &new).await.is_ok());
}

#[tokio::test]
async fn a_passphrase_change_that_took_the_last_attempt_is_said_to_be_set() {
    let (vault, phone, _) = registered().await;
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    let mut session = log_in(&phone).await.expect("logs in");
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    let set = session.set_passphrase(&new, None).await.expect("the vault said so");
    assert_eq!(set.accepted_in, Some(60));
    assert!(session.is_over());
    let login = Login::remembered(remembered(&phone));
    assert!(phone.login(login, &new).await.is_ok());

    // Where the vault's word was lost, nothing is known.
    let mut session = phone.login(Login::new_device(name()), &new).await.expect("logs in");
    vault.fault(Method::Post, paths::PASSPHRASE_FINISH, Fault::LoseReply);
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    assert_eq!(error(session.set_passphrase(&passphrase(), None).await).code(), "passphrase-unconfirmed");
}

#[tokio::test]
async fn a_vault_that_says_changed_and_kept_the_old_passphrase_is_found_out() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let old = vault.account().request.clone();
    let liar = vault.clone();
    let keep_old = move |answer| {
        liar.account().request = old;
        answer
    };
    vault.fault(Method::Post, paths::PASSPHRASE_FINISH, Fault::Replace(Box::new(keep_old)));
    let new = Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase");
    let failed = error(session.set_passphrase(&new, None).await);
    assert_eq!(failed.code(), "passphrase-unconfirmed");
    assert!(log_in(&phone).await.is_ok(), "the old one holds");
}

#[tokio::test]
async fn a_wrong_recovery_code_is_refused() {
    let (vault, ..) = registered().await;
    let other = RecoveryCode::from_entropy(&[9; 16]);
    let failed = error(device(&vault, 3).recover(Recovery::new_device(), &other).await);
    assert_eq!(failed.problem(), Some(ProblemCode::RecoveryRefused));
}
