//! Times by the calendar, in UTC.

use crate::Timestamp;
use time::UtcDateTime;

/// RFC 3339, to the second: `2026-07-05T14:03:09Z`. A time beyond the year 9999 is shown as its last second.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    let utc = i64::try_from(time.0).ok().and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok());
    let utc = utc.unwrap_or(UtcDateTime::MAX);
    let (hour, minute, second) = utc.as_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", utc.date())
}

/// The day alone: `2026-07-05`.
#[must_use]
pub fn day(time: Timestamp) -> String {
    rfc3339(time)[..10].to_owned()
}

/// To the minute, for people: `2026-07-05 14:03 UTC`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    let text = rfc3339(time);
    format!("{} {} UTC", &text[..10], &text[11..16])
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_a_lying_vault_says_of_times_is_bounded() {
        const LAST: u64 = 253_402_300_799;
        for time in [LAST, LAST + 1, u64::MAX] {
            assert_eq!(date(Timestamp(time)), "9999-12-31 23:59 UTC");
        }
        assert_eq!(rfc3339(Timestamp(u64::MAX)), "9999-12-31T23:59:59Z");
        assert_eq!(day(Timestamp(u64::MAX)), "9999-12-31");
    }
}
