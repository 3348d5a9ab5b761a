//! Recovery codes, new keys and registrations that are interrupted: at each step exactly one code is valid, and the next command says
//! which.

use rootcellar_end_to_end::{
    Client, Fault, OTHER_PASSPHRASE, PASSPHRASE, Run, Server, Story, Terminal, Wire, kill_at, kill_at_each,
    notes, text,
};
use std::fs;

const CHANGE: &str = "POST /v1/account/recovery-code";
const RECOVERY: &str = "POST /v1/recovery";
/// Each of these commands sends at least so many requests.
const FEWEST: usize = 3;

/// Whether this recovery code opens an account. It is asked for a backup that is not there, so that nothing is changed.
fn recovers(vault: &str, code: &str) -> bool {
    let found = Client::new(vault, OTHER_PASSPHRASE);
    let code = found.write("code", code);
    let run = found.run(&["recover", "--recovery-code-file", &code, "--generate", "--backup", "99"]);
    assert!([3, 11].contains(&run.code), "{run:?}");
    run.code == 11
}

/// The next command, and what it says of the recovery code in a file that a killed command has left: whether it is active. Nothing
/// where it was not handed out.
fn said(device: &Client) -> (Option<bool>, Run) {
    let run = device.run(&["list", "--json"]);
    let codes = code_notes(&run);
    assert!(codes.len() < 2, "{codes:?}: {run:?}");
    let said = codes.first().map(|code| {
        let is_active = code == "recovery-code-active";
        assert!(is_active || code == "recovery-code-inactive", "{code}: {run:?}");
        is_active
    });
    (said, run)
}

/// The codes of what a command with `--json` notes of recovery codes.
fn code_notes(run: &Run) -> Vec<String> {
    noted(run).into_iter().map(|(code, _)| code).filter(|code| code.starts_with("recovery-code")).collect()
}

/// What a command with `--json` notes.
fn noted(run: &Run) -> Vec<(String, String)> {
    assert_eq!(run.code, 0, "{run:?}");
    notes(&serde_json::from_str(&run.stdout).expect("a JSON object"))
}

/// The code that is valid after a command was killed that would have put `file`'s instead of `old`.
fn judge(vault: &str, said: Option<bool>, old: String, file: &std::path::Path, at: &str) -> String {
    let new = fs::read_to_string(file).unwrap_or_default().trim().to_owned();
    if file.exists() {
        fs::remove_file(file).expect("it can be removed");
    }
    let (valid, dead) = match said {
        Some(true) => (new, old),
        _ => (old, new),
    };
    assert!(recovers(vault, &valid), "{at}: {said:?}");
    if !dead.is_empty() {
        assert!(!recovers(vault, &dead), "{at}: {said:?}");
    }
    valid
}

#[test]
fn a_recovery_code_survives_a_kill_at_each_request() {
    let Story { server: _server, wire, device, mut code } = Story::begin();
    let file = device.file("new-code");
    let path = file.to_str().expect("text").to_owned();
    kill_at_each(FEWEST, |number, acted| {
        let new = ["recovery-code", "new", "--recovery-code-output", &path, "--yes"];
        let happened = kill_at(&wire, number, acted, || device.spawn(&new));
        let told = if happened { said(&device).0 } else { Some(true) };
        let handed_out = fs::read_to_string(&file).is_ok_and(|code| !code.is_empty());
        // With '--yes' the file counts as confirmed.
        assert!(
            !handed_out || told == Some(true),
            "request {number}: what was confirmed is active: {told:?}"
        );
        code = judge(&wire.url(), told, std::mem::take(&mut code), &file, &format!("{number}, {acted}"));
        let _ = device.run(&["status", "--discard-pending-save"]);
        happened
    });
}

#[test]
fn new_keys_survive_a_kill_at_each_request() {
    let Story { server: _server, wire, device, mut code } = Story::begin();
    device.json(&["login", "--enrol", "--device-secrets", "plain", "--permission", "restore"]);
    let file = device.file("new-code");
    let path = file.to_str().expect("text").to_owned();
    kill_at_each(FEWEST, |number, acted| {
        let rekey = ["rekey", "--recovery-code-output", &path, "--yes"];
        let happened = kill_at(&wire, number, acted, || device.spawn(&rekey));
        let told = if happened { said(&device).0 } else { Some(true) };
        let handed_out = fs::read_to_string(&file).is_ok_and(|code| !code.is_empty());
        assert!(
            !handed_out || told == Some(true),
            "request {number}: what was confirmed is active: {told:?}"
        );
        code = judge(&wire.url(), told, std::mem::take(&mut code), &file, &format!("{number}, {acted}"));
        let _ = device.run(&["status", "--discard-pending-save"]);
        // Whichever keys are valid, the device is enrolled under them: it has other secrets, and says so if they are the ones.
        let mut alone = device.run_alone(&["show", "first"]);
        if alone.code == 3 {
            assert!(alone.says(&text("access.otherSecretsAdvice")), "{number}, {acted}: {alone:?}");
            alone = device.run_alone(&["show", "first"]);
        }
        assert_eq!(alone.code, 0, "{number}, {acted}: {alone:?}");
        happened
    });
}

#[test]
fn nothing_is_asked_between_a_confirmation_and_its_record() {
    let Story { server: _server, wire, device, mut code } = Story::begin();
    let passphrase = device.write("typed", PASSPHRASE);
    for command in ["recovery-code new", "rekey"] {
        let words: Vec<_> = command.split(' ').chain(["--passphrase-file", &passphrase]).collect();
        let mut terminal = Terminal::run(&device, &words);
        if command == "rekey" {
            terminal.answer(text("confirm.rekey"), text("typed.rekey"));
        }
        let shown = terminal.write_down();
        // The first request after the confirmation is lost, and the terminal is closed while it is waited for.
        let (asked, closing) = std::sync::mpsc::channel();
        wire.once("", Fault::Instead(Box::new(move || asked.send(()).expect("the test waits"))));
        wire.always("", Fault::LoseRequest);
        terminal.confirm(&shown);
        closing.recv().expect("something is asked");
        drop(terminal);
        wire.heal();
        let (said, told) = said(&device);
        assert_eq!(said, Some(true), "{command}: {told:?}");
        assert!(recovers(&wire.url(), &shown) && !recovers(&wire.url(), &code), "{command}");
        code = shown;
    }
}

#[test]
fn a_registration_survives_a_kill_at_each_request() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let mut cases = 0;
    kill_at_each(FEWEST, |number, acted| {
        cases += 1;
        let account = format!("alice-{cases}");
        let device = Client::new(&wire.url(), PASSPHRASE);
        let (first, second) = (device.file("first-code"), device.file("second-code"));
        let register = |file: &std::path::Path| {
            let path = file.to_str().expect("text");
            device.spawn(&["register", "--account", &account, "--recovery-code-output", path])
        };
        let happened = kill_at(&wire, number, acted, || register(&first));
        let at = format!("{number}, {acted}");
        // The same command again finds out, or registers with another code.
        let again = Run::from(register(&second).wait_with_output().expect("it ends"));
        // A registration that was not interrupted leaves nothing to find out.
        assert_eq!(again.code, if happened { 0 } else { 8 }, "{at}: {again:?}");
        let read = |file: &std::path::Path| fs::read_to_string(file).unwrap_or_default().trim().to_owned();
        let (first, second) = (read(&first), read(&second));
        let (valid, dead) = if second.is_empty() { (first, second) } else { (second, first) };
        assert!(recovers(&wire.url(), &valid), "{at}: {again:?}");
        if !dead.is_empty() {
            assert!(again.says(&text("codeNotice.notMadeBefore")), "{at}: {again:?}");
            assert!(!recovers(&wire.url(), &dead), "{at}");
        }
        let login = device.run(&["status", "--json"]);
        assert!(login.code == 0 && !login.stdout.contains("pending_recovery_code"), "{at}: {login:?}");
        happened
    });
}

#[test]
fn a_code_that_was_shown_and_not_confirmed_is_said_to_be_inactive() {
    let Story { server: _server, wire, device, code } = Story::begin();
    let passphrase = device.write("typed", PASSPHRASE);
    for (command, again) in [
        (&["recovery-code", "new", "--passphrase-file", &passphrase][..], "rootcellar recovery-code new"),
        (&["rekey", "--passphrase-file", &passphrase], "rootcellar rekey"),
    ] {
        let mut terminal = Terminal::run(&device, command);
        if command[0] == "rekey" {
            terminal.answer(text("confirm.rekey"), text("typed.rekey"));
        }
        let shown = terminal.write_down();
        terminal.see(text("code.word"));
        // The terminal is closed.
        drop(terminal);
        for _ in 0..2 {
            let (said, told) = said(&device);
            assert_eq!(said, Some(false), "{told:?}");
            let unconfirmed = text("codeNotice.unconfirmed").with("command", again);
            assert!(noted(&told).iter().any(|(_, note)| unconfirmed.is_in(note)), "{told:?}");
        }
        assert_eq!(device.json(&["status"])["pending_recovery_code"]["state"], "unconfirmed");
        let _ = device.run(&["status", "--discard-pending-save"]);
        assert_eq!(said(&device).0, None);
        assert!(recovers(&wire.url(), &code) && !recovers(&wire.url(), &shown));
    }

    let fresh = Client::new(&wire.url(), OTHER_PASSPHRASE);
    let typed = fresh.write("typed", OTHER_PASSPHRASE);
    let register = ["register", "--account", "bob", "--passphrase-file", &typed];
    let mut terminal = Terminal::run(&fresh, &register);
    let shown = terminal.write_down();
    terminal.see(text("code.word"));
    drop(terminal);
    assert!(!recovers(&wire.url(), &shown));
    let told = fresh.run(&["list"]);
    assert!(told.code == 8 && told.says(&text("codeNotice.notMade")), "{told:?}");
    let again = fresh.try_register("bob", &[]);
    assert!(again.code == 0 && again.says(&text("codeNotice.notMadeBefore")), "{again:?}");
}

#[test]
fn a_lost_response_is_found_out_by_the_next_command() {
    let Story { server: _server, wire, device, mut code } = Story::begin();
    let file = device.file("new-code");
    let path = file.to_str().expect("text");
    for lost in [|| Fault::LoseResponse, || Fault::LoseRequest] {
        wire.always(CHANGE, lost());
        wire.always(RECOVERY, Fault::LoseRequest);
        let new = device.run(&["recovery-code", "new", "--recovery-code-output", path, "--yes"]);
        assert!(new.code == 9 && new.says(&text("code.unsureAdvice")), "{new:?}");
        wire.heal();
        let (said_first, told) = said(&device);
        assert_eq!(said_first, Some(true), "{told:?}");
        code = judge(&wire.url(), Some(true), std::mem::take(&mut code), &file, "a lost response");
        assert_eq!(said(&device).0, None);
    }
}

#[test]
fn a_code_that_another_device_replaced_is_said_to_be_superseded() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    let file = device.file("new-code");
    let path = file.to_str().expect("text");
    wire.always(CHANGE, Fault::LoseRequest);
    wire.always(RECOVERY, Fault::LoseRequest);
    let new = device.run(&["recovery-code", "new", "--recovery-code-output", path, "--yes"]);
    assert_eq!(new.code, 9, "{new:?}");
    wire.heal();
    let other = Client::new(&wire.url(), PASSPHRASE);
    other.json(&["restore", "--account", "alice"]);
    let valid = other.file("valid");
    other.json(&["recovery-code", "new", "--recovery-code-output", valid.to_str().expect("text"), "--yes"]);
    let (said, told) = said(&device);
    assert_eq!(said, Some(false), "{told:?}");
    let superseded = text("codeNotice.superseded");
    assert!(noted(&told).iter().any(|(_, note)| superseded.is_in(note)), "{told:?}");
    let [valid, dead] = [valid, file].map(|file| fs::read_to_string(file).expect("a code"));
    assert!(recovers(&wire.url(), &valid) && !recovers(&wire.url(), &dead));
}
