//! What an account's history says of each change of its object: as much as happened, in the same write, and no more
//! (protocol.md section 20).

use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use serde::Deserialize;
use serde_json::Value;

/// What the history is about, of an account's object.
#[derive(Deserialize)]
pub(super) struct Told {
    suite: u64,
    generation: u64,
    passphrase_keyslot: String,
    recovery_methods: Vec<RecoveryMethod>,
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    snapshots: Vec<Head>,
    history: Streams,
}

#[derive(Deserialize)]
struct RecoveryMethod {
    keyslot: String,
}

#[derive(Deserialize)]
struct Device {
    id: String,
    request_key: String,
    permission: Permission,
}

#[derive(Deserialize)]
struct Streams {
    acts: Stream,
    saves: Stream,
}

#[derive(Deserialize)]
struct Stream {
    first: u64,
    events: Vec<Value>,
}

/// An event's kind, the device that it is about, and its number.
type Event = (String, Option<String>, u64);

/// Kinds that tell of no change: that someone was let in.
const ENTRIES: [&str; 3] = [kind::LOGIN, kind::RESTORE, kind::RECOVERY];

/// Compares what changed with what the history says did. How many new logins by passphrase it records.
pub(super) fn compare(before: Option<&Told>, after: &Told) -> usize {
    let acts = added(before.map(|before| &before.history.acts), &after.history.acts);
    let saves = added(before.map(|before| &before.history.saves), &after.history.saves);
    let added: Vec<&Value> = acts.chain(saves).collect();
    let mut told: Vec<Event> = added.iter().map(|event| read(event)).collect();
    let mut happened = before.map_or_else(
        || vec![(kind::REGISTRATION.to_owned(), None, 0)],
        |before| happened(before, after, told.iter().any(|(told, ..)| told == kind::PAIRING)),
    );
    if happened.is_empty() {
        let entries = told.iter().all(|(told, ..)| ENTRIES.contains(&told.as_str()));
        assert!(told.len() <= 1 && entries, "the history tells {told:?}, and nothing happened");
        return added.iter().filter(|event| event["by"] == "passphrase").count();
    }
    told.sort();
    happened.sort();
    assert_eq!(told, happened, "the history tells something else than what happened");
    0
}

/// The events that a write added; the others stay as they were.
fn added<'a>(before: Option<&Stream>, after: &'a Stream) -> impl Iterator<Item = &'a Value> {
    assert_eq!(after.first, 1, "no operation makes more events than are kept");
    let known = before.map_or(&[][..], |before| &before.events);
    assert!(after.events.starts_with(known), "the history was rewritten");
    after.events[known.len()..].iter()
}

fn read(event: &Value) -> Event {
    let text = |member: &str| event[member].as_str().map(str::to_owned);
    let kind = text("kind").expect("an event has a kind");
    // How many tries failed before a login is the budget's affair.
    let detail = if ENTRIES.contains(&kind.as_str()) { 0 } else { event["detail"].as_u64().unwrap_or(0) };
    (kind, text("subject"), detail)
}

/// What is different, as events.
fn happened(before: &Told, after: &Told, paired: bool) -> Vec<Event> {
    let mut events = Vec::new();
    let is_rekeyed = after.generation != before.generation;
    let head = |told: &Told| told.snapshots.first().map(|head| head.number.0);
    if is_rekeyed {
        let slots = |told: &Told| [vec![told.passphrase_keyslot.clone()], recovery_keyslots(told)].concat();
        let renewed = slots(after).iter().all(|new| !slots(before).contains(new));
        assert!(renewed, "a former keyslot is kept under new keys");
        events.push((kind::REKEY.to_owned(), None, after.generation));
    } else {
        if let Some(number) = head(after).filter(|number| Some(*number) != head(before)) {
            events.push((kind::SAVE.to_owned(), None, number));
        }
        match after.passphrase_keyslot == before.passphrase_keyslot {
            true => assert_eq!(after.suite, before.suite, "an account's suite changed by itself"),
            false if after.suite != before.suite => {
                events.push((kind::SUITE.to_owned(), None, after.suite));
            }
            false => events.push((kind::PASSPHRASE.to_owned(), None, 0)),
        }
        if recovery_keyslots(after) != recovery_keyslots(before) {
            events.push((kind::RECOVERY_CODE.to_owned(), None, 0));
        }
    }
    events.extend(of_devices(&before.devices, &after.devices, paired));
    events
}

fn recovery_keyslots(told: &Told) -> Vec<String> {
    told.recovery_methods.iter().map(|method| method.keyslot.clone()).collect()
}

fn of_devices<'a>(
    before: &'a [Device],
    after: &'a [Device],
    paired: bool,
) -> impl Iterator<Item = Event> + 'a {
    let came = if paired { kind::PAIRING } else { kind::ENROLMENT };
    let changed = move |new: &Device| {
        let kind = match before.iter().find(|old| old.id == new.id) {
            Some(old) if old.request_key != new.request_key => came,
            Some(old) if old.permission != new.permission => kind::PERMISSION,
            Some(_) => return None,
            None => came,
        };
        Some((kind.to_owned(), Some(new.id.clone()), u64::from(new.permission.number())))
    };
    let gone = before.iter().filter(|old| after.iter().all(|new| new.id != old.id));
    let gone = gone.map(|old| (kind::REVOCATION.to_owned(), Some(old.id.clone()), 0));
    gone.chain(after.iter().filter_map(changed))
}
