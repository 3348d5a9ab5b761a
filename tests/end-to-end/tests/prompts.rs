//! What a person sees and types; nothing secret is echoed.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, Terminal, WRONG_PASSPHRASE, server_program,
};

#[test]
fn a_person_registers_adds_and_recovers_by_typing() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    let mut register = Terminal::run(&device, &["register", "--account", "alice"]);
    register.answer("assphrase: ", "alice1984");
    register.see("too easy to guess");
    register.answer("assphrase: ", PASSPHRASE);
    register.answer("once more: ", WRONG_PASSPHRASE);
    register.answer("assphrase: ", PASSPHRASE);
    register.answer("once more: ", PASSPHRASE);
    let recovery_code = register.write_down();
    register.answer("word", "zebra");
    register.see("not this word");
    register.confirm(&recovery_code);
    let (code, screen) = register.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE) && !screen.contains("alice1984"), "no echo: {screen}");

    let mut add = Terminal::run(&device, &["add", "--label", "everyday"]);
    add.answer("hrase: ", &PHRASE_12.replacen("pigeon", "pigeom", 1));
    add.answer("12 words so far", "");
    add.see("pigeon");
    add.answer("Word 2, again: ", "pigeon");
    add.answer("assphrase: ", WRONG_PASSPHRASE);
    add.see("Wrong passphrase");
    add.answer("assphrase: ", PASSPHRASE);
    let (code, screen) = add.end();
    assert_eq!(code, 0, "the phrase is typed once: {screen}");
    assert!(!screen.contains("tourist") && !screen.contains(PASSPHRASE), "no echo: {screen}");

    let mut refused = Terminal::run(&device, &["add", "--label", "code"]);
    refused.answer("hrase", &recovery_code);
    refused.answer("12 words so far", "");
    refused.see("recovery code");
    drop(refused);

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let mut recover = Terminal::run(&found, &["recover"]);
    recover.answer("ecovery code", &recovery_code.to_uppercase());
    recover.see(PHRASE_12);
    recover.see("Account name: alice.");
    recover.answer("assphrase", OTHER_PASSPHRASE);
    recover.answer("once more", OTHER_PASSPHRASE);
    let (code, screen) = recover.end();
    assert_eq!(code, 0, "{screen}");
    let (set, give) = (screen.find("passphrase is set"), screen.find("give it once"));
    assert!(set.is_some() && set < give, "first what was done: {screen}");
    let mut list = Terminal::run(&found, &["list"]);
    list.answer("Account name", "alice");
    list.answer("assphrase: ", OTHER_PASSPHRASE);
    list.see("everyday");
    assert_eq!(list.end().0, 0);
}

#[test]
fn another_name_costs_no_second_passphrase() {
    let server = Server::start();
    let (device, recovery_code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let code = device.write("code", &recovery_code);
    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let recover = ["recover", "--recovery-code-file", &code, "--account", "alicia"];
    let mut recover = Terminal::run(&found, &recover);
    recover.answer("assphrase: ", OTHER_PASSPHRASE);
    recover.answer("once more: ", OTHER_PASSPHRASE);
    recover.see("another name");
    recover.answer("Account name (Enter for none): ", "alice");
    let (code, screen) = recover.end();
    assert!(code == 0 && screen.contains("passphrase is set"), "{screen}");
    assert_eq!(found.run(&["list"]).code, 0, "it knows the name");
}

#[test]
fn the_devices_passphrase_is_not_the_accounts() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let mut login = Terminal::run(&device, &["login", "--enrol"]);
    login.answer("assphrase: ", PASSPHRASE);
    login.see("No keyring works here");
    login.answer("Device passphrase: ", PASSPHRASE);
    login.see("the account's passphrase: choose another");
    login.answer("Device passphrase: ", OTHER_PASSPHRASE);
    login.answer("once more: ", OTHER_PASSPHRASE);
    let (code, screen) = login.end();
    assert!(code == 0 && screen.contains("encrypted file, whose passphrase"), "{screen}");
}

#[test]
fn a_wrong_first_line_of_words_is_dropped() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let mut add = Terminal::run(&device, &["add", "--label", "anew"]);
    add.answer("hrase: ", PASSPHRASE);
    add.answer("type - to begin anew: ", "-");
    add.answer("From the beginning. Seed phrase: ", PHRASE_12);
    add.answer("12 words so far", "");
    add.answer("assphrase: ", PASSPHRASE);
    let (code, screen) = add.end();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(device.json(&["show", "anew"])["entry"]["phrase"], PHRASE_12);
}

#[test]
fn a_phrase_may_be_pasted_with_a_word_on_each_line_and_nothing_spills_out() {
    let server = Server::start();
    let (device, recovery_code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let paste: Vec<_> =
        PHRASE_12.split(' ').enumerate().map(|(at, word)| format!("{}. {word}", at + 1)).collect();
    let mut add = Terminal::run(&device, &["add", "--label", "pasted"]);
    add.answer("hrase: ", &paste.join("\n"));
    // The numbers of the list are no words: it may be the first half of 24.
    add.answer("12 words so far", "");
    add.answer("assphrase: ", PASSPHRASE);
    let (code, screen) = add.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("tourist"), "{screen}");
    assert_eq!(device.json(&["show", "pasted"])["entry"]["phrase"], PHRASE_12);

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let mut recover = Terminal::run(&found, &["recover"]);
    // One word too many, then more: none of it is echoed or answers what is asked next.
    recover.answer("ecovery code: ", &format!("{recovery_code} zoo\nzebra\nzone"));
    recover.see("12 words");
    recover.answer("ecovery code: ", &recovery_code.replace(' ', "\n"));
    recover.see(PHRASE_12);
    recover.answer("assphrase: ", OTHER_PASSPHRASE);
    recover.answer("once more: ", OTHER_PASSPHRASE);
    let (code, screen) = recover.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("zebra") && !screen.contains("zone"), "{screen}");
}

#[test]
fn a_generated_passphrase_that_cannot_be_printed_is_not_lost() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    let code = device.file("code");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
    let output = ["--recovery-code-output", code.to_str().expect("text")];
    let program = device.command(&[&["register", "--account", "alice", "--generate"], &output[..]].concat());
    // A session of its own has no terminal, so that standard error is what is left.
    let mut detached = std::process::Command::new("setsid");
    detached.arg("--wait").arg(program.get_program()).args(program.get_args()).stdout(full);
    let output = detached.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(8), "{said}");
    assert!(said.contains("account was created"), "{said}");
    let (_, passphrase) = said.split_once("passphrase is: ").expect("it is shown");
    let found = Client::new(&server.url(), passphrase.lines().next().expect("a line"));
    assert_eq!(found.run(&["restore", "--account", "alice"]).code, 0);
    let code = std::fs::read_to_string(code).expect("the recovery code was written before");
    let code = found.write("code", &code);
    let new = found.write("new", OTHER_PASSPHRASE);
    let mut recovered =
        found.command(&["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new]);
    assert!(recovered.output().expect("it runs").status.success());
}

#[test]
fn a_vault_by_invite_asks_for_it_before_the_passphrase() {
    let server = Server::with(&["--registration", "invite"]);
    let device = Client::new(&server.url(), PASSPHRASE);
    let invite = server.administer(&["admin", "invite", "new", "--json"]);
    let invite: serde_json::Value = serde_json::from_str(&invite).expect("JSON");
    let mut register = Terminal::run(&device, &["register", "--account", "alice"]);
    register.answer("Invite: ", invite["code"].as_str().expect("an invite"));
    register.answer("assphrase: ", PASSPHRASE);
    register.answer("once more: ", PASSPHRASE);
    let recovery_code = register.write_down();
    register.confirm(&recovery_code);
    let (code, screen) = register.end();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_label_names_one_entry_unless_it_is_wanted_otherwise() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("wallet", PHRASE_12).code, 0);
    let double = device.add("wallet", PHRASE_12);
    assert!(double.code == 10 && double.stderr.contains("--again"), "{double:?}");
    let file = device.write("phrase", PHRASE_12);
    let again = device.run(&["add", "--label", "wallet", "--from", &file, "--again"]);
    assert!(again.code == 0 && again.stderr.contains("same fingerprint"), "{again:?}");
    let show = device.run(&["show", "wallet"]);
    assert!(show.code == 11 && show.stderr.contains("Give the id"), "{show:?}");
}

#[test]
fn without_a_terminal_the_option_is_named() {
    let device = Client::new("http://127.0.0.1:1", PASSPHRASE);
    // A session of its own has no terminal, whatever this test runs in.
    let program = device.command(&["restore", "--account", "alice"]);
    let mut detached = std::process::Command::new("setsid");
    detached
        .arg("--wait")
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(std::process::Stdio::null());
    let output = detached.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--passphrase-file"), "{said}");
}

#[test]
fn wrong_input_is_refused_with_the_reason() {
    let server = Server::start();
    let (device, recovery_code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let swapped = PHRASE_12.replacen("attitude pigeon", "pigeon attitude", 1);
    for (what, phrase, said) in [
        ("a mistyped word", PHRASE_12.replacen("tourist", "tourrist", 1), "tourist"),
        ("a word too few", PHRASE_12.replacen("attitude ", "", 1), "11"),
        ("a word too many", format!("{PHRASE_12} Hunter2"), "--bip39-passphrase"),
        ("a wrong checksum", swapped, "do not fit together"),
        ("a recovery code", recovery_code, "recovery code"),
    ] {
        let run = device.add("wrong", &phrase);
        assert!(run.code == 10 && run.stderr.contains(said), "{what}: {run:?}");
    }
    assert!(device.labels().is_empty());
    let weak = Client::new(&server.url(), "password1").run(&["register", "--account", "bob"]);
    assert!(weak.code == 10 && weak.stderr.contains("easy to guess"), "{weak:?}");
}

#[test]
fn an_operator_types_the_root_secret_unseen() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("root-secret");
    let mut from_words = server_program();
    from_words.arg("--root-secret-file").arg(&file).args(["root-secret", "from-words"]);
    let mut terminal = Terminal::of(from_words);
    let words = format!("{}art", "abandon ".repeat(23));
    terminal.answer("cancels:", &words);
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("abandon"), "no echo: {screen}");
    assert_eq!(std::fs::read_to_string(file).expect("it is written").trim(), "0".repeat(64));
}

#[test]
fn the_first_half_of_a_phrase_is_never_taken_for_the_whole() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    // Both halves pass as phrases of their own.
    let half = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let mut add = Terminal::run(&device, &["add", "--label", "halves"]);
    add.answer("hrase: ", half);
    add.answer("12 words so far", half);
    add.see("do not fit together");
    drop(add);
    assert!(device.labels().is_empty());
}

#[test]
fn a_restore_asks_before_it_shows_every_seed_on_a_screen() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("everyday", PHRASE_12).code, 0);
    let typed = device.write("typed", PASSPHRASE);
    let restore = ["restore", "--passphrase-file", &typed];
    let mut refused = Terminal::run(&device, &restore);
    refused.see("every seed in full");
    refused.answer("Show them all?", "no");
    let (code, screen) = refused.end();
    assert!(code == 130 && !screen.contains("attitude"), "{screen}");
    let mut shown = Terminal::run(&device, &restore);
    shown.answer("Show them all?", "yes");
    shown.see(PHRASE_12);
    assert_eq!(shown.end().0, 0);
    let (code, screen) = Terminal::run(&device, &[&restore[..], &["--yes"]].concat()).end();
    assert!(code == 0 && screen.contains(PHRASE_12) && !screen.contains("Show them all?"), "{screen}");
    // A script has no screen.
    assert!(device.run(&["restore"]).stdout.contains(PHRASE_12));
}

#[test]
fn a_pairing_text_that_is_none_is_refused_before_the_passphrase_is_asked_for() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let junk = device.write("junk", "rootcellar-pair-1:nothing");
    let (code, screen) = Terminal::run(&device, &["devices", "approve", "--from", &junk]).end();
    assert!(code == 10 && !screen.contains("assphrase"), "{screen}");
}
