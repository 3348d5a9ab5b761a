//! Histories that say otherwise than before, or than what the owner's keys show (protocol.md section 20).

use crate::scene::{Scene, Told, Victim, enter, held};
use rootcellar_faults::malicious::alter;
use rootcellar_faults::operations::ALICE;
use rootcellar_faults::time::run;
use rootcellar_spec::wire::paths;
use serde_json::{Value, json};

type Lie = fn(&mut Value, &Told, &Told);

fn acts(history: &mut Value) -> &mut Vec<Value> {
    history["acts"]["events"].as_array_mut().expect("events")
}

fn saves(history: &mut Value) -> &mut Vec<Value> {
    history["saves"]["events"].as_array_mut().expect("events")
}

const CONTRADICTED: &str = "history-contradicted";
const NONE_AT_ALL: &str = "malformed-response";

const LIES: &[(&str, Lie, &str)] = &[
    ("without its newest event", |history, _, _| drop(acts(history).pop()), CONTRADICTED),
    ("without its newest save", |history, _, _| drop(saves(history).pop()), CONTRADICTED),
    ("as it was before", |history, early, _| *history = early.history.clone(), CONTRADICTED),
    ("another account's", |history, _, bob| *history = bob.history.clone(), CONTRADICTED),
    (
        "empty",
        |history, _, _| {
            acts(history).clear();
            saves(history).clear();
        },
        CONTRADICTED,
    ),
    ("with a changed kind", |history, _, _| acts(history)[1]["kind"] = json!("restore"), CONTRADICTED),
    ("with a changed time", |history, _, _| acts(history)[0]["at"] = json!(1), CONTRADICTED),
    ("with a changed way in", |history, _, _| acts(history)[1]["by"] = json!("recovery-code"), CONTRADICTED),
    ("with a changed number of a save", |history, _, _| saves(history)[0]["detail"] = json!(9), CONTRADICTED),
    (
        "with an event of another device",
        |history, _, _| {
            acts(history)[1]["device"] = json!("VVVVVVVVVVVVVVVVVVVVVQ");
        },
        CONTRADICTED,
    ),
    (
        "with two events in another order",
        |history, _, _| {
            let events = acts(history);
            events.swap(1, 2);
            let numbers = (events[2]["number"].clone(), events[1]["number"].clone());
            (events[1]["number"], events[2]["number"]) = numbers;
        },
        CONTRADICTED,
    ),
    (
        "with one event less, and the others moved up",
        |history, _, _| {
            let events = acts(history);
            events.remove(1);
            for (at, event) in events.iter_mut().enumerate() {
                event["number"] = json!(at + 1);
            }
        },
        CONTRADICTED,
    ),
    (
        "with an event more, and the others moved down",
        |history, _, _| {
            let events = acts(history);
            events.insert(1, events[1].clone());
            for (at, event) in events.iter_mut().enumerate() {
                event["number"] = json!(at + 1);
            }
        },
        CONTRADICTED,
    ),
    (
        "with the streams in each other's place",
        |history, _, _| {
            let acts = history["acts"].take();
            history["acts"] = history["saves"].take();
            history["saves"] = acts;
        },
        CONTRADICTED,
    ),
    (
        "with another beginning",
        |history, _, _| {
            history["acts"]["base"] = json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        },
        NONE_AT_ALL,
    ),
    ("with an event less in the middle", |history, _, _| drop(acts(history).remove(1)), NONE_AT_ALL),
    (
        "with two events of a number",
        |history, _, _| {
            let event = acts(history)[1].clone();
            acts(history).insert(1, event);
        },
        NONE_AT_ALL,
    ),
    ("with a kind that is no word", |history, _, _| acts(history)[1]["kind"] = json!("Log\nin"), NONE_AT_ALL),
];

#[test]
fn a_history_that_contradicts_what_was_seen_is_not_taken() {
    run(async {
        let scene = Scene::set().await;
        for victim in [Victim::Known, Victim::Enrolled] {
            for (name, lie, expected) in LIES {
                let case = format!("{victim:?} is told a history {name}");
                let (simulation, disk) = scene.with(victim).await;
                let client = simulation.program_on(&disk);
                let mut session = enter(&simulation, &client, victim).await.expect("the truth is taken");
                session.history().await.expect("the truth is taken");
                let before = held(&disk);
                let (lie, early, bob) = (*lie, scene.early.clone(), scene.bob.clone());
                simulation.vault.tongue().lie(move |request, response| {
                    if request.path == paths::HISTORY && response.status == 200 {
                        alter(response, |history| lie(history, &early, &bob));
                    }
                });
                let error = session.history().await.expect_err(&case);
                assert_eq!(error.code(), *expected, "{case}: {error}");
                assert_eq!(simulation.vault.tongue().told(), 1, "{case} once");
                assert_eq!(held(&disk), before, "{case}, and remembers it");
                simulation.look(ALICE, &session);
                simulation.vault.tongue().listen();
                session.history().await.expect("the truth is taken still");
            }
        }
    });
}

/// Events that a vault makes up for a device that has seen nothing, and that hold together.
const MADE_UP: &[(&str, &str, Option<[u8; 16]>, u64)] = &[
    ("a save that never was", "save", None, 99),
    ("an enrolment of a device that is not in the list", "enrolment", Some([0x55; 16]), 4),
    ("a pairing with another permission", "pairing", Some([2; 16]), 1),
    ("a revocation of a device that is in the list", "revocation", Some([2; 16]), 0),
    ("a re-key that never was", "rekey", None, 2),
    ("a login", "login", None, 0),
    ("an act that this version does not know", "abdication", None, 0),
];

#[test]
fn what_a_vault_makes_up_is_not_called_proven() {
    run(async {
        let scene = Scene::set().await;
        for (name, kind, subject, detail) in MADE_UP {
            let (simulation, disk) = scene.with(Victim::Fresh).await;
            simulation.vault.tongue().lie(move |request, response| {
                if request.path == paths::HISTORY && response.status == 200 {
                    alter(response, |history| {
                        let events = if *kind == "save" { saves(history) } else { acts(history) };
                        let number = events.len() + 1;
                        let mut event = json!({"number": number, "at": 1, "kind": kind, "by": "device", "detail": detail});
                        if let Some(subject) = subject {
                            event["subject"] = json!(rootcellar_spec::base64url::encode(subject));
                        }
                        events.push(event);
                    });
                }
            });
            let client = simulation.program_on(&disk);
            let mut session = enter(&simulation, &client, Victim::Fresh).await.expect("the truth is taken");
            let told = session.history().await.expect("it holds together");
            let stream = if *kind == "save" { &told.saves } else { &told.acts };
            let last = stream.events.last().expect("an event");
            assert_eq!(last.event.kind, *kind);
            assert!(!last.proven, "{name} is called proven");
            let save = told.saves.events.first().expect("a save");
            assert!(save.proven, "what the keys show is called proven, beside {name}");
        }
    });
}
