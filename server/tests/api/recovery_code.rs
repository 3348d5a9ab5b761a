//! Section 15.6: putting another recovery code in place.

use crate::history::{history, kinds};
use crate::support::client::{Session, User, keyslot};
use crate::support::store::Fault;
use crate::support::{TestVault, settings, vault_with};
use ed25519_dalek::SigningKey;
use rootcellar_spec::wire::account::Account;
use rootcellar_spec::wire::devices::{ChangeResponse, RecoveryCodeRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{Digest, Generation, ProblemCode};
use rootcellar_vault::clock::Clock;
use rootcellar_vault::names::LocatorDigest;

/// A vault with a short retry policy, and a user who is logged in twice.
pub(crate) async fn with_sessions() -> (TestVault, User, [Session; 2]) {
    let mut settings = settings();
    settings.retry_policy.attempts = 3;
    let vault = vault_with(settings).await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let sessions = [user.log_in(&vault, "right").await, user.log_in(&vault, "right").await];
    (vault, user, sessions)
}

/// The same person with another recovery code.
pub(crate) fn with_new_code(user: &User) -> User {
    let (recovery, locator) = (SigningKey::from_bytes(&user.rng.bytes()), user.rng.bytes());
    User { name_hash: user.name_hash, account: user.account, recovery, locator, ..User::new("x") }
}

/// Replaces the code of `former` by that of `user`.
pub(crate) fn request(former: &User, user: &User) -> RecoveryCodeRequest {
    let (operation, generation) = (user.operation(), Generation::FIRST);
    let recovery_methods = vec![user.recovery_method(keyslot(8), generation, operation)];
    RecoveryCodeRequest { operation, generation, replaces: Digest::of(&former.locator), recovery_methods }
}

pub(crate) async fn is_refused(vault: &TestVault, user: &User) -> bool {
    let key = SigningKey::from_bytes(&[3; 32]);
    let reply = vault.send(user.recovery_request(&key, vault.clock.now())).await;
    if reply.status == 200 {
        return false;
    }
    reply.problem(ProblemCode::RecoveryRefused);
    true
}

pub(crate) fn pointer(user: &User) -> String {
    LocatorDigest::of(&user.locator).pointer().as_str().to_owned()
}

#[tokio::test]
async fn the_former_code_and_every_session_end_at_once_on_every_replica() {
    let (vault, user, [session, other]) = with_sessions().await;
    let replica = vault.replica();
    let new = with_new_code(&user);
    assert!(!is_refused(&replica, &user).await && is_refused(&replica, &new).await);

    user.post(&vault, &session, paths::RECOVERY_CODE, &request(&user, &new)).await.json::<ChangeResponse>();
    assert!(is_refused(&replica, &user).await);
    for ended in [&session, &other] {
        user.get(&replica, ended, paths::ACCOUNT).await.problem(ProblemCode::SessionEnded);
    }
    assert_eq!(vault.store.names("locators/").await, [pointer(&new)], "the former pointer is gone");
    let session = new.recover(&replica).await;
    assert_eq!(session.answer.keyslot, keyslot(8));
    let told = history(&replica, &new, &session).await;
    assert_eq!(kinds(&told.acts)[3..], [kind::RECOVERY, kind::RECOVERY_CODE, kind::RECOVERY]);
    user.log_in_again(&replica).await;
}

#[tokio::test]
async fn the_same_bytes_are_answered_alike_to_whoever_manages_the_account() {
    let (vault, mut user, [session, other]) = with_sessions().await;
    let new = with_new_code(&user);
    let request = request(&user, &new);
    let first = user.post(&vault, &session, paths::RECOVERY_CODE, &request).await.json::<ChangeResponse>();
    vault.pass(100);
    let again = user.post(&vault, &session, paths::RECOVERY_CODE, &request).await.json::<ChangeResponse>();
    assert_eq!(first, again);
    // A session that ended before is told nothing of what another did.
    user.post(&vault, &other, paths::RECOVERY_CODE, &request).await.problem(ProblemCode::SessionEnded);
    let mut changed = request.clone();
    changed.recovery_methods[0] = {
        let mut method = request.recovery_methods[0].clone();
        method.keyslot[50] ^= 1;
        new.proven(method, request.generation, request.operation)
    };
    user.post(&vault, &session, paths::RECOVERY_CODE, &changed).await.problem(ProblemCode::SessionEnded);
    // A client that lost the response asks in a session that it began since.
    let later = user.log_in(&vault, "right").await;
    let found = user.post(&vault, &later, paths::RECOVERY_CODE, &request).await.json::<ChangeResponse>();
    assert_eq!(first, found);
    user.get(&vault, &later, paths::ACCOUNT).await.json::<Account>();
    assert_eq!(new.recover(&vault).await.answer.keyslot, keyslot(8));
}

/// The account says which code is valid. A request that names another one is refused and changes nothing, also where it was
/// applied once: it never revokes a code that was set after it.
#[tokio::test]
async fn a_code_that_was_set_since_is_never_replaced() {
    let (vault, mut user, [session, _]) = with_sessions().await;
    let told = user.get(&vault, &session, paths::ACCOUNT).await.json::<Account>();
    assert_eq!(told.recovery_code(), Some(Digest::of(&user.locator)));
    let (first, second) = (with_new_code(&user), with_new_code(&user));
    let (early, late) = (request(&user, &first), request(&first, &second));
    user.post(&vault, &session, paths::RECOVERY_CODE, &early).await.json::<ChangeResponse>();
    let session = user.log_in(&vault, "right").await;
    user.post(&vault, &session, paths::RECOVERY_CODE, &late).await.json::<ChangeResponse>();

    let session = user.log_in(&vault, "right").await;
    let before = vault.store.contents().await;
    let stale = request(&user, &with_new_code(&user));
    for refused in [&early, &stale] {
        let refused = user.post(&vault, &session, paths::RECOVERY_CODE, refused).await;
        refused.problem(ProblemCode::RecoveryCodeMoved);
    }
    assert_eq!(vault.store.contents().await, before);
    assert!(is_refused(&vault, &first).await && !is_refused(&vault, &second).await);
    let told = user.get(&vault, &session, paths::ACCOUNT).await.json::<Account>();
    assert_eq!(told.recovery_code(), Some(Digest::of(&second.locator)));
}

/// At each write, applied or not, without a response: either code works, never both, and the same request brings it to its end.
#[tokio::test]
async fn wherever_it_breaks_off_one_code_works_and_the_same_request_ends_it() {
    for (fault, prefix, spared) in [
        (Fault::Down, "locators/", 0),
        (Fault::AppliedThenDown, "locators/", 0),
        (Fault::Down, "accounts/", 0),
        (Fault::AppliedThenDown, "accounts/", 0),
        (Fault::Down, "locators/", 1),
        (Fault::AppliedThenDown, "locators/", 1),
        (Fault::Down, "locators/", 2),
        (Fault::AppliedThenDown, "locators/", 2),
    ] {
        let at = format!("{fault:?} after {spared} of {prefix}");
        let (vault, user, [session, _]) = with_sessions().await;
        let new = with_new_code(&user);
        let request = request(&user, &new);
        vault.store.fail_after(spared, prefix, fault);
        let broken = user.post(&vault, &session, paths::RECOVERY_CODE, &request).await;
        assert!(!vault.store.forget_fault(), "{at}: it came");
        vault.store.come_back();
        assert_ne!(is_refused(&vault, &user).await, is_refused(&vault, &new).await, "{at}");
        if broken.status == 200 {
            assert!(is_refused(&vault, &user).await, "{at}");
        }
        let again = user.post(&vault, &session, paths::RECOVERY_CODE, &request).await;
        again.json::<ChangeResponse>();
        assert!(is_refused(&vault, &user).await && !is_refused(&vault, &new).await, "{at}");
    }
}

#[tokio::test]
async fn a_locator_of_another_account_changes_nothing() {
    let (vault, user, [session, _]) = with_sessions().await;
    let mut other = User::new("bob");
    other.register(&vault, "right").await;
    let mut theirs = with_new_code(&user);
    theirs.locator = other.locator;
    let before = vault.store.contents().await;
    let refused = user.post(&vault, &session, paths::RECOVERY_CODE, &request(&user, &theirs)).await;
    refused.problem(ProblemCode::OperationUsed);
    assert_eq!(vault.store.contents().await, before);
    assert!(!is_refused(&vault, &user).await && !is_refused(&vault, &other).await);
}

/// Someone who went back to the former code keeps its pointer, however slow the request that was to remove it.
#[tokio::test]
async fn a_code_that_came_back_keeps_its_pointer() {
    let (vault, user, [session, _]) = with_sessions().await;
    let vault = std::sync::Arc::new(vault);
    let new = with_new_code(&user);
    let back = request(&new, &user);
    let (replica, former) = (std::sync::Arc::clone(&vault), pointer(&user));
    let change = request(&user, &new);
    let change = serde_json::to_vec(&change).expect("serializes");
    let change = user.request(&vault, &session, "POST", paths::RECOVERY_CODE, change);
    let former: &'static str = former.leak();
    vault.store.before_reading(former, async move {
        let session = new.recover(&replica).await;
        new.post(&replica, &session, paths::RECOVERY_CODE, &back).await.json::<ChangeResponse>();
    });
    vault.send(change).await.json::<ChangeResponse>();
    assert!(!is_refused(&vault, &user).await);
}
