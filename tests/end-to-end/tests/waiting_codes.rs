//! Recovery codes that were confirmed and are not known to be active: nobody drops one by mistake, and each is found out at its own
//! vault.

use rootcellar_end_to_end::{
    Client, Fault, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Run, Server, Story, Terminal, Wire, notes, text,
};
use std::fs;

const CHANGE: &str = "POST /v1/account/recovery-code";
const RECOVERY: &str = "POST /v1/recovery";
const REGISTRATION: &str = "POST /v1/registration/finish";

/// Confirms another recovery code, of which no request arrives; returns the code.
fn confirmed(wire: &Wire, device: &Client) -> String {
    let file = device.file("new-code");
    wire.always(CHANGE, Fault::LoseRequest);
    wire.always(RECOVERY, Fault::LoseRequest);
    let path = file.to_str().expect("text");
    let new = device.run(&["recovery-code", "new", "--recovery-code-output", path, "--yes"]);
    assert_eq!(new.code, 9, "{new:?}");
    wire.heal();
    fs::read_to_string(&file).expect("the code").trim().to_owned()
}

/// Whether a command says that a registration created no account.
fn says_dead(run: &Run) -> bool {
    ["codeNotice.notMade", "codeNotice.notMadeBefore"].iter().any(|id| run.says(&text(id)))
}

/// Registers, and loses the response.
fn registering(wire: &Wire, lost: Fault) -> (Client, String) {
    let device = Client::new(&wire.url(), PASSPHRASE);
    wire.always(REGISTRATION, lost);
    let register = device.try_register("alice", &[]);
    assert_eq!(register.code, 9, "{register:?}");
    wire.heal();
    let code = fs::read_to_string(device.file("recovery-code")).expect("the code").trim().to_owned();
    fs::remove_file(device.file("recovery-code")).expect("removed");
    (device, code)
}

#[test]
fn a_confirmed_code_is_given_up_only_by_an_option_of_its_own() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    device.json(&["login", "--enrol", "--device-secrets", "plain", "--permission", "restore"]);
    let waiting = confirmed(&wire, &device);
    // A device without `manage` activates nothing.
    let status = |option| device.json_alone(&["status", option]);
    let kept = status("--discard-pending-save");
    assert_eq!(kept["pending_recovery_code"]["state"], "waiting", "{kept}");
    let given_up = status("--discard-code");
    assert!(given_up["pending_recovery_code"].is_null(), "{given_up}");
    let discarded = notes(&given_up).into_iter().find(|(code, _)| code == "recovery-code-discarded");
    assert!(discarded.is_some_and(|(_, note)| text("codeNotice.discarded").is_in(&note)), "{given_up}");
    // Nothing activates it any more.
    assert!(device.json(&["list"])["notes"].is_null());
    let waiting = device.write("waiting", &waiting);
    assert_eq!(device.run(&["recover", "--recovery-code-file", &waiting, "--generate"]).code, 3);
}

#[test]
fn a_waiting_code_is_spoken_of_where_its_paper_is_refused() {
    let Story { server: _server, wire, device, .. } = Story::begin();
    let waiting = confirmed(&wire, &device);
    let waiting = device.write("waiting", &waiting);
    let refused = device.run(&["recover", "--recovery-code-file", &waiting, "--generate"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.says(&text("codeNotice.waiting")), "{refused:?}");
}

#[test]
fn the_paper_of_a_registration_that_was_lost_recovers() {
    for lost in [Fault::LoseRequest, Fault::LoseResponse] {
        let server = Server::start();
        let wire = Wire::to(server.address());
        let (device, code) = registering(&wire, lost);
        let code = device.write("code", &code);
        let recovered = device.run(&["recover", "--recovery-code-file", &code, "--generate"]);
        assert_eq!(recovered.code, 0, "{recovered:?}");
        assert!(recovered.says(&text("codeNotice.made")), "{recovered:?}");
    }
}

#[test]
fn a_registration_is_found_out_at_its_own_vault_only() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let (mut device, _) = registering(&wire, Fault::LoseRequest);
    let other_server = Server::start();
    let other = Wire::to(other_server.address());
    device.turn_to(&other.url());

    let refused = device.try_register("alice", &[]);
    assert_eq!(refused.code, 9, "{refused:?}");
    assert!(refused.stderr.contains(&wire.url()), "{refused:?}");
    assert!(!says_dead(&refused), "{refused:?}");
    let restored = device.run(&["restore", "--account", "alice"]);
    assert!(restored.code == 3 && restored.stderr.contains(&wire.url()), "{restored:?}");
    let passed = other.passed();
    assert!(!passed.iter().any(|request| request.starts_with(REGISTRATION)), "{passed:?}");

    device.turn_to(&wire.url());
    let again = device.try_register("alice", &[]);
    assert!(again.code == 0 && !says_dead(&again), "{again:?}");
}

#[test]
fn the_message_about_a_registration_can_be_dismissed_without_an_account() {
    let server = Server::start();
    let device = Client::new(&server.url(), OTHER_PASSPHRASE);
    let typed = device.write("typed", OTHER_PASSPHRASE);
    let mut terminal = Terminal::run(&device, &["register", "--account", "bob", "--passphrase-file", &typed]);
    let _ = terminal.write_down();
    terminal.see(text("code.word"));
    drop(terminal);
    let told = device.run(&["list"]);
    assert!(told.code == 8 && told.says(&text("codeNotice.dismiss")), "{told:?}");
    let dismissed = device.run_alone(&["status", "--discard-pending-save"]);
    assert_eq!(dismissed.code, 0, "{dismissed:?}");
    let told = device.run(&["list"]);
    assert!(told.code == 8 && !says_dead(&told), "{told:?}");
}

#[test]
fn a_code_that_is_only_shown_is_confirmed_by_its_words_whatever_the_options() {
    let Story { server: _server, wire: _wire, device, .. } = Story::begin();
    let usage = device.run_alone(&["recovery-code", "new", "--yes"]);
    assert!(usage.code == 2 && usage.stderr.contains("--recovery-code-output"), "{usage:?}");
    let passphrase = device.write("typed", PASSPHRASE);
    let mut rekey = Terminal::run(&device, &["rekey", "--yes", "--passphrase-file", &passphrase]);
    let shown = rekey.write_down();
    rekey.confirm(&shown);
    let (code, screen) = rekey.end();
    assert_eq!(code, 0, "{screen}");
    let asked = text("code.word");
    let prompts: Vec<_> = screen.lines().filter(|line| asked.is_in(line)).collect();
    assert_eq!(prompts.len(), 2, "{screen}");
    assert!(prompts.iter().all(|line| asked.is_line(line)), "what is typed is not shown: {screen}");
}

#[test]
fn a_number_behind_the_words_is_not_dropped() {
    let Story { server: _server, wire: _wire, device, .. } = Story::begin();
    let numbered: String =
        PHRASE_12.split(' ').enumerate().map(|(at, word)| format!("{}. {word}\n", at + 1)).collect();
    assert_eq!(device.add("numbered", &numbered).code, 0);
    for words in [PHRASE_12, &numbered] {
        let refused = device.add("refused", &format!("{words} 2024"));
        assert_eq!(refused.code, 10, "{refused:?}");
        assert!(refused.says(&text("phrase.extraWordsAdvice")), "{refused:?}");
    }
}

#[test]
fn a_registration_that_waits_is_named_to_who_registers_another_name() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    for lost in [Fault::LoseRequest, Fault::LoseResponse] {
        let account = if matches!(lost, Fault::LoseRequest) { "alice" } else { "carol" };
        let device = Client::new(&wire.url(), PASSPHRASE);
        wire.always(REGISTRATION, lost);
        assert_eq!(device.try_register(account, &[]).code, 9);
        wire.heal();
        fs::remove_file(device.file("recovery-code")).expect("removed");
        let _ = wire.passed();
        let other = device.try_register("bob", &[]);
        assert_eq!(other.code, 9, "{other:?}");
        for said in
            [text("codeNotice.otherAccount").with("name", "bob"), text("codeNotice.otherAccountAdvice")]
        {
            assert!(other.says(&said), "{said:?}: {other:?}");
        }
        assert!(wire.passed().is_empty(), "nothing is sent of it");
        assert_eq!(device.try_register(account, &[]).code, 0);
    }
}

#[test]
fn a_registration_after_an_interruption_says_that_it_gives_another_code() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    let typed = device.write("typed", PASSPHRASE);
    let mut terminal =
        Terminal::run(&device, &["register", "--account", "alice", "--passphrase-file", &typed]);
    let _ = terminal.write_down();
    terminal.see(text("code.word"));
    drop(terminal);
    let again = device.try_register("alice", &[]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.says(&text("codeNotice.notMadeBefore")), "{again:?}");
    assert!(!again.says(&text("codeNotice.notMade")), "it is running: {again:?}");
    assert!(!again.says(&text("codeNotice.dismiss")), "nothing is left to dismiss: {again:?}");
}
