//! How the vault's time follows a clock. Pure.

use rootcellar_spec::Timestamp;
use std::time::Duration;

/// The vault's time at most runs this many times as fast as the process's uptime.
pub(super) const FASTEST: u32 = 2;

/// The vault's time as of some uptime of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reckoning {
    /// Since the Unix epoch. Finer than seconds, or many looks a second would round all progress away.
    time: Duration,
    uptime: Duration,
    /// How far it may run ahead of its speed, once.
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

    /// Follows `clock` as far as `uptime` allows; never back.
    pub(super) fn follow(self, clock: Timestamp, uptime: Duration) -> Self {
        let passed = uptime.saturating_sub(self.uptime);
        let most = self.time.saturating_add(self.credit).saturating_add(passed.saturating_mul(FASTEST));
        // Up to the end of the second that the clock shows, so that rounding costs no progress.
        let clock = Duration::new(clock.0, 999_999_999);
        let time = clock.min(most).max(self.time);
        Self { time, uptime: self.uptime.max(uptime), credit: Duration::ZERO }
    }
}
