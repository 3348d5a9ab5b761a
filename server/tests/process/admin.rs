//! The admin socket and its client.

use crate::server::{Folder, Server, run, stderr, stdout};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{SystemTime, UNIX_EPOCH};

fn json(output: &std::process::Output) -> Value {
    serde_json::from_str(stdout(output)).expect("JSON")
}

#[test]
fn makes_invites_that_differ_and_end() {
    let folder = Folder::new();
    let _server = Server::start(&folder, &["--registration", "invite"]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let first = json(&run(&folder, &["admin", "invite", "new", "--expires", "2h", "--json"]));
    let second = run(&folder, &["admin", "invite", "new"]);
    assert_ne!(first["code"].as_str(), Some(stdout(&second)));
    assert_eq!(stdout(&second).len(), 22, "128 bits in base64url");
    let expires = first["expires_at"].as_u64().expect("a time");
    assert!((now + 7200..now + 7260).contains(&expires), "{expires}");
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    assert!(!log.contains(stdout(&second)), "an invite is no matter for logs");
    assert_eq!(run(&folder, &["admin", "invite", "new", "--expires", "soon"]).status.code(), Some(2));
}

#[test]
fn says_how_long_an_invite_is_good_and_whether_it_is_of_use() {
    let folder = Folder::new();
    for (mode, note) in [
        ("invite", None),
        ("open", Some("--registration is open")),
        ("closed", Some("--registration is closed")),
    ] {
        let _server = Server::start(&folder, &["--registration", mode]);
        let text = run(&folder, &["admin", "invite", "new"]);
        let json = run(&folder, &["admin", "invite", "new", "--json"]);
        assert_eq!(stdout(&text).len(), 22, "the code alone, for scripts");
        assert!(stderr(&text).contains("until 20"), "{}", stderr(&text));
        for output in [&text, &json] {
            assert_eq!(stderr(output).contains("Note:"), note.is_some(), "{mode}: {}", stderr(output));
            assert!(note.is_none_or(|note| stderr(output).contains(note)), "{}", stderr(output));
        }
    }
    for time in ["0s", "59s", "367d"] {
        let refused = run(&folder, &["admin", "invite", "new", "--expires", time]);
        assert_eq!(refused.status.code(), Some(2), "{time}");
        assert!(stderr(&refused).contains("366d"), "{}", stderr(&refused));
    }
}

#[test]
fn tells_what_the_server_is() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--registration", "closed"]);
    let status = json(&run(&folder, &["admin", "status", "--json"]));
    assert_eq!(status["registration"], "closed");
    assert_eq!(status["address"], server.address());
    assert_eq!(status["store_responds"], true);
    let fingerprint = run(&folder, &["root-secret", "fingerprint"]);
    assert_eq!(status["fingerprint"], stdout(&fingerprint));
    let text = run(&folder, &["admin", "status"]);
    assert!(stdout(&text).contains("vault ID     localhost"), "{}", stdout(&text));
}

#[test]
fn says_when_no_server_runs() {
    let folder = Folder::new();
    for arguments in [&["admin", "status"][..], &["admin", "invite", "new"]] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("error[no-server]"), "{}", stderr(&output));
    }
}

#[test]
fn refuses_what_it_does_not_know() {
    let folder = Folder::new();
    let _server = Server::start(&folder, &[]);
    let mut stream = UnixStream::connect(folder.data().join("admin.sock")).expect("connects");
    let mut answers = BufReader::new(stream.try_clone().expect("clones")).lines();
    for (line, code) in [
        ("{\"request\":\"new-invite\",\"lifetime\":0}", "argument-invalid"),
        ("rubbish", "request-unknown"),
        ("{\"request\":\"drop-everything\"}", "request-unknown"),
        ("{\"request\":\"status\",\"more\":1}", "request-unknown"),
    ] {
        writeln!(stream, "{line}").expect("sends");
        let answer: Value =
            serde_json::from_str(&answers.next().expect("an answer").expect("reads")).expect("JSON");
        assert_eq!(
            (&answer["response"], &answer["code"]),
            (&"refused".into(), &code.into()),
            "{line}: {answer}"
        );
    }
    writeln!(stream, "{{\"request\":\"status\"}}").expect("sends");
    assert!(answers.next().expect("an answer").expect("reads").contains("\"response\":\"status\""));
}
