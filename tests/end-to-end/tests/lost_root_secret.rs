//! The operator has lost the root secret and its words, and continues with another one.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, Terminal, WRONG_PASSPHRASE, notes, text,
};

/// A recovery that reads everything from files.
fn recover(device: &Client, code: &str, further: &[&str]) -> rootcellar_end_to_end::Run {
    let (code, new) = (device.write("code", code), device.write("new", OTHER_PASSPHRASE));
    let arguments = ["recover", "--json", "--recovery-code-file", &code, "--new-passphrase-file", &new];
    device.run(&[&arguments, further].concat())
}

/// Whether an error says when the root secret was replaced.
fn names_a_time(run: &rootcellar_end_to_end::Run) -> bool {
    run.stderr.contains(" UTC")
}

#[test]
fn an_operator_who_lost_the_root_secret_has_not_lost_the_backups() {
    let mut server = Server::start();
    let (mut phone, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(phone.add("everyday", PHRASE_12).code, 0);
    let (mut unrecovered, _) = Client::registered(&server.url(), "bob", PASSPHRASE);
    let lost = server.replace_root_secret();
    phone.turn_to(&server.url());
    unrecovered.turn_to(&server.url());

    // A device that knows the vault, and one that does not: both are told what happened.
    let refused = phone.run(&["list"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.says(&text("failure.newKeyAdvice")), "{refused:?}");
    let fresh = Client::new(&server.url(), PASSPHRASE);
    let refused = fresh.run(&["restore", "--account", "alice"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(names_a_time(&refused), "{refused:?}");
    // Of an account that was made since, the replacement explains nothing.
    let (mut since, _) = Client::registered(&server.url(), "carol", PASSPHRASE);
    since.set_passphrase(WRONG_PASSPHRASE);
    let wrong = since.run(&["list"]);
    assert!(wrong.code == 3 && !names_a_time(&wrong), "{wrong:?}");

    // The recovery code gives the entries back, and asks for a name.
    let nameless = recover(&fresh, &code, &[]);
    assert_eq!(nameless.code, 2, "{nameless:?}");
    let name = text("recover.restored").with("then", text("recover.nameMissingAdvice"));
    assert!(name.is_in(nameless.error()["advice"].as_str().expect("text")), "{nameless:?}");
    let recovered = recover(&fresh, &code, &["--account", "alice"]);
    assert_eq!(recovered.code, 0, "{recovered:?}");
    assert!(recovered.stdout.contains(PHRASE_12), "{recovered:?}");
    let result = serde_json::from_str(&recovered.stdout).expect("JSON");
    assert!(notes(&result).iter().any(|(_, note)| text("recover.nameLost").is_in(note)), "{recovered:?}");
    let mut new_device = Client::new(&server.url(), OTHER_PASSPHRASE);
    assert_eq!(new_device.run(&["restore", "--account", "alice"]).code, 0);

    // The phone takes the new key when its person says so, and continues as before.
    phone.set_passphrase(OTHER_PASSPHRASE);
    assert_eq!(phone.run(&["restore"]).code, 7);
    assert_eq!(phone.run(&["restore", "--accept-new-key"]).code, 0);
    assert_eq!(phone.labels(), ["everyday"]);

    // The lost one is found after all: who was not recovered meanwhile continues as if nothing had happened.
    server.adopt_back(&lost);
    unrecovered.turn_to(&server.url());
    new_device.turn_to(&server.url());
    assert_eq!(unrecovered.run(&["status"]).code, 0);
    assert_eq!(new_device.run(&["restore", "--account", "alice"]).code, 7);
}

#[test]
fn a_device_that_knows_the_former_key_recovers_when_its_person_accepts_the_new_one() {
    let mut server = Server::start();
    let (mut phone, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(phone.add("everyday", PHRASE_12).code, 0);
    let _ = server.replace_root_secret();
    phone.turn_to(&server.url());
    let stopped = recover(&phone, &code, &[]);
    assert_eq!(stopped.code, 7, "{stopped:?}");
    assert!(stopped.stdout.contains(PHRASE_12), "the entries come back all the same: {stopped:?}");
    assert_eq!(stopped.error_code(), "foreign-server-key", "{stopped:?}");
    let accept = text("recover.restored").with("then", text("recover.newKeyAdvice"));
    assert!(accept.is_in(stopped.error()["advice"].as_str().expect("text")), "{stopped:?}");

    let recovered = recover(&phone, &code, &["--accept-new-key"]);
    assert_eq!(recovered.code, 0, "the name is remembered: {recovered:?}");
    phone.set_passphrase(OTHER_PASSPHRASE);
    assert_eq!(phone.labels(), ["everyday"]);
}

#[test]
fn who_types_is_asked_for_a_name_and_told_when_it_is_taken() {
    let mut server = Server::start();
    let (phone, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(phone.add("everyday", PHRASE_12).code, 0);
    let _ = server.replace_root_secret();
    let (_, _) = Client::registered(&server.url(), "alice", WRONG_PASSPHRASE);
    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    for (name, ends) in [("alice", 6), ("alice.2", 0)] {
        let mut recover = Terminal::run(&found, &["recover"]);
        recover.answer(text("ask.recoveryCode"), &code);
        recover.see(PHRASE_12);
        recover.see(text("recover.nameLost"));
        recover.answer(text("ask.accountAfterReplacement"), name);
        recover.answer(text("ask.newPassphrase"), OTHER_PASSPHRASE);
        recover.answer(text("ask.newPassphraseAgain"), OTHER_PASSPHRASE);
        let (code, screen) = recover.end();
        assert_eq!(code, ends, "{screen}");
        assert_eq!(text("recover.nameTakenAdvice").is_in(&screen), name == "alice", "{screen}");
    }
    assert_eq!(found.run(&["list"]).code, 0, "the name is remembered");
}

#[test]
fn the_operator_types_the_fingerprint_of_the_lost_root_secret() {
    let mut server = Server::start();
    let (_, lost) = server.lose_root_secret();
    let _ = server.administer(&["root-secret", "new"]);
    for (typed, ends) in [("wrong", 2), (lost.as_str(), 0)] {
        let mut replace = Terminal::of(server.command(&["root-secret", "replace"]));
        replace.see("Existing passphrases and account names no longer work.");
        replace.answer("type the fingerprint of the store's root secret: ", typed);
        let (code, screen) = replace.end();
        assert_eq!(code, ends, "{screen}");
    }
    server.restart();
}
