//! What the vault has done is never reported as failed because this device could not clean up after it.

use crate::support::{Keys, World, any_code, code, note};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{Permission, Purpose, RecoveryCodePurpose, RootcellarError};

#[tokio::test]
async fn new_keys_hold_though_the_keystore_does_not_forget_the_former_secrets() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, former) = world.registered("ann", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    keys.fail(&["remove"]);
    let code = phone.generate_recovery_code(RecoveryCodePurpose::Rekey).await.expect("draws");
    phone.rekey(code.clone()).await.expect("the new keys hold");
    phone.enter_as_device(Purpose::View).await.expect("by the new secrets");
    phone.recover(code, None).await.expect("by the new code");
    assert_eq!(crate::support::code(phone.recover(former, None).await), "recovery-refused");
    phone.log_in(passphrase, None, None).await.expect("logs in");
    phone.enrol(Permission::Restore).await.expect("is enrolled, too");
    assert_eq!(phone.state().await.expect("known").enrolled, Some(Permission::Restore));
}

#[tokio::test]
async fn secrets_that_cannot_take_their_place_are_said_to_count() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, _) = world.registered("ben", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    let record = world.folder("ben").join("device-secrets.json");
    // A folder in the place of the record makes the last step fail, after the vault knows the new secrets.
    let (moved, place) = (record.with_extension("moved"), record.clone());
    let swap = move || {
        std::fs::rename(&place, world_aside(&moved)).expect("moved");
        std::fs::create_dir_all(place.join("inner")).expect("made");
    };
    world.wire.once("POST /v1/account/devices", Fault::Before(Box::new(swap)));
    let error = phone.enrol(Permission::Restore).await.expect_err("the file is in the way");
    assert!(matches!(error, RootcellarError::Incomplete { .. }), "{error:?}");
    assert_eq!(error.code(), "enrolled-not-committed");
    std::fs::remove_dir_all(&record).expect("removed");
    std::fs::rename(world_aside(&record.with_extension("moved")), &record).expect("back");
    assert!(phone.state().await.expect("known").enrolment_open);
    assert!(phone.try_other_secrets().await.expect("there are"));
    phone.enter_as_device(Purpose::Restore).await.expect("they are the ones");
    phone.log_in(passphrase, None, None).await.expect("logs in");
}

/// Beside the folder, in which only its own files may be.
fn world_aside(path: &std::path::Path) -> std::path::PathBuf {
    let folder = path.parent().and_then(std::path::Path::parent).expect("it lies in a home");
    folder.join("aside")
}

#[tokio::test]
async fn a_deleted_account_is_forgotten_whatever_the_keystore_says() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, _, _) = world.registered("cleo", &keys).await;
    phone.enrol(Permission::Manage).await.expect("enrols");
    keys.fail(&["remove"]);
    phone.delete_account().await.expect("it is deleted");
    assert_eq!(phone.state().await.expect("known").account_id, None);
    let again = rootcellar_uniffi::generate_passphrase();
    crate::support::register(&phone, "cleo", &again).await.expect("the name and the folder are free");
}

#[tokio::test]
async fn a_refused_enrolment_says_why_though_its_secrets_cannot_be_removed() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, _, _) = world.registered("dora", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.enter_as_device(Purpose::View).await.expect("enters");
    keys.fail(&["remove"]);
    assert_eq!(code(phone.enrol(Permission::Manage).await), "not-permitted");
}

#[tokio::test]
async fn what_is_refused_before_any_request_leaves_the_session_open() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, recovery_code) = world.registered("emil", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.enter_as_device(Purpose::View).await.expect("enters");
    let new = rootcellar_uniffi::generate_passphrase;
    assert_eq!(code(phone.set_passphrase(new(), None).await), "not-permitted");
    assert_eq!(code(phone.set_recovery_code(any_code()).await), "not-permitted");
    assert_eq!(code(phone.delete_account().await), "not-permitted");
    assert_eq!(code(phone.rekey(any_code()).await), "not-permitted");
    phone.recover(recovery_code, None).await.expect("recovers");
    assert_eq!(code(phone.rekey(any_code()).await), "not-by-passphrase");
    assert!(phone.state().await.expect("known").session_open);
    assert_eq!(keys.count(), 1, "nothing was drawn for what was refused");
    phone.save(note("still here")).await.expect("saves");
    phone.set_passphrase(passphrase, None).await.expect("sets it");
}

#[tokio::test]
async fn a_session_ends_only_with_what_was_done_or_may_have_been() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, _) = world.registered("fay", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    // The vault refuses, and has done nothing.
    let body = r#"{"type":"about:blank","title":"Not now","status":503,"code":"read-only","detail":"It is being moved."}"#;
    let paths = ["passphrase/start", "passphrase/finish", "recovery-code", "rekey", "delete"];
    for path in paths {
        world.wire.once(&format!("POST /v1/account/{path}"), Fault::Respond(503, body));
    }
    let new = rootcellar_uniffi::generate_passphrase;
    for _ in 0..2 {
        assert_eq!(code(phone.set_passphrase(new(), None).await), "read-only");
    }
    assert_eq!(code(phone.set_recovery_code(any_code()).await), "read-only");
    assert_eq!(code(phone.rekey(any_code()).await), "read-only");
    assert_eq!(code(phone.delete_account().await), "read-only");
    assert_eq!(keys.count(), 1, "secrets that the vault never saw are gone");
    phone.save(note("still here")).await.expect("saves");

    // Nobody knows whether it was done.
    for (path, answer) in [("recovery-code", "recovery-code-unconfirmed"), ("delete", "deletion-unconfirmed")]
    {
        world.wire.always(&format!("POST /v1/account/{path}"), Fault::LoseRequest);
        world.wire.once("POST /v1/recovery", Fault::Respond(503, body));
        let result = match path {
            "delete" => phone.delete_account().await.map(drop),
            _ => phone.set_recovery_code(any_code()).await,
        };
        assert_eq!(code(result), answer);
        assert!(!phone.state().await.expect("known").session_open);
        world.wire.heal();
        phone.log_in(passphrase.clone(), None, None).await.expect("logs in");
    }
}

#[tokio::test]
async fn new_keys_that_are_refused_leave_the_secrets_of_an_open_enrolment() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, _, recovery_code) = world.registered("gil", &keys).await;
    phone.enrol(Permission::Backup).await.expect("enrols");
    // Done, and nobody is told.
    world.wire.always("POST /v1/account/devices", Fault::LoseResponse);
    world.wire.always("GET /v1/account", Fault::LoseRequest);
    assert_eq!(code(phone.enrol(Permission::Restore).await), "devices-unconfirmed");
    world.wire.heal();
    phone.recover(recovery_code, None).await.expect("recovers");
    assert_eq!(code(phone.rekey(any_code()).await), "not-by-passphrase");
    assert!(phone.try_other_secrets().await.expect("they are there"));
    phone.enter_as_device(Purpose::View).await.expect("they are the ones");
}
