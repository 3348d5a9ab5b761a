//! Structured logs on standard error.
//!
//! Each line has the name of an event ([`EVENTS`]), which is stable, and mostly a sentence, which is not. A field that is
//! not on the list ([`FIELDS`]) is dropped: no account name, hash, token, key or body can get into a log by a careless
//! `debug!`.

use crate::config::Log;
use rootcellar_spec::{Timestamp, calendar};
use serde_json::{Map, Value};
use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Every event that the vault logs, for operators' alerts and for tests. `deploy/README.md` explains those that matter.
pub const EVENTS: &[&str] = &[
    "accept-failed",
    "accept-filter-failed",
    "account-deleted",
    "account-registered",
    "admin-accept-failed",
    "admin-connection-ended",
    "admin-sweep",
    "charge-not-completed",
    "client-stalled",
    "clock-object-missing",
    "clock-trusted",
    "clock-untrusted",
    "connection-ended",
    "copy-mark-found",
    "core-dumps-allowed",
    "device-seen-not-stored",
    "devices-changed",
    "drain-timeout",
    "head-missing",
    "history-not-stored",
    "internal-error",
    "keys-changed",
    "limit-reached",
    "login",
    "login-charge-kept",
    "panic",
    "passphrase-changed",
    "pointer-not-confirmed",
    "pointer-unreadable",
    "recovery",
    "recovery-code-changed",
    "registration-expired",
    "registration-not-undone",
    "removal-incomplete",
    "request",
    "request-panicked",
    "root-secret-created",
    "root-secret-loaded",
    "root-secret-mismatch",
    "root-secret-restored",
    "save-refused",
    "send-buffer-unbounded",
    "serving",
    "snapshot-saved",
    "stopped",
    "stopping",
    "store-full",
    "store-outcome-unknown",
    "store-plain-http",
    "store-refused",
    "store-unavailable",
    "sweep",
    "sweep-failed",
    "sweep-incomplete",
    "tls-handshake-failed",
    "tls-handshake-timeout",
    "vault-created",
    "vault-id-differs",
    "vault-time-not-stored",
    "vault-time-set-back",
];

/// The only fields that are ever written.
pub const FIELDS: &[&str] = &[
    "address",
    "apply",
    "attempt",
    "bytes",
    "code",
    "complete",
    "endpoint",
    "error",
    "event",
    "expired",
    "file",
    "fingerprint",
    "free",
    "kept",
    "limit",
    "location",
    "message",
    "method",
    "milliseconds",
    "objects",
    "operation",
    "outcome",
    "read_only",
    "reason",
    "registration",
    "removed",
    "request_id",
    "route",
    "seconds",
    "signal",
    "status",
    "thinned",
    "vault_id",
    "version",
    "wait",
    "what",
];

/// What the targets of our own crates start with.
const OWN: &str = "rootcellar";

/// Writes the events of this process to standard error from now on: those of other crates from the level `warn`, and of a
/// panic only its place, because its message may contain parts of a request.
pub fn start(log: Log) {
    let lines = Lines { json: log.json, out: Mutex::new(Box::new(std::io::stderr())) };
    // A second start in one process, which only tests do, keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter(log.level))).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", location, "A thread panicked. This is a bug; please report it.");
    }));
}

fn filter(level: Level) -> Targets {
    let level = LevelFilter::from_level(level);
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OWN, level)
}

/// Writes one line per event.
struct Lines {
    json: bool,
    out: Mutex<Box<dyn Write + Send>>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // A field or event that is missing from the lists is a mistake in our own code, which tests find here.
        let own = event.metadata().target().starts_with(OWN);
        debug_assert!(!own || event.fields().all(|field| FIELDS.contains(&field.name())), "{event:?}");
        let mut fields = Allowed(Map::new());
        event.record(&mut fields);
        debug_assert!(!own || is_known(fields.0.get("event")), "{event:?}");
        let level = event.metadata().level().as_str();
        let time = timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let line = if self.json { json(time, level, fields.0) } else { text(&time, level, &fields.0) };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // If standard error is closed, there is no place to report it.
        let _ = out.write_all(line.as_bytes());
    }
}

fn is_known(event: Option<&Value>) -> bool {
    event.and_then(Value::as_str).is_some_and(|event| EVENTS.contains(&event))
}

fn json(time: String, level: &str, mut fields: Map<String, Value>) -> String {
    fields.insert("time".to_owned(), time.into());
    fields.insert("level".to_owned(), level.into());
    format!("{}\n", Value::Object(fields))
}

fn text(time: &str, level: &str, fields: &Map<String, Value>) -> String {
    let mut line = format!("{time} {level:5}");
    let (event, message) = (text_of(fields, "event"), text_of(fields, "message"));
    let separator = if event.is_empty() || message.is_empty() { "" } else { ": " };
    if !event.is_empty() || !message.is_empty() {
        let _ = write!(line, " {event}{separator}{message}");
    }
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "event" | "message")) {
        let _ = write!(line, " {name}={value}");
    }
    line.push('\n');
    line
}

/// A text without control characters: one event is one line, whatever it quotes.
fn text_of(fields: &Map<String, Value>, name: &str) -> String {
    let text = fields.get(name).and_then(Value::as_str).unwrap_or_default();
    text.chars().fold(String::with_capacity(text.len()), |mut line, character| {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
        line
    })
}

/// RFC 3339 in UTC, with milliseconds.
#[must_use]
pub fn timestamp(since_epoch: Duration) -> String {
    let seconds = calendar::rfc3339(Timestamp(since_epoch.as_secs()));
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), since_epoch.subsec_millis())
}

/// Collects the fields that are on the list.
struct Allowed(Map<String, Value>);

impl Allowed {
    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        if FIELDS.contains(&field.name()) {
            self.0.insert(field.name().to_owned(), value.into());
        }
    }
}

impl Visit for Allowed {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if FIELDS.contains(&field.name()) {
            self.keep(field, format!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("one writer").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool) -> String {
        let out = Shared::default();
        let lines = Lines { json, out: Mutex::new(Box::new(out.clone())) };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(target: "elsewhere", status = 200, account_name = "alice", token = ?"secret", body = 7, "answered\n\"x\"");
        });
        String::from_utf8(out.0.lock().expect("one reader").clone()).expect("text")
    }

    #[test]
    fn a_line_starts_with_the_event_and_its_sentence() {
        let fields = [("event", "store-full"), ("message", "The store is full.")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
        assert_eq!(text("T", "ERROR", &fields), "T ERROR store-full: The store is full.\n");
        let fields = [("event".to_owned(), "request".into()), ("status".to_owned(), 200.into())];
        assert_eq!(text("T", "INFO", &fields.into_iter().collect()), "T INFO  request status=200\n");
    }

    #[test]
    fn events_are_listed_once_and_in_order() {
        assert!(EVENTS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn tells_the_time_in_utc() {
        let at = |seconds, millis: u32| timestamp(Duration::new(seconds, millis * 1_000_000));
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_827_696, 7), "2000-02-29T12:34:56.007Z");
        assert_eq!(at(1_735_689_599, 999), "2024-12-31T23:59:59.999Z");
        assert_eq!(at(4_107_542_400, 0), "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn events_of_the_vault_are_written_and_those_of_libraries_from_warnings_on() {
        let own = [std::any::type_name::<rootcellar_vault::Vault>(), module_path!()];
        assert!(own.iter().all(|target| filter(Level::INFO).would_enable(target, &Level::INFO)));
        assert!(!own.iter().any(|target| filter(Level::WARN).would_enable(target, &Level::INFO)));
        assert!(!filter(Level::DEBUG).would_enable("hyper", &Level::INFO));
        assert!(filter(Level::DEBUG).would_enable("hyper", &Level::WARN));
    }

    #[test]
    fn drops_fields_that_are_not_on_the_list() {
        for json in [true, false] {
            let line = logged(json);
            assert!(line.contains("status") && line.contains("200") && line.contains("answered"), "{line}");
            for leak in ["alice", "account_name", "secret", "token", "body", "7\n"] {
                assert!(!line.contains(leak), "{line}");
            }
            assert_eq!(line.lines().count(), 1, "{line}");
        }
        let parsed: Value = serde_json::from_str(&logged(true)).expect("JSON");
        assert_eq!(parsed["level"], "INFO");
    }
}
