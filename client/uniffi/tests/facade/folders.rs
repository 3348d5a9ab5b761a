//! Damaged files are told, and there is a way out; a keystore cannot lock its own object up; errors tell nothing of a seed.

use crate::support::{Keys, World, code, note};
use rootcellar_end_to_end::Fault;
use rootcellar_uniffi::{
    PendingSaveResult, Permission, Purpose, RootcellarClient, check_phrase, check_recovery_code,
};
use std::fs;
use std::sync::mpsc;

#[tokio::test]
async fn a_damaged_save_is_told_and_discarded() {
    let world = World::begin();
    let (phone, passphrase, _) = world.registered("ann", &Keys::new()).await;
    world.wire.always("PUT /v1/account/snapshots", Fault::LoseRequest);
    assert_eq!(code(phone.save(note("one")).await), "unconfirmed");
    world.wire.heal();
    fs::write(world.folder("ann").join("pending-save.json"), "{").expect("written");
    assert!(phone.state().await.expect("known").pending_save);
    assert_eq!(phone.overview().await.expect("shown").pending_save, PendingSaveResult::Damaged);
    let overview = phone.log_in(passphrase, None, None).await.expect("logs in");
    assert_eq!(overview.pending_save, PendingSaveResult::Damaged);
    assert_eq!(code(phone.save(note("two")).await), "pending-save-stuck");
    phone.discard_pending_save().await.expect("discards");
    phone.save(note("two")).await.expect("saves");
}

#[tokio::test]
async fn what_became_of_an_earlier_save_is_told_by_the_next() {
    let world = World::begin();
    let (phone, _, _) = world.registered("emil", &Keys::new()).await;
    world.wire.always("PUT /v1/account/snapshots", Fault::LoseRequest);
    assert_eq!(code(phone.save(note("one")).await), "unconfirmed");
    world.wire.heal();
    let saved = phone.save(note("two")).await.expect("saves");
    assert_eq!((saved.number, saved.pending_save), (2, PendingSaveResult::Saved));
    assert_eq!(phone.save(note("three")).await.expect("saves").pending_save, PendingSaveResult::None);
}

#[tokio::test]
async fn a_device_takes_another_name() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, passphrase, _) = world.registered("fay", &keys).await;
    phone.shut_down().await;
    let mut options = crate::support::options(&world.folder("fay"), &world.wire.url());
    options.device_label = Some("Fay's phone".to_owned());
    let phone = RootcellarClient::open(options.clone(), None, None, None).await.expect("opens");
    phone.log_in(passphrase, None, None).await.expect("logs in");
    phone.save(note("one")).await.expect("saves");
    let backup = phone.refresh().await.expect("shown").backup.expect("there is one");
    assert_eq!(backup.device_label, "Fay's phone");
    phone.shut_down().await;
    options.device_label = None;
    let phone = RootcellarClient::open(options, None, None, None).await.expect("opens");
    assert_eq!(phone.state().await.expect("known").device_label, "Fay's phone");
}

#[tokio::test]
async fn damaged_secrets_can_be_forgotten_and_an_account_too() {
    let world = World::begin();
    let (phone, passphrase, _) = world.registered("ben", &Keys::new()).await;
    let damage = || {
        for name in ["device-secrets.json", "device-secrets.next.json"] {
            fs::write(world.folder("ben").join(name), "{").expect("written");
        }
    };
    damage();
    assert_eq!(code(phone.enter_as_device(Purpose::View).await), "home-damaged");
    phone.forget_enrolment().await.expect("forgets");
    phone.enrol(Permission::Backup).await.expect("enrols");
    phone.enter_as_device(Purpose::View).await.expect("enters");
    damage();
    phone.forget_account().await.expect("forgets");
    let state = phone.state().await.expect("known");
    assert_eq!((state.account_id, state.session_open), (None, false));
    phone.log_in(passphrase, Some("ben".to_owned()), None).await.expect("as a new device");
}

#[tokio::test]
async fn a_keystore_that_calls_its_object_is_told_so() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, _, _) = world.registered("cleo", &keys).await;
    let (said, heard) = mpsc::channel();
    let calling = phone.clone();
    keys.next(move || {
        let mut call = Box::pin(calling.state());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let polled = std::future::Future::poll(call.as_mut(), &mut context);
        let error = match polled {
            std::task::Poll::Ready(Err(error)) => error.code().to_owned(),
            _ => "waits for ever".to_owned(),
        };
        said.send(error).expect("awaited");
    });
    phone.enrol(Permission::Backup).await.expect("enrols");
    assert_eq!(heard.recv().expect("it was called"), "called-back");
}

#[tokio::test]
async fn an_object_is_let_go_of_while_its_keystore_waits_for_a_person() {
    let world = World::begin();
    let keys = Keys::new();
    let (phone, _, _) = world.registered("dora", &keys).await;
    let (reached, at_prompt) = mpsc::channel();
    let (answer, prompt) = mpsc::channel::<()>();
    keys.next(move || {
        reached.send(()).expect("awaited");
        // The prompt is answered by the thread that lets go of the object below.
        let _ = prompt.recv();
    });
    let enrolling = {
        let phone = phone.clone();
        tokio::spawn(async move { phone.enrol(Permission::Backup).await })
    };
    tokio::task::spawn_blocking(move || at_prompt.recv()).await.expect("no panic").expect("it is reached");
    phone.cancel();
    assert_eq!(code(enrolling.await.expect("no panic")), "cancelled", "without the keystore's answer");
    drop(phone);
    drop(answer);
}

#[test]
fn an_error_tells_no_word_that_was_meant() {
    let phrase = b"legal winnr thank year wave sausage worth useful legal winner thank yellow";
    let recovery_code = b"orchrd legal winner thank year wave sausage worth useful legal winner thank";
    let errors = [
        (check_phrase(phrase.to_vec(), None).map(drop).expect_err("unknown"), "winn"),
        (check_recovery_code(recovery_code.to_vec()).expect_err("unknown"), "orch"),
    ];
    for (error, meant) in errors {
        let said = format!("{error} {error:?}").replace("UnknownWord", "");
        assert!(
            !said.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.starts_with(meant)),
            "{said}"
        );
    }
}
