//! The root secret on paper and back.

use crate::server::{Folder, Server, command, run, stderr, stdout};
use std::io::Write;
use std::process::{Output, Stdio};

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
    assert!(stderr(&exists).contains("exists already"), "{}", stderr(&exists));

    let file = folder.data().join("root-secret");
    let before = std::fs::read(&file).expect("reads");
    std::fs::remove_file(&file).expect("removes");
    let wrong = from_words(&folder, &words.replacen(' ', " zoo ", 1));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(stderr(&wrong).contains("24 words"), "{}", stderr(&wrong));
    assert!(!file.exists());

    let restored = from_words(&folder, words);
    assert!(stdout(&restored).contains(stdout(&fingerprint)));
    assert_eq!(std::fs::read(&file).expect("reads"), before);
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
}

#[test]
fn is_not_made_by_looking() {
    let folder = Folder::new();
    let none = run(&folder, &["root-secret", "words"]);
    assert!(!none.status.success());
    assert!(stderr(&none).contains("made when the server first starts"), "{}", stderr(&none));
    assert!(!folder.data().exists());
}
