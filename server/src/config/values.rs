//! Values with a syntax: durations, sizes, networks, origins.

use crate::middleware::PageOrigins;
use http::HeaderValue;
use ipnet::IpNet;
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

/// A duration such as `30s`, `5m`, `12h` or `7d`.
///
/// # Errors
/// If the value is invalid, with a text for the operator. The same applies to the functions below.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected =
        || format!("Invalid duration \"{text}\": use a number with s, m, h or d, for example 30s.");
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(expected()),
    };
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(expected)
}

/// A number of days.
///
/// # Errors
/// As [`duration`].
pub(super) fn days(text: &str) -> Result<Duration, String> {
    let days: Option<u64> = text.parse().ok();
    let seconds = days.and_then(|days| days.checked_mul(86_400));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| format!("Invalid number of days \"{text}\": use an integer, for example 30."))
}

/// A duration of at least a minute, or `0` for `None`.
///
/// # Errors
/// As [`duration`].
pub(super) fn interval(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "0" => Ok(None),
        text => match duration(text)? {
            time if time < Duration::from_secs(60) => Err("Must be at least 1m, or 0 to disable.".to_owned()),
            time => Ok(Some(time)),
        },
    }
}

/// A size such as `512`, `64KiB`, `64MiB` or `1GiB`, in bytes.
///
/// # Errors
/// As [`duration`].
pub(super) fn size(text: &str) -> Result<u64, String> {
    let expected = || {
        format!("Invalid size \"{text}\": use bytes, or a number with KiB, MiB or GiB, for example 64MiB.")
    };
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let factor = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(expected()),
    };
    number.checked_mul(factor).ok_or_else(expected)
}

/// An origin: scheme, host and optionally a port.
///
/// # Errors
/// As [`duration`].
pub(super) fn origin(text: &str) -> Result<Url, String> {
    let expected =
        || format!("Invalid origin \"{text}\": use scheme and host, for example https://vault.example.org.");
    let url = Url::parse(text).map_err(|_| expected())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    if plain && anonymous && web { Ok(url) } else { Err(expected()) }
}

/// Comma-separated origins of pages with `https`, or `http` on loopback, each in the form in which
/// browsers send it.
///
/// # Errors
/// As [`duration`].
pub(super) fn page_origins(text: &str) -> Result<PageOrigins, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let origins = parts.map(|part| {
        let url = origin(part)?;
        if url.scheme() == "http" && !rootcellar_spec::vault_id::is_loopback(&url) {
            return Err(format!("Insecure origin \"{part}\": a page that is not on loopback needs https:."));
        }
        HeaderValue::try_from(url.origin().ascii_serialization())
            .map_err(|_| format!("Invalid origin \"{part}\": use one such as https://backup.example.org."))
    });
    origins.collect::<Result<_, _>>().map(PageOrigins::new)
}

/// The URL of an S3 service: scheme, host, and optionally port and path. Credentials are refused,
/// because `config print` would show them.
///
/// # Errors
/// As [`duration`].
pub(super) fn endpoint(text: &str) -> Result<Url, String> {
    // The message does not repeat the text, which may contain a password.
    let expected = || {
        "Invalid endpoint: use a URL without user and password, for example https://s3.example.org."
            .to_owned()
    };
    let url = Url::parse(text).map_err(|_| expected())?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    if plain && anonymous && web { Ok(url) } else { Err(expected()) }
}

/// A name of 1 to 255 letters, digits, `-`, `_` and `.`.
///
/// # Errors
/// As [`duration`].
pub(super) fn word(text: &str, what: &str, example: &str) -> Result<String, String> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    match plain && !text.is_empty() && text.len() <= 255 {
        true => Ok(text.to_owned()),
        false => {
            Err(format!("Invalid {what} \"{text}\": use letters, digits, -, _ and ., for example {example}."))
        }
    }
}

/// A prefix of names in a bucket: words separated by `/`. A `/` at the end is ignored.
///
/// # Errors
/// As [`duration`].
pub(super) fn prefix(text: &str) -> Result<String, String> {
    let prefix = text.strip_suffix('/').unwrap_or(text);
    let is_word = |part: &str| !matches!(part, "." | "..") && word(part, "", "").is_ok();
    match prefix.is_empty() || (prefix.len() <= 512 && prefix.split('/').all(is_word)) {
        true => Ok(prefix.to_owned()),
        false => Err(format!(
            "Invalid prefix \"{text}\": use letters, digits, -, _, . and /, for example vaults/main."
        )),
    }
}

/// An IP address, or a network such as `10.0.0.0/8`.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        format!("Invalid network \"{text}\": use an address or a network, for example 10.0.0.0/8.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_need_their_units() {
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        for wrong in ["", "7", "d", "7w", "-1s", "1.5h", "99999999999999999999d", "9999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!((size("512"), size("64MiB")), (Ok(512), Ok(64 << 20)));
        for wrong in ["", "MiB", "64MB", "64 MiB", "99999999999GiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_are_addresses_with_or_without_a_length() {
        let contains = |text: &str, address: &str| {
            network(text).expect("a network").contains(&address.parse::<IpAddr>().expect("an address"))
        };
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(contains("10.1.2.3/8", "10.255.0.1"), "bits behind the length mean nothing");
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("0.0.0.0/0", "1.2.3.4"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(contains("192.0.2.1", "192.0.2.1"));
        assert!(!contains("192.0.2.1", "192.0.2.2"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/", "::1/129"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn endpoints_hold_no_credentials() {
        for right in ["https://s3.example.org", "http://127.0.0.1:8333", "https://example.org/storage/v1/s3"]
        {
            assert!(endpoint(right).is_ok(), "{right}");
        }
        for wrong in ["s3.example.org", "https://key:hidden@a", "https://key@a", "https://a/?x=1", "ftp://a"]
        {
            let error = endpoint(wrong).expect_err("is refused");
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    #[test]
    fn prefixes_are_plain_paths() {
        for (right, kept) in
            [("", ""), ("/", ""), ("p", "p"), ("p/", "p"), ("vaults/Main-1", "vaults/Main-1")]
        {
            assert_eq!(prefix(right).as_deref(), Ok(kept));
        }
        for wrong in ["/p", "p//", "a//b", "a b", "..", "a/../b", "é", "a?b", "a%2fb"] {
            assert!(prefix(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_have_nothing_behind_the_port() {
        assert!(origin("https://vault.example.org").is_ok());
        assert!(origin("http://127.0.0.1:8787/").is_ok());
        for wrong in
            ["vault.example.org", "https://a/b", "https://a?b", "https://u:p@a", "ftp://a", "https://a#b"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
