//! The suite can fail: stores and vaults that break a promise are found out.

use bytes::Bytes;
use rootcellar_faults::invariants::examine;
use rootcellar_faults::memory::{Event, Objects};
use rootcellar_faults::operations::{ALICE, Saving, settle_in};
use rootcellar_faults::time::run;
use rootcellar_faults::{Operation, Prepared, Simulation, search};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Digest, Timestamp};
use rootcellar_store::Key;
use serde_json::Value;
use std::panic::catch_unwind;

/// What happens where Alice settles in.
fn honest() -> Vec<Event> {
    run(async {
        let mut simulation = Simulation::resume(&Prepared::nothing(RegistrationMode::Open)).await;
        settle_in(&mut simulation).await;
        simulation.vault.truth().events()
    })
}

/// What the witness says of a history.
fn verdict(events: Vec<Event>) -> String {
    match catch_unwind(|| examine(Objects::new(), events)) {
        Ok(()) => "nothing".to_owned(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_else(|| {
            (*panic.downcast_ref::<&str>().expect("a broken invariant is told in words")).to_owned()
        }),
    }
}

/// The last write of a name that begins so and holds that.
fn last(events: &[Event], begins: &str, holds: &str) -> (Key, Bytes) {
    let fits = |event: &Event| match event {
        Event::Wrote(key, Some(body), _) => {
            let fits = key.as_str().starts_with(begins) && key.as_str().contains(holds);
            fits.then(|| (key.clone(), body.clone()))
        }
        _ => None,
    };
    events.iter().rev().find_map(fits).expect("was written")
}

#[test]
fn a_history_that_breaks_a_promise_is_found_out() {
    let events = honest();
    assert_eq!(verdict(events.clone()), "nothing");
    let and = |event: Event| verdict(events.iter().cloned().chain([event]).collect());
    let now = Timestamp(1_900_000_000);

    let nothing = Digest([0; 32]);
    assert!(and(Event::Evaluated(nothing)).contains("no charge"));
    assert!(and(Event::LoggedIn(nothing)).contains("before its charge was taken back"));

    let (account, _) = last(&events, "accounts/", "/account");
    assert!(and(Event::Wrote(account.clone(), None, now)).contains("held snapshots"));
    let first = events.iter().find_map(|event| match event {
        Event::Wrote(key, Some(body), _) if *key == account => Some(body.clone()),
        _ => None,
    });
    assert!(and(Event::Wrote(account, first, now)).contains("went back"));

    let (snapshot, _) = last(&events, "accounts/", "/snapshots/");
    assert!(and(Event::Wrote(snapshot, None, now)).contains("that its account names"));

    let (name, _) = last(&events, "names/", "");
    assert!(and(Event::Wrote(name, None, now)).contains("a name was taken"));
}

#[test]
fn an_account_whose_history_tells_something_else_is_found_out() {
    let events = honest();
    let (key, body) = last(&events, "accounts/", "/account");
    let next = |alter: fn(&mut Value)| {
        let mut account: Value = serde_json::from_slice(&body).expect("an account");
        account["version"] = (account["version"].as_u64().expect("a number") + 1).into();
        alter(&mut account);
        let written = Bytes::from(serde_json::to_vec(&account).expect("serializes"));
        let event = Event::Wrote(key.clone(), Some(written), Timestamp(1_900_000_000));
        verdict(events.iter().cloned().chain([event]).collect())
    };
    assert_eq!(next(|_| {}), "nothing");
    assert!(
        next(|account| account["recovery_methods"][0]["keyslot"] = "AA".into())
            .contains("tells something else")
    );
    assert!(next(|account| account["suite"] = 9.into()).contains("suite changed by itself"));
    assert!(next(|account| account["generation"] = 2.into()).contains("sealed again"));
    let device = |account: &mut Value| {
        account["devices"] = serde_json::json!([{"id": "AA", "request_key": "AA", "permission": "view"}]);
    };
    assert!(next(device).contains("their list did not"));
    let made_up = |account: &mut Value| {
        let events = account["history"]["acts"]["events"].as_array_mut().expect("events");
        events.push(serde_json::json!({"at": 1, "kind": "revocation", "by": "device", "subject": "AA"}));
    };
    assert!(next(made_up).contains("nothing happened"));
    let login = |account: &mut Value| {
        let events = account["history"]["acts"]["events"].as_array_mut().expect("events");
        events.push(serde_json::json!({"at": 1, "kind": "login", "by": "passphrase"}));
    };
    assert!(next(login).contains("more logins than were requested"));
    let forgotten = |account: &mut Value| {
        account["history"]["acts"]["events"].as_array_mut().expect("events").pop();
    };
    assert!(next(forgotten).contains("rewritten"));
}

#[test]
fn a_login_that_no_history_tells_of_is_found_out() {
    // The same, without the write that recorded the last login.
    let mut events = honest();
    let at = events.iter().rposition(|event| matches!(event, Event::LoggedIn(_))).expect("a login");
    let write = events[..at].iter().rposition(|event| match event {
        Event::Wrote(key, Some(_), _) => key.as_str().ends_with("/account"),
        _ => false,
    });
    events.truncate(at + 1);
    events.remove(write.expect("it was written"));
    assert!(verdict(events).contains("before the history recorded it"));
}

/// A save, and one more that was acknowledged and that the store does not hold.
struct Forgetting;

impl Operation for Forgetting {
    const NAME: &'static str = "saving on a store that forgets";

    async fn perform(&self, simulation: &mut Simulation) -> bool {
        let saved = Saving.perform(simulation).await;
        simulation.people[ALICE].saved.insert("what the store forgot");
        saved
    }

    async fn again(&self, simulation: &mut Simulation) {
        Saving.again(simulation).await;
    }
}

#[test]
#[should_panic(expected = "what the store forgot was saved and is gone")]
fn what_was_acknowledged_and_is_gone_is_found_out() {
    search(&Forgetting);
}
