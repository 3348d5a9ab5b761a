//! Times and durations as people read them.

use rootcellar_spec::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A wait in words, rounded up to what still says enough: `40 seconds`, `4 minutes`, `3 hours 20 minutes`.
pub(crate) fn duration(seconds: u64) -> String {
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

/// `2026-07-05 14:03 UTC`.
pub(crate) fn date(time: Timestamp) -> String {
    let (year, month, day) = civil(time.0 / DAY);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", time.0 % DAY / HOUR, time.0 % HOUR / MINUTE)
}

/// RFC 3339, for JSON: `2026-07-05T14:03:09Z`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    let (year, month, day) = civil(time.0 / DAY);
    let (hour, minute, second) = (time.0 % DAY / HOUR, time.0 % HOUR / MINUTE, time.0 % MINUTE);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day counted from the Unix epoch (the proleptic Gregorian calendar, which repeats every
/// 146,097 days; years are counted from March so that a leap day comes last).
fn civil(days: u64) -> (u64, u64, u64) {
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
        assert_eq!(date(Timestamp(1_709_251_199)), "2024-02-29 23:59 UTC");
    }
}
