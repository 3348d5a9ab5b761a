//! What a person sees and types; nothing secret is echoed.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, Terminal, WRONG_PASSPHRASE, server_program, text,
};

#[test]
fn a_person_registers_adds_and_recovers_by_typing() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    let mut register = Terminal::run(&device, &["register", "--account", "alice"]);
    register.answer(text("ask.passphrase"), "alice1984");
    register.see(text("passphrase.hintWeak"));
    register.answer(text("ask.passphrase"), PASSPHRASE);
    register.answer(text("ask.passphraseAgain"), WRONG_PASSPHRASE);
    register.see(text("passphrase.differ"));
    register.answer(text("ask.passphrase"), PASSPHRASE);
    register.answer(text("ask.passphraseAgain"), PASSPHRASE);
    let recovery_code = register.write_down();
    register.answer(text("code.word"), "zebra");
    register.see(text("code.wordWrong"));
    register.confirm(&recovery_code);
    let (code, screen) = register.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE) && !screen.contains("alice1984"), "no echo: {screen}");

    let mut add = Terminal::run(&device, &["add", "--label", "everyday"]);
    add.answer(text("ask.phrase"), PHRASE_12.replacen("pigeon", "pigeom", 1));
    add.answer(text("words.soFar").with("n", 12), "");
    add.see("pigeon");
    add.answer(text("ask.wordAgain").with("place", 2), "pigeon");
    add.answer(text("ask.passphrase"), WRONG_PASSPHRASE);
    add.answer(text("ask.passphrase"), PASSPHRASE);
    let (code, screen) = add.end();
    assert_eq!(code, 0, "the phrase is typed once: {screen}");
    assert!(!screen.contains("tourist") && !screen.contains(PASSPHRASE), "no echo: {screen}");

    let mut refused = Terminal::run(&device, &["add", "--label", "code"]);
    refused.answer(text("ask.phrase"), &recovery_code);
    refused.answer(text("words.soFar").with("n", 12), "");
    refused.see(text("phrase.recoveryCodeAdvice"));
    drop(refused);

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let mut recover = Terminal::run(&found, &["recover"]);
    recover.answer(text("ask.recoveryCode"), recovery_code.to_uppercase());
    recover.see(PHRASE_12);
    recover.see(text("recover.accountAndVault").with("name", "alice"));
    recover.answer(text("ask.newPassphrase"), OTHER_PASSPHRASE);
    recover.answer(text("ask.newPassphraseAgain"), OTHER_PASSPHRASE);
    let (code, screen) = recover.end();
    assert_eq!(code, 0, "{screen}");
    let place = |id| screen.find(&text(id).to_string());
    let (set, give) = (place("recover.set"), place("recover.nameOnce"));
    assert!(set.is_some() && set < give, "first what was done: {screen}");
    let mut list = Terminal::run(&found, &["list"]);
    list.answer(text("ask.accountOnce"), "alice");
    list.answer(text("ask.passphrase"), OTHER_PASSPHRASE);
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
    recover.answer(text("ask.newPassphrase"), OTHER_PASSPHRASE);
    recover.answer(text("ask.newPassphraseAgain"), OTHER_PASSPHRASE);
    recover.answer(text("ask.accountOrNone"), "alice");
    let (code, screen) = recover.end();
    assert!(code == 0 && text("recover.set").is_in(&screen), "{screen}");
    assert_eq!(found.run(&["list"]).code, 0, "it knows the name");
}

#[test]
fn the_devices_passphrase_is_not_the_accounts() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let mut login = Terminal::run(&device, &["login", "--enrol"]);
    login.answer(text("ask.passphrase"), PASSPHRASE);
    login.see(text("secretStore.noKeyring"));
    login.answer(text("ask.devicePassphrase"), PASSPHRASE);
    login.see(text("passphrase.same"));
    login.answer(text("ask.devicePassphrase"), OTHER_PASSPHRASE);
    login.answer(text("ask.devicePassphraseAgain"), OTHER_PASSPHRASE);
    let (code, screen) = login.end();
    assert!(code == 0 && text("enrolled.inEncryptedFile").is_in(&screen), "{screen}");
}

#[test]
fn a_wrong_first_line_of_words_is_dropped() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let mut add = Terminal::run(&device, &["add", "--label", "anew"]);
    add.answer(text("ask.phrase"), PASSPHRASE);
    add.answer(text("words.soFar").with("restart", "-"), "-");
    add.answer(text("words.restarted").with("prompt", text("ask.phrase")), PHRASE_12);
    add.answer(text("words.soFar").with("n", 12), "");
    add.answer(text("ask.passphrase"), PASSPHRASE);
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
    add.answer(text("ask.phrase"), paste.join("\n"));
    // The numbers of the list are no words: it may be the first half of 24.
    add.answer(text("words.soFar").with("n", 12), "");
    add.answer(text("ask.passphrase"), PASSPHRASE);
    let (code, screen) = add.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("tourist"), "{screen}");
    assert_eq!(device.json(&["show", "pasted"])["entry"]["phrase"], PHRASE_12);

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let mut recover = Terminal::run(&found, &["recover"]);
    // One word too many, then more: none of it is echoed or answers what is asked next.
    recover.answer(text("ask.recoveryCode"), format!("{recovery_code} zoo\nzebra\nzone"));
    recover.answer(text("ask.recoveryCode"), recovery_code.replace(' ', "\n"));
    recover.see(PHRASE_12);
    recover.answer(text("ask.newPassphrase"), OTHER_PASSPHRASE);
    recover.answer(text("ask.newPassphraseAgain"), OTHER_PASSPHRASE);
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
    assert!(text("register.createdShownOnce").is_in(&said), "{said}");
    let passphrase = text("passphrase.generatedOnce").value_in("passphrase", &said).expect("it is shown");
    let found = Client::new(&server.url(), &passphrase);
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
    register.answer(text("ask.invite"), invite["code"].as_str().expect("an invite"));
    register.answer(text("ask.passphrase"), PASSPHRASE);
    register.answer(text("ask.passphraseAgain"), PASSPHRASE);
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
    assert!(double.code == 10 && double.says(&text("add.labelInUseAdvice")), "{double:?}");
    let file = device.write("phrase", PHRASE_12);
    let again = device.run(&["add", "--label", "wallet", "--from", &file, "--again"]);
    assert!(again.code == 0 && again.says(&text("add.sameFingerprint")), "{again:?}");
    let show = device.run(&["show", "wallet"]);
    assert!(show.code == 11 && show.says(&text("entry.severalAdvice")), "{show:?}");
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
    let option = text("input.noTerminalAdvice").with("option", "--passphrase-file FILE");
    assert!(!output.status.success() && option.is_in(&said), "{said}");
}

#[test]
fn wrong_input_is_refused_with_the_reason() {
    let server = Server::start();
    let (device, recovery_code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let swapped = PHRASE_12.replacen("attitude pigeon", "pigeon attitude", 1);
    for (phrase, code, said) in [
        (PHRASE_12.replacen("tourist", "tourrist", 1), "phrase-unknown-word", "tourist"),
        (PHRASE_12.replacen("attitude ", "", 1), "phrase-word-count", "11"),
        (format!("{PHRASE_12} Hunter2"), "phrase-word-count", "--bip39-passphrase"),
        (swapped, "phrase-checksum", ""),
        (recovery_code, "phrase-is-recovery-code", ""),
    ] {
        let file = device.write("phrase", &phrase);
        let run = device.run(&["add", "--label", "wrong", "--from", &file, "--json"]);
        assert_eq!((run.code, run.error_code().as_str()), (10, code), "{run:?}");
        assert!(run.stderr.contains(said), "{code}: {run:?}");
    }
    assert!(device.labels().is_empty());
    let weak = Client::new(&server.url(), "password1").run(&["register", "--account", "bob", "--json"]);
    assert_eq!((weak.code, weak.error_code().as_str()), (10, "weak-passphrase"), "{weak:?}");
}

#[test]
fn an_operator_types_the_root_secret_unseen() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("root-secret");
    let mut from_words = server_program();
    from_words.arg("--root-secret-file").arg(&file).args(["root-secret", "from-words"]);
    let mut terminal = Terminal::of(from_words);
    let words = format!("{}art", "abandon ".repeat(23));
    terminal.answer("cancels):", &words);
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
    add.answer(text("ask.phrase"), half);
    add.answer(text("words.soFar").with("n", 12), half);
    add.see(text("phrase.checksumAdvice"));
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
    refused.see(text("restore.explain"));
    refused.answer(text("restore.ask"), text("typed.no"));
    let (code, screen) = refused.end();
    assert!(code == 130 && !screen.contains("attitude"), "{screen}");
    let mut shown = Terminal::run(&device, &restore);
    shown.answer(text("restore.ask"), text("typed.yes"));
    shown.see(PHRASE_12);
    assert_eq!(shown.end().0, 0);
    let (code, screen) = Terminal::run(&device, &[&restore[..], &["--yes"]].concat()).end();
    assert!(code == 0 && screen.contains(PHRASE_12) && !text("restore.ask").is_in(&screen), "{screen}");
    // A script has no screen.
    assert!(device.run(&["restore"]).stdout.contains(PHRASE_12));
}

#[test]
fn a_pairing_text_that_is_none_is_refused_before_the_passphrase_is_asked_for() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let junk = device.write("junk", "rootcellar-pair-1:nothing");
    let (code, screen) = Terminal::run(&device, &["devices", "approve", "--from", &junk]).end();
    assert!(code == 10 && !text("ask.passphrase").is_in(&screen), "{screen}");
}
