//! How long a user has to wait, in words.

use crate::time::bounded_wait;

/// A waiting time in words, rounded up.
pub(super) fn wait(seconds: u64) -> String {
    let Some(seconds) = bounded_wait(seconds) else { return "more than a year".to_owned() };
    let (amount, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    format!("{amount} {unit}{}", if amount == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::super::ClientError;
    use super::*;

    #[test]
    fn says_how_long_to_wait() {
        assert_eq!(wait(1), "1 second");
        assert_eq!(wait(60), "60 seconds");
        assert_eq!(wait(301), "6 minutes");
        assert_eq!(wait(86_400), "24 hours");
        assert_eq!(wait(u64::MAX), "more than a year");
        let error =
            ClientError::PassphraseOrAccount { remaining: 0, next_wait: 300, passphrases_since: None };
        assert!(error.to_string().contains("5 minutes"), "{error}");
    }
}
