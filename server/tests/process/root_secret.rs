//! The root secret on paper and back.

use crate::server::{Folder, Server, binary, command, run, stderr, stdout};
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn from_words(folder: &Folder, words: &str) -> Output {
    let mut child = command(folder, &["root-secret", "from-words"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("is piped").write_all(words.as_bytes()).expect("writes");
    child.wait_with_output().expect("ends")
}

#[test]
fn comes_back_from_its_words_and_opens_its_store() {
    let folder = Folder::new();
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    let words = run(&folder, &["root-secret", "words"]);
    let words = stdout(&words);
    assert_eq!(words.split_whitespace().count(), 24);
    let fingerprint = run(&folder, &["root-secret", "fingerprint"]);

    let exists = from_words(&folder, words);
    assert_eq!(exists.status.code(), Some(3));
    assert!(stderr(&exists).contains("error[root-secret-exists]"), "{}", stderr(&exists));

    let file = folder.data().join("root-secret");
    let before = std::fs::read(&file).expect("reads");
    std::fs::remove_file(&file).expect("removes");
    let wrong = from_words(&folder, &words.replacen(' ', " zoo ", 1));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(stderr(&wrong).contains("error[words-invalid]"), "{}", stderr(&wrong));
    assert!(!file.exists());

    let restored = from_words(&folder, words);
    assert!(stdout(&restored).contains(stdout(&fingerprint)));
    assert_eq!(std::fs::read(&file).expect("reads"), before);
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
}

/// The command works as it is written, wherever it is typed and whatever the default data folder holds.
#[test]
fn every_start_says_how_to_write_it_down() {
    let outer = Folder::new();
    let folder = Folder::at(outer.path("it's mine"));
    for (event, start) in [("WARN  root-secret-created: ", "first"), ("INFO  root-secret-loaded: ", "second")]
    {
        assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
        let log = std::fs::read_to_string(folder.path("log")).expect("a log");
        std::fs::remove_file(folder.path("log")).expect("removes");
        let line = log.lines().find(|line| line.contains(event));
        let line = line.unwrap_or_else(|| panic!("{start}: {log}"));
        let fingerprint = run(&folder, &["root-secret", "fingerprint"]);
        assert!(line.contains(&format!("fingerprint=\"{}\"", stdout(&fingerprint))), "{line}");
        let (_, command) = line.split_once(": rootcellar-server ").expect("the command");
        let (command, _) = command.split_once(" fingerprint=").expect("the field");
        let typed = format!("{} {command}", binary().display());
        let output = Command::new("sh").args(["-c", &typed]).env_clear().output().expect("runs");
        assert_eq!(stdout(&output).split_whitespace().count(), 24, "{typed}");
        assert!(stderr(&output).contains(stdout(&fingerprint)), "{}", stderr(&output));
    }
}

#[test]
fn is_not_made_by_looking() {
    let folder = Folder::new();
    let none = run(&folder, &["root-secret", "words"]);
    assert_eq!(none.status.code(), Some(3));
    assert!(stderr(&none).contains("error[root-secret-missing]"), "{}", stderr(&none));
    assert!(!folder.data().exists());
}
