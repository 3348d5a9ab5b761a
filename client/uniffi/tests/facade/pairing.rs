//! A pairing survives lost connections, a locked keystore, and calls in the wrong order.

use crate::support::{Keys, World, code};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{Permission, Purpose, RootcellarClient, RootcellarError};

async fn meet(new: &RootcellarClient, old: &RootcellarClient) {
    let text = new.offer_pairing().await.expect("offers");
    let (shown, read) = tokio::join!(new.await_pairing_code(), old.read_pairing(text));
    assert_eq!(shown.expect("a code"), read.expect("a request").code);
}

#[tokio::test]
async fn secrets_that_a_locked_keystore_refuses_are_kept_by_the_next_try() {
    let world = World::begin();
    let (old, _, _) = world.registered("ann", &Keys::new()).await;
    let keys = Keys::new();
    let new = world.device("tablet", &keys).await;
    meet(&new, &old).await;
    old.confirm_pairing(Permission::Restore).await.expect("lets it in");
    keys.fail(&["store"]);
    let error = new.finish_pairing().await.expect_err("it is locked");
    assert!(matches!(error, RootcellarError::Incomplete { .. }), "{error:?}");
    assert_eq!(error.code(), "paired-not-stored");
    // Not even a new offer loses them.
    assert_eq!(code(new.offer_pairing().await), "paired-not-stored");
    keys.fail(&[]);
    assert_eq!(new.finish_pairing().await.expect("keeps them"), Permission::Restore);
    new.enter_as_device(Purpose::Restore).await.expect("is in");
    assert_eq!(code(new.finish_pairing().await), "no-pairing");
}

#[tokio::test]
async fn a_device_is_not_let_in_once_another_text_was_read() {
    let world = World::begin();
    let (old, _, _) = world.registered("cleo", &Keys::new()).await;
    let new = world.device("tablet", &Keys::new()).await;
    meet(&new, &old).await;
    assert_eq!(code(old.read_pairing("not a pairing text".to_owned()).await), "pairing-text");
    assert_eq!(code(old.confirm_pairing(Permission::Restore).await), "no-pairing");
    assert!(old.devices().await.expect("lists them").is_empty());
}

#[tokio::test]
async fn every_step_goes_on_after_a_lost_connection() {
    let world = World::begin();
    let (old, _, _) = world.registered("ben", &Keys::new()).await;
    let new = world.device("tablet", &Keys::new()).await;
    let text = new.offer_pairing().await.expect("offers");
    assert_eq!(code(new.finish_pairing().await), "no-pairing", "and the offer stays");

    world.wire.always("POST /v1/pairing", Fault::LoseRequest);
    assert_eq!(code(new.await_pairing_code().await), "unreachable");
    assert_eq!(code(old.read_pairing(text.clone()).await), "unreachable");
    world.wire.heal();
    world.wire.always("POST /v1/pairing/reply", Fault::LoseResponse);
    let (lost, read) = tokio::join!(new.await_pairing_code(), old.read_pairing(text.clone()));
    assert_eq!(code(lost), "unreachable");
    let request = read.expect("the reply has arrived");
    world.wire.heal();
    assert_eq!(new.await_pairing_code().await.expect("the same again"), request.code);
    assert_eq!(new.await_pairing_code().await.expect("a double tap"), request.code);
    assert_eq!(old.read_pairing(text).await.expect("the same text").code, request.code);

    world.wire.always("POST /v1/pairing", Fault::LoseRequest);
    assert_eq!(code(new.finish_pairing().await), "unreachable");
    world.wire.heal();
    let (finished, confirmed) = tokio::join!(new.finish_pairing(), old.confirm_pairing(Permission::Backup));
    confirmed.expect("lets it in");
    assert_eq!(finished.expect("is in"), Permission::Backup);
    new.enter_as_device(Purpose::Save).await.expect("enters");
}

#[tokio::test]
async fn a_keystore_that_fails_is_noticed_before_anybody_is_asked() {
    let world = World::begin();
    let keys = Keys::new();
    let new = world.device("tablet", &keys).await;
    keys.fail(&["store"]);
    assert_eq!(code(new.offer_pairing().await), "keyring");
    keys.fail(&["load"]);
    assert_eq!(code(new.offer_pairing().await), "keyring");
    keys.fail(&[]);
    new.offer_pairing().await.expect("offers");
    assert_eq!(keys.count(), 0, "the trial leaves nothing");
}
