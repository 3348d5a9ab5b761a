//! What forged words cannot do: an enrolled device loses nothing because a response says that it is revoked, does not go in by
//! itself at an address that it does not know, and a thief who saves a forged backup does not stay enrolled by it.

use rootcellar_end_to_end::{Client, Fault, PASSPHRASE, PHRASE_12, Story, Terminal, files_below, text};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const ENROL: [&str; 4] = ["login", "--enrol", "--device-secrets", "plain"];
const REVOKED: &str = r#"{"type":"urn:rootcellar:problem:device-revoked","title":"Revoked","status":401,"detail":"revoked","code":"device-revoked"}"#;

/// What a device keeps of its enrolment.
fn kept(device: &Client) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = files_below(&device.home());
    files.retain(|(path, _)| {
        path.ends_with("enrolment.json")
            || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("device-secrets"))
    });
    files.sort();
    files
}

const STEERING: &str = "{\"type\":\"urn:rootcellar:problem:malformed\",\"title\":\"Malformed\",\"status\":400,\"detail\":\"safe\u{202e}\u{2066}\u{200b}\u{feff}\\u001b[2J\\u009b \u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645} \u{1f468}\u{200d}\u{1f469}\",\"code\":\"malformed\"}";

/// Has the vault's place say, at every request that an enrolled device sends, that it is not enrolled.
fn deny(story: &Story) {
    for request in ["GET /v1/account/device", "PUT /v1/account/snapshots/"] {
        story.wire.always(request, Fault::Respond(401, REVOKED));
    }
}

#[test]
fn a_vault_that_says_revoked_costs_the_device_nothing() {
    let story = Story::begin();
    story.device.json(&ENROL);
    let before = kept(&story.device);
    assert_eq!(before.len(), 2, "secrets and enrolment: {before:?}");

    deny(&story);
    let phrase = story.device.write("phrase", PHRASE_12);
    for command in [&["list"][..], &["add", "--label", "second", "--from", &phrase]] {
        let told = story.device.run_alone(command);
        assert!(told.code == 3 && told.says(&text("access.revokedAdvice")), "{told:?}");
        assert_eq!(kept(&story.device), before, "nothing is removed on the vault's word");
    }
    let list = Terminal::of(story.device.command(&["list"]));
    let (code, screen) = typed(list);
    assert!(code == 0 && screen.contains("first"), "the passphrase does instead: {screen}");
    assert_eq!(kept(&story.device), before, "{screen}");

    assert!(story.wire.heal());
    let list = story.device.json_alone(&["list"]);
    assert_eq!(list["entries"].as_array().map(Vec::len), Some(1), "it goes on as if nothing had been said");
}

fn typed(mut terminal: Terminal) -> (i32, String) {
    terminal.see(text("access.revokedAdvice"));
    terminal.answer(text("ask.passphrase"), PASSPHRASE);
    terminal.end()
}

#[test]
fn what_a_vault_says_steers_no_terminal() {
    let story = Story::begin();
    story.wire.always("POST /v1/login/start", Fault::Respond(400, STEERING));
    let told = story.device.run(&["list"]);
    assert_eq!(told.code, 6, "{told:?}");
    let kept = "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{645} \u{1f468}\u{200d}\u{1f469}";
    assert!(told.stderr.contains("safe\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}[2J\u{fffd} "), "{told:?}");
    assert!(told.stderr.contains(kept), "legitimate text stays whole: {told:?}");
    let told = story.device.run(&["list", "--json"]);
    let seen =
        |c: &char| !matches!(c, '\u{1b}' | '\u{9b}' | '\u{202e}' | '\u{2066}' | '\u{200b}' | '\u{feff}');
    assert!(told.stderr.chars().all(|c| seen(&c)), "{}", told.stderr.escape_unicode());
}

#[test]
fn a_device_does_not_go_in_by_itself_at_another_address() {
    let Story { server, wire, mut device, .. } = Story::begin();
    device.json(&ENROL);
    let before = kept(&device);
    device.turn_to(&server.url());
    let _ = wire.passed();
    let asked = device.run_alone(&["list"]);
    assert!(asked.code == 2 && asked.stderr.contains(&wire.url()), "{asked:?}");
    assert!(wire.passed().is_empty(), "nothing was sent");
    assert_eq!(kept(&device), before);

    assert_eq!(device.labels(), ["first"], "the passphrase shows that it is the same vault");
    assert_eq!(device.json_alone(&["list"])["entries"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_device_forgets_that_it_was_enrolled_when_its_owner_says_so() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    device.json(&ENROL);
    let _ = wire.passed();
    assert_eq!(device.run_alone(&["devices", "forget"]).code, 2, "it asks first");
    assert_eq!(kept(&device).len(), 2);
    assert_eq!(device.json_alone(&["devices", "forget", "--yes"])["forgotten"], true);
    assert!(kept(&device).is_empty());
    assert_eq!(device.json_alone(&["devices", "forget", "--yes"])["forgotten"], false);
    assert!(wire.passed().is_empty(), "the vault is not asked");
    assert_eq!(device.labels(), ["first"]);
}

/// The thief of a device that saves has the newest backup name a device list that never was.
fn forge(thief: &Client) {
    let file = thief.home().join("account.json");
    let mut account: Value = serde_json::from_slice(&fs::read(&file).expect("there")).expect("JSON");
    let number = &mut account["local_state"]["device_list"]["number"];
    assert_eq!(*number, 2);
    *number = u64::MAX.into();
    fs::write(&file, account.to_string()).expect("written");
    let phrase = thief.write("phrase", PHRASE_12);
    let saved = thief.run_alone(&["add", "--label", "forged", "--from", &phrase]);
    assert_eq!(saved.code, 0, "{saved:?}");
}

#[test]
fn a_device_list_that_never_was_keeps_no_thief_enrolled() {
    let Story { server: _server, wire, device: laptop, .. } = Story::begin();
    laptop.json(&[&ENROL[..], &["--permission", "manage"]].concat());
    let phone = Client::new(&wire.url(), PASSPHRASE);
    let restore = ["restore", "--account", "alice", "--device-label", "Pixel 9"];
    phone.json(&[&restore[..], &ENROL[1..]].concat());
    forge(&phone);

    let revoke = ["devices", "revoke", "Pixel 9", "--yes"];
    let stopped = laptop.run_alone(&revoke);
    assert!(stopped.code == 7 && stopped.says(&text("failure.devicesAdvice")), "{stopped:?}");
    assert_eq!(laptop.run(&revoke).code, 7);
    let devices = laptop.json(&["devices", "--accept-history"]);
    assert_eq!(devices["devices"].as_array().map(Vec::len), Some(2), "{devices}");
    let asks = laptop.run_alone(&[&revoke[..], &["--accept-history"]].concat());
    assert_eq!(asks.code, 2, "an enrolled device does not decide that by itself: {asks:?}");
    assert_eq!(laptop.json(&[&revoke[..], &["--accept-history"]].concat())["revoked"], true);

    let phrase = phone.write("phrase", PHRASE_12);
    assert_eq!(phone.run_alone(&["add", "--label", "more", "--from", &phrase]).code, 3, "the thief is out");
    // From here on without the option, on this device and on one that has seen nothing yet.
    let devices = laptop.json_alone(&["devices"]);
    assert_eq!(devices["devices"].as_array().map(Vec::len), Some(1), "{devices}");
    assert_eq!(laptop.json_alone(&["add", "--label", "second", "--from", &phrase])["snapshot"]["number"], 4);
    let fresh = Client::new(&wire.url(), PASSPHRASE);
    fresh.json(&["restore", "--account", "alice", "--device-label", "Tablet", ENROL[1], ENROL[2], ENROL[3]]);
    assert_eq!(laptop.json_alone(&["devices", "permit", "Tablet", "view", "--yes"])["permission"], "view");
}
