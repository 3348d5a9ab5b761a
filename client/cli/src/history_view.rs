//! The history as people see it, and as JSON: what is proven apart from what the vault says.

use crate::text;
use crate::time_text::{date, rfc3339};
use rootcellar_client::VaultText;
use rootcellar_client::history::{Checked, CheckedEvent, Detail, Gap, Stream};
use rootcellar_spec::DeviceId;
use rootcellar_spec::hex;
use rootcellar_spec::wire::history::{Actor, Event, kind};
use serde::Serialize;
use std::collections::BTreeMap;

/// Labels of the devices that are enrolled now.
pub(crate) type Labels = BTreeMap<DeviceId, VaultText>;

/// The whole history.
#[derive(Serialize)]
pub(crate) struct HistoryView {
    events: Vec<EventView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapView>,
    failed_attempts: u32,
    vault_time: String,
}

#[derive(Serialize)]
struct EventView {
    stream: &'static str,
    number: u64,
    at: String,
    kind: VaultText,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<DeviceRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<DeviceRef>,
    #[serde(flatten)]
    detail: DetailView,
    proven: bool,
    #[serde(skip)]
    line: String,
}

/// What the event's number means, as programs are told it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum DetailView {
    FailedAttempts(u64),
    Permission(&'static str),
    Snapshot(u64),
    Generation(u64),
    Suite(u64),
    #[serde(rename = "detail")]
    Unknown(u64),
    #[serde(untagged)]
    Nothing {},
}

impl From<Detail> for DetailView {
    fn from(detail: Detail) -> Self {
        match detail {
            Detail::Nothing => Self::Nothing {},
            Detail::FailedAttempts(times) => Self::FailedAttempts(times),
            Detail::Permission(permission) => Self::Permission(permission.as_str()),
            Detail::Backup(number) => Self::Snapshot(number),
            Detail::Generation(number) => Self::Generation(number),
            Detail::Suite(number) => Self::Suite(number),
            Detail::Unknown(number) => Self::Unknown(number),
        }
    }
}

/// A device, with its label where it is enrolled now.
#[derive(Serialize)]
struct DeviceRef {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<VaultText>,
}

#[derive(Serialize)]
struct GapView {
    stream: &'static str,
    first: u64,
    last: u64,
}

impl HistoryView {
    /// The view of a history that was checked.
    pub(crate) fn of(checked: &Checked, labels: &Labels) -> Self {
        let gap = |stream, gap: Option<Gap>| {
            gap.map(|Gap { first, last }| GapView { stream: name(stream), first, last })
        };
        Self {
            events: checked
                .in_order()
                .into_iter()
                .map(|(stream, event)| EventView::of(event, stream, labels))
                .collect(),
            gaps: [gap(Stream::Acts, checked.acts.gap), gap(Stream::Saves, checked.saves.gap)]
                .into_iter()
                .flatten()
                .collect(),
            failed_attempts: checked.failed_attempts,
            vault_time: rfc3339(checked.time),
        }
    }

    /// For a person.
    pub(crate) fn text(&self) -> String {
        let mut shown = text::line(text::history::HEADINGS);
        for gap in &self.gaps {
            shown.push_str(&gap.line());
        }
        for event in &self.events {
            shown.push_str(&event.line);
        }
        let failed = match self.failed_attempts {
            0 => text::history::FAILED_NONE.to_owned(),
            n => text::history::Failed { n: n.into() }.into(),
        };
        shown.push_str(&format!("\n{failed}\n{}\n", text::history::LEGEND));
        shown
    }
}

impl GapView {
    fn line(&self) -> String {
        let Self { stream, first, last } = self;
        let gap: String = match *stream == name(Stream::Saves) {
            true => text::history::GapSaves { first, last }.into(),
            false => text::history::GapActs { first, last }.into(),
        };
        text::line(gap)
    }
}

impl EventView {
    fn of(checked: &CheckedEvent, stream: Stream, labels: &Labels) -> Self {
        let CheckedEvent { event, proven } = checked;
        let reference = |id: DeviceId| DeviceRef { id: hex::encode(&id.0), label: labels.get(&id).cloned() };
        let (device, subject) = (event.device.map(reference), event.subject.map(reference));
        let known = if *proven { text::history::PROVEN } else { text::history::TOLD };
        let what = what(event, subject.as_ref());
        let line = format!("{}  {known:<11}  {what}{}\n", date(event.at), who(event, device.as_ref()));
        Self {
            stream: name(stream),
            number: event.number,
            at: rfc3339(event.at),
            kind: event.kind.as_str().into(),
            by: event.by.as_str(),
            device,
            subject,
            detail: Detail::of(event).into(),
            proven: *proven,
            line,
        }
    }
}

fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::Acts => "acts",
        Stream::Saves => "saves",
    }
}

impl DeviceRef {
    fn text(&self) -> String {
        match &self.label {
            Some(label) => text::history::Named { label }.into(),
            None => text::history::DeviceId { id: &self.id[..8] }.into(),
        }
    }
}

fn what(event: &Event, subject: Option<&DeviceRef>) -> String {
    let subject = subject.map_or_else(|| text::history::DEVICE.to_owned(), DeviceRef::text);
    let permission = match Detail::of(event) {
        Detail::Permission(permission) => permission.as_str(),
        _ => "?",
    };
    let n = event.detail;
    match event.kind.as_str() {
        kind::REGISTRATION => text::history::REGISTRATION.to_owned(),
        kind::LOGIN => text::history::Login { attempts: attempts(n) }.into(),
        kind::RESTORE => text::history::Restore { attempts: attempts(n) }.into(),
        kind::RECOVERY => text::history::RECOVERY.to_owned(),
        kind::PASSPHRASE => text::history::PASSPHRASE.to_owned(),
        kind::RECOVERY_CODE => text::history::RECOVERY_CODE.to_owned(),
        kind::REKEY => text::history::Rekey { n }.into(),
        kind::SUITE => text::history::Suite { n }.into(),
        kind::ENROLMENT => text::history::Enrolment { subject, permission }.into(),
        kind::PAIRING => text::history::Pairing { subject, permission }.into(),
        kind::PERMISSION => text::history::Permission { subject, permission }.into(),
        kind::REVOCATION => text::history::Revocation { subject }.into(),
        kind::SAVE => text::history::Save { n }.into(),
        other => VaultText::new(other).to_string(),
    }
}

fn attempts(failed: u64) -> String {
    if failed == 0 { String::new() } else { text::history::Attempts { n: failed }.into() }
}

fn who(event: &Event, device: Option<&DeviceRef>) -> String {
    let from =
        device.map(|device| text::history::On { device: device.text() }.to_string()).unwrap_or_default();
    match event.by {
        // Such a login says how it came about already.
        Actor::RecoveryCode if event.kind == kind::RECOVERY => from,
        Actor::RecoveryCode => format!("{}{from}", text::history::BY_RECOVERY_CODE),
        Actor::Passphrase if event.kind == kind::REGISTRATION => from,
        Actor::Passphrase => format!("{}{from}", text::history::BY_PASSPHRASE),
        Actor::Device => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_client::history::CheckedStream;
    use rootcellar_spec::Timestamp;

    fn event(kind: &str, by: Actor, device: Option<u8>, subject: Option<u8>, detail: u64) -> Event {
        let id = |byte: u8| DeviceId([byte; 16]);
        Event {
            number: 1,
            at: Timestamp(1_709_251_199),
            kind: kind.to_owned(),
            by,
            device: device.map(id),
            subject: subject.map(id),
            detail,
        }
    }

    fn line(event: Event, proven: bool) -> String {
        let labels = Labels::from([(DeviceId([1; 16]), VaultText::new("Pixel 9"))]);
        let line = EventView::of(&CheckedEvent { event, proven }, Stream::Acts, &labels).line;
        line.trim_end().strip_prefix("2024-02-29 23:59 UTC  ").expect("a date").to_owned()
    }

    #[test]
    fn every_event_says_what_and_who() {
        let passphrase = Actor::Passphrase;
        let (pixel, with) =
            (text::history::Named { label: "Pixel 9" }.to_string(), text::history::BY_PASSPHRASE);
        let on = text::history::On { device: &pixel }.to_string();
        let unknown = text::history::DeviceId { id: "07070707" };
        let enrolled = text::history::Enrolment { subject: &pixel, permission: "backup" };
        for (event, expected) in [
            (
                event(kind::LOGIN, passphrase, None, None, 2),
                format!("{}{with}", text::history::Login { attempts: attempts(2) }),
            ),
            (event(kind::RECOVERY, Actor::RecoveryCode, None, None, 0), text::history::RECOVERY.to_owned()),
            (
                event(kind::RESTORE, Actor::Device, Some(1), None, 0),
                format!("{}{on}", text::history::Restore { attempts: "" }),
            ),
            (event(kind::ENROLMENT, passphrase, None, Some(1), 2), format!("{enrolled}{with}")),
            (
                event(kind::REVOCATION, Actor::Device, Some(1), Some(7), 0),
                format!("{}{on}", text::history::Revocation { subject: unknown }),
            ),
            (
                event(kind::SAVE, Actor::Device, Some(1), None, 5),
                format!("{}{on}", text::history::Save { n: 5 }),
            ),
            (event("novelty\x1b", passphrase, None, None, 5), format!("novelty\u{fffd}{with}")),
        ] {
            assert_eq!(line(event, false), format!("{:<11}  {expected}", text::history::TOLD));
        }
    }

    #[test]
    fn the_two_kinds_of_truth_and_the_gap_are_told_apart() {
        let save = CheckedEvent { event: event(kind::SAVE, Actor::Device, None, None, 9), proven: true };
        let login =
            CheckedEvent { event: event(kind::LOGIN, Actor::Passphrase, None, None, 0), proven: false };
        let tip = rootcellar_client::history::Tip { number: 1, digest: rootcellar_spec::Digest([0; 32]) };
        let checked = Checked {
            acts: CheckedStream { events: vec![login], gap: None },
            saves: CheckedStream { events: vec![save], gap: Some(Gap { first: 3, last: 8 }) },
            failed_attempts: 1,
            time: Timestamp(0),
            seen: rootcellar_client::history::HistorySeen { acts: tip, saves: tip },
        };
        let view = HistoryView::of(&checked, &Labels::new());
        let shown = view.text();
        let gap = text::history::GapSaves { first: 3, last: 8 }.to_string();
        let failed = text::history::Failed { n: 1 }.to_string();
        assert!(shown.contains(&gap) && shown.contains(&failed), "{shown}");
        let saved = format!("{:<11}  {}", text::history::PROVEN, text::history::Save { n: 9 });
        assert!(shown.contains(&saved), "{shown}");
        let login = format!("{:<11}  {}", text::history::TOLD, text::history::Login { attempts: "" });
        assert!(shown.contains(&login), "{shown}");
        // A login by passphrase or recovery code may have shown as much as a restore.
        assert!(shown.ends_with(&text::line(text::history::LEGEND)), "{shown}");
        let json = serde_json::to_value(&view).expect("JSON");
        let streams: Vec<_> =
            json["events"].as_array().expect("events").iter().map(|event| &event["stream"]).collect();
        assert_eq!(streams, ["acts", "saves"]);
        assert_eq!(json["gaps"][0]["last"], 8);
        let details = |at: usize| {
            ["failed_attempts", "snapshot", "detail"].map(|name| json["events"][at][name].as_u64())
        };
        assert_eq!((details(0), details(1)), ([Some(0), None, None], [None, Some(9), None]));
    }

    #[test]
    fn a_number_is_called_what_it_means() {
        let json = |kind: &str, number| {
            let detail = Detail::of(&event(kind, Actor::Passphrase, None, None, number));
            serde_json::to_value(DetailView::from(detail)).expect("JSON").to_string()
        };
        assert_eq!(json(kind::PERMISSION, 1), r#"{"permission":"view"}"#);
        assert_eq!(json(kind::ENROLMENT, 99), r#"{"detail":99}"#);
        assert_eq!(json(kind::REKEY, 2), r#"{"generation":2}"#);
        assert_eq!(json(kind::SUITE, 2), r#"{"suite":2}"#);
        assert_eq!(json(kind::PASSPHRASE, 0), "{}");
        assert_eq!(json("novelty", 7), r#"{"detail":7}"#);
    }
}
