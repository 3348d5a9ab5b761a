//! The suite can fail: stores and vaults that break a promise are found out.

use bytes::Bytes;
use rootcellar_faults::memory::{Event, Objects};
use rootcellar_faults::operations::{ALICE, Saving, settle_in};
use rootcellar_faults::time::run;
use rootcellar_faults::witness::examine;
use rootcellar_faults::{Operation, Prepared, World, explore};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{Digest, Timestamp};
use rootcellar_store::Key;
use std::panic::catch_unwind;

/// What happens where Alice settles in.
fn honest() -> Vec<Event> {
    run(async {
        let mut world = World::resume(&Prepared::nothing(RegistrationMode::Open)).await;
        settle_in(&mut world).await;
        world.vault.truth().events()
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

/// A save, and one more that was acknowledged and that the store does not hold.
struct Forgetting;

impl Operation for Forgetting {
    const NAME: &'static str = "saving on a store that forgets";

    async fn perform(&self, world: &mut World) -> bool {
        let saved = Saving.perform(world).await;
        world.people[ALICE].saved.insert("what the store forgot");
        saved
    }

    async fn again(&self, world: &mut World) {
        Saving.again(world).await;
    }
}

#[test]
#[should_panic(expected = "what the store forgot was saved and is gone")]
fn what_was_acknowledged_and_is_gone_is_found_out() {
    explore(&Forgetting);
}
