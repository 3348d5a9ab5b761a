//! Logins: two trips, and every lie that a vault can tell at one.

use super::vault::{FakeVault, Fault, head_record};
use super::*;
use crate::client::{LoginOptions, SnapshotChoice};
use crate::transport::{Method, RESPONSE_BYTES, Response};
use rootcellar_spec::wire::login::LoginResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Number, ProblemCode, parts};

/// A vault that keeps three snapshots, the device that saved them, and the recovery code.
async fn with_snapshots() -> (FakeVault, Client<Fake>) {
    let (vault, client, _) = registered().await;
    for text in ["one", "two", "three"] {
        save(&client, text).await.expect("saves");
    }
    vault.take_sent();
    (vault, client)
}

/// Alters the control part of the next answer to a login.
fn answer_with(vault: &FakeVault, alter: impl FnOnce(&mut LoginResponse) + 'static) {
    let replace = move |response: Response| {
        let (control, snapshot) = parts::split(&response.body).expect("two parts");
        let mut answer: LoginResponse = serde_json::from_slice(control).expect("an answer");
        alter(&mut answer);
        let control = serde_json::to_vec(&answer).expect("serializes");
        Response { body: parts::join(&control, snapshot.unwrap_or_default()), ..response }
    };
    vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::Replace(Box::new(replace)));
}

/// Expects a refused login: nothing may be remembered of it.
async fn refused(client: &Client<Fake>) -> ClientError {
    let before = remembered(client);
    let failed = error(log_in(client).await.map(|_| ()));
    assert_eq!(remembered(client), before, "remembered something of a refused login");
    failed
}

#[tokio::test]
async fn restores_on_a_new_device_in_two_trips() {
    let (vault, _) = with_snapshots().await;
    let fresh = device(&vault, 3);
    let session = log_in_anew(&fresh).await.expect("logs in");
    assert_eq!(texts(&session), ["one", "two", "three"]);
    assert_eq!(session.head().map(|head| head.number), Some(Number(3)));
    let paths: Vec<_> = vault.take_sent().into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, [paths::LOGIN_START, paths::LOGIN_FINISH]);
}

#[tokio::test]
async fn a_wrong_passphrase_and_an_unknown_account_are_alike() {
    let (vault, _) = with_snapshots().await;
    let wrong = Passphrase::parse("another passphrase").expect("a passphrase");
    let fresh = device(&vault, 3);
    let wrong = error(fresh.login(Login::new_device(name()), &wrong).await.map(|_| ()));
    let bob = AccountName::parse("bob").expect("a name");
    let unknown = error(fresh.login(Login::new_device(bob), &passphrase()).await.map(|_| ()));
    assert!(matches!(
        wrong,
        ClientError::PassphraseOrAccount { remaining: 3, next_wait: 0, passphrases_since: None }
    ));
    assert_eq!(wrong.to_string(), unknown.to_string());
    assert!(fresh.state_store().kept().local_state.is_none());
    assert!(vault.take_sent().iter().all(|(_, path, _)| path != paths::LOGIN_FINISH), "no second trip");
}

#[tokio::test]
async fn a_spent_budget_says_how_long() {
    let (vault, client) = with_snapshots().await;
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::BudgetSpent));
    assert!(matches!(refused(&client).await, ClientError::BudgetSpent { retry_after: 60 }));
}

#[tokio::test]
async fn another_identity_is_learnt_once_and_then_pinned() {
    let vault = FakeVault::new(1);
    vault.state().vault_id = "vault.example.org";
    let client = device(&vault, 2);
    register(&client, &passphrase()).await.expect("registers");
    vault.take_sent();
    assert!(log_in_anew(&client).await.is_ok());
    assert_eq!(vault.take_sent().len(), 3, "start, start again, finish");
    assert!(log_in(&client).await.is_ok());
    assert_eq!(vault.take_sent().len(), 2, "start, finish");
    vault.state().vault_id = "other.example.org";
    assert!(matches!(refused(&client).await, ClientError::ForeignVault { .. }));
}

#[tokio::test]
async fn a_foreign_server_key_gets_no_second_trip() {
    let (vault, client) = with_snapshots().await;
    let mut local_state = remembered(&client);
    local_state.server_public_key = Some([1; 32]);
    let failed = error(client.login(Login::remembered(local_state), &passphrase()).await.map(|_| ()));
    assert!(matches!(failed, ClientError::ForeignServerKey { replaced_at: None }));
    assert!(vault.take_sent().iter().all(|(_, path, _)| path != paths::LOGIN_FINISH));
}

#[tokio::test]
async fn who_shares_an_address_waits_a_moment_and_goes_on() {
    let (vault, phone, _) = registered().await;
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::RateLimited));
    assert!(log_in(&phone).await.is_ok());
}

#[tokio::test]
async fn an_older_snapshot_is_opened_on_request_and_what_was_seen_stays() {
    let (vault, phone, _) = registered().await;
    save(&phone, "one").await.expect("saves");
    save(&phone, "two").await.expect("saves");
    let before = remembered(&phone);
    let older = LoginOptions { snapshot: SnapshotChoice::Numbered(Number(1)), ..LoginOptions::default() };
    for options in [older, LoginOptions { accept_history: true, ..older }] {
        let login = Login::remembered(before.clone()).with(options);
        let mut session = phone.login(login, &passphrase()).await.expect("opens");
        assert_eq!(texts(&session), ["one"]);
        assert_eq!(error(session.save(Change::new()).await).code(), "older-backup");
        assert_eq!(error(session.refresh().await).code(), "older-backup");
        assert_eq!(remembered(&phone).last_seen, before.last_seen, "a rollback would still be noticed");
    }
    let missing = phone
        .login(
            Login::remembered(before).with(LoginOptions {
                snapshot: SnapshotChoice::Numbered(Number(9)),
                ..LoginOptions::default()
            }),
            &passphrase(),
        )
        .await;
    assert_eq!(error(missing.map(|_| ())).code(), "no-such-backup");
    let _ = vault.take_sent();
}

#[tokio::test]
async fn a_vault_that_was_set_up_anew_is_no_wrong_passphrase() {
    let (vault, client) = with_snapshots().await;
    let anew = FakeVault::new(9);
    let moved = device(&anew, 3);
    let login = Login::remembered(remembered(&client));
    let failed = error(moved.login(login, &passphrase()).await.map(|_| ()));
    assert!(matches!(failed, ClientError::ForeignServerKey { replaced_at: None }), "{failed}");
    let wrong = Passphrase::parse("another passphrase").expect("a passphrase");
    let login = Login::remembered(remembered(&client));
    let failed = error(client.login(login, &wrong).await.map(|_| ()));
    assert!(matches!(failed, ClientError::PassphraseOrAccount { .. }), "the vault is the same: {failed}");
    let paths: Vec<_> = vault.take_sent().into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, [paths::LOGIN_START, paths::VAULT], "no second trip of the login");
}

#[tokio::test]
async fn another_account_is_refused() {
    let (_vault, client) = with_snapshots().await;
    let mut local_state = remembered(&client);
    local_state.account_id = rootcellar_spec::AccountId([1; 16]);
    let failed = error(client.login(Login::remembered(local_state), &passphrase()).await.map(|_| ()));
    assert!(matches!(failed, ClientError::ForeignAccount));
}

#[tokio::test]
async fn a_tampered_snapshot_is_refused_wherever_it_was_altered() {
    let (vault, client) = with_snapshots().await;
    let (honest, bytes) = vault.account().snapshots.last().cloned().expect("a snapshot");
    // Operation id, an ancestor, inventory, a sealed entry, the MAC; the record is made to agree.
    for offset in [40, 60, 200, bytes.len() - 100, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[offset] ^= 1;
        let record = head_record(vault.account().request.account_id, &altered, honest.created_at);
        *vault.account().snapshots.last_mut().expect("a snapshot") = (record, altered);
        let failed = refused(&client).await;
        assert!(matches!(failed, ClientError::Snapshot(_)), "offset {offset}: {failed}");
    }
    *vault.account().snapshots.last_mut().expect("a snapshot") = (honest, bytes);
    assert!(log_in(&client).await.is_ok());
}

#[tokio::test]
async fn a_record_that_disagrees_with_its_snapshot_is_refused() {
    let (vault, client) = with_snapshots().await;
    answer_with(&vault, |answer| answer.head.as_mut().expect("a head").number = Number(4));
    assert!(matches!(refused(&client).await, ClientError::Snapshot(_)));
    answer_with(&vault, |answer| answer.head.as_mut().expect("a head").digest.0[0] ^= 1);
    assert!(matches!(refused(&client).await, ClientError::Snapshot(_)));
    answer_with(&vault, |answer| answer.head = None);
    assert!(matches!(refused(&client).await, ClientError::MalformedResponse(_)));
}

#[tokio::test]
async fn a_swapped_keyslot_is_refused() {
    let (vault, client) = with_snapshots().await;
    let recovery = vault.account().request.recovery_methods[0].keyslot.clone();
    answer_with(&vault, |answer| answer.keyslot = recovery);
    assert!(matches!(refused(&client).await, ClientError::Keyslot(_)));
    answer_with(&vault, |answer| answer.generation.0 += 1);
    assert!(matches!(refused(&client).await, ClientError::Keyslot(_)), "another generation");
}

#[tokio::test]
async fn an_older_snapshot_is_refused_unless_accepted() {
    let (vault, client) = with_snapshots().await;
    vault.account().snapshots.pop();
    let failed = refused(&client).await;
    let (seen, offered) = (Number(3), Number(2));
    assert!(matches!(failed, ClientError::Rollback { seen: s, offered: o } if (s, o) == (seen, offered)));

    vault.account().snapshots.clear();
    assert!(matches!(refused(&client).await, ClientError::Rollback { offered: Number(0), .. }));

    let login = Login::remembered(remembered(&client))
        .with(LoginOptions { accept_history: true, ..LoginOptions::default() });
    let session = client.login(login, &passphrase()).await.expect("accepted");
    assert_eq!(session.local_state().last_seen, None);
}

#[tokio::test]
async fn a_forked_history_is_refused() {
    let (vault, client) = with_snapshots().await;
    // Another device is shown the vault without the third snapshot, and saves two more.
    vault.account().snapshots.pop();
    let other = device(&vault, 3);
    log_in_anew(&other).await.expect("logs in").save(adding("else")).await.expect("saves");
    assert!(matches!(refused(&client).await, ClientError::Fork { seen: Number(3), offered: Number(3) }));
    save(&other, "more").await.expect("saves");
    assert!(matches!(refused(&client).await, ClientError::Fork { seen: Number(3), offered: Number(4) }));
}

#[tokio::test]
async fn an_endless_answer_is_refused() {
    let (vault, client) = with_snapshots().await;
    let long = |response| Response { body: vec![0; RESPONSE_BYTES + 1], ..response };
    vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::Replace(Box::new(long)));
    assert!(matches!(refused(&client).await, ClientError::ResponseTooLong));
}

#[tokio::test]
async fn lost_requests_and_answers_cost_a_pause_and_no_guess() {
    let (vault, client) = with_snapshots().await;
    vault.fault(Method::Post, paths::LOGIN_START, Fault::LoseReply);
    vault.fault(Method::Post, paths::LOGIN_START, Fault::Refuse(ProblemCode::Busy));
    vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::LoseRequest);
    assert!(log_in(&client).await.is_ok());
    let sent = vault.take_sent();
    assert_eq!(sent.len(), 5);
    assert!(sent[..3].iter().all(|request| request.2 == sent[0].2), "the same KE1");
    assert_eq!(sent[3].2, sent[4].2, "the same KE3");
}

#[tokio::test]
async fn gives_up_after_four_tries() {
    let (vault, client) = with_snapshots().await;
    for _ in 0..4 {
        vault.fault(Method::Post, paths::LOGIN_START, Fault::LoseRequest);
    }
    assert!(matches!(refused(&client).await, ClientError::Unreachable(_)));
    assert_eq!(vault.take_sent().len(), 4);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once() {
    let (vault, _) = with_snapshots().await;
    let late = device_at(&vault, 3, 1_700_000_000 - 86_400);
    assert!(log_in_anew(&late).await.is_ok());
    assert_eq!(vault.take_sent().len(), 3, "start, finish, finish again");
    assert!(log_in_anew(&late).await.is_ok());
    assert_eq!(vault.take_sent().len(), 2, "the correction lasts");
    // A vault whose Date and judgement disagree is not argued with.
    vault.state().time += 10_000;
    let failed = error(log_in_anew(&late).await.map(|_| ()));
    assert_eq!(failed.problem(), Some(ProblemCode::ClockSkew));
    assert_eq!(vault.take_sent().len(), 3);
}

#[tokio::test]
async fn nothing_is_signed_for_a_time_far_from_the_devices_own() {
    let (vault, client) = with_snapshots().await;
    for date in
        ["Fri, 31 Dec 9999 23:59:59 GMT", "Wed, 15 Nov 2023 22:13:21 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"]
    {
        let refuse = move |_| {
            let problem = rootcellar_spec::Problem::new(ProblemCode::ClockSkew, "refused");
            let body = serde_json::to_vec(&problem).expect("serializes");
            Response { status: problem.status, headers: vec![("date".to_owned(), date.to_owned())], body }
        };
        vault.fault(Method::Post, paths::LOGIN_FINISH, Fault::Replace(Box::new(refuse)));
        let failed = refused(&client).await;
        assert!(matches!(failed, ClientError::DeviceClock { .. }), "{failed}");
        assert_eq!((failed.problem(), failed.code()), (Some(ProblemCode::ClockSkew), "clock-skew"));
        assert!(failed.to_string().contains("set this device's clock"), "{failed}");
        assert_eq!(vault.take_sent().len(), 2, "start and finish, and nothing after the lie");
    }
    assert!(log_in(&client).await.is_ok(), "the lie has moved nothing");
}

/// A device whose clock is far off is not helped along by the vault, however honest that is.
#[tokio::test]
async fn a_device_with_a_clock_far_off_is_told_to_set_it() {
    let (vault, _) = with_snapshots().await;
    let late = device_at(&vault, 3, 1_600_000_000);
    let failed = error(log_in_anew(&late).await.map(|_| ()));
    let text = failed.to_string();
    assert!(text.contains("2020-09-13 12:26 UTC") && text.contains("2023-11-14 22:13 UTC"), "{text}");
}
