//! Enrolled devices, as people use them: what each may do, where its secrets are, and what happens to one that is revoked.

use rootcellar_end_to_end::{Client, PASSPHRASE, PHRASE_12, Server, Story, WRONG_PASSPHRASE, text};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

const ENROL: [&str; 4] = ["login", "--enrol", "--device-secrets", "plain"];

/// A second device of the account, enrolled with this permission.
fn enrolled(url: &str, label: &str, permission: &str) -> Client {
    let device = Client::new(url, PASSPHRASE);
    let restore = ["restore", "--account", "alice", "--device-label", label];
    device.json(&[&restore[..], &["--permission", permission], &ENROL[1..]].concat());
    device
}

/// The devices as another device lists them: label, permission, whether it is this one.
fn listed(device: &Client) -> Vec<(String, String, bool)> {
    let devices = device.json(&["devices"])["devices"].as_array().expect("devices").clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let all = devices.iter().map(|one| {
        (text(&one["label"]), text(&one["permission"]), one["this_device"].as_bool().expect("a flag"))
    });
    all.collect()
}

#[test]
fn an_enrolled_device_adds_in_one_round_trip_and_shows_nothing() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    let enrolled = device.json(&ENROL);
    assert_eq!(enrolled["enrolled"]["permission"], "backup", "the default");
    assert_eq!(enrolled["enrolled"]["device_secrets"], "plain");
    let phrase = device.write("phrase", PHRASE_12);
    let _ = wire.passed();
    let added = device.json_alone(&["add", "--label", "everyday", "--from", &phrase]);
    assert_eq!(added["snapshot"]["number"], 2);
    let passed = wire.passed();
    assert!(passed.len() == 1 && passed[0].starts_with("PUT /v1/account/snapshots/"), "{passed:?}");
    let list = device.json_alone(&["list"]);
    assert_eq!(list["entries"].as_array().map(Vec::len), Some(2));
    assert_eq!(wire.passed(), ["GET /v1/account/device"]);
    device.json_alone(&["remove", "first", "--yes"]);
    assert_eq!(device.json_alone(&["status"])["enrolled"]["permission"], "backup");

    let show = device.run_alone(&["show", "everyday"]);
    assert_eq!(show.code, 2, "there is nobody to ask: {show:?}");
    let why = [text("access.permission").with("permission", "backup"), text("access.opening")];
    assert!(why.iter().all(|why| show.says(why)), "says why: {show:?}");
    assert!(!show.stdout.contains("attitude"));
    assert_eq!(device.json(&["show", "everyday"])["entry"]["phrase"], PHRASE_12, "the passphrase does");
}

#[test]
fn the_secrets_lie_sealed_where_no_keyring_works() {
    let Story { server: _server, device, .. } = Story::begin();
    let (own, wrong) =
        (device.write("own", "seven quiet lanterns by the wall"), device.write("wrong", "another"));
    let refused = device.run(&["login", "--enrol", "--device-secrets", "keyring", "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (8, "keyring"), "{refused:?}");
    let weak = device.run(&["login", "--enrol", "--device-passphrase-file", &wrong]);
    assert!(weak.code == 10 && weak.says(&text("passphrase.hintDeviceWeak")), "{weak:?}");

    let enrolled = device.json(&["login", "--enrol", "--device-passphrase-file", &own]);
    assert_eq!(enrolled["enrolled"]["device_secrets"], "encrypted");
    let list = ["list", "--device-passphrase-file", &own];
    assert_eq!(device.json_alone(&list)["entries"].as_array().map(Vec::len), Some(1));
    let locked = device.run_alone(&["list", "--device-passphrase-file", &wrong, "--json"]);
    assert_eq!((locked.code, locked.error_code().as_str()), (3, "device-passphrase"), "{locked:?}");
    let unasked = device.run_alone(&["list"]);
    let option = text("input.noTerminalAdvice").with("option", "--device-passphrase-file FILE");
    assert!(unasked.code == 2 && unasked.says(&option), "{unasked:?}");
    assert_eq!(device.run(&["list"]).code, 0, "the account's passphrase needs none of it");
}

#[test]
fn nobody_else_reads_the_secrets() {
    let Story { server: _server, device, .. } = Story::begin();
    device.json(&ENROL);
    let file = device.home().join("device-secrets.json");
    for path in [&file, &device.home().join("enrolment.json")] {
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    // Root reads everything: someone else tries. In a folder that lets them through, the mode of the file alone is left.
    std::fs::set_permissions(device.home(), std::fs::Permissions::from_mode(0o755)).expect("changed");
    for folder in device.home().ancestors().skip(1).take(1) {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("changed");
    }
    let mut cat = Command::new("cat");
    cat.arg(&file);
    if std::os::unix::fs::MetadataExt::uid(&std::path::Path::new("/proc/self").metadata().expect("there"))
        == 0
    {
        const NOBODY: u32 = 65_534;
        let read = cat.uid(NOBODY).gid(NOBODY).output().expect("it runs");
        assert!(!read.status.success() && read.stdout.is_empty(), "{read:?}");
    }
}

#[test]
fn two_devices_with_their_own_permissions() {
    let Story { server: _server, wire, device: laptop, .. } = Story::begin();
    laptop.json(&[&ENROL[..], &["--permission", "manage"]].concat());
    let phone = enrolled(&wire.url(), "Pixel 9", "backup");
    let both = [("first device".into(), "manage".into(), true), ("Pixel 9".into(), "backup".into(), false)];
    assert_eq!(listed(&laptop), both);
    let phrase = phone.write("phrase", PHRASE_12);
    let add = ["add", "--label", "from the phone", "--from", &phrase];

    let permitted = laptop.json_alone(&["devices", "permit", "pixel 9", "view", "--yes"]);
    assert_eq!((&permitted["permission"], &permitted["rekey_advised"]), (&"view".into(), &true.into()));
    assert_eq!(permitted["rekey_reason"], "forges-backups", "it held the save key");
    let refused = phone.run_alone(&[&add[..], &["--json"]].concat());
    assert_eq!((refused.code, refused.error_code().as_str()), (6, "not-permitted"), "{refused:?}");
    laptop.json_alone(&["devices", "permit", "Pixel 9", "restore", "--yes"]);
    phone.json_alone(&["list"]);
    assert_eq!(phone.json_alone(&["show", "first"])["entry"]["label"], "first", "no passphrase");

    // Without `manage` a device changes nobody; the passphrase does.
    let refused = phone.run_alone(&["devices", "revoke", "first device", "--yes"]);
    assert!(
        refused.code == 2 && refused.says(&text("access.permission").with("permission", "restore")),
        "{refused:?}"
    );
    let narrowed = phone.json(&["devices", "permit", "Pixel 9", "backup", "--yes"]);
    assert_eq!(narrowed["rekey_advised"], true, "it held the account's keys");
    assert_eq!(narrowed["rekey_reason"], "reads-backups");
    assert_eq!(phone.run_alone(&["devices", "revoke", "Tablet", "--yes"]).code, 2);
    assert_eq!(laptop.run_alone(&["devices", "revoke", "Tablet", "--yes"]).code, 11);
}

#[test]
fn an_entry_that_is_not_there_is_no_restore() {
    let Story { server: _server, wire, device: laptop, .. } = Story::begin();
    let phone = enrolled(&wire.url(), "Pixel 9", "restore");
    let restores = || {
        let history = phone.json_alone(&["history"]);
        let events = history["events"].as_array().expect("events").clone();
        events.iter().filter(|event| event["kind"] == "restore" && event["by"] == "device").count()
    };
    let missing = phone.run_alone(&["show", "everyday", "--json"]);
    assert_eq!((missing.code, missing.error_code().as_str()), (11, "no-such-entry"), "{missing:?}");
    assert_eq!(restores(), 0, "nothing was shown");
    // Added by another device since this one has seen the backup.
    assert_eq!(laptop.add("everyday", PHRASE_12).code, 0);
    assert_eq!(phone.json_alone(&["show", "everyday"])["entry"]["phrase"], PHRASE_12);
    assert_eq!(restores(), 1);
    let _ = wire.passed();
    phone.json_alone(&["show", "everyday"]);
    assert_eq!(wire.passed(), ["POST /v1/account/restore"], "one trip where it is known");
}

#[test]
fn a_revoked_device_is_told_so_until_it_is_enrolled_anew() {
    let Story { server: _server, wire, device: laptop, .. } = Story::begin();
    laptop.json(&[&ENROL[..], &["--permission", "manage"]].concat());
    let phone = enrolled(&wire.url(), "Pixel 9", "restore");
    let revoked = laptop.run_alone(&["devices", "revoke", "Pixel 9", "--yes"]);
    assert!(revoked.code == 0 && revoked.says(&text("devices.readsBackups")), "{revoked:?}");
    assert_eq!(listed(&laptop).len(), 1);

    let phrase = phone.write("phrase", PHRASE_12);
    let told = phone.run_alone(&["add", "--label", "too late", "--from", &phrase]);
    assert_eq!(told.code, 3, "{told:?}");
    assert!(told.says(&text("access.revokedAdvice")), "{told:?}");
    let again = phone.run_alone(&["list"]);
    assert!(again.code == 3 && again.says(&text("access.revokedAdvice")), "{again:?}");
    assert_eq!(phone.labels(), ["first"], "nothing of it was saved");
    phone.json(&[&ENROL[..], &["--permission", "backup"]].concat());
    assert_eq!(listed(&laptop).len(), 2, "it may be enrolled anew");
    assert_eq!(phone.run_alone(&["list"]).code, 0);

    // Of a device that could only save, too, and it says why.
    let revoked = laptop.run_alone(&["devices", "revoke", "Pixel 9", "--yes"]);
    assert!(revoked.code == 0 && revoked.says(&text("devices.forgesBackups")), "{revoked:?}");
}

#[test]
fn a_device_that_revokes_itself_knows_it() {
    let Story { server: _server, device, .. } = Story::begin();
    device.json(&[&ENROL[..], &["--permission", "manage"]].concat());
    device.json_alone(&["devices", "revoke", "first device", "--yes"]);
    assert!(!device.home().join("device-secrets.json").exists());
    assert!(listed(&device).is_empty());
}

#[test]
fn a_recovered_device_is_enrolled_without_the_accounts_name() {
    let Story { server: _server, wire, device, code, .. } = Story::begin();
    drop(device);
    let found = Client::new(&wire.url(), PASSPHRASE);
    let (code, new) = (found.write("code", &code), found.write("new", PASSPHRASE));
    let recover = ["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new];
    let recovered = found.json(&[&recover[..], &ENROL[1..]].concat());
    assert_eq!(recovered["enrolled"]["permission"], "backup");
    assert_eq!(found.json_alone(&["list"])["entries"].as_array().map(Vec::len), Some(1), "and works alone");
}

#[test]
fn enrolment_that_fails_leaves_no_secrets() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let other = Client::new(&server.url(), WRONG_PASSPHRASE);
    other.remember_as(&device);
    assert_eq!(other.run(&ENROL).code, 3);
    assert!(!other.home().join("device-secrets.json").exists());
    let unknown = device.run(&["restore", "--account", "alice", "--backup", "1", "--enrol"]);
    assert_eq!(unknown.code, 2, "an older backup is no place to enrol from: {unknown:?}");
}
