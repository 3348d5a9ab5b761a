//! A secret of one line is never changed silently: what cannot be exactly one line is refused, and nothing is saved.

use rootcellar_end_to_end::{Client, PASSPHRASE, PHRASE_12, Server, Terminal};

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
        ("hidden\n\n", "blank line"),
        ("hidden\r\n\r\n", "blank line"),
        ("hidden\nwallet\n", "2 lines"),
        ("\u{feff}hidden\n", "byte order mark"),
        ("hid\0den\n", "U+0000"),
    ] {
        let refused = add("refused", content);
        assert_eq!(refused.code, 10, "{content:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(found), "{content:?}: {}", refused.stderr);
        assert!(!refused.stderr.contains("hidden"), "no secret in an error: {}", refused.stderr);
    }
    for (label, content) in [("lf", "hidden\n"), ("crlf", "hidden\r\n"), ("none", "hidden")] {
        assert_eq!(add(label, content).code, 0, "{content:?}");
        assert_eq!(device.json(&["show", label])["entry"]["bip39_passphrase"], "hidden", "{content:?}");
    }
    let odd = add("odd", " hidden wallet \n");
    assert_eq!(odd.code, 0, "a wallet may have spaces: {}", odd.stderr);
    assert!(odd.stderr.contains("starts with 1 space and ends with 1 space"), "{}", odd.stderr);
    let shown = device.run(&["show", "odd"]);
    assert!(shown.stdout.contains("\u{2423}hidden wallet\u{2423}\n"), "{}", shown.stdout);
    assert!(shown.stderr.contains("1 at the start, 1 at the end"), "{}", shown.stderr);
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
    add.answer("BIP-39 passphrase: ", "hidden\nwallet");
    let (code, screen) = add.end();
    assert_eq!(code, 10, "{screen}");
    assert!(screen.contains("More than one line was pasted") && !screen.contains("hidden"), "{screen}");
    for (pasted, found) in
        [("\u{feff}hidden", "U+FEFF at position 1"), ("hid\u{2028}den", "2 lines"), ("hidden\u{85}", "line")]
    {
        let mut add = Terminal::run(&device, &arguments);
        add.answer("BIP-39 passphrase: ", pasted);
        let (code, screen) = add.end();
        assert_eq!(code, 10, "{pasted:?}: {screen}");
        assert!(screen.contains(found) && !screen.contains("hidden"), "{pasted:?}: {screen}");
    }
}

#[test]
fn a_name_that_cannot_be_typed_again_is_refused_with_the_position() {
    let server = Server::start();
    let device = Client::new(&server.url(), PASSPHRASE);
    for (name, found) in [
        ("al\u{200b}ice", "U+200B) at position 3"),
        ("al\u{ad}ice", "U+00AD) at position 3"),
        ("\u{feff}alice", "U+FEFF) at position 1"),
        ("alice\u{202e}", "U+202E) at position 6"),
    ] {
        let refused = device.run(&["register", "--account", name]);
        assert_eq!(refused.code, 10, "{}", refused.stderr);
        assert!(refused.stderr.contains(found), "{name:?}: {}", refused.stderr);
    }
}
