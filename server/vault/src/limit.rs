//! What operators learn of a limit: gauges, a count of refusals, and one warning a minute.

use crate::counters::{LIMIT, LIMIT_REFUSALS, LIMIT_USED};
use metrics::{counter, gauge};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least time between two warnings about the same limit.
const PAUSE: Duration = Duration::from_secs(60);

/// Why a resource is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The client's network holds its share.
    Share,
    /// All of it is held.
    Total,
}

impl Full {
    /// The name of the reason, for metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Total => "total",
        }
    }
}

/// Reports on one limit.
#[derive(Debug)]
pub struct Report {
    limit: &'static str,
    warned_at: Mutex<Option<Instant>>,
}

impl Report {
    /// Of what is held and returned.
    #[must_use]
    pub fn new(limit: &'static str, total: u64) -> Self {
        gauge!(LIMIT_USED, "limit" => limit).set(0.0);
        Self::of_rate(limit, total)
    }

    /// Of what comes back with time: of that, none is in use.
    #[must_use]
    pub fn of_rate(limit: &'static str, per_minute: u64) -> Self {
        gauge!(LIMIT, "limit" => limit).set(as_f64(per_minute));
        Self { limit, warned_at: Mutex::default() }
    }

    /// So much of it was taken.
    pub fn taken(&self, amount: u64) {
        gauge!(LIMIT_USED, "limit" => self.limit).increment(as_f64(amount));
    }

    /// So much of it was returned.
    pub fn returned(&self, amount: u64) {
        gauge!(LIMIT_USED, "limit" => self.limit).decrement(as_f64(amount));
    }

    /// Somebody was refused, for this reason.
    pub fn refused(&self, full: Full) {
        let reason = full.as_str();
        counter!(LIMIT_REFUSALS, "limit" => self.limit, "reason" => reason).increment(1);
        if self.may_warn(Instant::now()) {
            tracing::warn!(limit = self.limit, reason, "a limit was reached");
        }
    }

    fn may_warn(&self, now: Instant) -> bool {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = warned_at.is_none_or(|at| now.duration_since(at) >= PAUSE);
        if may {
            *warned_at = Some(now);
        }
        may
    }
}

#[expect(clippy::cast_precision_loss, reason = "for a graph")]
fn as_f64(amount: u64) -> f64 {
    amount as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warns_once_a_minute() {
        let (report, start) = (Report::new("test", 1), Instant::now());
        assert!(report.may_warn(start));
        assert!(!report.may_warn(start + Duration::from_secs(59)));
        assert!(report.may_warn(start + Duration::from_secs(60)));
    }
}
