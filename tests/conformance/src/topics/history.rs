//! Histories: chains, what a device had seen, and what is proven (protocol.md section 20).

use crate::Topic;
use crate::case::{array, expect, hex, number, text};
use anyhow::{Context, Result, bail};
use rootcellar_client::history::{self, Checked, Evidence, Gap, HistoryError, HistorySeen, Tip};
use rootcellar_spec::header::Header;
use rootcellar_spec::snapshot::FORM;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::history::{Actor, Event, History, Stream};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{AccountId, Digest, Generation, Number, OperationId, SuiteId, Timestamp};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "history", generate, check };

const PIXEL: [u8; 16] = [0x91; 16];
const TABLET: [u8; 16] = [0x7a; 16];

fn event(number: u64, kind: &str, by: &str, detail: u64) -> Value {
    json!({ "number": number, "at": 1_750_000_000 + 60 * number, "kind": kind, "by": by, "detail": detail })
}

fn of_device(mut event: Value, device: [u8; 16]) -> Value {
    event["device"] = hex(device).into();
    event
}

fn about(mut event: Value, subject: [u8; 16]) -> Value {
    event["subject"] = hex(subject).into();
    event
}

/// The life of an account, as the vault reports it.
fn life() -> Value {
    let acts = json!([
        event(1, "registration", "passphrase", 0),
        event(2, "login", "passphrase", 0),
        about(event(3, "enrolment", "passphrase", 2), PIXEL),
        of_device(about(event(4, "pairing", "device", 2), TABLET), PIXEL),
        about(event(5, "permission", "passphrase", 3), PIXEL),
        of_device(event(6, "restore", "device", 4), PIXEL),
        about(event(7, "revocation", "passphrase", 0), TABLET),
        event(8, "recovery", "recovery-code", 0),
        event(9, "recovery-code", "recovery-code", 0),
        event(10, "passphrase", "recovery-code", 0),
        event(11, "suite", "passphrase", 2),
        event(12, "rekey", "passphrase", 2),
        event(13, "of-a-newer-vault", "passphrase", 7),
    ]);
    let saves: Vec<Value> =
        (1..=3).map(|number| of_device(event(number, "save", "device", number), PIXEL)).collect();
    json!({
        "acts": { "base": hex([0; 32]), "events": acts },
        "saves": { "base": hex([0; 32]), "events": saves },
        "generation": 2, "head": 3, "devices": [{ "id": hex(PIXEL), "permission": "restore" }],
    })
}

/// The life without the events before this one.
fn cut(life: &Value, stream: &str, first: usize) -> Value {
    let whole = read_stream(&life[stream]).expect("a stream");
    let base = whole.events[..first - 1].iter().fold(whole.base, |before, event| event.digest(&before));
    let mut cut = life.clone();
    cut[stream]["base"] = hex(base.0).into();
    cut[stream]["events"].as_array_mut().expect("events").drain(..first - 1);
    cut
}

/// What a device remembers that saw this many events of the life.
fn seen(life: &Value, acts: usize, saves: usize) -> Value {
    let tip = |stream: &str, count: usize| {
        let whole = read_stream(&life[stream]).expect("a stream");
        let digest = whole.events[..count].iter().fold(whole.base, |before, event| event.digest(&before));
        json!({ "number": count, "digest": hex(digest.0) })
    };
    json!({ "acts": tip("acts", acts), "saves": tip("saves", saves) })
}

fn with(mut vector: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut vector);
    vector
}

/// What is changed in the acts.
type Change = fn(&mut Vec<Value>);
/// A name, and the vector without what is expected of it.
type Case = (&'static str, Value);

fn changing(mut vector: Value, change: Change) -> Value {
    change(vector["acts"]["events"].as_array_mut().expect("events"));
    vector
}

fn remembered(life: &Value, base: &Value, acts: usize, saves: usize) -> Value {
    with(base.clone(), |vector| vector["seen"] = seen(life, acts, saves))
}

fn generate() -> Vec<(String, Value)> {
    let life = life();
    let cases = [accepted(&life), contradicting(&life), malformed(&life)].concat();
    cases
        .into_iter()
        .map(|(name, mut vector)| {
            describe(&mut vector).expect("the generator makes vectors that can be read");
            (name.to_owned(), vector)
        })
        .collect()
}

fn accepted(life: &Value) -> Vec<Case> {
    let gone = cut(life, "acts", 6);
    let evidence = |field: &str, value: Value| with(life.clone(), |vector| vector[field] = value);
    vec![
        ("whole", life.clone()),
        (
            "empty",
            with(life.clone(), |vector| {
                vector["acts"]["events"] = json!([]);
                vector["saves"]["events"] = json!([]);
            }),
        ),
        ("seen-before", remembered(life, life, 13, 3)),
        ("seen-in-part", remembered(life, life, 4, 0)),
        ("older-events-are-gone", gone.clone()),
        ("older-events-are-gone-and-were-seen", remembered(life, &gone, 9, 3)),
        ("the-last-that-was-seen-is-gone", remembered(life, &gone, 5, 3)),
        ("gap", remembered(life, &gone, 2, 3)),
        ("gap-from-nothing", remembered(life, &gone, 0, 0)),
        ("no-device-list", evidence("devices", Value::Null)),
        ("no-snapshot", evidence("head", Value::Null)),
        ("a-save-that-the-newest-snapshot-no-longer-names", evidence("head", 258.into())),
        ("a-save-after-the-newest-snapshot", evidence("head", 2.into())),
        ("a-rekey-before-the-keys-that-opened", evidence("generation", 3.into())),
        ("a-rekey-after-the-keys-that-opened", evidence("generation", 1.into())),
        ("told-twice", told_twice(life)),
        (
            "a-listed-device-that-was-removed",
            changing(life.clone(), |events| events[6]["subject"] = hex(PIXEL).into()),
        ),
    ]
}

/// A life in which a permission, a re-key and a save are each reported twice.
fn told_twice(life: &Value) -> Value {
    let again = |events: &mut Value, index: usize| {
        let events = events.as_array_mut().expect("events");
        let event = with(events[index].clone(), |event| event["number"] = (events.len() + 1).into());
        events.push(event);
    };
    with(life.clone(), |vector| {
        again(&mut vector["acts"]["events"], 4);
        again(&mut vector["acts"]["events"], 11);
        again(&mut vector["saves"]["events"], 0);
    })
}

fn contradicting(life: &Value) -> Vec<Case> {
    let rewrites: [(&str, Change); 7] = [
        ("ends-earlier", |events| drop(events.pop())),
        ("another-time", |events| events[5]["at"] = 1.into()),
        ("another-kind", |events| events[5]["kind"] = "login".into()),
        ("another-way", |events| events[5]["by"] = "passphrase".into()),
        ("another-device", |events| events[5]["device"] = hex(TABLET).into()),
        ("another-subject", |events| events[6]["subject"] = hex(PIXEL).into()),
        ("another-detail", |events| events[5]["detail"] = 0.into()),
    ];
    let whole = remembered(life, life, 13, 3);
    let mut cases = rewrites.map(|(name, change)| (name, changing(whole.clone(), change))).to_vec();
    cases.push(("forgets-every-save", with(whole, |vector| vector["saves"]["events"] = json!([]))));
    let gone = remembered(life, &cut(life, "acts", 6), 5, 3);
    cases.push((
        "another-past-before-what-is-given",
        with(gone, |vector| vector["acts"]["base"] = hex([7; 32]).into()),
    ));
    cases
}

fn malformed(life: &Value) -> Vec<Case> {
    let faults: [(&str, Change); 9] = [
        ("an-event-missing", |events| drop(events.remove(2))),
        ("an-event-twice", |events| events[2] = events[1].clone()),
        ("events-swapped", |events| events.swap(1, 2)),
        ("number-zero", |events| {
            events.iter_mut().zip(0..).for_each(|(event, n)| event["number"] = n.into())
        }),
        ("number-at-the-end", |events| {
            events.truncate(1);
            events[0]["number"] = u64::MAX.into();
        }),
        ("too-many-events", |events| {
            *events = (1..=129).map(|number| event(number, "login", "passphrase", 0)).collect();
        }),
        ("kind-empty", |events| events[0]["kind"] = "".into()),
        ("kind-too-long", |events| events[0]["kind"] = "x".repeat(33).into()),
        ("kind-in-capitals", |events| events[0]["kind"] = "LOGIN".into()),
    ];
    let mut cases = faults.map(|(name, change)| (name, changing(life.clone(), change))).to_vec();
    cases.push((
        "first-event-follows-something",
        with(life.clone(), |vector| vector["acts"]["base"] = hex([7; 32]).into()),
    ));
    cases
}

fn read_stream(stream: &Value) -> Result<Stream> {
    let events = stream["events"].as_array().context("events")?;
    let events = events.iter().map(read_event).collect::<Result<_>>()?;
    Ok(Stream { base: Digest(array(stream, "base")?), events })
}

fn read_event(event: &Value) -> Result<Event> {
    let device = |field| event.get(field).map(|_| array(event, field).map(DeviceId)).transpose();
    Ok(Event {
        number: number(event, "number")?,
        at: Timestamp(number(event, "at")?),
        kind: text(event, "kind")?.to_owned(),
        by: match text(event, "by")? {
            "passphrase" => Actor::Passphrase,
            "recovery-code" => Actor::RecoveryCode,
            "device" => Actor::Device,
            other => bail!("unknown way {other}"),
        },
        device: device("device")?,
        subject: device("subject")?,
        detail: number(event, "detail")?,
    })
}

fn read_tip(tip: &Value) -> Result<Tip> {
    Ok(Tip { number: number(tip, "number")?, digest: Digest(array(tip, "digest")?) })
}

/// A header of this number; the digests of its ancestors do not matter here.
fn header(number: u64) -> Header {
    let number = Number(number);
    Header {
        suite: SuiteId::ONE,
        account: AccountId([0; 16]),
        generation: Generation::FIRST,
        number,
        operation: OperationId([0; 16]),
        ancestors: vec![Digest([0; 32]); FORM.ancestors_of(number)],
    }
}

fn read_devices(vector: &Value) -> Result<Option<Vec<(DeviceId, Permission)>>> {
    let Some(devices) = vector["devices"].as_array() else { return Ok(None) };
    let read = |device: &Value| {
        let name = text(device, "permission")?;
        let permission = Permission::ALL.into_iter().find(|permission| permission.as_str() == name);
        Ok((DeviceId(array(device, "id")?), permission.context("a permission")?))
    };
    devices.iter().map(read).collect::<Result<_>>().map(Some)
}

fn judge(vector: &Value) -> Result<Result<Checked, HistoryError>> {
    let (acts, saves) = (read_stream(&vector["acts"])?, read_stream(&vector["saves"])?);
    let told = History { acts, saves, failed_attempts: 0, time: Timestamp(0) };
    let seen = match vector.get("seen") {
        None => None,
        Some(seen) => Some(HistorySeen { acts: read_tip(&seen["acts"])?, saves: read_tip(&seen["saves"])? }),
    };
    let newest = vector["head"].as_u64().map(header);
    let devices = read_devices(vector)?;
    let evidence = Evidence {
        newest: newest.as_ref(),
        devices: devices.as_deref(),
        generation: Generation(u32::try_from(number(vector, "generation")?)?),
    };
    Ok(history::check(&told, seen.as_ref(), &evidence))
}

fn describe(vector: &mut Value) -> Result<()> {
    let checked = match judge(vector)? {
        Ok(checked) => checked,
        Err(error) => {
            let contradicted = matches!(error, HistoryError::Contradicted);
            vector["result"] = if contradicted { "contradicted" } else { "malformed" }.into();
            return Ok(());
        }
    };
    let tip = |tip: Tip| json!({ "number": tip.number, "digest": hex(tip.digest.0) });
    let gap = |gap: Option<Gap>| gap.map(|gap| [gap.first, gap.last]);
    let proven = |stream: &history::CheckedStream| {
        stream.events.iter().map(|checked| checked.proven).collect::<Vec<_>>()
    };
    vector["result"] = "valid".into();
    vector["tips"] = json!({ "acts": tip(checked.seen.acts), "saves": tip(checked.seen.saves) });
    vector["gaps"] = json!({ "acts": gap(checked.acts.gap), "saves": gap(checked.saves.gap) });
    vector["proven"] = json!({ "acts": proven(&checked.acts), "saves": proven(&checked.saves) });
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "tips", "gaps", "proven"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
