//! A stolen device that may back up destroys no backup and keeps nobody from saving.

use rootcellar_end_to_end::{Client, Clock, PASSPHRASE, PHRASE_12, PHRASE_24, Run, Server};
use serde_json::Value;

const DAY: u64 = 86_400;
/// A run of saves ends after an hour of silence.
const RUN: u64 = 3601;
/// Little room, with more for a device than its first run takes.
const SMALL: [&str; 4] = ["--snapshots-per-account", "320", "--bytes-per-account", "132MiB"];
/// A device's share of that: of the devices' three quarters, a sixteenth of one half and a quarter of what remains.
const SHARE: usize = 39;
/// What the thief's first run may use of it: one remove, twenty adds, and the backup that they pin.
const FIRST_RUN: usize = 22;

fn code(run: &Run) -> String {
    let error = run.stderr.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok());
    error.and_then(|error| error["error"]["code"].as_str().map(str::to_owned)).unwrap_or_default()
}

fn device(server: &Server, clock: &Clock) -> Client {
    let mut device = Client::new(&server.url(), PASSPHRASE);
    device.set_clock(clock);
    device
}

/// Whether backup 1 gives the seed to someone who has the passphrase and nothing else.
fn restores_the_seed(server: &Server, clock: &Clock) -> bool {
    let found = device(server, clock);
    let run = found.run(&["restore", "--account", "alice", "--backup", "1", "--json"]);
    run.code == 0 && run.stdout.contains(PHRASE_24)
}

#[test]
fn a_stolen_backup_device_destroys_no_backup_and_keeps_the_owner_from_nothing() {
    let Some(clock) = Clock::new() else { return };
    let server = Server::with_clock(&clock, &SMALL);
    let laptop = device(&server, &clock);
    let _code = laptop.register("alice", &["--device-label", "laptop"]);
    assert_eq!(laptop.add("the seed", PHRASE_24).code, 0);
    let phone = device(&server, &clock);
    let enrol = ["--permission", "backup", "--enrol", "--device-secrets", "plain"];
    phone.json(&[&["restore", "--account", "alice", "--device-label", "phone"], &enrol[..]].concat());

    clock.pass(9 * DAY);
    phone.json_alone(&["remove", "the seed", "--yes"]);
    let phrase = phone.write("phrase", PHRASE_12);
    for n in 0..20 {
        phone.json_alone(&["add", "--label", &format!("rubbish {n}"), "--from", &phrase]);
    }
    assert!(restores_the_seed(&server, &clock), "after one remove and twenty adds");

    // The thief waits out each run, so that the vault may thin nothing.
    let mut saved = 0;
    let refused = loop {
        clock.pass(RUN);
        let label = format!("more rubbish {saved}");
        let run = phone.run_alone(&["add", "--label", &label, "--from", &phrase, "--json"]);
        if run.code != 0 {
            break run;
        }
        saved += 1;
        assert!(saved <= SHARE, "a device's share is bounded");
    };
    assert_eq!(code(&refused), "device-quota", "{refused:?}");
    assert!(saved + FIRST_RUN >= SHARE, "not refused before that: {saved}");

    assert_eq!(laptop.add("the owner's", PHRASE_12).code, 0, "the owner can still save");
    assert!(restores_the_seed(&server, &clock), "after the thief has used up the share");
    let revoked = laptop.json(&["devices", "revoke", "phone", "--yes"]);
    assert_eq!(revoked["rekey_advised"], true, "{revoked}");
    assert_eq!(revoked["rekey_reason"], "forges-backups", "it keeps the save key");
    assert_eq!(phone.run_alone(&["add", "--label", "too late", "--from", &phrase]).code, 3);
    assert!(restores_the_seed(&server, &clock), "and after the revocation");
    clock.pass(20 * DAY);
    assert_eq!(laptop.add("later", PHRASE_12).code, 0);
    assert!(restores_the_seed(&server, &clock), "for the whole period");
}
