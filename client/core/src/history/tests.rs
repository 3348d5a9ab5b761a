//! Histories that hold, and each way in which one does not.

use super::*;
use rootcellar_spec::header::Header;
use rootcellar_spec::limits::HISTORY_EVENTS;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::history::{Actor, History, Stream, kind};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Generation, Number, OperationId, SuiteId};

const PIXEL: DeviceId = DeviceId([1; 16]);
const TABLET: DeviceId = DeviceId([2; 16]);
const NO_EVIDENCE: Evidence<'static> = Evidence { newest: None, devices: None, generation: Generation(1) };

fn event(number: u64, kind: &str) -> Event {
    let (subject, detail) = (None, 0);
    let at = Timestamp(1_700_000_000 + number);
    Event { number, at, kind: kind.to_owned(), by: Actor::Passphrase, device: None, subject, detail }
}

/// All that ever happened: `acts` logins and `saves` saves.
fn whole(acts: u64, saves: u64) -> History {
    let stream = |last, kind| Stream {
        base: Digest([0; 32]),
        events: (1..=last).map(|number| event(number, kind)).collect(),
    };
    History {
        acts: stream(acts, kind::LOGIN),
        saves: stream(saves, kind::SAVE),
        failed_attempts: 3,
        time: Timestamp(1_800_000_000),
    }
}

/// What is left of a stream when all but the newest events are gone.
fn cut(stream: &Stream, newest: usize) -> Stream {
    let gone = stream.events.len() - newest;
    let base = stream.events[..gone].iter().fold(stream.base, |before, event| event.digest(&before));
    Stream { base, events: stream.events[gone..].to_vec() }
}

/// What a device remembers that has seen all of it.
fn seen(history: &History) -> HistorySeen {
    let tip = |stream: &Stream| Tip {
        number: stream.events.last().map_or(0, |event| event.number),
        digest: stream.events.iter().fold(stream.base, |before, event| event.digest(&before)),
    };
    HistorySeen { acts: tip(&history.acts), saves: tip(&history.saves) }
}

fn judged(history: &History, seen: HistorySeen) -> Result<Option<Gap>, HistoryError> {
    check(history, Some(&seen), &NO_EVIDENCE).map(|checked| checked.acts.gap)
}

/// A name, and what is changed.
type Change = (&'static str, fn(&mut Stream));

#[test]
fn a_history_that_goes_on_is_accepted() {
    let remembered = seen(&whole(5, 0));
    assert_eq!((remembered.acts.number, remembered.saves), (5, Tip { number: 0, digest: Digest([0; 32]) }));
    for acts in 5..9 {
        assert_eq!(judged(&whole(acts, 2), remembered), Ok(None));
    }
    let checked = check(&whole(5, 1), Some(&remembered), &NO_EVIDENCE).expect("holds");
    assert_eq!((checked.failed_attempts, checked.in_order().len()), (3, 6));
    assert!(checked.in_order().windows(2).all(|pair| pair[0].1.event.at <= pair[1].1.event.at));
}

#[test]
fn what_is_gone_is_told_and_what_was_seen_is_found_by_its_digest_alone() {
    let long = whole(300, 0);
    let remembered = |number| seen(&whole(number, 0));
    let rest = History { acts: cut(&long.acts, HISTORY_EVENTS), ..long.clone() };
    assert_eq!(judged(&rest, remembered(100)), Ok(Some(Gap { first: 101, last: 172 })));
    assert_eq!(judged(&rest, remembered(171)), Ok(Some(Gap { first: 172, last: 172 })));
    assert_eq!(judged(&rest, remembered(172)), Ok(None));
    assert_eq!(judged(&rest, remembered(300)), Ok(None));
    assert_eq!(check(&rest, None, &NO_EVIDENCE).map(|checked| checked.seen), Ok(seen(&long)));
    let rewritten = History { acts: Stream { base: Digest([9; 32]), ..rest.acts.clone() }, ..rest };
    assert_eq!(judged(&rewritten, remembered(172)), Err(HistoryError::Contradicted));
    assert_eq!(judged(&rewritten, remembered(300)), Err(HistoryError::Contradicted));
}

#[test]
fn a_history_that_ends_earlier_or_tells_of_other_things_contradicts() {
    let remembered = seen(&whole(6, 4));
    assert_eq!(judged(&whole(5, 4), remembered), Err(HistoryError::Contradicted));
    assert_eq!(judged(&whole(6, 3), remembered), Err(HistoryError::Contradicted));
    assert_eq!(judged(&whole(0, 0), remembered), Err(HistoryError::Contradicted));
    let changes: [fn(&mut Event); 7] = [
        |event| event.at = Timestamp(1),
        |event| event.kind = kind::RECOVERY.to_owned(),
        |event| event.by = Actor::Device,
        |event| event.device = Some(PIXEL),
        |event| event.subject = Some(PIXEL),
        |event| event.detail = 1,
        |event| event.kind = "of-a-newer-vault".to_owned(),
    ];
    for change in changes {
        for at in 0..6 {
            let mut other = whole(7, 4);
            change(&mut other.acts.events[at]);
            assert_eq!(judged(&other, remembered), Err(HistoryError::Contradicted), "{at}");
        }
        let mut later = whole(7, 4);
        change(&mut later.acts.events[6]);
        assert_eq!(judged(&later, remembered), Ok(None));
    }
}

#[test]
fn what_does_not_hold_together_is_malformed() {
    let changes: [Change; 10] = [
        ("an event is missing", |stream| drop(stream.events.remove(2))),
        ("two are swapped", |stream| stream.events.swap(1, 2)),
        ("one stands twice", |stream| stream.events[2] = stream.events[1].clone()),
        ("the first has number zero", |stream| stream.events[0].number = 0),
        ("a number at the end of the range", |stream| {
            stream.events.truncate(1);
            stream.events[0].number = u64::MAX;
        }),
        ("the first follows something", |stream| stream.base = Digest([1; 32])),
        ("nothing follows something", |stream| {
            *stream = Stream { base: Digest([1; 32]), events: Vec::new() };
        }),
        ("a kind without a name", |stream| stream.events[1].kind.clear()),
        ("a kind that steers a terminal", |stream| stream.events[1].kind = "\u{1b}[2J".to_owned()),
        ("a kind longer than one may be", |stream| stream.events[1].kind = "x".repeat(33)),
    ];
    for (what, change) in changes {
        let mut history = whole(5, 5);
        change(&mut history.saves);
        let judged = check(&history, None, &NO_EVIDENCE).map(drop);
        assert_eq!(judged, Err(HistoryError::Malformed), "{what}");
    }
    let too_many = whole(HISTORY_EVENTS as u64 + 1, 0);
    assert_eq!(check(&too_many, None, &NO_EVIDENCE).map(drop), Err(HistoryError::Malformed));
}

fn about(kind: &str, subject: DeviceId, detail: u64) -> Event {
    Event { subject: Some(subject), detail, ..event(1, kind) }
}

#[test]
fn what_the_owners_keys_show_is_proven_and_the_rest_is_not() {
    let header = Header {
        suite: SuiteId::ONE,
        account: AccountId([1; 16]),
        generation: Generation(3),
        number: Number(300),
        operation: OperationId([2; 16]),
        ancestors: vec![Digest([3; 32]); 256],
    };
    let devices = [(PIXEL, Permission::Backup)];
    let evidence = Evidence { newest: Some(&header), devices: Some(&devices), generation: Generation(3) };
    let save = |number| Event { detail: number, ..event(1, kind::SAVE) };
    let rekey = |generation| Event { detail: generation, ..event(1, kind::REKEY) };
    let proven = [
        save(300),
        save(299),
        save(44),
        rekey(2),
        rekey(3),
        about(kind::ENROLMENT, PIXEL, 2),
        about(kind::PAIRING, PIXEL, 2),
        about(kind::PERMISSION, PIXEL, 2),
    ];
    let testimony = [
        save(301),
        save(43),
        save(0),
        rekey(4),
        rekey(1),
        about(kind::ENROLMENT, TABLET, 2),
        about(kind::ENROLMENT, PIXEL, 4),
        about(kind::REVOCATION, PIXEL, 0),
        about(kind::REVOCATION, TABLET, 0),
        event(1, kind::ENROLMENT),
        event(1, kind::LOGIN),
        event(1, kind::RECOVERY),
        event(1, kind::REGISTRATION),
        event(1, kind::PASSPHRASE),
        event(1, "of-a-newer-vault"),
    ];
    let shows =
        |evidence: &Evidence<'_>, event: &Event| evidence.marks(std::slice::from_ref(event)) == [true];
    for event in &proven {
        assert!(shows(&evidence, event), "{event:?}");
    }
    for event in &testimony {
        assert!(!shows(&evidence, event), "{event:?}");
    }
    for event in proven.iter().filter(|event| event.kind != kind::REKEY) {
        assert!(!shows(&NO_EVIDENCE, event), "{event:?}");
    }
}

#[test]
fn what_is_told_twice_is_borne_out_once() {
    let devices = [(PIXEL, Permission::Backup)];
    let evidence = Evidence { devices: Some(&devices), generation: Generation(3), ..NO_EVIDENCE };
    let rekey = |generation| Event { detail: generation, ..event(1, kind::REKEY) };
    let told = [
        about(kind::ENROLMENT, PIXEL, 2),
        about(kind::ENROLMENT, PIXEL, 2),
        rekey(2),
        rekey(2),
        about(kind::ENROLMENT, TABLET, 2),
        event(1, kind::LOGIN),
    ];
    assert_eq!(evidence.marks(&told), [false, true, false, true, false, false]);
    let gone = [about(kind::PAIRING, PIXEL, 2), about(kind::REVOCATION, PIXEL, 0)];
    assert_eq!(evidence.marks(&gone), [false, false]);
}
