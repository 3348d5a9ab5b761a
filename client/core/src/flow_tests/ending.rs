//! Steps that end the session: it is over where they were done, or may have been, and goes on after any other failure.

use super::vault::Fault;
use super::{FakeVault, adding, error, log_in, registered, save, texts};
use crate::client::Login;
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::pending_save::PendingSaveOutcome;
use crate::recovery_code::RecoveryCode;
use crate::text::Passphrase;
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// How often a request is sent.
const TRIES: usize = 4;

fn new() -> Passphrase {
    Passphrase::parse("violin-meadow-umbrella-carpet-ninety").expect("a passphrase")
}

fn code() -> RecoveryCode {
    RecoveryCode::from_entropy(&[3; 16])
}

fn faults(vault: &FakeVault, path: &'static str, faults: impl IntoIterator<Item = Fault>) {
    faults.into_iter().for_each(|fault| vault.fault(Method::Post, path, fault));
}

#[tokio::test]
async fn a_session_goes_on_where_nothing_was_done() {
    let (vault, phone, _) = registered().await;
    save(&phone, "one").await.expect("saves");
    let mut session = log_in(&phone).await.expect("logs in");
    let ended = || Fault::Refuse(ProblemCode::RateLimited);
    let away = || Fault::NoConnection;
    let foreign = || Fault::Certificate;
    // What does not go away by itself is not tried again.
    for (fault, tries) in [(&ended as &dyn Fn() -> Fault, TRIES), (&away, TRIES), (&foreign, 1)] {
        for path in [
            paths::PASSPHRASE_START,
            paths::PASSPHRASE_FINISH,
            paths::RECOVERY_CODE,
            paths::REKEY,
            paths::DELETE,
        ] {
            faults(&vault, path, std::iter::repeat_with(fault).take(tries));
        }
        for _ in 0..2 {
            assert_ne!(error(session.set_passphrase(&new(), None).await).outcome(), Outcome::Uncertain);
            assert!(!session.is_over());
        }
        assert_ne!(error(session.new_recovery_code(&code()).await).outcome(), Outcome::Uncertain);
        assert!(!session.is_over());
        assert_ne!(error(session.rekey(&code(), None).await).outcome(), Outcome::Uncertain);
        assert!(!session.is_over());
        assert_ne!(error(session.delete_account().await).outcome(), Outcome::Uncertain);
        assert!(!session.is_over());
        session.refresh().await.expect("goes on");
        assert_eq!(texts(&session), ["one"]);
    }
    // A vault that failed in a step which changes nothing has changed nothing.
    let failed = || Fault::Refuse(ProblemCode::StoreUnavailable);
    faults(&vault, paths::PASSPHRASE_START, std::iter::repeat_with(failed).take(TRIES));
    assert_ne!(error(session.set_passphrase(&new(), None).await).outcome(), Outcome::Uncertain);
    assert!(!session.is_over());
    // Another device was faster, and then the vault is away.
    faults(&vault, paths::REKEY, [Fault::Refuse(ProblemCode::HeadMoved)]);
    std::iter::repeat_with(|| Fault::LoseReply)
        .take(TRIES)
        .for_each(|fault| vault.fault(Method::Get, paths::HEAD, fault));
    assert_ne!(error(session.rekey(&code(), None).await).outcome(), Outcome::Uncertain);
    assert!(!session.is_over());
    assert!(vault.state().faults.is_empty(), "each was met");
}

#[tokio::test]
async fn a_session_is_over_where_a_step_was_done_or_may_have_been() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    faults(&vault, paths::DELETE, std::iter::repeat_with(|| Fault::LoseRequest).take(TRIES));
    assert_eq!(error(session.delete_account().await).outcome(), Outcome::Uncertain);
    assert!(session.is_over());

    let mut session = log_in(&phone).await.expect("logs in");
    faults(&vault, paths::DELETE, [Fault::LoseRequest, Fault::Certificate]);
    assert_eq!(error(session.delete_account().await).outcome(), Outcome::Uncertain);
    assert!(session.is_over());

    let mut session = log_in(&phone).await.expect("logs in");
    // What was not sent at last may have arrived before.
    let lost = [Fault::LoseRequest, Fault::NoConnection, Fault::NoConnection, Fault::NoConnection];
    faults(&vault, paths::RECOVERY_CODE, lost);
    faults(&vault, paths::RECOVERY, [Fault::Refuse(ProblemCode::RecoveryRefused)]);
    assert_eq!(error(session.new_recovery_code(&code()).await).outcome(), Outcome::Uncertain);
    assert!(session.is_over());
    session.discard_code().await.expect("is given up");

    let mut session = log_in(&phone).await.expect("logs in");
    faults(&vault, paths::REKEY, std::iter::repeat_with(|| Fault::LoseRequest).take(TRIES));
    faults(&vault, paths::RECOVERY, [Fault::Refuse(ProblemCode::RecoveryRefused)]);
    assert_eq!(error(session.rekey(&code(), None).await).outcome(), Outcome::Uncertain);
    assert!(session.is_over());

    session.discard_code().await.expect("is given up");

    // Done, as the vault says, which the code then does not show.
    for path in [paths::RECOVERY_CODE, paths::REKEY] {
        let mut session = log_in(&phone).await.expect("logs in");
        let (old, liar) = (vault.account().clone(), vault.clone());
        let keep_old = move |answer| {
            *liar.account() = old;
            answer
        };
        faults(&vault, path, [Fault::Replace(Box::new(keep_old))]);
        let failed = match path {
            paths::REKEY => error(session.rekey(&code(), None).await),
            _ => error(session.new_recovery_code(&code()).await),
        };
        assert_eq!(failed.outcome(), Outcome::Uncertain);
        assert!(session.is_over());
        session.discard_code().await.expect("is given up");
    }

    let mut session = log_in(&phone).await.expect("logs in");
    session.set_passphrase(&new(), None).await.expect("sets");
    assert!(session.is_over());
    let mut session = phone.login(Login::new_device(super::name()), &new()).await.expect("logs in");
    session.delete_account().await.expect("deletes");
    assert!(session.is_over());
}

#[tokio::test]
async fn a_session_is_over_where_a_step_was_given_up_while_the_vault_was_asked() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    vault.stall(paths::DELETE);
    {
        let mut step = pin!(session.delete_account());
        let first = poll_fn(|context| Poll::Ready(step.as_mut().poll(context).is_ready())).await;
        assert!(!first, "it waits");
    }
    assert!(session.is_over());
}

#[tokio::test]
async fn a_save_that_was_given_up_waits_for_whichever_session_comes_next() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    let mut other = log_in(&phone.clone()).await.expect("logs in");
    drop(phone);
    vault.fault(Method::Put, paths::SNAPSHOTS, Fault::NoConnection);
    {
        let mut step = pin!(session.save(adding("one")));
        // It waits before it tries again.
        let first = poll_fn(|context| Poll::Ready(step.as_mut().poll(context).is_ready())).await;
        assert!(!first, "it waits");
        // Nothing is recorded in the place of a save that is under way.
        assert!(matches!(error(other.save(adding("two")).await), ClientError::PendingSave));
    }
    assert!(!session.is_over());
    assert!(matches!(error(session.save(adding("three")).await), ClientError::PendingSave));
    assert_eq!(session.finish_pending().await.expect("finishes"), PendingSaveOutcome::Saved);
    assert_eq!(texts(&session), ["one"]);
    other.save(adding("two")).await.expect("saves");
    assert_eq!(texts(&other), ["one", "two"]);
}
