//! A device's new secrets: staged before the vault is told of them, then committed or abandoned by what the vault did.

use super::devices::{enrolled, secrets};
use super::vault::Fault;
use super::{Fake, error, log_in, registered, remembered};
use crate::client::Client;
use crate::device::DeviceSecrets;
use crate::error::{ClientError, Outcome};
use crate::secret_store::DeviceStep;
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
    let store = &client.injected().secrets;
    let first = |secrets: &DeviceSecrets| secrets.expose()[0];
    (store.current().map(first), store.staged().map(first))
}

#[tokio::test]
async fn what_became_of_an_enrolment_decides_about_the_secrets() {
    let (vault, mut phone, _) = registered().await;
    log_in(&mut phone).await.expect("logs in").enrol(&secrets(2), Permission::Manage).await.expect("enrols");
    assert_eq!(kept(&phone), (Some(2), None));

    let faults: [Case; 3] = [
        // Never sent.
        (|| Fault::NoConnection, Outcome::NotSent, None),
        (|| Fault::Refuse(ProblemCode::StorageFull), Outcome::Refused, None),
        // Done, without a word.
        (|| Fault::LoseReply, Outcome::Uncertain, Some(3)),
    ];
    for (fault, outcome, staged) in faults {
        let mut session = log_in(&mut phone).await.expect("logs in");
        (0..TRIES).for_each(|_| vault.fault(Method::Post, paths::DEVICES, fault()));
        let failed = error(session.enrol(&secrets(3), Permission::Manage).await);
        assert_eq!(failed.outcome(), outcome, "{failed}");
        assert_eq!(kept(&phone), (Some(2), staged), "{failed}");
        vault.state().faults.clear();
    }
    let mut session = log_in(&mut phone).await.expect("logs in");
    session.enrol(&secrets(4), Permission::Manage).await.expect("enrols");
    assert_eq!(kept(&phone), (Some(4), None), "in place of those that were staged");
}

#[tokio::test]
async fn nothing_is_staged_for_what_is_refused_here() {
    let (vault, _, _) = registered().await;
    let mut phone = enrolled(&vault, 3, Permission::Backup).await;
    let memory = remembered(&phone);
    phone.injected_mut().secrets.fail(true, true);
    let mut session = phone.resume_device(memory, &secrets(3)).await.expect("resumes");
    let refused = error(session.enrol(&secrets(4), Permission::Manage).await);
    assert!(matches!(refused, ClientError::NotPermitted { .. }), "not the store's: {refused}");
}

#[tokio::test]
async fn secrets_that_cannot_be_staged_are_told_to_nobody_and_those_that_cannot_be_committed_stay_staged() {
    let (vault, mut phone, _) = registered().await;
    phone.injected_mut().secrets.fail(true, false);
    let mut session = log_in(&mut phone).await.expect("logs in");
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::SecretStore(_)), "{failed}");
    assert_eq!(failed.outcome(), Outcome::NotSent);
    assert!(vault.account().lists.is_empty(), "the vault was not told");

    phone.injected_mut().secrets.fail(false, true);
    let mut session = log_in(&mut phone).await.expect("logs in");
    let failed = error(session.enrol(&secrets(2), Permission::Manage).await);
    assert!(matches!(failed, ClientError::NotSettled { step: DeviceStep::Enrolment, .. }), "{failed}");
    assert_eq!(failed.outcome(), Outcome::Done);
    assert_eq!(kept(&phone), (None, Some(2)));
    assert_eq!(vault.account().lists.len(), 1);
}
