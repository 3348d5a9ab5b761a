//! A secret of one line is never changed silently: what cannot be exactly one line is refused, and nothing is saved.

use rootcellar_end_to_end::{Client, PASSPHRASE, PHRASE_12, Server, Terminal, text};

#[test]
fn a_passphrase_file_with_two_line_endings_is_refused() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let phrase = device.write("phrase", PHRASE_12);
    let add = |label: &str, content: &str| {
        let file = device.write("bip39", content);
        let from = ["--from", &phrase, "--bip39-passphrase-file", &file];
        device.run(&[["add", "--label", label].as_slice(), &from].concat())
    };
    for (content, found) in [
        ("hidden\n\n", text("input.blankLine")),
        ("hidden\r\n\r\n", text("input.blankLine")),
        ("hidden\nwallet\n", text("input.severalLines").with("lines", 2)),
        ("\u{feff}hidden\n", text("input.byteOrderMark")),
        ("hid\0den\n", text("input.controlCharacter")),
    ] {
        let refused = add("refused", content);
        assert_eq!(refused.code, 10, "{content:?}: {}", refused.stderr);
        assert!(refused.says(&found), "{content:?}: {}", refused.stderr);
        assert!(!refused.stderr.contains("hidden"), "no secret in an error: {}", refused.stderr);
    }
    for (label, content) in [("lf", "hidden\n"), ("crlf", "hidden\r\n"), ("none", "hidden")] {
        assert_eq!(add(label, content).code, 0, "{content:?}");
        assert_eq!(device.json(&["show", label])["entry"]["bip39_passphrase"], "hidden", "{content:?}");
    }
    let odd = add("odd", " hidden wallet \n");
    assert_eq!(odd.code, 0, "a wallet may have spaces: {}", odd.stderr);
    assert!(odd.says(&text("add.oddPassphrase")), "{}", odd.stderr);
    let shown = device.run(&["show", "odd"]);
    assert!(shown.stdout.contains("\u{2423}hidden wallet\u{2423}\n"), "{}", shown.stdout);
    assert!(shown.says(&text("entry.spaces").with("start", 1).with("end", 1)), "{}", shown.stderr);
    assert_eq!(
        device.json(&["show", "odd"])["entry"]["bip39_passphrase"],
        " hidden wallet ",
        "JSON is exact"
    );
}

#[test]
fn lines_that_are_pasted_into_a_prompt_are_refused() {
    let server = Server::start();
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let phrase = device.write("phrase", PHRASE_12);
    let arguments = ["add", "--label", "pasted", "--from", &phrase, "--bip39-passphrase"];
    let mut add = Terminal::run(&device, &arguments);
    add.answer(text("ask.bip39Passphrase"), "hidden\nwallet");
    let (code, screen) = add.end();
    assert_eq!(code, 10, "{screen}");
    assert!(text("input.severalLinesPasted").is_in(&screen) && !screen.contains("hidden"), "{screen}");
    for (pasted, found) in [
        ("\u{feff}hidden", text("input.byteOrderMark")),
        ("hid\u{2028}den", text("input.severalLines").with("lines", 2)),
        ("hidden\u{85}", text("input.blankLine")),
    ] {
        let mut add = Terminal::run(&device, &arguments);
        add.answer(text("ask.bip39Passphrase"), pasted);
        let (code, screen) = add.end();
        assert_eq!(code, 10, "{pasted:?}: {screen}");
        assert!(found.is_in(&screen) && !screen.contains("hidden"), "{pasted:?}: {screen}");
    }
}

#[test]
fn a_name_that_cannot_be_typed_again_is_refused_with_the_position() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    for (name, character, position) in [
        ("al\u{200b}ice", "U+200B", '3'),
        ("al\u{ad}ice", "U+00AD", '3'),
        ("\u{feff}alice", "U+FEFF", '1'),
        ("alice\u{202e}", "U+202E", '6'),
    ] {
        let refused = device.run(&["register", "--account", name, "--json"]);
        assert_eq!((refused.code, refused.error_code().as_str()), (10, "invalid-account-name"));
        let message = refused.error()["message"].as_str().expect("text").to_owned();
        let behind = message.split_once(character).map(|(_, behind)| behind.to_owned());
        assert!(behind.is_some_and(|behind| behind.contains(position)), "{name:?}: {message}");
    }
}
