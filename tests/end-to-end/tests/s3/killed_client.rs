//! The command line killed at each of its requests, before and after the vault acted on it: the next command finishes.

use crate::vault::Vault;
use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, PHRASE_24, Wire, kill_at, text,
};
use std::process::Child;

/// Each of these commands sends at least so many requests.
const FEWEST: usize = 2;

/// Kills at every request, before and after the vault acted on it, until the command needs no further one.
fn kill_at_each(wire: &Wire, mut case: impl FnMut(usize, &dyn Fn(&dyn Fn() -> Child) -> bool) -> bool) {
    rootcellar_end_to_end::kill_at_each(FEWEST, |number, acted| {
        case(number, &|start| kill_at(wire, number, acted, start))
    });
}

#[test]
fn a_registration_is_begun_anew_or_was_made() {
    let Some(vault) = Vault::for_test_of("a killed client: registration") else { return };
    let mut cases = 0;
    kill_at_each(&vault.wire, |number, kill| {
        cases += 1;
        let account = format!("alice-{cases}");
        let device = Client::new(&vault.wire.url(), PASSPHRASE);
        let file = device.file("recovery-code");
        let path = file.to_str().expect("a path of text");
        let register = ["register", "--account", &account, "--recovery-code-output", path];
        let happened = kill(&|| device.spawn(&register));
        // The same command again finds out, or begins again with another code. The first file stays if its code may be valid.
        let second = device.file("second-code");
        let again = ["register", "--account", &account, "--recovery-code-output"];
        let again = device.run(&[&again[..], &[second.to_str().expect("text")]].concat());
        let is_known = again.says(&text("home.usedAdvice"));
        assert!(again.code == 0 || is_known, "{number}: {again:?}");
        let valid = if second.exists() { &second } else { &file };
        let found = Client::new(&vault.wire.url(), PASSPHRASE);
        let new = found.write("new", OTHER_PASSPHRASE);
        let code = valid.to_str().expect("text");
        let recovered = found.run(&["recover", "--recovery-code-file", code, "--new-passphrase-file", &new]);
        assert_eq!(recovered.code, 0, "{number}: {recovered:?}");
        let is_written = std::fs::read(&file).is_ok_and(|code| !code.is_empty());
        if second.exists() && is_written {
            let code = file.to_str().expect("text");
            let dead = found.run(&["recover", "--recovery-code-file", code, "--new-passphrase-file", &new]);
            assert_eq!(dead.code, 3, "{number}: {dead:?}");
            assert!(
                again.says(&text("codeNotice.notMadeBefore")),
                "{number}: the first code is said to be dead: {again:?}"
            );
        }
        happened
    });
}

#[test]
fn a_save_is_finished_by_the_next_command() {
    let Some(vault) = Vault::for_test_of("a killed client: save") else { return };
    let (device, _) = Client::registered(&vault.wire.url(), "alice", PASSPHRASE);
    let mut expected = Vec::new();
    kill_at_each(&vault.wire, |number, kill| {
        let label = format!("entry {}", expected.len());
        let file = device.write("phrase", PHRASE_12);
        let happened = kill(&|| device.spawn(&["add", "--again", "--label", &label, "--from", &file]));
        let begun = !happened || device.home().join("pending-save.json").exists();
        if begun || device.labels().len() > expected.len() {
            expected.push(label);
        }
        assert_eq!(device.labels(), expected, "{number}: the next command finishes what was begun");
        happened
    });
    let elsewhere = Client::new(&vault.wire.url(), PASSPHRASE).json(&["restore", "--account", "alice"]);
    assert_eq!(elsewhere["entries"].as_array().map(Vec::len), Some(expected.len()));
}

#[test]
fn a_restore_is_begun_anew() {
    let Some(vault) = Vault::for_test_of("a killed client: restore") else { return };
    let (device, _) = Client::registered(&vault.wire.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("first", PHRASE_24).code, 0);
    kill_at_each(&vault.wire, |number, kill| {
        let fresh = Client::new(&vault.wire.url(), PASSPHRASE);
        let happened = kill(&|| fresh.spawn(&["restore", "--account", "alice"]));
        let restored = fresh.run(&["restore", "--account", "alice", "--json"]);
        assert!(restored.code == 0 && restored.stdout.contains(PHRASE_24), "{number}: {restored:?}");
        happened
    });
}

#[test]
fn a_recovery_is_begun_anew() {
    let Some(vault) = Vault::for_test_of("a killed client: recovery") else { return };
    let mut accounts = 0;
    kill_at_each(&vault.wire, |number, kill| {
        // The registration, the killed recovery and the one after it each take an attempt.
        accounts += 1;
        let account = format!("alice-{accounts}");
        let (device, code) = Client::registered(&vault.wire.url(), &account, PASSPHRASE);
        assert_eq!(device.add("first", PHRASE_24).code, 0);
        let fresh = Client::new(&vault.wire.url(), OTHER_PASSPHRASE);
        let (code, new) = (fresh.write("code", &code), fresh.write("new", OTHER_PASSPHRASE));
        let recover = ["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new];
        let happened = kill(&|| fresh.spawn(&recover));
        let recovered = fresh.run(&[&recover[..], &["--json"]].concat());
        assert!(recovered.code == 0 && recovered.stdout.contains(PHRASE_24), "{number}: {recovered:?}");
        assert_eq!(fresh.run(&["list", "--account", &account]).code, 0, "{number}: the new passphrase holds");
        happened
    });
}
