//! The history of an account (protocol.md section 20): events in two streams that cannot push each
//! other out, each of them numbered, chained and bounded.
//!
//! The history is in the account's object, so an event and its cause are one write. Failed attempts
//! create no events, because someone who cannot log in must not be able to write. They are counted
//! in the guess budget, and the next login's event has their number.

use rootcellar_spec::limits::{HISTORY_EVENTS, SESSION_LIFETIME};
use rootcellar_spec::wire::history::{self as wire, Actor, kind};
use rootcellar_spec::{DeviceId, Digest, OperationId, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How long a repeated login is recognised, and restores of a device are recorded once, in seconds.
/// No request is accepted for longer.
const RECOGNISED: u64 = SESSION_LIFETIME.as_secs();

/// Both streams of an account's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Streams {
    acts: Stream,
    saves: Stream,
}

/// The newest events of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stream {
    /// Chain digest of the event before the first one.
    base: Digest,
    /// Number of the first event.
    first: u64,
    /// Oldest first, with consecutive numbers.
    events: Vec<Event>,
}

/// An event of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    at: Timestamp,
    kind: Cow<'static, str>,
    by: Actor,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    device: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    subject: Option<DeviceId>,
    #[serde(skip_serializing_if = "is_zero", default)]
    detail: u64,
    /// The login, to recognise it when it is repeated. Clients do not see this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    operation: Option<OperationId>,
}

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    /// How the request was authorised.
    pub(crate) by: Actor,
    /// The enrolled device whose key signed it.
    pub(crate) device: Option<DeviceId>,
}

impl Who {
    /// A user of the recovery code.
    pub(crate) const BY_RECOVERY_CODE: Self = Self { by: Actor::RecoveryCode, device: None };

    /// A user of the passphrase, with the enrolled device whose key signed.
    pub(crate) fn by_passphrase(device: Option<DeviceId>) -> Self {
        Self { by: Actor::Passphrase, device }
    }
}

impl Event {
    /// An event of this [`kind`].
    pub(crate) fn new(kind: &'static str, who: Who, at: Timestamp) -> Self {
        let Who { by, device } = who;
        Self { at, kind: Cow::Borrowed(kind), by, device, subject: None, detail: 0, operation: None }
    }

    /// Sets the device that the event is about.
    pub(crate) fn about(self, device: DeviceId) -> Self {
        Self { subject: Some(device), ..self }
    }

    /// Sets the number of the event. Its meaning depends on the kind.
    pub(crate) fn detail(self, detail: u64) -> Self {
        Self { detail, ..self }
    }

    /// Sets the login of the event.
    pub(crate) fn of_login(self, operation: OperationId) -> Self {
        Self { operation: Some(operation), ..self }
    }

    /// Whether both have the same kind and sender.
    fn is_like(&self, other: &Self) -> bool {
        (&self.kind, self.by, self.device) == (&other.kind, other.by, other.device)
    }

    fn numbered(&self, number: u64) -> wire::Event {
        wire::Event {
            number,
            at: self.at,
            kind: self.kind.clone().into_owned(),
            by: self.by,
            device: self.device,
            subject: self.subject,
            detail: self.detail,
        }
    }
}

impl Streams {
    /// A new history with this event.
    pub(crate) fn beginning_with(event: Event) -> Self {
        let empty = Stream { base: Digest([0; Digest::BYTES]), first: 1, events: Vec::new() };
        let mut streams = Self { acts: empty.clone(), saves: empty };
        streams.record(event);
        streams
    }

    /// Adds an event to its stream, and removes the oldest if there are too many.
    pub(crate) fn record(&mut self, event: Event) {
        let stream = if event.kind == kind::SAVE { &mut self.saves } else { &mut self.acts };
        stream.events.push(event);
        while stream.events.len() > HISTORY_EVENTS {
            let oldest = stream.events.remove(0);
            stream.base = oldest.numbered(stream.first).digest(&stream.base);
            stream.first = stream.first.saturating_add(1);
        }
    }

    /// What clients see of both streams.
    pub(crate) fn told(&self) -> [wire::Stream; 2] {
        [self.acts.told(), self.saves.told()]
    }

    /// Whether this login was recorded recently: the same operation, kind and sender.
    pub(crate) fn knows_login(&self, login: &Event, operation: &OperationId, now: Timestamp) -> bool {
        self.knows(now, |event| event.operation.as_ref() == Some(operation) && event.is_like(login))
    }

    /// Whether an act of this kind and sender was recorded recently.
    pub(crate) fn knows_act(&self, act: &Event, now: Timestamp) -> bool {
        self.knows(now, |event| event.is_like(act))
    }

    fn knows(&self, now: Timestamp, is_it: impl Fn(&Event) -> bool) -> bool {
        let is_recent = |event: &Event| now.distance(event.at) <= RECOGNISED;
        self.acts.events.iter().rev().any(|event| is_recent(event) && is_it(event))
    }
}

impl Stream {
    fn told(&self) -> wire::Stream {
        let events = (self.first..).zip(&self.events).map(|(number, event)| event.numbered(number)).collect();
        wire::Stream { base: self.base, events }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Who = Who { by: Actor::Passphrase, device: None };

    fn event(kind: &'static str, at: u64) -> Event {
        Event::new(kind, OWNER, Timestamp(at)).detail(at)
    }

    /// The chain digest after the last event.
    fn tip(stream: &wire::Stream) -> Digest {
        stream.events.iter().fold(stream.base, |before, event| event.digest(&before))
    }

    #[test]
    fn the_chain_goes_on_when_old_events_are_dropped() {
        let mut streams = Streams::beginning_with(event(kind::REGISTRATION, 0));
        let mut all = streams.acts.told().events;
        for at in 1..300 {
            streams.record(event(kind::LOGIN, at));
            let told = streams.acts.told();
            all.push(told.events.last().expect("the newest").clone());
            assert_eq!(told.events.len(), all.len().min(HISTORY_EVENTS));
            assert_eq!(told.events, all[all.len() - told.events.len()..]);
            let whole = wire::Stream { base: Digest([0; 32]), events: all.clone() };
            assert_eq!(tip(&told), tip(&whole), "after event {at}");
        }
        let numbers: Vec<_> = all.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=300).collect::<Vec<_>>());
    }

    #[test]
    fn saves_push_no_act_out() {
        let mut streams = Streams::beginning_with(event(kind::REGISTRATION, 0));
        for at in 1..1000 {
            streams.record(event(kind::SAVE, at));
        }
        assert_eq!((streams.acts.events.len(), streams.saves.events.len()), (1, HISTORY_EVENTS));
    }

    #[test]
    fn a_login_is_known_while_it_may_be_sent_again() {
        let (login, other) = (OperationId([1; 16]), OperationId([2; 16]));
        let mut streams = Streams::beginning_with(event(kind::REGISTRATION, 0));
        let told = event(kind::LOGIN, 10);
        streams.record(told.clone().of_login(login));
        assert!(streams.knows_login(&told, &login, Timestamp(10 + RECOGNISED)));
        assert!(
            !streams.knows_login(&told, &login, Timestamp(11 + RECOGNISED)),
            "a key that is used again is another login"
        );
        assert!(!streams.knows_login(&told, &other, Timestamp(10)));
    }

    /// Someone who can write one kind of event must not be able to keep another from being written.
    #[test]
    fn a_login_is_known_by_its_kind_and_by_whom_it_was_too() {
        let login = OperationId([1; 16]);
        let device = Who { by: Actor::Device, device: Some(DeviceId([3; 16])) };
        let other = Who { device: Some(DeviceId([4; 16])), ..device };
        let told = |kind, who| Event::new(kind, who, Timestamp(10));
        let mut streams = Streams::beginning_with(event(kind::REGISTRATION, 0));
        streams.record(told(kind::RESTORE, device).of_login(login));
        let knows = |kind, who| streams.knows_login(&told(kind, who), &login, Timestamp(10));
        assert!(knows(kind::RESTORE, device));
        assert!(!knows(kind::LOGIN, device) && !knows(kind::RECOVERY, Who::BY_RECOVERY_CODE));
        assert!(!knows(kind::RESTORE, OWNER) && !knows(kind::RESTORE, other));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let device = DeviceId([3; 16]);
        let mut streams = Streams::beginning_with(event(kind::REGISTRATION, 0));
        streams.record(event(kind::LOGIN, 1).of_login(OperationId([1; 16])));
        streams.record(event(kind::ENROLMENT, 2).about(device));
        let stored = serde_json::to_string(&streams).expect("plain structs");
        assert_eq!(serde_json::from_str::<Streams>(&stored).expect("its own"), streams);
    }
}
