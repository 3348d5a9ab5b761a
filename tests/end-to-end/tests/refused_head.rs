//! A newest backup that does not open, as a stolen device with `backup` can leave it, keeps its owner from nothing: devices
//! can be revoked, and a re-key continues an older backup.

use rootcellar_end_to_end::{
    Client, Fault, PASSPHRASE, PHRASE_12, PHRASE_24, Run, Server, Terminal, Wire, text,
};
use rootcellar_spec::parts;

/// Alters the last byte of the snapshot in the response to a login: its MAC fails.
fn ruin(wire: &Wire) {
    let ruined = |body: Vec<u8>| {
        let (control, snapshot) = parts::split(&body).expect("two parts");
        let mut snapshot = snapshot.expect("a snapshot").to_vec();
        *snapshot.last_mut().expect("bytes") ^= 1;
        parts::join(control, &snapshot)
    };
    wire.once("POST /v1/login/finish", Fault::Change(Box::new(ruined)));
}

/// Runs a command of the owner's whose login is given a ruined newest backup.
fn run(wire: &Wire, owner: &Client, arguments: &[&str]) -> Run {
    ruin(wire);
    let run = owner.run(arguments);
    assert!(wire.heal(), "the ruined backup was served: {run:?}");
    run
}

#[test]
fn an_owner_whose_newest_backup_is_ruined_revokes_and_continues_an_older_one() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let (owner, _words) = Client::registered(&wire.url(), "alice", PASSPHRASE);
    assert_eq!(owner.add("the seed", PHRASE_24).code, 0);
    let phone = Client::new(&wire.url(), PASSPHRASE);
    let enrol = ["--permission", "backup", "--enrol", "--device-secrets", "plain"];
    phone.json(&[&["restore", "--account", "alice", "--device-label", "phone"], &enrol[..]].concat());
    for label in ["second", "third"] {
        assert_eq!(owner.add(label, PHRASE_12).code, 0);
    }

    let refused = run(&wire, &owner, &["list"]);
    assert_eq!(refused.code, 7, "nothing is shown: {refused:?}");
    assert!(refused.says(&text("backup.refusedAdvice")), "it says what to do: {refused:?}");
    let status = run(&wire, &owner, &["status", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(json["refused_head"], "snapshot-refused", "{status:?}");
    let kept: Vec<_> = json["kept"].as_array().expect("a list").iter().map(|one| &one["number"]).collect();
    assert_eq!(kept, [3, 2, 1]);
    for words in [&["devices"][..], &["history"], &["devices", "revoke", "phone", "--yes"]] {
        let run = run(&wire, &owner, words);
        assert_eq!(run.code, 0, "{words:?}: {run:?}");
        assert!(run.says(&text("backup.refused")), "{words:?}: {run:?}");
    }
    let saved = run(&wire, &owner, &["add", "--label", "x", "--from", &owner.write("x", PHRASE_12)]);
    assert_eq!(saved.code, 7, "nothing is saved after what was refused: {saved:?}");

    let code = owner.file("code").to_str().expect("a path of text").to_owned();
    let rekeyed = owner.run(&["rekey", "--backup", "1", "--yes", "--recovery-code-output", &code]);
    assert_eq!(rekeyed.code, 0, "{rekeyed:?}");
    assert!(rekeyed.says(&text("rekey.loses").with("n", 1)), "{rekeyed:?}");
    for lost in ["  second\n", "  third"] {
        assert!(rekeyed.stderr.contains(lost), "{lost:?}: {rekeyed:?}");
    }
    assert!(!rekeyed.stderr.contains("the seed"), "{rekeyed:?}");
    let list = owner.json(&["list"]);
    assert_eq!((&list["snapshot"]["number"], list["entries"].as_array().map(Vec::len)), (&4.into(), Some(1)));
    assert_eq!(owner.add("another", PHRASE_12).code, 0, "and saving continues");
    let found = Client::new(&wire.url(), PASSPHRASE);
    let restored = found.run(&["restore", "--account", "alice", "--json"]);
    assert!(restored.stdout.contains(PHRASE_24), "{restored:?}");
}

#[test]
fn what_a_rekey_of_an_older_backup_drops_is_named_before_it_is_done_or_why_it_cannot_be() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let (owner, _words) = Client::registered(&wire.url(), "alice", PASSPHRASE);
    for label in ["first", "second"] {
        assert_eq!(owner.add(label, PHRASE_12).code, 0);
    }
    let typed = owner.write("typed", PASSPHRASE);
    let rekey = ["rekey", "--backup", "1", "--passphrase-file", &typed];
    let mut terminal = Terminal::run(&owner, &rekey);
    terminal.answer(text("confirm.rekey"), text("typed.rekey"));
    terminal.see("second");
    terminal.answer(text("confirm.rekeyFrom").with("number", 1), "no");
    assert_eq!(terminal.end().0, 130);

    let ruined = |body: Vec<u8>| {
        let (control, snapshot) = parts::split(&body).expect("two parts");
        let mut snapshot = snapshot.expect("a snapshot").to_vec();
        *snapshot.last_mut().expect("bytes") ^= 1;
        parts::join(control, &snapshot)
    };
    wire.once("GET /v1/account/snapshots/head", Fault::Change(Box::new(ruined)));
    let mut terminal = Terminal::run(&owner, &rekey);
    terminal.answer(text("confirm.rekey"), text("typed.rekey"));
    terminal.see(text("rekey.losesUnknown"));
    terminal.answer(text("confirm.rekeyFrom").with("number", 1), "");
    assert_eq!(terminal.end().0, 130);
    assert_eq!(owner.labels(), ["first", "second"], "nothing was changed");
}
