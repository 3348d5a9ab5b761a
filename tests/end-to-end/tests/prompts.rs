//! What a person sees and types; nothing secret is echoed.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, Terminal, WRONG_PASSPHRASE,
};

#[test]
fn a_person_registers_adds_and_recovers_by_typing() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    let mut register = Terminal::run(&device, &["register", "--account", "alice"]);
    register.answer("assphrase", "alice1984");
    register.answer("once more", "alice1984");
    register.see("too easy to guess");
    register.answer("assphrase", PASSPHRASE);
    register.answer("once more", WRONG_PASSPHRASE);
    register.answer("assphrase", PASSPHRASE);
    register.answer("once more", PASSPHRASE);
    let (code, screen) = register.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE) && !screen.contains("alice1984"), "no echo: {screen}");
    let twelve = |line: &&str| line.split_whitespace().count() == 12 && !line.contains(['.', ',', '-', ':']);
    let recovery_code = screen.lines().find(twelve).expect("twelve words on a line").trim().to_owned();

    let mut add = Terminal::run(&device, &["add", "--label", "everyday"]);
    add.answer("hrase", &PHRASE_12.replacen("pigeon", "pigeom", 1));
    add.see("pigeon");
    let (code, screen) = type_phrase_and_passphrase(add, &device);
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("tourist") && !screen.contains(PASSPHRASE), "no echo: {screen}");

    let mut refused = Terminal::run(&device, &["add", "--label", "code"]);
    refused.answer("hrase", &recovery_code);
    refused.see("recovery code");
    drop(refused);

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let mut recover = Terminal::run(&found, &["recover"]);
    recover.answer("ecovery code", &recovery_code.to_uppercase());
    recover.see(PHRASE_12);
    recover.answer("assphrase", OTHER_PASSPHRASE);
    recover.answer("once more", OTHER_PASSPHRASE);
    let (code, screen) = recover.end();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(found.run(&["list", "--account", "alice"]).code, 0);
}

/// After a refused phrase the command either asks again or ends; in both cases the right phrase gets in.
fn type_phrase_and_passphrase(first: Terminal, device: &Client) -> (i32, String) {
    drop(first);
    let mut add = Terminal::run(device, &["add", "--label", "everyday"]);
    add.answer("hrase", PHRASE_12);
    add.answer("assphrase", PASSPHRASE);
    add.end()
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
