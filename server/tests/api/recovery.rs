//! Section 15.4.

use crate::support::client::{Session, User, keyslot};
use crate::support::store::Call;
use crate::support::vault;
use ed25519_dalek::SigningKey;
use rootcellar_server::store::{Condition, Key, Store};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;
use rootcellar_vault::names::LocatorDigest;

fn request_key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

#[tokio::test]
async fn the_recovery_code_gives_its_keyslot_and_the_snapshot_and_charges_nothing() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let snapshot = user.snapshot(None, "content");
    user.put(&vault, &session, &snapshot).await.parts::<SnapshotResponse>();
    let begun = user.begin("wrong");
    vault.post(paths::LOGIN_START, &begun.request).await;
    let before = vault.store.contents().await;
    vault.store.take_calls();

    let reply = vault.send(user.recovery_request(&request_key(), vault.clock.now())).await;
    let session = Session::of(&reply, request_key());
    assert_eq!(session.answer.keyslot, keyslot(2));
    assert_eq!(session.snapshot.as_deref(), Some(&snapshot.bytes[..]));
    assert_eq!(session.answer.failed_attempts, 1);
    let wrote = |call: &Call| call.verb == "put" && call.kind != "account";
    assert!(!vault.store.take_calls().iter().any(wrote), "nothing but the account's history");
    let after = vault.store.contents().await;
    let changed: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| &a.0[..9]).collect();
    assert_eq!((changed, before.len()), (vec!["accounts/"], after.len()));
    assert_eq!(user.get(&vault, &session, paths::ACCOUNT).await.status, 200);
}

#[tokio::test]
async fn an_unknown_locator_and_a_wrong_key_are_one_answer() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let now = vault.clock.now();
    let mut wrong_key = User::new("thief");
    wrong_key.locator = user.locator;
    let mut wrong_locator = User::new("thief");
    wrong_locator.recovery = user.recovery.clone();
    let replies = [
        vault.send(wrong_key.recovery_request(&request_key(), now)).await,
        vault.send(wrong_locator.recovery_request(&request_key(), now)).await,
        {
            let mut tampered = user.recovery_request(&request_key(), now);
            let signature = format!("rc=:{}:", "A".repeat(86) + "==");
            tampered.headers_mut().insert("signature", signature.parse().expect("a header"));
            vault.send(tampered).await
        },
    ];
    replies[0].problem(ProblemCode::RecoveryRefused);
    assert_eq!(replies[0], replies[1]);
    assert_eq!(replies[0], replies[2]);
}

/// An abandoned registration may leave a pointer to someone's account. It has no effect, whatever key signs.
#[tokio::test]
async fn a_locator_that_the_account_does_not_name_back_is_none() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let other = [0x5a; 32];
    let [own, stray] = [user.locator, other].map(|locator| LocatorDigest::of(&locator).pointer());
    let pointer = vault.store.get(&own).await.expect("reads").object.expect("is there");
    vault.store.put(&stray, pointer.body, Condition::Absent).await.expect("writes");

    let now = vault.clock.now();
    assert_eq!(vault.send(user.recovery_request(&request_key(), now)).await.status, 200);
    user.locator = other;
    let reply = vault.send(user.recovery_request(&request_key(), now)).await;
    reply.problem(ProblemCode::RecoveryRefused);
}

/// Nothing of the passphrase login keeps the recovery code from giving the entries back.
#[tokio::test]
async fn a_name_that_cannot_be_read_keeps_nobody_from_recovering() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    for prefix in ["names/", "guesses/"] {
        let key = Key::new(vault.store.names(prefix).await.remove(0));
        let etag = vault.store.get(&key).await.expect("reads").object.expect("is there").etag;
        vault.store.put(&key, "damaged".into(), Condition::Matches(etag)).await.expect("writes");
    }
    assert_eq!(vault.send(user.recovery_request(&request_key(), vault.clock.now())).await.status, 200);
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_apart() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let request = user.recovery_request(&request_key(), vault.clock.now().plus(301));
    vault.send(request).await.problem(ProblemCode::ClockSkew);
}
