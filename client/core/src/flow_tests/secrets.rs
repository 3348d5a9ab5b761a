//! A device's new secrets: staged before the vault is told of them, then committed or abandoned by what the vault did.

use super::codes::{lose, opens, state};
use super::devices::{enrolled, secrets};
use super::disk::Write;
use super::vault::{FakeVault, Fault};
use super::{Fake, error, log_in, registered, remembered};
use crate::client::Client;
use crate::device::DeviceSecrets;
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::pending_code::{Ceremony, CodeNotice, CodeState};
use crate::recovery_code::RecoveryCode;
use crate::secret_store::{DeviceStep, NotKept, SecretStore};
use crate::transport::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;

/// What befalls each request of an enrolment, its outcome, and which secrets stay staged.
type Case = (fn() -> Fault, Outcome, Option<u8>);

/// How often a request is sent.
const TRIES: usize = 4;

/// First bytes of the secrets that count, and of those that are staged.
pub(super) fn kept(client: &Client<Fake>) -> (Option<u8>, Option<u8>) {
    let store = client.secret_store();
    let first = |secrets: DeviceSecrets| secrets.expose()[0];
    (store.current().map(first), store.staged().pop().map(first))
}

#[tokio::test]
async fn what_became_of_an_enrolment_decides_about_the_secrets() {
    let (vault, phone, _) = registered().await;
    log_in(&phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    assert_eq!(kept(&phone), (Some(2), None));

    let faults: [Case; 3] = [
        // Never sent.
        (|| Fault::NoConnection, Outcome::NotSent, None),
        (|| Fault::Refuse(ProblemCode::StorageFull), Outcome::Refused, None),
        // Done, without a word.
        (|| Fault::LoseReply, Outcome::Uncertain, Some(3)),
    ];
    for (fault, outcome, staged) in faults {
        let mut session = log_in(&phone).await.expect("logs in");
        (0..TRIES).for_each(|_| vault.fault(Method::Post, paths::DEVICES, fault()));
        let failed = error(session.enrol(&secrets(3), Permission::Manage).await);
        assert_eq!(failed.outcome(), outcome, "{failed}");
        assert_eq!(kept(&phone), (Some(2), staged), "{failed}");
        vault.state().faults.clear();
    }
    let mut session = log_in(&phone).await.expect("logs in");
    session.enrol(&secrets(4), Permission::Manage).await.expect("enrols");
    assert_eq!(kept(&phone), (Some(4), None), "in place of those that were staged");
}

#[tokio::test]
async fn nothing_is_staged_for_what_is_refused_here() {
    let (vault, _, _) = registered().await;
    let phone = enrolled(&vault, 3, Permission::Backup).await;
    let local_state = remembered(&phone);
    phone.secret_store().fail(&[Write::Stage, Write::Commit]);
    let mut session = phone.resume_device(local_state, &secrets(3)).await.expect("resumes");
    let refused = error(session.enrol(&secrets(4), Permission::Manage).await);
    assert!(matches!(refused, ClientError::NotPermitted { .. }), "not the store's: {refused}");
}

#[tokio::test]
async fn secrets_that_cannot_be_staged_are_told_to_nobody_and_those_that_cannot_be_committed_stay_staged() {
    let (vault, phone, _) = registered().await;
    phone.secret_store().fail(&[Write::Stage]);
    let mut session = log_in(&phone).await.expect("logs in");
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::SecretStore(_)), "{failed}");
    assert_eq!(failed.outcome(), Outcome::NotSent);
    assert!(vault.account().lists.is_empty(), "the vault was not told");

    phone.secret_store().fail(&[Write::Commit]);
    let mut session = log_in(&phone).await.expect("logs in");
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::NotCommitted { step: DeviceStep::Enrolment, .. }), "{failed}");
    assert_eq!(failed.outcome(), Outcome::Done);
    assert_eq!(kept(&phone), (None, Some(2)));
    assert_eq!(vault.account().lists.len(), 1);
}

#[tokio::test]
async fn an_enrolment_that_the_vault_has_made_counts_though_the_disk_is_full() {
    let (vault, phone, _) = registered().await;
    let mut session = log_in(&phone).await.expect("logs in");
    session.client().state_store().take_only(0);
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::NotCommitted { source: NotKept::State(_), .. }), "{failed}");
    assert_eq!(failed.outcome(), Outcome::Done);
    assert_eq!(kept(&phone), (Some(2), None));
    assert_eq!(vault.account().lists.len(), 1);
    // The next session asks the vault for the rest.
    phone.state_store().take_only(u32::MAX);
    let local_state = remembered(&phone);
    phone.resume_device(local_state, &secrets(2)).await.expect("it is enrolled");
    assert!(phone.state_store().kept().enrolment.is_some());
}

#[tokio::test]
async fn secrets_that_cannot_be_abandoned_are_said_to_be_left() {
    let (vault, phone, _) = registered().await;
    phone.secret_store().fail(&[Write::Abandon]);
    let mut session = log_in(&phone).await.expect("logs in");
    vault.fault(Method::Post, paths::DEVICES, Fault::Refuse(ProblemCode::StorageFull));
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::NotAbandoned { .. }), "{failed}");
    assert!(failed.to_string().contains("could not remove"), "{failed}");
    // Why the step failed decides what a program does.
    let refused = ProblemCode::StorageFull;
    assert_eq!((failed.code(), failed.problem()), (refused.as_str(), Some(refused)));
    assert_eq!(failed.outcome(), Outcome::Refused);
}

/// A device that is enrolled by the secrets 2, in a re-key with the secrets 3; the request or its response is lost.
pub(super) async fn rekey_lost(fault: fn() -> Fault) -> (FakeVault, Client<Fake>, RecoveryCode) {
    let (vault, phone, _) = registered().await;
    log_in(&phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    let mut session = log_in(&phone).await.expect("logs in");
    let code = session.generate_recovery_code(Ceremony::Rekey).await.expect("draws");
    lose(&vault, paths::REKEY, fault);
    lose(&vault, paths::RECOVERY, || Fault::LoseRequest);
    let failed = error(session.rekey(&code, Some((&secrets(3), Permission::Manage))).await);
    assert!(matches!(failed, ClientError::RekeyUnconfirmed(_)), "{failed}");
    vault.state().faults.clear();
    assert_eq!(kept(&phone), (Some(2), Some(3)));
    (vault, phone, code)
}

async fn finish(phone: &Client<Fake>) -> Result<Option<CodeNotice>, ClientError> {
    log_in(phone).await.expect("logs in").finish_code().await
}

async fn rekeys(phone: &Client<Fake>, vault: &FakeVault) -> Result<RecoveryCode, ClientError> {
    let mut session = log_in(phone).await?;
    let code = session.generate_recovery_code(Ceremony::Rekey).await?;
    session.rekey(&code, Some((&secrets(3), Permission::Manage))).await?;
    assert!(opens(vault, &code).await);
    Ok(code)
}

const ACTIVE: Option<(Ceremony, CodeState)> = Some((Ceremony::Rekey, CodeState::Active));

#[tokio::test]
async fn no_enrolment_takes_the_place_of_secrets_that_a_recorded_rekey_names() {
    for lost in [|| Fault::LoseRequest, || Fault::LoseReply] {
        let (vault, phone, code) = rekey_lost(lost).await;
        let lists = vault.account().lists.len();
        let mut session = log_in(&phone).await.expect("logs in");
        let refused = error(session.enrol(&secrets(4), Permission::Manage).await);
        assert!(matches!(refused, ClientError::CodeWaiting { elsewhere: None }), "{refused}");
        assert_eq!(refused.outcome(), Outcome::NotSent);
        assert_eq!(kept(&phone), (Some(2), Some(3)));
        assert_eq!(vault.account().lists.len(), lists, "the vault was not told");

        assert_eq!(state(finish(&phone).await.expect("is known")), ACTIVE);
        assert_eq!(kept(&phone), (Some(3), None));
        assert!(opens(&vault, &code).await);
        let local_state = remembered(&phone);
        phone.device_session(local_state, &secrets(3)).await.expect("the vault knows them");
        let mut session = log_in(&phone).await.expect("logs in");
        session.enrol(&secrets(4), Permission::Manage).await.expect("enrols");
    }
}

#[tokio::test]
async fn what_became_of_a_rekey_decides_about_the_secrets() {
    let (vault, phone, old) = registered().await;
    log_in(&phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    phone.secret_store().fail(&[Write::Stage]);
    let failed = error(rekeys(&phone, &vault).await);
    assert!(matches!(failed, ClientError::SecretStore(_)), "{failed}");
    phone.secret_store().fail(&[]);
    vault.fault(Method::Post, paths::REKEY, Fault::Refuse(ProblemCode::StorageFull));
    assert_eq!(error(rekeys(&phone, &vault).await).outcome(), Outcome::Refused);
    assert_eq!(kept(&phone), (Some(2), None));
    assert!(opens(&vault, &old).await);
    rekeys(&phone, &vault).await.expect("changes the keys");
    assert_eq!(kept(&phone), (Some(3), None));
    assert_eq!(phone.code_notice().expect("readable"), None);
    assert!(!opens(&vault, &old).await);
}

#[tokio::test]
async fn the_record_of_a_rekey_outlives_a_failed_commit() {
    let (vault, phone, _) = registered().await;
    log_in(&phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    phone.secret_store().fail(&[Write::Commit]);
    let failed = error(rekeys(&phone, &vault).await);
    let step = DeviceStep::Rekey;
    assert!(matches!(&failed, ClientError::NotCommitted { step: s, .. } if *s == step), "{failed}");
    assert_eq!(failed.outcome(), Outcome::Done);
    assert_eq!(kept(&phone), (Some(2), Some(3)));

    let recorded = phone.code_notice().expect("readable").expect("it names the secrets");
    let failed = error(finish(&phone).await);
    assert!(matches!(&failed, ClientError::NotCommitted { step: s, .. } if *s == step), "{failed}");
    assert_eq!(
        state(Some(recorded.after(failed.outcome()))),
        ACTIVE,
        "whatever fails here, the code is active"
    );
    assert_eq!(phone.code_notice().expect("readable"), Some(recorded));

    phone.secret_store().fail(&[]);
    assert_eq!(state(finish(&phone).await.expect("is known")), ACTIVE);
    assert_eq!(kept(&phone), (Some(3), None));
    assert_eq!(phone.code_notice().expect("readable"), None);
    let local_state = remembered(&phone);
    phone.resume_device(local_state, &secrets(3)).await.expect("under the new keys");
}

#[tokio::test]
async fn a_full_disk_after_an_activation_leaves_the_secrets_committed_and_the_record() {
    let (_, phone, _) = rekey_lost(|| Fault::LoseReply).await;
    let mut session = log_in(&phone).await.expect("logs in");
    session.client().state_store().take_only(0);
    let failed = error(session.finish_code().await);
    assert!(
        matches!(failed, ClientError::NotCommitted { step: DeviceStep::Rekey, source: NotKept::State(_) }),
        "{failed}"
    );
    assert_eq!(kept(&phone), (Some(3), None));
    phone.state_store().take_only(u32::MAX);
    assert_eq!(state(finish(&phone).await.expect("is known")), ACTIVE);
}

#[tokio::test]
async fn an_activation_without_its_secrets_keeps_no_enrolment_that_nothing_opens() {
    let (_, phone, _) = rekey_lost(|| Fault::LoseReply).await;
    phone.secret_store().abandon(secrets(3).id()).await.expect("they are lost");
    let failed = error(finish(&phone).await);
    assert!(
        matches!(failed, ClientError::NotCommitted { step: DeviceStep::Rekey, source: NotKept::Absent }),
        "{failed}"
    );
    assert!(failed.to_string().contains("enrol it again"), "{failed}");
    assert!(phone.state_store().kept().enrolment.is_none());
    assert_eq!(finish(&phone).await.expect("it is said once"), None);
}

#[tokio::test]
async fn an_enrolment_since_a_rekey_is_not_replaced_by_the_recorded_one() {
    let (_, phone, _) = rekey_lost(|| Fault::LoseReply).await;
    let record = phone.state_store().kept().code.clone();
    phone.discard_code().await.expect("is given up");
    log_in(&phone).await.expect("logs in").enrol(&secrets(4), Permission::Manage).await.expect("enrols");
    let since = phone.state_store().kept().enrolment.clone();
    phone.state_store().kept().code = record;
    assert_eq!(state(finish(&phone).await.expect("is known")), ACTIVE);
    assert_eq!(phone.state_store().kept().enrolment, since);
    assert_eq!(kept(&phone), (Some(4), None));
}

#[tokio::test]
async fn a_verified_session_of_the_device_settles_its_secrets() {
    let (vault, phone, _) = registered().await;
    log_in(&phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    for (n, lost) in [(3, (|| Fault::LoseReply) as fn() -> Fault), (4, || Fault::LoseRequest)] {
        let mut session = log_in(&phone).await.expect("logs in");
        lose(&vault, paths::DEVICES, lost);
        let failed = error(session.enrol(&secrets(n), Permission::Manage).await);
        assert_eq!(failed.outcome(), Outcome::Uncertain, "{failed}");
        vault.state().faults.clear();
    }
    assert_eq!(phone.secret_store().staged().len(), 2, "either may be what the vault knows");
    let local_state = remembered(&phone);
    let refused = error(phone.device_session(local_state.clone(), &secrets(2)).await);
    assert_eq!(refused.outcome(), Outcome::Refused, "{refused}");
    assert_eq!(kept(&phone), (Some(2), Some(4)));
    phone.device_session(local_state, &secrets(3)).await.expect("these are the ones");
    assert_eq!(kept(&phone), (Some(3), Some(4)), "of the later ones nothing is known yet");
}
