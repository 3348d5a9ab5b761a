//! A vault that lies: each lie is one clear error, nothing is shown and nothing overwritten.

use rootcellar_end_to_end::{Client, Fault, PASSPHRASE, PHRASE_12, PHRASE_24, Run, Server, Story, text};
use rootcellar_spec::{Digest, parts};
use serde_json::Value;
use std::fs;
use std::sync::mpsc;

const FINISH: &str = "POST /v1/login/finish";

/// The response to a finished login, as it is.
fn answer(story: &Story, device: &Client) -> (Value, Vec<u8>) {
    let (send, receive) = mpsc::channel();
    story.wire.once(
        FINISH,
        Fault::Change(Box::new(move |body| {
            send.send(body.clone()).expect("it is awaited");
            body
        })),
    );
    assert_eq!(device.run(&["list"]).code, 0);
    assert!(story.wire.heal());
    taken_apart(&receive.recv().expect("an answer"))
}

/// Lies in the response to the next login; it must be refused, with nothing shown or remembered.
fn lie(
    story: &Story,
    what: &str,
    device: &Client,
    lie: impl FnOnce(&mut Value, &mut Vec<u8>) + Send + 'static,
) -> Run {
    let before = fs::read(device.home().join("account.json")).ok();
    story.wire.once(
        FINISH,
        Fault::Change(Box::new(move |body| {
            let (mut control, mut snapshot) = taken_apart(&body);
            lie(&mut control, &mut snapshot);
            parts::join(control.to_string().as_bytes(), &snapshot)
        })),
    );
    let run = device.run(&["restore", "--account", "alice"]);
    assert!(story.wire.heal(), "{what}: the lie was told");
    assert_eq!(run.code, 7, "{what}: {run:?}");
    assert!(!run.stdout.contains("attitude") && !run.stdout.contains("void"), "{what}: {run:?}");
    assert_eq!(before, fs::read(device.home().join("account.json")).ok(), "{what}: nothing is remembered");
    run
}

fn taken_apart(body: &[u8]) -> (Value, Vec<u8>) {
    let (control, snapshot) = parts::split(body).expect("two parts");
    (serde_json::from_slice(control).expect("JSON"), snapshot.unwrap_or_default().to_vec())
}

/// Has the vault's record of the snapshot agree with the lie: a liar is consistent.
fn agree(control: &mut Value, snapshot: &[u8]) {
    control["head"]["digest"] = Digest::of(snapshot).to_string().into();
    control["head"]["size"] = snapshot.len().into();
}

#[test]
fn a_changed_snapshot_is_refused_at_every_byte_that_is_tried() {
    let story = Story::begin();
    let fresh = Client::new(&story.wire.url(), PASSPHRASE);
    // Header, inventory, entry, MAC; on a device that remembers nothing.
    for at in [40, 200, 500, usize::MAX] {
        lie(&story, "changed", &fresh, move |control, snapshot| {
            let at = at.min(snapshot.len() - 1);
            snapshot[at] ^= 1;
            agree(control, snapshot);
        });
    }
    lie(&story, "cut", &fresh, |control, snapshot| {
        snapshot.truncate(snapshot.len() - 1);
        agree(control, snapshot);
    });
    lie(&story, "longer", &fresh, |control, snapshot| {
        snapshot.push(0);
        agree(control, snapshot);
    });
    lie(&story, "another digest", &fresh, |control, _| {
        control["head"]["digest"] = Digest([7; 32]).to_string().into()
    });
}

#[test]
fn another_accounts_snapshot_or_keyslot_is_refused() {
    let story = Story::begin();
    let (mallory, _) = Client::registered(&story.wire.url(), "mallory", PASSPHRASE);
    assert_eq!(mallory.add("mine", PHRASE_12).code, 0);
    let (control, snapshot) = answer(&story, &mallory);
    let fresh = Client::new(&story.wire.url(), PASSPHRASE);
    let (theirs, record) = (snapshot.clone(), control["head"].clone());
    lie(&story, "snapshot", &fresh, move |control, snapshot| {
        snapshot.clone_from(&theirs);
        control["head"] = record;
    });
    let theirs = control.clone();
    lie(&story, "keyslot", &fresh, move |control, _| control["keyslot"] = theirs["keyslot"].clone());
    let theirs = control.clone();
    lie(&story, "account id", &fresh, move |control, _| control["account_id"] = theirs["account_id"].clone());
    lie(&story, "everything of another account", &fresh, move |own, own_snapshot| {
        for part in ["keyslot", "account_id", "head"] {
            own[part] = control[part].clone();
        }
        own_snapshot.clone_from(&snapshot);
    });
}

#[test]
fn another_generation_or_suite_is_refused() {
    let story = Story::begin();
    let fresh = Client::new(&story.wire.url(), PASSPHRASE);
    lie(&story, "generation", &fresh, |control, _| control["generation"] = 2.into());
}

#[test]
fn an_older_snapshot_is_refused_by_a_device_that_saw_a_newer_one() {
    let story = Story::begin();
    let (old_control, old) = answer(&story, &story.device);
    assert_eq!(story.device.add("second", PHRASE_12).code, 0);
    let record = old_control["head"].clone();
    let run = lie(&story, "older", &story.device, move |control, snapshot| {
        snapshot.clone_from(&old);
        control["head"] = record;
    });
    assert!(run.stderr.contains('1') && run.stderr.contains('2'), "both numbers are named: {run:?}");
    let run = lie(&story, "nothing at all", &story.device, |control, snapshot| {
        snapshot.clear();
        control["head"] = Value::Null;
    });
    assert!(!run.stdout.contains("first"), "{run:?}");
    assert_eq!(story.device.labels(), ["first", "second"], "the device goes on when the vault stops lying");
}

#[test]
fn a_fork_is_refused_until_a_person_accepts_it() {
    let Story { mut server, wire, device, .. } = Story::begin();
    server.stop();
    let mut branch = server.fork();
    server.restart();
    branch.restart();
    wire.turn_to(server.address());
    assert_eq!(device.add("on the trunk", PHRASE_12).code, 0);
    wire.turn_to(branch.address());
    let other = Client::new(&branch.url(), PASSPHRASE);
    other.json(&["restore", "--account", "alice"]);
    assert_eq!(other.add("on the branch", PHRASE_12).code, 0);
    let forked = device.run(&["list"]);
    assert!(forked.code == 7 && !forked.stdout.contains("branch"), "{forked:?}");
    let refused = device.add("onto a fork", PHRASE_12);
    assert_eq!(refused.code, 7, "nothing is overwritten: {refused:?}");
    assert_eq!(other.labels(), ["first", "on the branch"]);
    let accepted = device.run(&["restore", "--accept-history"]);
    assert_eq!(accepted.code, 0, "{accepted:?}");
    assert_eq!(device.labels(), ["first", "on the branch"]);
}

#[test]
fn a_vault_with_another_key_is_refused() {
    let Story { wire, device, .. } = Story::begin();
    let impostor = Server::start();
    let (_, _) = Client::registered(&impostor.url(), "alice", PASSPHRASE);
    wire.turn_to(impostor.address());
    let run = device.run(&["list", "--json"]);
    assert_eq!((run.code, run.error_code().as_str()), (7, "foreign-server-key"), "{run:?}");
}

#[test]
fn a_vault_that_was_set_up_anew_is_told_apart_from_a_wrong_passphrase() {
    let Story { wire, device, .. } = Story::begin();
    let anew = Server::start();
    wire.turn_to(anew.address());
    let run = device.run(&["list"]);
    assert!(run.code == 7 && run.says(&text("failure.newVaultAdvice")), "{run:?}");
    let fresh = Client::new(&wire.url(), PASSPHRASE).run(&["restore", "--account", "alice"]);
    assert_eq!(fresh.code, 3, "who knows no key cannot tell: {fresh:?}");
}

#[test]
fn an_endless_answer_is_cut_off() {
    let story = Story::begin();
    story.wire.once(FINISH, Fault::Change(Box::new(|_| vec![0; (2 << 20) + 1])));
    let run = story.device.run(&["list"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(run.stdout.is_empty(), "{run:?}");
}

#[test]
fn a_damaged_newest_backup_leaves_the_older_ones_within_reach() {
    let story = Story::begin();
    let (old_control, old) = answer(&story, &story.device);
    assert_eq!(story.device.add("second", PHRASE_12).code, 0);
    let damage = |body: Vec<u8>| {
        let (mut control, mut snapshot) = taken_apart(&body);
        snapshot[200] ^= 1;
        agree(&mut control, &snapshot);
        parts::join(control.to_string().as_bytes(), &snapshot)
    };
    let fresh = Client::new(&story.wire.url(), PASSPHRASE);
    let refused = lie(&story, "damaged", &fresh, |control, snapshot| {
        snapshot[200] ^= 1;
        agree(control, snapshot);
    });
    assert!(refused.says(&text("backup.refusedAdvice")), "what to do: {refused:?}");

    for device in [&fresh, &story.device] {
        story.wire.once(FINISH, Fault::Change(Box::new(damage)));
        let run = device.run(&["restore", "--account", "alice", "--backup", "1"]);
        assert!(story.wire.heal());
        assert!(run.code == 0 && run.stdout.contains(PHRASE_24), "{run:?}");
        assert!(run.says(&text("backup.line").with("n", 1)) && !run.stdout.contains(PHRASE_12), "{run:?}");
    }
    let none = story.device.run(&["restore", "--backup", "7", "--json"]);
    assert_eq!((none.code, none.error_code().as_str()), (11, "no-such-backup"), "{none:?}");
    let record = old_control["head"].clone();
    lie(&story, "older, unasked", &story.device, move |control, snapshot| {
        snapshot.clone_from(&old);
        control["head"] = record;
    });

    let found = Client::new(&story.wire.url(), PASSPHRASE);
    let (file, new) = (found.write("code", &story.code), found.write("new", PASSPHRASE));
    story.wire.once("POST /v1/recovery", Fault::Change(Box::new(damage)));
    let run = found.run(&[
        "recover",
        "--recovery-code-file",
        &file,
        "--new-passphrase-file",
        &new,
        "--backup",
        "1",
    ]);
    assert!(story.wire.heal());
    assert!(run.code == 0 && run.stdout.contains(PHRASE_24), "{run:?}");
    assert_eq!(story.device.labels(), ["first", "second"], "the newest is untouched");
}

/// Else it would hold a request that is good when its thief wants it to be.
#[test]
fn a_vault_that_names_a_time_far_away_gets_nothing_signed_for_it() {
    let story = Story::begin();
    let before = story.wire.arrivals();
    let body =
        r#"{"type":"about:blank","title":"refused","status":401,"code":"clock-skew","detail":"refused"}"#;
    story.wire.once(FINISH, Fault::ResponseAt(401, "Fri, 31 Dec 9999 23:59:59 GMT", body));
    let run = story.device.run(&["list", "--json"]);
    assert!(story.wire.heal(), "the lie was told");
    assert_eq!((run.code, run.error_code().as_str()), (6, "clock-skew"), "{run:?}");
    assert!(run.stderr.contains("9999-12-31"), "{run:?}");
    assert_eq!(story.wire.arrivals() - before, 2, "nothing is sent after the lie");
    assert_eq!(story.device.run(&["list"]).code, 0);
}

#[test]
fn absurd_times_of_a_vault_are_not_printed() {
    let story = Story::begin();
    let change = |body: Vec<u8>| {
        let mut account: Value = serde_json::from_slice(&body).expect("JSON");
        account["created_at"] = 999_999_999_999_999_u64.into();
        account["passphrase_changed_at"] = 253_402_300_800_u64.into();
        account.to_string().into_bytes()
    };
    for json in [false, true] {
        story.wire.once("GET /v1/account", Fault::Change(Box::new(change)));
        let status = story.device.run(&[&["status"][..], if json { &["--json"] } else { &[] }].concat());
        assert!(story.wire.heal() && status.code == 0, "{status:?}");
        assert!(status.stdout.matches("9999-12-31").count() >= 2, "{status:?}");
        assert!(!status.stdout.contains("31688"), "{status:?}");
    }
    let body = r#"{"type":"urn:rootcellar:problem:budget-spent","title":"t","status":429,"code":"budget-spent","detail":"d","retry_after":99999999999}"#;
    story.wire.once("POST /v1/login/start", Fault::Respond(429, body));
    let spent = story.device.run(&["list"]);
    assert_eq!(spent.code, 4, "{spent:?}");
    let is_absurd = |word: &str| word.chars().filter(char::is_ascii_digit).count() > 4;
    assert!(!spent.stderr.split_whitespace().any(is_absurd), "{spent:?}");
}

#[test]
fn a_vault_that_does_not_answer_is_said_to_be_waited_for_and_how_long() {
    let story = Story::begin();
    story.wire.once("POST /v1/login/start", Fault::Late(std::time::Duration::from_secs(5)));
    let run = story.device.run(&["list"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(text("progress.waiting").count_in(&run.stderr), 1, "{run:?}");
    story.wire.once("POST /v1/login/start", Fault::Late(std::time::Duration::from_secs(5)));
    assert_eq!(story.device.run(&["list", "--quiet"]).stderr, "");
}
