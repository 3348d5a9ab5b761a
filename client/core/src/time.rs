//! Time, injected: what the flows know of clocks (protocol.md sections 13 and 14).

use rootcellar_spec::Timestamp;
use std::time::{Duration, UNIX_EPOCH};

/// The clock of the device.
pub trait Clock {
    /// Seconds since the Unix epoch, as the device believes.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never goes back. Used to measure, never sent.
    fn uptime(&self) -> Duration;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// The furthest that a vault's clock is followed, in seconds. An answer's `Date` is anybody's word: a vault that named a time
/// far ahead would get requests that are good at that time.
pub(crate) const FURTHEST: u64 = 24 * 60 * 60;

/// How far the vault's clock is ahead of the device's, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offset(i64);

impl Offset {
    /// The offset that makes `device` show `vault`; `None` if they are more than [`FURTHEST`] apart.
    pub(crate) fn between(device: Timestamp, vault: Timestamp) -> Option<Self> {
        let seconds =
            i64::try_from(vault.distance(device)).ok().filter(|_| vault.distance(device) <= FURTHEST)?;
        Some(Self(if vault < device { -seconds } else { seconds }))
    }

    /// The vault's time when the device's clock shows `device`.
    pub(crate) fn apply(self, device: Timestamp) -> Timestamp {
        Timestamp(device.0.saturating_add_signed(self.0))
    }
}

/// Reads the value of a `Date` header (RFC 9110 section 5.6.7). `None` for anything else.
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(since_epoch.as_secs()))
}

/// The longest wait that is named, in seconds: a year.
const LONGEST_WAIT: u64 = 365 * 24 * 60 * 60;

/// A wait as it may be shown, in seconds; `None` if it is longer than a year, which no vault of this protocol asks for.
#[must_use]
pub fn bounded_wait(seconds: u64) -> Option<u64> {
    (seconds <= LONGEST_WAIT).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_as_http_writes_them() {
        let seconds = |text| parse_http_date(text).map(|time| time.0);
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        for text in
            ["", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT"]
        {
            assert_eq!(seconds(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_a_lying_vault_says_of_a_wait_is_bounded() {
        assert_eq!(bounded_wait(LONGEST_WAIT), Some(LONGEST_WAIT));
        assert_eq!(bounded_wait(LONGEST_WAIT + 1), None);
    }

    #[test]
    fn an_offset_works_both_ways() {
        let ahead = Offset::between(Timestamp(1_000), Timestamp(4_000)).expect("near");
        assert_eq!(ahead.apply(Timestamp(1_010)), Timestamp(4_010));
        let behind = Offset::between(Timestamp(4_000), Timestamp(1_000)).expect("near");
        assert_eq!(behind.apply(Timestamp(4_010)), Timestamp(1_010));
        let now = 1_800_000_000;
        for far in [now + FURTHEST + 1, now - FURTHEST - 1, 0, u64::MAX] {
            assert_eq!(Offset::between(Timestamp(now), Timestamp(far)), None, "{far}");
        }
        assert!(Offset::between(Timestamp(now), Timestamp(now - FURTHEST)).is_some());
    }
}
