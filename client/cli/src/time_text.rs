//! Times and durations as people read them.

use rootcellar_client::time::bounded_wait;
pub(crate) use rootcellar_spec::calendar::{date, day, rfc3339};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

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
    }
}
