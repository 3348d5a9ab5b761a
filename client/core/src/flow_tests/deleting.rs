//! Deleting the account.

use super::vault::Fault;
use super::{error, log_in, log_in_anew, registered, save};
use crate::client::Recovery;
use crate::transport::Method;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{ProblemCode, Timestamp};

#[tokio::test]
async fn a_deleted_account_opens_by_neither_passphrase_nor_recovery_code() {
    let (_vault, phone, code) = registered().await;
    save(&phone, "one").await.expect("saves");
    let mut session = log_in(&phone).await.expect("logs in");
    assert_eq!(session.delete_account().await.ok(), Some(Timestamp(1_700_000_000)));
    assert_eq!(error(log_in_anew(&phone).await.map(|_| ())).code(), "passphrase-or-account");
    let refused = error(phone.recover(Recovery::new_device(), &code).await.map(|_| ()));
    assert_eq!(refused.problem(), Some(ProblemCode::RecoveryRefused));
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_sent_again_as_it_was() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    vault.take_sent();
    vault.fault(Method::Post, paths::DELETE, Fault::LoseReply);
    assert!(session.delete_account().await.is_ok());
    let sent = vault.take_sent();
    assert_eq!((sent.len(), &sent[0].2), (2, &sent[1].2));
}

#[tokio::test]
async fn it_is_said_where_nobody_knows_whether_the_account_was_deleted() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    for _ in 0..4 {
        vault.fault(Method::Post, paths::DELETE, Fault::LoseReply);
    }
    assert_eq!(error(session.delete_account().await).code(), "deletion-unconfirmed");
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    vault.fault(Method::Post, paths::DELETE, Fault::Refuse(ProblemCode::SessionEnded));
    assert_eq!(error(session.delete_account().await).code(), "session-ended");
    assert!(log_in(&phone).await.is_ok());
}
