//! Requests of confirmed recovery codes that are sent again: only to their vault, and never taken back while an earlier one may
//! still arrive.

use super::codes::{changes, interrupted, lose, next_program, next_program_at, opens, state};
use super::vault::{FakeVault, Fault};
use super::{Fake, device, error, log_in, name, passphrase, registered};
use crate::client::Client;
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::pending_code::{Ceremony, CodeState};
use crate::recovery_code::RecoveryCode;
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

/// A device that has confirmed a registration of which the response was lost.
async fn registering(lost: fn() -> Fault) -> (FakeVault, Client<Fake>, RecoveryCode) {
    let vault = FakeVault::new(1);
    let phone = device(&vault, 2);
    let code = phone.generate_first_code().await.expect("draws");
    lose(&vault, paths::REGISTRATION_FINISH, lost);
    let failed = phone.register(name(), &passphrase(), None, &code).await.expect_err("is lost");
    assert!(failed.maybe_made, "{failed}");
    vault.state().faults.clear();
    (vault, phone, code)
}

fn waits(client: &Client<Fake>) -> bool {
    let notice = client.code_notice().expect("readable");
    notice.is_some_and(|notice| notice.state == CodeState::Waiting)
}

#[tokio::test]
async fn a_registration_is_sent_to_its_own_vault_only() {
    let (vault, phone, code) = registering(|| Fault::LoseReply).await;
    let other = FakeVault::new(7);
    let elsewhere = next_program_at(&other, "http://localhost:9999", &phone, 3);

    let told = elsewhere.finish_registration().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::Registration, CodeState::Waiting)));
    let at = elsewhere.registration_elsewhere().expect("readable").expect("it waits");
    assert_eq!(at.to_string(), "http://localhost:8787");
    let drawn = error(elsewhere.generate_first_code().await);
    assert!(drawn.to_string().contains("http://localhost:8787"), "{drawn}");
    let failed =
        elsewhere.register(name(), &passphrase(), None, &code).await.expect_err("it waits elsewhere");
    assert!(matches!(failed.source, ClientError::CodeWaiting { elsewhere: Some(_) }), "{failed}");
    assert!(other.take_sent().is_empty(), "the other vault gets nothing");

    let phone = next_program(&vault, &elsewhere, 4);
    assert_eq!(phone.registration_elsewhere().expect("readable"), None);
    let told = phone.finish_registration().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::Registration, CodeState::Active)));
    assert!(opens(&vault, &code).await);
}

#[tokio::test]
async fn another_attempt_that_fails_does_not_deny_the_first() {
    for fault in [|| Fault::NoConnection, || Fault::Refuse(ProblemCode::RateLimited)] {
        let (vault, phone, code) = registering(|| Fault::LoseReply).await;
        lose(&vault, paths::REGISTRATION_FINISH, fault);
        let failed = phone.register(name(), &passphrase(), None, &code).await.expect_err("is cut off");
        assert!(failed.source.did_nothing(), "{failed}");
        assert!(failed.maybe_made, "the first may have made the account: {failed}");
        assert!(waits(&phone));
        vault.state().faults.clear();
        assert!(opens(&vault, &code).await);
    }
}

#[tokio::test]
async fn a_code_that_was_sent_before_is_not_taken_back_by_a_failure() {
    for path in [paths::ACCOUNT, paths::RECOVERY_CODE] {
        let (vault, phone, old) = registered().await;
        let new = interrupted(&vault, &phone, || Fault::LoseRequest).await;
        let sent = changes(&vault).remove(0);
        let mut session = log_in(&phone).await.expect("logs in");
        let method = if path == paths::ACCOUNT { Method::Get } else { Method::Post };
        std::iter::repeat_with(|| Fault::NoConnection)
            .take(8)
            .for_each(|fault| vault.fault(method, path, fault));
        let failed = error(session.new_recovery_code(&new).await);
        assert!(matches!(failed, ClientError::RecoveryCodeUnconfirmed(_)), "{path}: {failed}");
        drop(session);
        vault.state().faults.clear();
        assert!(waits(&phone), "{path}");
        phone.dismiss_code().await.expect("has nothing to dismiss");
        assert!(waits(&phone), "{path}: a confirmed code is not dismissed");

        let phone = next_program(&vault, &phone, 3);
        let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Active)), "{path}");
        assert!(changes(&vault).iter().all(|body| *body == sent), "{path}: the same bytes");
        assert!(opens(&vault, &new).await && !opens(&vault, &old).await, "{path}");
    }
}

#[tokio::test]
async fn a_code_that_was_sent_before_is_taken_back_by_a_verdict() {
    let (vault, phone, old) = registered().await;
    let new = interrupted(&vault, &phone, || Fault::LoseRequest).await;
    let mut session = log_in(&phone).await.expect("logs in");
    vault.fault(Method::Post, paths::RECOVERY_CODE, Fault::Refuse(ProblemCode::GenerationMoved));
    assert_ne!(error(session.new_recovery_code(&new).await).outcome(), Outcome::Uncertain);
    drop(session);
    assert!(!waits(&phone));
    assert!(opens(&vault, &old).await && !opens(&vault, &new).await);
}

#[tokio::test]
async fn a_refused_request_is_unconfirmed_and_one_sent_again_is_refused_or_superseded() {
    let (vault, phone, old) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let new = session.generate_recovery_code(Ceremony::RecoveryCode).await.expect("draws");
    vault.fault(Method::Post, paths::RECOVERY_CODE, Fault::Refuse(ProblemCode::GenerationMoved));
    let refused = error(session.new_recovery_code(&new).await);
    assert_eq!(refused.problem(), Some(ProblemCode::GenerationMoved), "{refused}");
    assert!(!session.is_over());
    drop(session);
    let phone = next_program(&vault, &phone, 3);
    let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
    assert_eq!(state(told), Some((Ceremony::RecoveryCode, CodeState::Unconfirmed)));
    assert!(opens(&vault, &old).await && !opens(&vault, &new).await);

    for (refusal, expected) in [
        (ProblemCode::GenerationMoved, CodeState::Refused),
        (ProblemCode::RecoveryCodeMoved, CodeState::Superseded),
    ] {
        phone.dismiss_code().await.expect("is dismissed");
        let new = interrupted(&vault, &phone, || Fault::LoseRequest).await;
        vault.fault(Method::Post, paths::RECOVERY_CODE, Fault::Refuse(refusal));
        let told = log_in(&phone).await.expect("logs in").finish_code().await.expect("is known");
        assert_eq!(state(told), Some((Ceremony::RecoveryCode, expected)));
        let kept = phone.code_notice().expect("readable").map(|notice| notice.state);
        assert_eq!(kept, Some(expected), "it is said until it is dismissed");
        assert!(opens(&vault, &old).await && !opens(&vault, &new).await);
    }
    // What is no verdict leaves it open.
    phone.dismiss_code().await.expect("is dismissed");
    interrupted(&vault, &phone, || Fault::LoseRequest).await;
    lose(&vault, paths::RECOVERY_CODE, || Fault::Refuse(ProblemCode::RateLimited));
    log_in(&phone).await.expect("logs in").finish_code().await.expect_err("is not known");
    assert!(waits(&phone));
}
