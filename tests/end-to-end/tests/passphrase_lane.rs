//! Guessing: the same answer for a wrong passphrase and an unknown account, a bounded number of tries, and a recovery code
//! that none of it touches.

use rootcellar_end_to_end::{
    Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, WRONG_PASSPHRASE, text,
};

#[test]
fn wrong_passphrase_and_unknown_account_look_alike_until_the_budget_is_spent() {
    let server = Server::start();
    let (device, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("everyday", PHRASE_12).code, 0);
    let guess = |account: &str| {
        let guesser = Client::new(&server.url(), WRONG_PASSPHRASE);
        guesser.run(&["restore", "--account", account])
    };
    // The registration took an attempt, and for a day that shows (threat model): the other name starts level.
    assert_eq!(guess("nobody").code, 3);
    for _ in 0..4 {
        let (known, unknown) = (guess("alice"), guess("nobody"));
        assert_eq!((known.code, unknown.code), (3, 3), "{known:?}");
        assert_eq!((&known.stdout, &known.stderr), (&unknown.stdout, &unknown.stderr));
    }
    for account in ["alice", "nobody"] {
        let guesser = Client::new(&server.url(), WRONG_PASSPHRASE);
        let refused = guesser.run(&["restore", "--account", account, "--json"]);
        assert_eq!((refused.code, refused.error_code().as_str()), (4, "budget-spent"), "{refused:?}");
        assert!(
            refused.error()["retry_after"].as_u64().is_some_and(|wait| wait > 0),
            "how long: {refused:?}"
        );
    }
    assert_eq!(device.run(&["list"]).code, 4, "the lane is shut to the owner, too");

    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let (code, new) = (found.write("code", &code), found.write("new", OTHER_PASSPHRASE));
    let output = found.file("entries.json");
    let path = output.to_str().expect("text");
    let recovered = found.run(&[
        "recover",
        "--recovery-code-file",
        &code,
        "--new-passphrase-file",
        &new,
        "--output",
        path,
    ]);
    let entries = std::fs::read_to_string(&output).expect("the entries are there, whatever came after");
    assert!(entries.contains(PHRASE_12));
    assert_eq!(recovered.code, 4, "a new passphrase costs a try of the shut lane: {recovered:?}");
}

#[test]
fn success_gives_the_try_back() {
    let server = Server::start();
    // The registration keeps its attempt.
    let (device, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    for _ in 0..3 {
        assert_eq!(
            Client::new(&server.url(), WRONG_PASSPHRASE).run(&["restore", "--account", "alice"]).code,
            3
        );
    }
    for _ in 0..3 {
        assert_eq!(device.run(&["list"]).code, 0);
    }
    assert_eq!(Client::new(&server.url(), WRONG_PASSPHRASE).run(&["restore", "--account", "alice"]).code, 3);
    assert_eq!(device.run(&["list"]).code, 4);
}

#[test]
fn registrations_that_never_finish_are_charged_like_logins() {
    let server = Server::start();
    let (_alice, _) = Client::registered(&server.url(), "alice", PASSPHRASE);
    for _ in 0..4 {
        let run = Client::new(&server.url(), OTHER_PASSPHRASE).try_register("alice", &["--json"]);
        assert_eq!((run.code, run.error_code().as_str()), (6, "name-taken"), "{run:?}");
    }
    let run = Client::new(&server.url(), OTHER_PASSPHRASE).try_register("alice", &[]);
    assert_eq!(run.code, 4, "no free evaluation: {run:?}");
}

#[test]
fn a_registration_that_takes_the_last_attempt_is_done_and_says_so() {
    let server = Server::start();
    for _ in 0..4 {
        let guess = Client::new(&server.url(), WRONG_PASSPHRASE).run(&["restore", "--account", "alice"]);
        assert_eq!(guess.code, 3);
    }
    let device = Client::new(&server.url(), PASSPHRASE);
    let run = device.try_register("alice", &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.says(&text("register.unchecked")), "{run:?}");
    // The device knows the name, and the vault's key: only time is missing.
    let listed = device.run(&["list"]);
    assert!(listed.code == 4 && !listed.says(&text("account.nameOnce")), "{listed:?}");
}

#[test]
fn a_passphrase_change_that_takes_the_last_attempt_is_done_and_says_so() {
    let server = Server::start();
    // The registration keeps its attempt.
    let (mut device, code) = Client::registered(&server.url(), "alice", PASSPHRASE);
    let left = |device: &Client| device.json(&["status"])["attempts_left"].clone();
    assert_eq!(left(&device), 4);
    let guess =
        |passphrase: &str| Client::new(&server.url(), passphrase).run(&["restore", "--account", "alice"]);
    for _ in 0..3 {
        assert_eq!(guess(WRONG_PASSPHRASE).code, 3);
    }
    // A login that succeeds takes none, so that the status shows what there is.
    assert_eq!((left(&device), left(&device)), (1.into(), 1.into()));
    assert!(device.run(&["status"]).says(&text("status.attemptsLeftValue").with("n", 1)));
    let new = device.write("new", OTHER_PASSPHRASE);
    let run = device.run(&["passphrase", "--new-passphrase-file", &new]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(text("passphrase.changed").is_in(&run.stdout), "{run:?}");
    assert!(text("passphrase.unchecked").is_in(&run.stderr), "{run:?}");
    device.set_passphrase(OTHER_PASSPHRASE);
    assert_eq!(device.run(&["list"]).code, 4, "only time is missing");
    let found = Client::new(&server.url(), OTHER_PASSPHRASE);
    let code = found.write("code", &code);
    let recovered = found.run(&["recover", "--recovery-code-file", &code, "--generate", "--backup", "9"]);
    assert_eq!(recovered.code, 11, "the recovery code works: {recovered:?}");
}

#[test]
fn invites_open_the_door_once() {
    let server = Server::with(&["--registration", "invite"]);
    let register = |account: &str, invite: Option<&str>| {
        let device = Client::new(&server.url(), PASSPHRASE);
        let file = invite.map(|invite| device.write("invite", invite));
        let invite = file.as_ref().map_or(vec![], |file| vec!["--invite-file", file.as_str()]);
        device.try_register(account, &[&invite[..], &["--json"]].concat())
    };
    let without = register("alice", None);
    assert_eq!((without.code, without.error_code().as_str()), (6, "invite-required"), "{without:?}");
    let invite = server.administer(&["admin", "invite", "new", "--json"]);
    let invite: serde_json::Value = serde_json::from_str(&invite).expect("JSON");
    let invite = invite["code"].as_str().expect("an invite");
    assert_eq!(register("alice", Some(invite)).code, 0);
    let used = register("bob", Some(invite));
    assert_eq!((used.code, used.error_code().as_str()), (6, "invite-refused"), "{used:?}");
    assert_eq!(register("bob", Some("AAAAAAAAAAAAAAAAAAAAAA")).code, 6);
    let closed = Server::with(&["--registration", "closed"]);
    let run = Client::new(&closed.url(), PASSPHRASE).try_register("alice", &["--json"]);
    assert_eq!((run.code, run.error_code().as_str()), (6, "registration-closed"), "{run:?}");
}
