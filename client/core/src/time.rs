//! Time, injected: what the flows know of clocks (protocol.md sections 13 and 14).

use rootcellar_spec::Timestamp;
use std::time::Duration;

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

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads the value of a `Date` header in the one form that HTTP still sends (RFC 9110 section 5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`. `None` for anything else.
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    let (_, date) = text.split_once(", ")?;
    let [day, month, year, time, "GMT"] = date.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let [hours, minutes, seconds] = time.split(':').collect::<Vec<_>>()[..] else { return None };
    let days = days_since_epoch(number(year, 4)?, u64::try_from(month).ok()? + 1, number(day, 2)?)?;
    let (hours, minutes, seconds) = (number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    (hours < 24 && minutes < 60 && seconds <= 60)
        .then_some(Timestamp(days * 86_400 + hours * 3_600 + minutes * 60 + seconds))
}

fn number(text: &str, digits: usize) -> Option<u64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; `None` before 1970.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    (365 * year + leap_days + day_of_year).checked_sub(719_468)
}

/// The last second of the year 9999, which is the last that has a date of four digits.
const LAST: u64 = 253_402_300_799;
/// The longest wait that is named, in seconds: a year.
const LONGEST_WAIT: u64 = 365 * 86_400;

/// A time as it may be shown. Whoever names a time beyond the year 9999 lies or errs, and no date of six digits is printed for it.
#[must_use]
pub fn bounded(time: Timestamp) -> Timestamp {
    Timestamp(time.0.min(LAST))
}

/// A wait as it may be shown, in seconds; `None` if it is longer than a year, which no vault of this protocol asks for.
#[must_use]
pub fn bounded_wait(seconds: u64) -> Option<u64> {
    (seconds <= LONGEST_WAIT).then_some(seconds)
}

/// `2026-07-05 14:03 UTC`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    let time = bounded(time);
    let (year, month, day) = civil(time.0 / 86_400);
    let (hour, minute) = (time.0 % 86_400 / 3_600, time.0 % 3_600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Year, month and day of a day counted from the Unix epoch (the proleptic Gregorian calendar, which repeats every
/// 146,097 days; years are counted from March so that a leap day comes last).
#[must_use]
pub fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
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
    fn what_a_lying_vault_says_of_times_is_bounded() {
        for time in [LAST, LAST + 1, u64::MAX] {
            assert_eq!(date(Timestamp(time)), "9999-12-31 23:59 UTC");
        }
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
