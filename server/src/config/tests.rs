//! Precedence, unknown names, and settings that contradict each other.

use super::*;
use clap::{Command, FromArgMatches};
use std::io::Write;

fn gather(flags: &[&str], environment: &[(&str, &str)]) -> Result<Merged, ConfigError> {
    let command = <Flags as clap::Args>::augment_args(Command::new("test").no_binary_name(true));
    let matches = command.try_get_matches_from(flags).expect("flags that exist");
    let flags = Flags::from_arg_matches(&matches).expect("flags that exist");
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Merged::gather(&flags, environment)
}

fn read(flags: &[&str]) -> Result<Config, ConfigError> {
    let mut all = vec!["--data", "/nowhere"];
    all.extend(flags);
    Config::read(&gather(&all, &[])?)
}

fn refusal(flags: &[&str]) -> String {
    read(flags).expect_err("is refused").to_string()
}

/// The refusal of settings that contradict each other.
fn conflict(flags: &[&str]) -> String {
    match read(flags) {
        Err(ConfigError::Conflict(text)) => text,
        other => panic!("{flags:?}: {other:?}"),
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("writes");
    file
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let file = file("listen = \"127.0.0.3:3\"\nkeep-days = 3\nkeep-snapshots = 33\n");
    let path = file.path().to_str().expect("text");
    let environment =
        [("ROOTCELLAR_CONFIG", path), ("ROOTCELLAR_LISTEN", "127.0.0.2:2"), ("ROOTCELLAR_KEEP_DAYS", "2")];
    let merged = gather(&["--listen", "127.0.0.1:1", "--data", "/d"], &environment).expect("merges");
    assert_eq!(merged.get("listen"), Some(("127.0.0.1:1", Source::Flag)));
    assert_eq!(merged.get("keep-days"), Some(("2", Source::Environment)));
    assert_eq!(merged.get("keep-snapshots"), Some(("33", Source::File(path.into()))));
    assert_eq!(merged.get("log-level"), Some(("info", Source::Default)));
    assert_eq!(merged.get("tls-cert"), None);
    let config = Config::read(&merged).expect("reads");
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.retention.period, 2 * 86_400);
    assert_eq!(config.retention.newest, 33);
}

#[test]
fn unknown_names_are_fatal_and_the_nearest_is_named() {
    let error = gather(&[], &[("ROOTCELLAR_LISTN", "x")]).expect_err("unknown").to_string();
    assert!(
        error.contains("ROOTCELLAR_LISTN") && error.contains("Did you mean ROOTCELLAR_LISTEN?"),
        "{error}"
    );
    let error = gather(&[], &[("ROOTCELLAR_ROOT_SECRET", "x")]).expect_err("unknown").to_string();
    assert!(error.contains("ROOTCELLAR_ROOT_SECRET_FILE"), "{error}");
    let keep_days = file("keep_days = 3\n");
    let path = keep_days.path().to_str().expect("text");
    let error = gather(&["--config", path], &[]).expect_err("unknown").to_string();
    assert!(error.contains("keep_days") && error.contains("Did you mean keep-days?"), "{error}");
    let error = gather(&[], &[("ROOTCELLAR_COLOUR", "x")]).expect_err("unknown").to_string();
    assert!(!error.contains("Did you mean") && error.contains("--help"), "nothing is like it: {error}");
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    for (text, place) in [
        ("keep-days = 3\nlisten = 127.0.0.1\n", "line 2, column 15 (listen)"),
        ("# ü\n\n  = 1\n", "line 3, column 3"),
        ("keep-days = 1\nkeep-days = 2\n", "line 2, column 1 (keep-days)"),
    ] {
        let file = file(text);
        let error = gather(&["--config", file.path().to_str().expect("text")], &[]).expect_err("no TOML");
        assert!(!error.to_string().contains('\n'), "{place}: {error}");
        assert!(matches!(error, ConfigError::Toml { place: found, .. } if found == place), "{place}");
    }
}

#[test]
fn the_clients_variables_and_strangers_are_left_alone() {
    let names =
        ["HOME", "VAULT", "CA_FILE", "INVITE", "INVITE_FILE"].map(|name| format!("ROOTCELLAR_{name}"));
    let environment = [names.each_ref().map(String::as_str).as_slice(), &["PATH"]].concat();
    let environment: Vec<_> = environment.into_iter().map(|name| (name, "x")).collect();
    assert!(gather(&[], &environment).is_ok());
}

#[test]
fn a_file_that_is_no_flat_toml_is_refused() {
    for text in ["listen = ", "[listen]\na = 1", "trusted-proxies = [1, 2]"] {
        let file = file(text);
        assert!(gather(&["--config", file.path().to_str().expect("text")], &[]).is_err(), "{text}");
    }
    assert!(matches!(gather(&["--config", "/nowhere/at-all"], &[]), Err(ConfigError::File(..))));
    let file = file("trusted-proxies = [\"10.0.0.0/8\", \"::1\"]\nbehind-tls-proxy = false\n");
    let merged = gather(&["--config", file.path().to_str().expect("text"), "--data", "/d"], &[]);
    assert_eq!(Config::read(&merged.expect("merges")).expect("reads").trusted_proxies.len(), 2);
}

#[test]
fn plain_http_stays_on_the_machine() {
    let everywhere = ["--listen", "0.0.0.0:80"];
    assert!(conflict(&everywhere).contains("--tls-key, or --behind-tls-proxy"));
    let proxied = [&everywhere[..], &["--behind-tls-proxy"]].concat();
    assert!(conflict(&proxied).contains("--public-origin https://HOST"));
    let named = [&proxied[..], &["--public-origin", "https://vault.example.org"]].concat();
    let config = read(&named).expect("goes together");
    assert_eq!(config.vault_id.as_str(), "vault.example.org");
    let plain = [&proxied[..], &["--public-origin", "http://vault.example.org"]].concat();
    assert!(conflict(&plain).contains("--public-origin with https:"));
    let tls = ["--tls-cert", "c", "--tls-key", "k", "--public-origin", "https://v.example.org"];
    assert!(read(&[&everywhere[..], &tls].concat()).is_ok());
    assert!(conflict(&[&proxied[..], &tls].concat()).contains("--behind-tls-proxy and --tls-cert"));
    assert!(conflict(&["--tls-cert", "c"]).contains("--tls-cert and --tls-key"));
}

#[test]
fn registration_is_open_on_loopback_only() {
    assert_eq!(read(&[]).expect("reads").registration, RegistrationMode::Open);
    let origin = ["--public-origin", "https://vault.example.org"];
    assert_eq!(read(&origin).expect("reads").registration, RegistrationMode::Invite);
    let local = ["--public-origin", "http://localhost:8787"];
    assert_eq!(read(&local).expect("reads").registration, RegistrationMode::Open);
    let said = [&origin[..], &["--registration", "closed"]].concat();
    assert_eq!(read(&said).expect("reads").registration, RegistrationMode::Closed);
}

#[test]
fn wrong_values_name_the_setting_and_its_source() {
    let cases: &[(&str, &str)] = &[
        ("listen", "8787"),
        ("public-origin", "vault.example.org"),
        ("vault-id", "UPPER"),
        ("registration", "maybe"),
        ("behind-tls-proxy", "perhaps"),
        ("trusted-proxies", "10.0.0.0/99"),
        ("metrics-listen", "x"),
        ("log-level", "loud"),
        ("log-format", "xml"),
        ("keep-snapshots", "0"),
        ("keep-days", "-1"),
        ("keep-days", "0"),
        ("snapshots-per-account", "170"),
        ("snapshots-per-account", "4097"),
        ("bytes-per-account", "64MB"),
        ("bytes-per-account", "64MiB"),
        ("max-connections", "0"),
        ("max-handshakes", "0"),
        ("max-in-flight", "0"),
        ("max-in-flight", "127"),
        ("request-memory", "1MiB"),
        ("rate-per-address", "many"),
        ("starts-per-address", "few"),
        ("request-timeout", "0s"),
        ("new-names-per-minute", "x"),
        ("reserve", "64MB"),
        ("s3-bucket", "my bucket"),
        ("s3-endpoint", "s3.example.org"),
        ("s3-region", ""),
        ("s3-prefix", "/p"),
    ];
    for (name, value) in cases {
        let error = refusal(&[&format!("--{name}={value}")]);
        assert!(error.starts_with(&format!("{name} (flag): ")), "{name}: {error}");
    }
}

#[test]
fn a_bucket_is_named_before_anything_else_of_it() {
    assert_eq!(read(&[]).expect("reads").bucket, None);
    for lonely in ["--s3-endpoint=https://s3.example.org", "--s3-region=r", "--s3-prefix=p"] {
        let error = conflict(&[lonely]);
        assert!(error.starts_with(lonely.split('=').next().expect("a flag")), "{error}");
        assert!(error.contains("--s3-bucket"), "{error}");
        assert!(read(&[lonely, "--s3-bucket=b"]).is_ok());
    }
    let flags =
        ["--s3-bucket=b", "--s3-endpoint=https://s3.example.org", "--s3-region=r", "--s3-prefix=a/b/"];
    let bucket = read(&flags).expect("reads").bucket.expect("a bucket");
    assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("b", "a/b"));
    assert_eq!(bucket.endpoint.as_ref().map(Url::as_str), Some("https://s3.example.org/"));
    assert_eq!(bucket.region.as_deref(), Some("r"));
}

#[test]
fn the_printed_settings_give_the_same_again() {
    let flags = ["--data", "/d", "--trusted-proxies", "10.0.0.0/8,::1", "--reserve", "1GiB"];
    let merged = gather(&flags, &[]).expect("merges");
    let printed = Config::read(&merged).expect("reads").redacted(&merged);
    for setting in SETTINGS {
        assert!(printed.contains(setting.name), "{} is missing", setting.name);
    }
    let file = file(&printed);
    let again = gather(&["--config", file.path().to_str().expect("text")], &[]).expect("merges");
    let again = Config::read(&again).expect("reads");
    assert_eq!((again.reserve, again.trusted_proxies.len()), (1 << 30, 2));
    assert_eq!(again.admin_socket, PathBuf::from("/d/admin.sock"));
}
