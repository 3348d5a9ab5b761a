//! Structured logs on standard error. A field that is not on the list is dropped, whoever logs it: no account name,
//! hash, token, key or body can get into a log by a careless `debug!`.

use crate::config::Log;
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

/// Sends the events of this process to standard error from now on. Other crates' events only from warnings on, and of
/// a panic its place alone: its message may hold what a request held.
pub fn start(log: Log) {
    let lines = Lines { json: log.json, out: Mutex::new(Box::new(std::io::stderr())) };
    // A second start in one process, which only tests do, keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter(log.level))).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panic");
    }));
}

fn filter(level: Level) -> Targets {
    let level = LevelFilter::from_level(level);
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OWN, level)
}

/// Writes one line an event.
struct Lines {
    json: bool,
    out: Mutex<Box<dyn Write + Send>>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // What the vault's own code has to say and the list does not know would be lost without a word.
        let own = event.metadata().target().starts_with(OWN);
        debug_assert!(!own || event.fields().all(|field| FIELDS.contains(&field.name())), "{event:?}");
        let mut fields = Allowed(Map::new());
        event.record(&mut fields);
        let level = event.metadata().level().as_str();
        let time = timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let line = if self.json { json(time, level, fields.0) } else { text(&time, level, &fields.0) };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody is left to tell when standard error is gone.
        let _ = out.write_all(line.as_bytes());
    }
}

fn json(time: String, level: &str, mut fields: Map<String, Value>) -> String {
    fields.insert("time".to_owned(), time.into());
    fields.insert("level".to_owned(), level.into());
    format!("{}\n", Value::Object(fields))
}

fn text(time: &str, level: &str, fields: &Map<String, Value>) -> String {
    let mut line = format!("{time} {level:5}");
    if let Some(Value::String(message)) = fields.get("message") {
        line.push(' ');
        for character in message.chars() {
            // One event is one line, whatever it quotes.
            if character.is_control() {
                line.extend(character.escape_default());
            } else {
                line.push(character);
            }
        }
    }
    for (name, value) in fields.iter().filter(|(name, _)| *name != "message") {
        let _ = write!(line, " {name}={value}");
    }
    line.push('\n');
    line
}

/// RFC 3339 in UTC, with milliseconds; the day by Howard Hinnant's `civil_from_days`.
#[must_use]
pub fn timestamp(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let millis = since_epoch.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Keeps the fields that are on the list.
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
