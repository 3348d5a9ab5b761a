//! Reports on a limit: gauges, a counter of refusals, and at most one warning per minute.

use crate::counters::{LIMIT, LIMIT_REFUSALS, LIMIT_USED};
use metrics::{counter, gauge};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum pause between two warnings about the same limit.
const PAUSE: Duration = Duration::from_secs(60);

/// Why a resource was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The client's network has used up its share.
    Share,
    /// The whole resource is in use.
    Total,
}

impl Full {
    /// The stable text in metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Total => "total",
        }
    }
}

/// The metrics and warnings of one limit.
#[derive(Debug)]
pub struct Report {
    limit: &'static str,
    warned_at: Mutex<Option<Instant>>,
}

impl Report {
    /// For a resource that is taken and returned.
    #[must_use]
    pub fn new(limit: &'static str, total: u64) -> Self {
        gauge!(LIMIT_USED, "limit" => limit).set(0.0);
        Self::of_rate(limit, total)
    }

    /// For a rate, of which nothing is in use.
    #[must_use]
    pub fn of_rate(limit: &'static str, per_minute: u64) -> Self {
        gauge!(LIMIT, "limit" => limit).set(as_f64(per_minute));
        Self { limit, warned_at: Mutex::default() }
    }

    /// Records that units were taken.
    pub fn taken(&self, amount: u64) {
        gauge!(LIMIT_USED, "limit" => self.limit).increment(as_f64(amount));
    }

    /// Records that units were returned.
    pub fn returned(&self, amount: u64) {
        gauge!(LIMIT_USED, "limit" => self.limit).decrement(as_f64(amount));
    }

    /// Records a refusal, and logs at most one warning per minute.
    pub fn refused(&self, full: Full) {
        let reason = full.as_str();
        counter!(LIMIT_REFUSALS, "limit" => self.limit, "reason" => reason).increment(1);
        if self.may_warn(Instant::now()) {
            tracing::warn!(event = "limit-reached", limit = self.limit, reason);
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
