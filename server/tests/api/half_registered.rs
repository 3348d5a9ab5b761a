//! A registration that stopped between its locator and its name (section 15.5): the recovery code works already.

use crate::passphrase::prepare;
use crate::support::client::{Session, User, keyslot};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault_with};
use ed25519_dalek::SigningKey;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::{FinishRequest, FinishResponse, PassphraseFinishResponse};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_vault::Settings;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::invite;

/// A vault, and someone whose registration came as far as the locator.
async fn half_registered(registration: RegistrationMode) -> (TestVault, User, FinishRequest) {
    let mut settings = Settings { registration, ..settings() };
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    let mut request = user.prepare_registration(&vault, "forgotten").await;
    if registration == RegistrationMode::Invite {
        request.invite = Some(invite::create(&vault.state, 600).await.expect("an invite").code);
    }
    vault.store.fail_next("locators/", Fault::AppliedThenDown);
    assert_eq!(vault.post(paths::REGISTRATION_FINISH, &request).await.status, 503);
    vault.store.come_back();
    assert_eq!(vault.store.names("names/").await, [""; 0]);
    (vault, user, request)
}

async fn recover(vault: &TestVault, user: &User) -> Session {
    let key = SigningKey::from_bytes(&[3; 32]);
    Session::of(&vault.send(user.recovery_request(&key, vault.clock.now())).await, key)
}

#[tokio::test]
async fn what_was_saved_to_it_survives_its_refusal() {
    let (vault, user, request) = half_registered(RegistrationMode::Open).await;
    let session = recover(&vault, &user).await;
    let snapshot = user.snapshot(None, "content");
    user.put(&vault, &session, &snapshot).await.parts::<SnapshotResponse>();

    let mut other = User::new("alice");
    other.register(&vault, "right").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::NameTaken);
    assert_eq!(recover(&vault, &user).await.snapshot.as_deref(), Some(&snapshot.bytes[..]));
    assert_eq!(other.log_in(&vault, "right").await.answer.account_id, other.account);
}

#[tokio::test]
async fn a_new_passphrase_makes_it_whole() {
    let (vault, mut user, request) = half_registered(RegistrationMode::Open).await;
    let session = recover(&vault, &user).await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await.json::<PassphraseFinishResponse>();
    let session = user.log_in(&vault, "new").await;
    assert_eq!((session.answer.account_id, session.answer.keyslot), (user.account, keyslot(9)));

    let mut other = User::new("alice");
    let late = other.prepare_registration(&vault, "x").await;
    vault.post(paths::REGISTRATION_FINISH, &late).await.problem(ProblemCode::NameTaken);
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    user.log_in(&vault, "new").await;
}

#[tokio::test]
async fn a_new_passphrase_is_refused_where_the_name_is_taken_meanwhile() {
    let (vault, mut user, request) = half_registered(RegistrationMode::Open).await;
    let session = recover(&vault, &user).await;
    let change = prepare(&vault, &mut user, &session, "new").await;
    let mut other = User::new("alice");
    other.register(&vault, "right").await;
    let before = vault.store.contents().await;
    let refused = user.post(&vault, &session, paths::PASSPHRASE_FINISH, &change).await;
    refused.problem(ProblemCode::NameTaken);
    assert_eq!(vault.store.contents().await, before, "refused before the swap");
    assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200);
    assert_eq!(other.log_in(&vault, "right").await.answer.account_id, other.account);

    // Nothing was put into it: the refused registration still leaves nothing behind.
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::NameTaken);
    assert_eq!(vault.store.names("accounts/").await.len(), 1);
    assert_eq!(vault.store.names("locators/").await.len(), 1);
}

#[tokio::test]
async fn it_keeps_its_invite_as_long_as_it_stands() {
    let (vault, user, request) = half_registered(RegistrationMode::Invite).await;
    let session = recover(&vault, &user).await;
    user.put(&vault, &session, &user.snapshot(None, "content")).await.parts::<SnapshotResponse>();
    let mut other = User::new("alice");
    let mut others = other.prepare_registration(&vault, "right").await;
    others.invite.clone_from(&request.invite);
    vault.post(paths::REGISTRATION_FINISH, &others).await.problem(ProblemCode::InviteRefused);
    others.invite = Some(invite::create(&vault.state, 600).await.expect("an invite").code);
    vault.post(paths::REGISTRATION_FINISH, &others).await.json::<FinishResponse>();

    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::NameTaken);
    let mut third = User::new("bob");
    let mut thirds = third.prepare_registration(&vault, "right").await;
    thirds.invite.clone_from(&request.invite);
    vault.post(paths::REGISTRATION_FINISH, &thirds).await.problem(ProblemCode::InviteRefused);
}
