//! The real binary under a clock that is wrong: the library of `faketime` moves it.

use crate::server::{Folder, Server, command, connect, left_out, run, stderr, stdout};
use crate::timing::{post, start_body};
use rootcellar_spec::NameHash;
use rootcellar_vault::entropy::{Entropy, SystemEntropy};
use std::path::PathBuf;
use std::time::Instant;

/// Where Debian puts the library, by the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketime.so.1")).find(|path| path.exists())
}

/// A server whose clock is wrong by this much, as `faketime` writes it.
fn start(folder: &Folder, wrong: &str) -> Server {
    let mut command = command(folder, &["--listen", "127.0.0.1:0"]);
    command.env("LD_PRELOAD", library().expect("it was looked for")).env("FAKETIME", wrong);
    // What measures time passing continues as it does.
    Server::run(folder, command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1"))
}

/// Whether clocks can be wrong here; a run of all tests counts those that are left out.
fn can_fake() -> bool {
    let can = library().is_some();
    if !can {
        left_out("clocks that are wrong: faketime is not installed");
    }
    can
}

/// The responses to attempts until one is refused: how many were good, and the refusal.
fn guess(server: &Server) -> (usize, String) {
    for good in 0.. {
        let body = start_body(&NameHash([7; 32]), SystemEntropy.bytes());
        let answer = post(&mut connect(server.address()), &body);
        if !answer.starts_with("HTTP/1.1 200") {
            return (good, answer);
        }
    }
    unreachable!("the guesses end")
}

/// So many attempts are good, and no more but those that come with the minutes since `began`.
fn is_spent((good, answer): (usize, String), attempts: usize, began: Instant) {
    assert!(answer.contains("budget-spent"), "{answer}");
    let waited = usize::try_from(began.elapsed().as_secs() / 60).expect("few");
    assert!((attempts..=attempts + waited).contains(&good), "{good} instead of {attempts}");
}

#[test]
fn a_clock_a_month_back_for_one_start_gives_no_attempt_back() {
    if !can_fake() {
        return;
    }
    let (folder, began) = (Folder::new(), Instant::now());
    let server = Server::start(&folder, &[]);
    is_spent(guess(&server), 5, began);
    server.stop();
    for _ in 0..2 {
        let wrong = start(&folder, "-30d");
        let (good, answer) = guess(&wrong);
        assert_eq!(good, 0);
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("clock-untrusted"), "{answer}");
        let ready = wrong.get("/readyz");
        assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("admin clock set-back"), "{ready}");
        for path in ["/healthz", "/readyz/store"] {
            assert!(wrong.get(path).starts_with("HTTP/1.1 200"), "recovery by code works: {path}");
        }
        wrong.stop();
        let log = std::fs::read_to_string(folder.path("log")).expect("a log");
        assert!(log.contains(" ERROR clock-untrusted: "), "{log}");
        let right = Server::start(&folder, &[]);
        assert!(right.get("/readyz").starts_with("HTTP/1.1 200"));
        is_spent(guess(&right), 0, began);
        right.stop();
    }
}

#[test]
fn a_clock_a_month_ahead_for_one_start_gives_no_month_of_attempts() {
    if !can_fake() {
        return;
    }
    let (folder, began) = (Folder::new(), Instant::now());
    let server = Server::start(&folder, &[]);
    is_spent(guess(&server), 5, began);
    server.stop();
    let ahead = start(&folder, "+30d");
    // As far as the time may move that a process did not write down: a quarter of an hour.
    is_spent(guess(&ahead), 1, began);
    ahead.stop();
    is_spent(guess(&Server::start(&folder, &[])), 0, began);
}

#[test]
fn a_vault_that_began_with_its_clock_ahead_is_set_right_by_its_operator() {
    if !can_fake() {
        return;
    }
    let (folder, began) = (Folder::new(), Instant::now());
    let ahead = start(&folder, "+30d");
    is_spent(guess(&ahead), 5, began);
    ahead.stop();
    let server = Server::start(&folder, &[]);
    let ready = server.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("admin clock set-back"), "{ready}");
    assert!(guess(&server).1.contains("clock-untrusted"));
    let said = stdout(&run(&folder, &["admin", "clock", "set-back"])).to_owned();
    assert!(said.contains("set back from 20"), "{said}");
    server.readiness("200");
    is_spent(guess(&server), 0, began);
    let again = run(&folder, &["admin", "clock", "set-back"]);
    assert!(
        !again.status.success() && stderr(&again).contains("error[clock-not-ahead]"),
        "{}",
        stderr(&again)
    );
}
