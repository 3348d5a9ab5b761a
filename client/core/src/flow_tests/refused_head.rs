//! A head that a stolen device has ruined: the account is managed without it, and a re-key replaces it.

use super::codes::opens;
use super::devices::{enrolled, id, secrets};
use super::vault::{FakeVault, Fault};
use super::*;
use crate::client::{LoginOptions, SnapshotChoice};
use crate::pending_code::Ceremony;
use crate::snapshot::Seen;
use crate::transport::Method;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, Number, OperationId, ProblemCode};

const MANAGING: LoginOptions = LoginOptions {
    to_restore: false,
    snapshot: SnapshotChoice::HeadUnlessRefused,
    accept_history: false,
    accept_server_key: false,
};

/// Opens this older snapshot.
fn older(number: u64) -> LoginOptions {
    LoginOptions { snapshot: SnapshotChoice::Numbered(Number(number)), ..LoginOptions::default() }
}

/// Puts so many heads behind the newest snapshot, as a device with `backup` can: their MACs are wrong.
fn ruin(vault: &FakeVault, count: u64) {
    let mut account = vault.account();
    for n in 0..count {
        let (head, mut bytes) = account.snapshots.last().expect("a snapshot").clone();
        let number = head.number.next().expect("small");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let operation = OperationId([u8::try_from(n).expect("small"); 16]);
        account.snapshots.push((Head { number, operation, digest: Digest::of(&bytes), ..head }, bytes));
    }
}

#[tokio::test]
async fn an_account_is_managed_without_its_head() {
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    enrolled(&vault, 3, Permission::Backup).await;
    let laptop = enrolled(&vault, 4, Permission::Manage).await;
    ruin(&vault, 1);
    let seen = remembered(&first).last_seen;
    assert!(matches!(error(log_in(&first).await), ClientError::Snapshot(_)));
    assert!(matches!(
        error(laptop.device_session(remembered(&laptop), &secrets(4)).await),
        ClientError::Snapshot(_)
    ));

    let local_state = remembered(&laptop);
    let mut session = laptop.manage_on_device(local_state, &secrets(4)).await.expect("opens");
    assert!(matches!(session.refused_head(), Some(ClientError::Snapshot(_))));
    assert!(session.snapshot().is_none());
    session.revoke(id(3)).await.expect("revokes");

    let login = Login::remembered(remembered(&first)).with(MANAGING);
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    assert_eq!(session.devices().await.expect("lists").len(), 1);
    assert!(matches!(error(session.save(adding("two")).await), ClientError::OlderBackup));
    assert!(matches!(error(session.refresh().await), ClientError::OlderBackup));
    assert!(matches!(session.may_rekey(), Err(ClientError::OlderBackup)), "it would lose every entry");
    assert!(matches!(error(session.replace_head().await), ClientError::OlderBackup));
    let new = Passphrase::parse("another-umbrella-carpet-violin-meadow").expect("a passphrase");
    session.set_passphrase(&new, None).await.expect("sets a passphrase, and proves it");
    assert_eq!(remembered(&first).last_seen, seen, "what was seen stays");
}

#[tokio::test]
async fn a_vault_that_went_back_is_not_managed_without_consent() {
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    save(&first, "two").await.expect("saves");
    vault.account().snapshots.pop();
    let login = Login::remembered(remembered(&first)).with(MANAGING);
    assert!(matches!(error(first.login(login, &passphrase()).await), ClientError::Rollback { .. }));
}

#[tokio::test]
async fn a_ruined_head_is_replaced_by_an_older_snapshot() {
    let (vault, first, _) = registered().await;
    for text in ["one", "two", "three"] {
        save(&first, text).await.expect("saves");
    }
    let digests: Vec<_> = vault.account().snapshots.iter().map(|(head, _)| head.digest).collect();
    ruin(&vault, 3);
    let head = vault.account().snapshots.last().expect("a head").0.clone();
    let login = Login::remembered(remembered(&first)).with(older(2));
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    assert!(matches!(session.may_rekey(), Err(ClientError::OlderBackup)), "only by an explicit step");
    session.replace_head().await.expect("asks for the head");
    session.may_rekey().expect("it may");
    let former = session.snapshot().expect("snapshot 2");
    let (number, ancestors) = session.opened.following(former).expect("not the last number");
    assert_eq!(number, Number(7));
    let zero = Digest([0; 32]);
    assert_eq!(ancestors, [head.digest, zero, zero, zero, digests[1], digests[0]]);
    let next = |digest, number| Seen { number: Number(number), digest };
    let seen_two = next(digests[1], 2);
    assert_eq!(former.seen(), seen_two);
    session.opened.replaced_head = Some(Head { number: Number(2), ..head });
    let former = session.snapshot().expect("snapshot 2");
    assert_eq!(
        session.opened.following(former).expect("next").1,
        former.ancestors_of_next(),
        "nothing is skipped"
    );
}

#[tokio::test]
async fn nothing_is_asked_between_the_confirmation_of_a_code_that_continues_an_older_snapshot_and_its_record()
{
    let (vault, first, _) = registered().await;
    save(&first, "one").await.expect("saves");
    ruin(&vault, 1);
    let login = Login::remembered(remembered(&first)).with(older(1));
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    session.replace_head().await.expect("asks for the head");
    let code = session.generate_recovery_code(Ceremony::Rekey).await.expect("draws");

    // That session has ended before the user confirms the code.
    let login = Login::remembered(remembered(&first)).with(MANAGING);
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    assert!(matches!(session.replace_recorded_head(), Err(ClientError::OlderBackup)), "none is open");
    let login = Login::remembered(remembered(&first)).with(older(1));
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    session.replace_recorded_head().expect("an older snapshot is open");
    vault.fault(Method::Post, paths::REKEY, Fault::Refuse(ProblemCode::SessionEnded));
    let failed = error(session.rekey(&code, None).await);
    assert_eq!(failed.problem(), Some(ProblemCode::SessionEnded));

    // What was confirmed in vain is still recorded with the head.
    let login = Login::remembered(remembered(&first)).with(older(1));
    let mut session = first.login(login, &passphrase()).await.expect("opens");
    session.replace_recorded_head().expect("an older snapshot is open");
    vault.take_sent();
    session.rekey(&code, None).await.expect("changes the keys");
    let sent = vault.take_sent();
    assert_eq!(sent.first().map(|(_, path, _)| path.as_str()), Some(paths::REKEY));
    assert!(opens(&vault, &code).await);
    let session = log_in(&first).await.expect("logs in");
    assert_eq!(session.head().map(|head| head.number), Some(Number(3)));
}
