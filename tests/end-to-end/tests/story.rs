//! The story that the vault exists for: back up, lose the device, restore, recover.

use rootcellar_end_to_end::{Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, PHRASE_24, Server, Wire, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn entry<'a>(entries: &'a Value, label: &str) -> &'a Value {
    let entries = entries["entries"].as_array().expect("an array of entries");
    entries.iter().find(|entry| entry["label"] == label).expect("an entry of this label")
}

#[test]
fn what_was_backed_up_comes_back_on_a_device_that_never_saw_it() {
    let server = Server::start();
    let (phone, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(phone.add("everyday", PHRASE_12).code, 0);
    let file = phone.write("second", PHRASE_24);
    let passphrase = phone.write("bip39", "Ŧrezor ");
    let details = ["--derivation-path", "m/84'/0'/0'", "--network", "bitcoin", "--birthday", "2024-02-29"];
    let add = [
        &["add", "--label", "deep cellar", "--from", &file, "--bip39-passphrase-file", &passphrase][..],
        &details,
    ];
    phone.json(&add.concat());
    let seed = phone.write("seed", &"c3".repeat(64));
    phone.json(&["add", "--label", "raw", "--kind", "seed", "--from", &seed]);
    let descriptor = phone.write("text", "wpkh([d34db33f/84h/0h/0h]xpub…)\nsecond line");
    phone.json(&["add", "--label", "descriptor", "--kind", "text", "--from", &descriptor]);
    phone.json(&["remove", "raw", "--yes"]);
    phone.lose();

    let tablet = Client::new(&server.url(), PASSPHRASE);
    let output = tablet.file("entries.json");
    let path = output.to_str().expect("text");
    let restored = tablet.run(&["restore", "--account", " ALICE", "--output", path]);
    assert_eq!(restored.code, 0, "{restored:?}");
    let said = restored.stdout + &restored.stderr;
    let backup = text("backup.line").with("n", 5).with("device", "first device");
    assert!(backup.is_in(&said), "which backup this is: {said}");
    assert!(!said.contains("attitude"), "no secret beside the file");
    assert_eq!(fs::metadata(&output).expect("a file").permissions().mode() & 0o777, 0o600);
    let entries: Value = serde_json::from_slice(&fs::read(&output).expect("a file")).expect("JSON");
    assert_eq!(entries["entries"].as_array().map(Vec::len), Some(3));
    assert_eq!(entry(&entries, "everyday")["phrase"], PHRASE_12);
    let deep = entry(&entries, "deep cellar");
    assert_eq!(deep["phrase"], PHRASE_24);
    assert_eq!(deep["bip39_passphrase"], "Ŧrezor ");
    assert_eq!(deep["derivation_paths"][0], "m/84'/0'/0'");
    assert_eq!((&deep["network"], &deep["birthday"]), (&"bitcoin".into(), &"2024-02-29".into()));
    assert_eq!(entry(&entries, "descriptor")["text"], "wpkh([d34db33f/84h/0h/0h]xpub…)\nsecond line");

    let again = tablet.run(&["restore", "--output", path]);
    assert_eq!(again.code, 8, "an output file is never overwritten: {again:?}");

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let (code, new) = (found.write("code", &code), found.write("new", OTHER_PASSPHRASE));
    let recovered = found.json(&["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new]);
    assert_eq!(entry(&recovered, "everyday")["phrase"], PHRASE_12);
    assert_eq!(recovered["passphrase_changed"], true);
    assert_eq!(tablet.run(&["list"]).code, 3, "the old passphrase ended");
    assert_eq!(found.run(&["list", "--account", "alice"]).code, 0);
    assert_eq!(found.labels(), ["everyday", "deep cellar", "descriptor"], "the name is remembered as a hash");
}

#[test]
fn phrases_of_every_language_come_out_as_they_went_in() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "polyglot", PASSPHRASE);
    let phrases = [
        "あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あいこくしん あおぞら",
        "abaisser abaisser abaisser abaisser abaisser abaisser abaisser abaisser abaisser abaisser abaisser abeille",
        "的 的 的 的 的 的 的 的 的 的 的 在",
    ];
    for (number, phrase) in phrases.into_iter().enumerate() {
        let (label, file) = (format!("phrase {number}"), device.write("phrase", phrase));
        let run = device.run(&["add", "--label", &label, "--from", &file]);
        if run.code == 10 {
            // Both Chinese lists hold these words, at the same places.
            assert!(run.stderr.contains("simplified-chinese"), "{run:?}");
            device.json(&["add", "--label", &label, "--from", &file, "--language", "traditional-chinese"]);
        }
    }
    let restored = Client::new(&server.url(), PASSPHRASE).json(&["restore", "--account", "polyglot"]);
    for (number, phrase) in phrases.into_iter().enumerate() {
        let words =
            entry(&restored, &format!("phrase {number}"))["phrase"].as_str().expect("words").to_owned();
        let plain = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(normalised(&plain(&words)), normalised(&plain(phrase)));
    }
}

/// Compares by parsing: the lists write composed characters in decomposed form.
fn normalised(words: &[String]) -> Vec<u8> {
    use rootcellar_client::phrase::{Language, Phrase};
    let text = words.join(" ");
    let phrase =
        Phrase::parse(&text, None).or_else(|_| Phrase::parse(&text, Some(Language::TraditionalChinese)));
    phrase.expect("a phrase").entropy().to_vec()
}

#[test]
fn round_trips_are_as_few_as_promised() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let (device, _) = Client::registered(&wire.url(), "alice", PASSPHRASE);
    let login = ["POST /v1/login/start", "POST /v1/login/finish"];
    let _ = wire.passed();
    assert_eq!(device.add("one", PHRASE_12).code, 0);
    let save = wire.passed();
    assert_eq!(save[..2], login);
    assert!(save[2].starts_with("PUT /v1/account/snapshots/"));
    assert_eq!(save.len(), 3, "one to save, which reads back: {save:?}");
    let fresh = Client::new(&wire.url(), PASSPHRASE);
    let restored = fresh.json(&["restore", "--account", "alice"]);
    assert_eq!(entry(&restored, "one")["phrase"], PHRASE_12);
    assert_eq!(wire.passed(), login, "a restore on a new device is two round trips");
}

#[test]
fn help_tells_of_examples_and_exit_codes() {
    let device = Client::new("http://127.0.0.1:1", PASSPHRASE);
    for command in ["register", "add", "list", "show", "remove", "status", "restore", "recover"] {
        let run = device.run(&[command, "--help"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(["list", "status"].contains(&command) || run.stdout.contains("Example"), "{command}");
    }
    let unreachable = device.run(&["restore", "--account", "alice"]);
    assert_eq!(unreachable.code, 5, "{unreachable:?}");
    let insecure =
        Client::new("http://vault.example.org", PASSPHRASE).run(&["restore", "--account", "alice", "--json"]);
    assert_eq!((insecure.code, insecure.error_code().as_str()), (2, "invalid-address"), "{insecure:?}");
}
