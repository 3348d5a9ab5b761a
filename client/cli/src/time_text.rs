//! Times and durations as people read them.

pub(crate) use rootcellar_client::time::date;
use rootcellar_client::time::{bounded, bounded_wait, civil};
use rootcellar_spec::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A wait in words, rounded up to what still says enough: `40 seconds`, `4 minutes`, `3 hours 20 minutes`.
pub(crate) fn duration(seconds: u64) -> String {
    let Some(seconds) = bounded_wait(seconds) else { return "more than a year".to_owned() };
    if seconds < MINUTE {
        return count(seconds, "second");
    }
    let minutes = seconds.div_ceil(MINUTE);
    if minutes < 60 {
        return count(minutes, "minute");
    }
    if minutes < 24 * 60 {
        return pair(minutes / 60, "hour", minutes % 60, "minute");
    }
    let hours = seconds.div_ceil(HOUR);
    pair(hours / 24, "day", hours % 24, "hour")
}

fn count(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn pair(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => count(large, large_unit),
        _ => format!("{} {}", count(large, large_unit), count(small, small_unit)),
    }
}

/// The day alone: `2026-07-05`.
pub(crate) fn day(time: Timestamp) -> String {
    let time = bounded(time);
    let (year, month, day) = civil(time.0 / DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339, for JSON: `2026-07-05T14:03:09Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    let time = bounded(time);
    let (year, month, day) = civil(time.0 / DAY);
    let (hour, minute, second) = (time.0 % DAY / HOUR, time.0 % HOUR / MINUTE, time.0 % MINUTE);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_read_well_and_are_never_too_short() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (61, "2 minutes"),
            (3_540, "59 minutes"),
            (3_541, "1 hour"),
            (12_000, "3 hours 20 minutes"),
            (86_399, "1 day"),
            (90_000, "1 day 1 hour"),
            (172_800, "2 days"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds} seconds");
        }
    }

    #[test]
    fn what_a_lying_vault_says_is_bounded() {
        assert_eq!(duration(u64::MAX), "more than a year");
        assert_eq!(rfc3339(Timestamp(u64::MAX)), "9999-12-31T23:59:59Z");
        assert_eq!(day(Timestamp(u64::MAX)), "9999-12-31");
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(Timestamp(seconds)), text);
        }
        assert_eq!(day(Timestamp(1_709_251_199)), "2024-02-29");
        assert_eq!(date(Timestamp(1_709_251_199)), "2024-02-29 23:59 UTC");
    }
}
