//! Structured logs on standard error. A field that is not on the list is dropped, whoever logs it: no account name,
//! hash, token, key or body can get into a log by a careless `debug!`.

use crate::config::Log;
use serde_json::{Map, Value};
use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The only fields that are ever written.
pub const FIELDS: &[&str] = &[
    "address",
    "attempt",
    "bytes",
    "code",
    "count",
    "error",
    "free",
    "location",
    "message",
    "method",
    "milliseconds",
    "operation",
    "outcome",
    "path",
    "reason",
    "request_id",
    "route",
    "signal",
    "status",
    "version",
    "what",
];

/// Sends the events of this process to standard error from now on. Other crates' events only from warnings on, and of
/// a panic its place alone: its message may hold what a request held.
pub fn start(log: Log) {
    let level = LevelFilter::from_level(log.level);
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = Lines { json: log.json, out: Mutex::new(Box::new(std::io::stderr())) };
    // A second start in one process, which only tests do, keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panic");
    }));
}

/// Writes one line an event.
struct Lines {
    json: bool,
    out: Mutex<Box<dyn Write + Send>>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Allowed(Map::new());
        event.record(&mut fields);
        let level = event.metadata().level().as_str();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let time = Value::from((now * 1000.0).round() / 1000.0);
        let line = if self.json { json(time, level, fields.0) } else { text(&time, level, &fields.0) };
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody is left to tell when standard error is gone.
        let _ = out.write_all(line.as_bytes());
    }
}

fn json(time: Value, level: &str, mut fields: Map<String, Value>) -> String {
    fields.insert("time".to_owned(), time);
    fields.insert("level".to_owned(), level.into());
    format!("{}\n", Value::Object(fields))
}

fn text(time: &Value, level: &str, fields: &Map<String, Value>) -> String {
    let mut line = format!("{time} {level:5}");
    if let Some(Value::String(message)) = fields.get("message") {
        let _ = write!(line, " {}", message.escape_debug());
    }
    for (name, value) in fields.iter().filter(|(name, _)| *name != "message") {
        let _ = write!(line, " {name}={value}");
    }
    line.push('\n');
    line
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
            tracing::info!(status = 200, account_name = "alice", token = ?"secret", body = 7, "answered\n\"x\"");
        });
        String::from_utf8(out.0.lock().expect("one reader").clone()).expect("text")
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
