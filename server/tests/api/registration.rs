//! Section 15.5.

use crate::support::client::{User, keyslot};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault, vault_with};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::FinishResponse;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Generation, ProblemCode};
use rootcellar_vault::Settings;
use rootcellar_vault::invite;

async fn leftovers(vault: &TestVault) -> Vec<String> {
    let names = vault.store.names("").await;
    names
        .into_iter()
        .filter(|name| !name.starts_with("guesses/") && name != "vault" && name != "clock")
        .collect()
}

async fn by_invite() -> TestVault {
    vault_with(Settings { registration: RegistrationMode::Invite, ..settings() }).await
}

#[tokio::test]
async fn a_taken_name_is_refused_and_leaves_nothing_behind() {
    let vault = vault().await;
    User::new("alice").register(&vault, "right").await;
    let before = leftovers(&vault).await;
    let mut second = User::new("alice");
    let request = second.prepare_registration(&vault, "other").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::NameTaken);
    assert_eq!(leftovers(&vault).await, before);
    assert_eq!(User::new("alice").begin("x").request.name_hash, second.name_hash);
}

#[tokio::test]
async fn the_same_request_again_is_answered_as_the_first_time() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let request = user.prepare_registration(&vault, "right").await;
    let first = vault.post(paths::REGISTRATION_FINISH, &request).await;
    vault.pass(1000);
    let again = vault.post(paths::REGISTRATION_FINISH, &request).await;
    assert_eq!(first.json::<FinishResponse>().account_id, user.account);
    assert_eq!(first, again);
    let mut other = request.clone();
    other.passphrase_keyslot[100] ^= 1;
    vault.post(paths::REGISTRATION_FINISH, &other).await.problem(ProblemCode::OperationUsed);
    assert_eq!(user.log_in(&vault, "right").await.answer.account_id, user.account);
}

#[tokio::test]
async fn a_registration_that_broke_off_anywhere_can_be_sent_again() {
    for prefix in ["accounts/", "locators/", "invites/", "names/", "guesses/"] {
        let mut settings = settings();
        settings.registration = RegistrationMode::Invite;
        settings.retry_policy.attempts = 3;
        let vault = vault_with(settings).await;
        let code = invite::create(&vault.state, 600).await.expect("an invite").code;
        let mut user = User::new("alice");
        let mut request = user.prepare_registration(&vault, "right").await;
        request.invite = Some(code);
        vault.store.fail_next(prefix, Fault::AppliedThenDown);
        let broken = vault.post(paths::REGISTRATION_FINISH, &request).await.status;
        assert!(broken == 503 || prefix == "guesses/", "{prefix}: {broken}");
        vault.store.come_back();
        vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
        assert_eq!(user.log_in(&vault, "right").await.answer.account_id, user.account, "{prefix}");
        assert_eq!(leftovers(&vault).await.len(), 4, "{prefix}: account, locator, invite, name");
    }
}

#[tokio::test]
async fn an_invite_serves_once() {
    let vault = by_invite().await;
    let code = invite::create(&vault.state, 600).await.expect("an invite").code;
    let mut first = User::new("alice");
    let mut request = first.prepare_registration(&vault, "right").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRequired);
    request.invite = Some("not one".to_owned());
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRefused);
    assert_eq!(leftovers(&vault).await.len(), 1, "the invite alone");
    request.invite = Some(code.clone());
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();

    let mut second = User::new("bob");
    let mut request = second.prepare_registration(&vault, "right").await;
    request.invite = Some(code);
    let before = leftovers(&vault).await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRefused);
    assert_eq!(leftovers(&vault).await, before);
}

/// The operation id is the client's choice: an invite is bound to the whole attempt.
#[tokio::test]
async fn an_invite_serves_one_account_whatever_the_operation_is_called() {
    let vault = by_invite().await;
    let code = invite::create(&vault.state, 600).await.expect("an invite").code;
    let mut first = User::new("alice");
    let mut request = first.prepare_registration(&vault, "right").await;
    request.invite = Some(code.clone());
    let operation = request.operation;
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    let before = leftovers(&vault).await;
    for name in ["bob", "alice", "carol"] {
        let mut other = User::new(name);
        let mut request = other.prepare_registration(&vault, "right").await;
        (request.invite, request.operation) = (Some(code.clone()), operation);
        request.recovery_methods = vec![other.recovery_method(keyslot(2), Generation::FIRST, operation)];
        vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRefused);
        assert_eq!(leftovers(&vault).await, before, "a taken name frees nothing, and {name} gets nothing");
    }
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
}

#[tokio::test]
async fn an_invite_expires() {
    let vault = by_invite().await;
    let code = invite::create(&vault.state, 60).await.expect("an invite").code;
    vault.pass(60);
    let mut user = User::new("alice");
    let mut request = user.prepare_registration(&vault, "right").await;
    request.invite = Some(code);
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRefused);
}

#[tokio::test]
async fn a_taken_name_gives_the_invite_back_and_shows_only_to_the_invited() {
    let vault = by_invite().await;
    let codes = [
        invite::create(&vault.state, 600).await.expect("an invite").code,
        invite::create(&vault.state, 600).await.expect("an invite").code,
    ];
    let mut alice = User::new("alice");
    let mut request = alice.prepare_registration(&vault, "right").await;
    request.invite = Some(codes[0].clone());
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();

    let mut other = User::new("alice");
    let mut request = other.prepare_registration(&vault, "other").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRequired);
    request.invite = Some(codes[1].clone());
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::NameTaken);

    let mut bob = User::new("bob");
    let mut request = bob.prepare_registration(&vault, "right").await;
    request.invite = Some(codes[1].clone());
    vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
}

/// Or one invite would tell of any number of names whether they are taken.
#[tokio::test]
async fn three_taken_names_use_up_an_invite() {
    let vault = by_invite().await;
    for name in ["alice", "bob", "carol"] {
        let mut owner = User::new(name);
        let mut request = owner.prepare_registration(&vault, "right").await;
        request.invite = Some(invite::create(&vault.state, 600).await.expect("an invite").code);
        vault.post(paths::REGISTRATION_FINISH, &request).await.json::<FinishResponse>();
    }
    let code = invite::create(&vault.state, 600).await.expect("an invite").code;
    let before = leftovers(&vault).await;
    for name in ["alice", "bob", "carol"] {
        let mut probing = User::new(name);
        let mut request = probing.prepare_registration(&vault, "x").await;
        request.invite = Some(code.clone());
        // A lost answer must not use the invite up: the same request counts once.
        for _ in 0..3 {
            let refused = vault.post(paths::REGISTRATION_FINISH, &request).await;
            let detail = refused.problem(ProblemCode::NameTaken).detail;
            assert!(detail.contains("Three taken names"), "{detail}");
        }
    }
    assert_eq!(leftovers(&vault).await, before);
    for name in ["dora", "alice"] {
        let mut late = User::new(name);
        let mut request = late.prepare_registration(&vault, "right").await;
        request.invite = Some(code.clone());
        vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::InviteRefused);
    }
}

#[tokio::test]
async fn a_closed_vault_takes_nobody() {
    let open = vault().await;
    let mut user = User::new("alice");
    let request = user.prepare_registration(&open, "right").await;
    let closed = vault_with(Settings { registration: RegistrationMode::Closed, ..settings() }).await;
    let (start, _) = user.registration_request("right");
    closed.post(paths::REGISTRATION_START, &start).await.problem(ProblemCode::RegistrationClosed);
    closed.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::RegistrationClosed);
    assert_eq!(closed.store.names("").await, ["clock", "vault"]);
}

#[tokio::test]
async fn a_registration_expires() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let request = user.prepare_registration(&vault, "right").await;
    vault.pass(120);
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::LoginExpired);
    assert_eq!(leftovers(&vault).await, [""; 0]);
}

#[tokio::test]
async fn an_account_id_or_a_locator_in_use_is_refused() {
    let vault = vault().await;
    let mut alice = User::new("alice");
    alice.register(&vault, "right").await;
    let before = leftovers(&vault).await;
    let mut thief = User::new("thief");
    thief.account = alice.account;
    let request = thief.prepare_registration(&vault, "x").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::OperationUsed);
    let mut thief = User::new("thief");
    thief.locator = alice.locator;
    let request = thief.prepare_registration(&vault, "x").await;
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::OperationUsed);
    assert_eq!(leftovers(&vault).await, before);
}

#[tokio::test]
async fn a_full_store_is_said_to_be_full() {
    let vault = vault().await;
    let mut user = User::new("alice");
    let request = user.prepare_registration(&vault, "right").await;
    vault.store.fail_next("accounts/", Fault::Full);
    vault.post(paths::REGISTRATION_FINISH, &request).await.problem(ProblemCode::StorageFull);
    assert_eq!(leftovers(&vault).await, [""; 0]);
}
