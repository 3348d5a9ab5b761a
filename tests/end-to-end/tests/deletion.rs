//! An account that its owner deletes.

use rootcellar_end_to_end::{Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, Terminal, text};

#[test]
fn a_deleted_account_is_gone_and_its_name_may_be_registered_again() {
    let server = Server::start();
    let (device, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("everyday", PHRASE_12).code, 0);
    let wrong = device.run(&["delete-account", "--yes-delete", "bob"]);
    assert!(wrong.code == 2 && wrong.says(&text("account.otherName")), "{wrong:?}");
    assert_eq!(device.labels(), ["everyday"], "nothing was deleted");

    let deleted = device.json(&["delete-account", "--yes-delete", "alice"]);
    assert!(deleted["deleted_at"].as_str().is_some_and(|time| time.starts_with("20")), "{deleted}");
    assert_eq!(device.run(&["list"]).code, 8, "the device has forgotten it");
    let fresh = Client::new(&server.url(), PASSPHRASE);
    assert_eq!(fresh.run(&["restore", "--account", "alice"]).code, 3);
    let file = fresh.write("code", &code);
    let recover = ["recover", "--recovery-code-file", &file, "--generate"];
    assert_eq!(fresh.run(&recover).code, 3, "the recovery code opens nothing either");

    let (again, _) = Client::registered(&server.url(), "alice", OTHER_PASSPHRASE);
    assert_eq!(again.labels(), [""; 0]);
    // The home folder serves another account.
    let _ = device.register("carol", &[]);
}

#[test]
fn a_deletion_is_typed_out() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let mut cancelled = Terminal::run(&device, &["delete-account"]);
    cancelled.see(text("delete.explain"));
    cancelled.answer(text("confirm.delete"), "");
    assert_eq!(cancelled.end().0, 130);

    let mut delete = Terminal::run(&device, &["delete-account"]);
    delete.answer(text("confirm.delete"), "alice");
    delete.answer(text("ask.passphrase"), PASSPHRASE);
    let (code, screen) = delete.end();
    assert_eq!(code, 0, "{screen}");
    assert!(text("delete.done").is_in(&screen), "{screen}");
    assert!(!screen.contains(PASSPHRASE), "no echo: {screen}");
}
