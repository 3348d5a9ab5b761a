//! How the vault's time follows a clock. Pure.

use rootcellar_spec::Timestamp;
use std::time::Duration;

/// Maximum speed of the vault's time, relative to the process's uptime.
pub(super) const FASTEST: u32 = 2;

/// The vault's time at some uptime of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reckoning {
    /// Since the Unix epoch. Finer than seconds: many updates per second would otherwise round to
    /// no progress.
    time: Duration,
    uptime: Duration,
    /// How far it may exceed its speed, once.
    credit: Duration,
}

impl Reckoning {
    pub(super) fn beginning(time: Timestamp, uptime: Duration, credit: Duration) -> Self {
        Self { time: Duration::from_secs(time.0), uptime, credit }
    }

    /// The vault's time, in whole seconds.
    pub(super) fn time(self) -> Timestamp {
        Timestamp(self.time.as_secs())
    }

    /// Follows `clock` as far as `uptime` permits, and never backwards.
    pub(super) fn follow(self, clock: Timestamp, uptime: Duration) -> Self {
        let passed = uptime.saturating_sub(self.uptime);
        let most = self.time.saturating_add(self.credit).saturating_add(passed.saturating_mul(FASTEST));
        // Up to the end of the second that the clock shows, so that rounding loses nothing.
        let clock = Duration::new(clock.0, 999_999_999);
        let time = clock.min(most).max(self.time);
        Self { time, uptime: self.uptime.max(uptime), credit: Duration::ZERO }
    }
}
