//! Ways in: as a device only where the vault is the known one, and no session that nobody was told of.

use crate::support::{Keys, World, code, note};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{PendingSaveResult, Permission, Purpose, RootcellarError};
use std::sync::mpsc;

const PUT: &str = "PUT /v1/account/snapshots";

#[tokio::test]
async fn a_device_does_not_go_in_at_another_address_before_a_login_has_shown_that_it_is_the_same() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, _) = world.registered("ann", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.shut_down().await;
    let phone = world.device_at("ann", &world.server.url(), &keys).await;
    for purpose in [Purpose::Save, Purpose::View] {
        let refused = phone.enter_as_device(purpose).await.expect_err("the address may be anybody's");
        assert!(matches!(refused, RootcellarError::SessionState { .. }), "{refused:?}");
        assert_eq!(refused.code(), "other-address");
    }
    phone.log_in(passphrase, None, None).await.expect("it is the same vault");
    phone.enter_as_device(Purpose::Save).await.expect("goes in");
    phone.save(note("one")).await.expect("saves");
}

#[tokio::test]
async fn a_recovery_gives_the_account_name_and_the_vault_address_back() {
    let world = World::begin();
    let (phone, passphrase, recovery_code) = world.registered("Zoe", &Keys::new()).await;
    phone.log_in(passphrase, Some("Zoe".to_owned()), None).await.expect("logs in");
    phone.save(note("one")).await.expect("saves");
    let tablet = world.device("tablet", &Keys::new()).await;
    let overview = tablet.recover(recovery_code, None).await.expect("recovers");
    assert_eq!(overview.account_name.as_deref(), Some("zoe"), "what the next login by passphrase needs");
    assert_eq!(overview.vault_addresses, [world.wire.url()]);
}

#[tokio::test]
async fn a_login_that_was_cancelled_leaves_no_session() {
    let world = World::begin();
    let (phone, passphrase, _) = world.registered("ben", &Keys::new()).await;
    world.wire.always(PUT, Fault::LoseRequest);
    assert_eq!(code(phone.save(note("one")).await), "unconfirmed");
    world.wire.heal();
    phone.close_session().await.expect("closes");
    let (at_put, release) = hold_up(&world);
    let logging_in = {
        let (phone, passphrase) = (phone.clone(), passphrase.clone());
        tokio::spawn(async move { phone.log_in(passphrase, None, None).await })
    };
    tokio::task::spawn_blocking(move || at_put.recv()).await.expect("no panic").expect("it is reached");
    phone.cancel();
    assert_eq!(code(logging_in.await.expect("no panic")), "cancelled");
    assert!(!phone.state().await.expect("known").session_open);
    drop(release);
    let overview = phone.log_in(passphrase, None, None).await.expect("logs in");
    assert_ne!(overview.pending_save, PendingSaveResult::Waiting);
    assert_eq!(overview.items.len(), 1);
}

#[tokio::test]
async fn closing_a_session_waits_for_nothing_that_runs() {
    let world = World::begin();
    let (phone, _, _) = world.registered("dora", &Keys::new()).await;
    let (at_put, release) = hold_up(&world);
    let saving = {
        let phone = phone.clone();
        tokio::spawn(async move { phone.save(note("one")).await.map(drop) })
    };
    tokio::task::spawn_blocking(move || at_put.recv()).await.expect("no panic").expect("it is reached");
    phone.close_session().await.expect("closes");
    assert_eq!(code(saving.await.expect("no panic")), "cancelled");
    assert!(!phone.state().await.expect("known").session_open);
    drop(release);
}

/// Holds up the next save on its way, which is told, until what is given is dropped.
fn hold_up(world: &World) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (reached, at_put) = mpsc::channel();
    let (release, held) = mpsc::channel();
    let hold = move || {
        reached.send(()).expect("awaited");
        let _ = held.recv();
    };
    world.wire.once(PUT, Fault::Before(Box::new(hold)));
    (at_put, release)
}

#[tokio::test]
async fn secrets_are_in_a_plain_file_only_where_the_app_says_so() {
    let world = World::begin();
    let folder = world.folder("cleo");
    let options = |plain| rootcellar_uniffi::ClientOptions {
        plain_device_secrets: plain,
        ..crate::support::options(&folder, &world.wire.url())
    };
    let open = |plain| rootcellar_uniffi::RootcellarClient::open(options(plain), None, None, None);
    let phone = open(false).await.expect("opens");
    let passphrase = rootcellar_uniffi::generate_passphrase();
    crate::support::register(&phone, "cleo", &passphrase).await.expect("registers");
    phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
    assert_eq!(code(phone.enrol(Permission::Backup).await), "keystore-required");
    assert_eq!(code(phone.offer_pairing().await), "keystore-required");
    phone.shut_down().await;

    // What a keystore holds does not become a plain file, not even then.
    let keys = Keys::new();
    let phone = world.device("cleo", &keys).await;
    phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.shut_down().await;
    let phone = open(true).await.expect("opens");
    phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
    assert_eq!(code(phone.enrol(Permission::Backup).await), "keystore-required");
    assert_eq!(code(phone.rekey(crate::support::any_code()).await), "keystore-required");
    // The item stays with the keystore, which was not given.
    assert_eq!(code(phone.forget_enrolment().await), "keyring");
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.enter_as_device(Purpose::View).await.expect("enters");
}
