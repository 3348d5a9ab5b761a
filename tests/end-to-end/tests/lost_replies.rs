//! Saves over a bad network: lost requests, lost answers, a killed client, a killed server, two devices at once. What was
//! acknowledged is never lost; what was not is finished by the next command or said to be lost; nothing is there twice.

use rootcellar_end_to_end::{Client, Fault, PASSPHRASE, PHRASE_12, Run, Story, text};
use std::sync::{Arc, Mutex};

/// The exit code of a save that cannot be read back.
const READ_BACK_EXIT: i32 = 7;
const PUT: &str = "PUT /v1/account/snapshots/";

/// After the wire has healed, the next command finishes the save; both entries are there, once.
fn both_are_there_once(story: &Story) {
    assert!(story.wire.heal(), "the fault has happened");
    let next = story.device.run(&["list"]);
    assert_eq!(next.code, 0, "{next:?}");
    assert_eq!(story.device.labels(), ["first", "second"]);
    assert_eq!(story.device.number(), 2, "one snapshot for each save");
    let elsewhere = Client::new(&story.server.url(), PASSPHRASE).json(&["restore", "--account", "alice"]);
    assert_eq!(elsewhere["entries"][1]["phrase"], PHRASE_12);
    assert_eq!(story.device.json(&["status"])["pending_save"], false);
}

/// Adds an entry, and prints JSON.
fn add(device: &Client, label: &str) -> Run {
    let file = device.write("phrase", PHRASE_12);
    device.run(&["add", "--label", label, "--from", &file, "--json"])
}

fn unfinished(run: &Run) {
    assert_eq!(run.code, 9, "{run:?}");
    assert_eq!(run.error_code(), "unconfirmed", "{run:?}");
}

#[test]
fn one_lost_answer_is_not_even_noticed() {
    for request in [PUT, "POST /v1/login/start", "POST /v1/login/finish"] {
        let story = Story::begin();
        story.wire.once(request, Fault::LoseResponse);
        let run = story.device.add("second", PHRASE_12);
        assert_eq!(run.code, 0, "{request}: {run:?}");
        both_are_there_once(&story);
    }
}

#[test]
fn a_save_whose_answers_are_all_lost_is_found_by_the_next_command() {
    let story = Story::begin();
    story.wire.always(PUT, Fault::LoseResponse);
    unfinished(&add(&story.device, "second"));
    both_are_there_once(&story);
}

#[test]
fn a_save_that_never_arrived_is_sent_by_the_next_command() {
    let story = Story::begin();
    story.wire.always(PUT, Fault::LoseRequest);
    unfinished(&add(&story.device, "second"));
    both_are_there_once(&story);
}

#[test]
fn a_vault_that_says_saved_and_did_not_is_found_out() {
    let story = Story::begin();
    let pretended = rootcellar_spec::parts::join(br#"{"head":null,"time":0}"#, &[]);
    story.wire.always(PUT, Fault::Pretend(pretended));
    let run = add(&story.device, "second");
    assert_eq!((run.code, run.error_code().as_str()), (READ_BACK_EXIT, "read-back"), "{run:?}");
    assert!(run.stdout.is_empty(), "{run:?}");
    both_are_there_once(&story);
}

#[test]
fn a_client_killed_at_any_request_leaves_what_the_next_command_finishes() {
    let requests = ["POST /v1/login/start", "POST /v1/login/finish", PUT];
    for request in requests {
        for acted in [false, true] {
            let story = Story::begin();
            let file = story.device.write("phrase", PHRASE_12);
            let victim = Arc::new(Mutex::new(None::<std::process::Child>));
            let held = Arc::clone(&victim);
            let kill = move || {
                let mut held = held.lock().expect("no panic");
                held.as_mut().expect("it was started").kill().expect("it can be killed");
            };
            let fault = if acted { Fault::After(Box::new(kill)) } else { Fault::Before(Box::new(kill)) };
            story.wire.once(request, fault);
            // The lock is held until the child is in its place, so that the wire finds it there.
            let mut place = victim.lock().expect("no panic");
            *place = Some(story.device.spawn(&["add", "--label", "second", "--from", &file]));
            drop(place);
            loop {
                let ended = victim.lock().expect("no panic").as_mut().expect("it was started").try_wait();
                if ended.expect("it is a child").is_some() {
                    break;
                }
                std::thread::yield_now();
            }
            assert!(story.wire.heal(), "{request}: the fault has happened");
            let begun = request == PUT;
            if begun {
                both_are_there_once(&story);
            } else {
                assert_eq!(story.device.labels(), ["first"], "{request}: nothing was begun");
            }
        }
    }
}

#[test]
fn a_server_killed_in_the_middle_of_a_save_loses_nothing_acknowledged() {
    for acted in [false, true] {
        let Story { server, wire, mut device, .. } = Story::begin();
        let server = Arc::new(Mutex::new(server));
        let victim = Arc::clone(&server);
        let kill = move || victim.lock().expect("no panic").stop();
        wire.once(PUT, if acted { Fault::After(Box::new(kill)) } else { Fault::Before(Box::new(kill)) });
        let run = device.add("second", PHRASE_12);
        assert!(run.code == 9 || run.code == 5, "{run:?}");
        let mut server = server.lock().expect("no panic");
        server.restart();
        device.turn_to(&server.url());
        assert_eq!(device.run(&["list"]).code, 0);
        assert_eq!(device.labels(), ["first", "second"], "acted: {acted}");
        assert_eq!(device.number(), 2);
    }
}

#[test]
fn two_devices_that_save_at_once_both_keep_their_entries() {
    let story = Story::begin();
    let other = Client::new(&story.server.url(), PASSPHRASE);
    other.json(&["restore", "--account", "alice", "--device-label", "second device"]);
    let racing = Arc::new(Mutex::new(other));
    let racer = Arc::clone(&racing);
    let faster = move || {
        let run = racer.lock().expect("no panic").add("faster", PHRASE_12);
        assert_eq!(run.code, 0, "{run:?}");
    };
    story.wire.once(PUT, Fault::Before(Box::new(faster)));
    let run = story.device.add("slower", PHRASE_12);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.says(&text("add.merged")), "it is said");
    assert!(story.wire.heal());
    assert_eq!(story.device.labels(), ["first", "faster", "slower"]);
    assert_eq!(racing.lock().expect("no panic").labels(), ["first", "faster", "slower"]);
}

#[test]
fn an_unfinished_save_is_merged_with_what_another_device_saved_since() {
    let story = Story::begin();
    story.wire.always(PUT, Fault::LoseRequest);
    unfinished(&add(&story.device, "second"));
    let other = Client::new(&story.server.url(), PASSPHRASE);
    other.json(&["restore", "--account", "alice"]);
    assert_eq!(other.add("meanwhile", PHRASE_12).code, 0);
    assert!(story.wire.heal());
    assert_eq!(story.device.run(&["list"]).code, 0);
    assert_eq!(story.device.labels(), ["first", "meanwhile", "second"]);
    assert_eq!(story.device.number(), 3);
}
