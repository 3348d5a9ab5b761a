//! What opens the account changes: a new passphrase, a new recovery code, new keys; and the history tells of it.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, PHRASE_24, Story, Terminal, text,
};
use serde_json::Value;

/// Whether this recovery code opens the account.
fn recovers(url: &str, code: &str) -> bool {
    let found = Client::new(url, PASSPHRASE);
    let (code, new) = (found.write("code", code), found.write("new", PASSPHRASE));
    let recover =
        ["recover", "--account", "alice", "--recovery-code-file", &code, "--new-passphrase-file", &new];
    let run = found.run(&recover);
    assert!([0, 3].contains(&run.code), "{run:?}");
    run.code == 0
}

fn kinds(history: &Value) -> Vec<(String, bool)> {
    let events = history["events"].as_array().expect("events");
    let kind = |event: &Value| {
        (event["kind"].as_str().expect("a kind").to_owned(), event["proven"].as_bool().expect("a flag"))
    };
    events.iter().map(kind).collect()
}

fn enrol(device: &Client, permission: &str) {
    device.json(&["login", "--enrol", "--device-secrets", "plain", "--permission", permission]);
}

#[test]
fn a_new_passphrase_ends_the_old_one_and_no_device() {
    let Story { server: _server, wire, mut device, .. } = Story::begin();
    enrol(&device, "backup");
    let new = device.write("new", OTHER_PASSPHRASE);
    let changed = device.json(&["passphrase", "--new-passphrase-file", &new]);
    assert_eq!(changed["passphrase_changed"], true);
    assert_eq!(device.run(&["list"]).code, 3);
    assert_eq!(device.run_alone(&["list"]).code, 0, "the enrolled device goes on");
    device.set_passphrase(OTHER_PASSPHRASE);
    assert_eq!(device.labels(), ["first"]);
    let made = device.json(&["passphrase", "--generate"]);
    let made = Client::new(&wire.url(), made["passphrase"].as_str().expect("a passphrase"));
    made.json(&["restore", "--account", "alice"]);
}

#[test]
fn a_new_recovery_code_is_in_hand_before_the_old_one_ends() {
    let Story { server: _server, wire, device, code, .. } = Story::begin();
    let file = device.file("new-code");
    let path = file.to_str().expect("text");
    let alone = device.run_alone(&["recovery-code", "new"]);
    let option = text("input.noTerminalAdvice").with("option", text("option.codeOutputAndYes"));
    assert!(alone.code == 2 && alone.says(&option), "{alone:?}");
    // Asked whether it is written down, a person leaves: the old code holds, and no other file misleads.
    let passphrase = device.write("typed", PASSPHRASE);
    let new = ["recovery-code", "new", "--recovery-code-output", path, "--passphrase-file", &passphrase];
    let mut cancelled = Terminal::run(&device, &new);
    cancelled.answer(text("confirm.written"), "");
    let (exit, screen) = cancelled.end();
    assert!(exit == 130 && text("code.unused").is_in(&screen), "{screen}");
    assert!(!file.exists());
    assert!(recovers(&wire.url(), &code));

    let mut shown = Terminal::run(&device, &["recovery-code", "new", "--passphrase-file", &passphrase]);
    let words = shown.write_down();
    shown.confirm(&words);
    let (exit, screen) = shown.end();
    assert_eq!(exit, 0, "{screen}");
    assert!(recovers(&wire.url(), &words) && !recovers(&wire.url(), &code));

    device.json(&["recovery-code", "new", "--recovery-code-output", path, "--yes"]);
    let written = std::fs::read_to_string(&file).expect("a file");
    assert!(recovers(&wire.url(), &written) && !recovers(&wire.url(), &words));
}

#[test]
fn new_keys_leave_no_other_device_and_no_old_code() {
    let Story { server: _server, wire, device: laptop, code, .. } = Story::begin();
    enrol(&laptop, "manage");
    let phone = Client::new(&wire.url(), PASSPHRASE);
    let enrol_phone = ["--enrol", "--device-label", "Pixel 9", "--device-secrets", "plain"];
    phone.json(&[&["restore", "--account", "alice"][..], &enrol_phone].concat());
    let file = laptop.file("new-code");
    let path = file.to_str().expect("text");
    let rekeyed = laptop.json(&["rekey", "--yes", "--recovery-code-output", path]);
    assert_eq!(rekeyed["enrolled"]["permission"], "manage", "this device stays");
    assert_eq!(rekeyed["unenrolled"][0]["label"], "Pixel 9");
    let told = phone.run_alone(&["list"]);
    assert!(told.code == 3 && told.says(&text("access.revokedAdvice")), "{told:?}");
    assert_eq!(laptop.json_alone(&["show", "first"])["entry"]["phrase"], PHRASE_24);
    let written = std::fs::read_to_string(&file).expect("a file");
    assert!(recovers(&wire.url(), &written) && !recovers(&wire.url(), &code));
    let history = laptop.json_alone(&["history"]);
    assert!(kinds(&history).contains(&("rekey".to_owned(), true)), "{history}");
}

#[test]
fn new_keys_are_explained_and_confirmed() {
    let Story { server: _server, device, .. } = Story::begin();
    let passphrase = device.write("typed", PASSPHRASE);
    let mut rekey = Terminal::run(&device, &["rekey", "--passphrase-file", &passphrase]);
    rekey.see(text("rekey.explain"));
    rekey.answer(text("confirm.rekey"), "no");
    let (code, screen) = rekey.end();
    assert_eq!(code, 130, "{screen}");
    assert!(kinds(&device.json(&["history"])).iter().all(|(kind, _)| kind != "rekey"));
}

#[test]
fn the_history_tells_what_is_proven_from_what_the_vault_says() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    enrol(&device, "manage");
    assert_eq!(Client::new(&wire.url(), OTHER_PASSPHRASE).run(&["restore", "--account", "alice"]).code, 3);
    let history = device.json_alone(&["history"]);
    let kinds = kinds(&history);
    for expected in [("registration", false), ("save", true), ("enrolment", true), ("login", false)] {
        assert!(kinds.contains(&(expected.0.to_owned(), expected.1)), "{expected:?}: {history}");
    }
    assert_eq!(history["failed_attempts"], 1);
    let shown = device.run_alone(&["history"]).stdout;
    let first = text("history.named").with("label", "first device");
    let enrolled = text("history.enrolment").with("subject", first).with("permission", "manage");
    for said in [text("history.proven"), text("history.told"), enrolled, text("history.failed").with("n", 1)]
    {
        assert!(said.is_in(&shown), "{said:?}: {shown}");
    }
}

#[test]
fn status_shows_the_account_name_and_the_addresses_that_the_backup_notes() {
    let story = Story::begin();
    let (url, device) = (story.wire.url(), &story.device);
    // The name is noted by a save in a login that was given it.
    let phrase = device.write("noted", PHRASE_12);
    device.json(&["add", "--account", "alice", "--label", "noted", "--from", &phrase]);
    // A device that goes in by itself is told neither by its user.
    enrol(device, "view");
    let noted = device.json_alone(&["status"]);
    assert_eq!(
        (&noted["account_name"], &noted["vault_addresses"][0]),
        (&"alice".into(), &url.clone().into())
    );
    let shown = device.run_alone(&["status"]).stdout;
    assert!(
        text("status.accountName").is_in(&shown) && shown.contains("alice") && shown.contains(&url),
        "{shown}"
    );
}

#[test]
fn a_recovery_on_another_machine_shows_the_name_of_an_account_that_was_registered_and_added_to() {
    let Story { server: _server, wire, device, code } = Story::begin();
    let remembered = std::fs::read_to_string(device.home().join("account.json")).expect("a file");
    assert!(!remembered.contains("alice") && !remembered.contains("sealed_name"), "{remembered}");
    let found = Client::new(&wire.url(), PASSPHRASE);
    let code = found.write("code", &code);
    let run = found.run(&["recover", "--recovery-code-file", &code, "--generate"]);
    assert!(run.code == 0 && run.says(&text("recover.accountAndVault").with("name", "alice")), "{run:?}");
}
