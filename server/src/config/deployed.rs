//! The files in `deploy/` contain valid settings, and these mean what the documents there say.

use super::{Config, Flags, Merged};
use crate::middleware::PageOrigins;
use crate::page::headers::{HEADERS, STRICT_TRANSPORT_SECURITY};
use clap::{Command, FromArgMatches};
use std::net::IpAddr;
use std::path::Path;

const COMPOSE: &str = include_str!("../../../deploy/compose.yaml");
const PRODUCTION: &str = include_str!("../../../deploy/compose.production.yaml");
const PAGE: &str = include_str!("../../../deploy/Caddyfile.page");
const ENVIRONMENT: &str = include_str!("../../../deploy/production.env");

/// The variables of lines such as `NAME=value` or `NAME: value`.
fn variables(text: &str, separator: char) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("ROOTCELLAR_"));
    let pairs = lines.filter_map(|line| line.split_once(separator));
    pairs.map(|(name, value)| (name.to_owned(), value.trim().trim_matches('"').to_owned())).collect()
}

fn config(flags: &[&str], environment: Vec<(String, String)>) -> Config {
    let command = <Flags as clap::Args>::augment_args(Command::new("test").no_binary_name(true));
    let matches = command.try_get_matches_from(flags).expect("flags that exist");
    let flags = Flags::from_arg_matches(&matches).expect("flags that exist");
    let merged = Merged::gather(&flags, environment).expect("settings that exist");
    Config::read(&merged).expect("settings that go together")
}

fn of_file(name: &str) -> Config {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name);
    config(&["--data", "/nowhere", "--config", path.to_str().expect("text")], vec![])
}

#[test]
fn the_settings_files_are_read() {
    let folder = of_file("server.toml");
    assert!(folder.bucket.is_none() && folder.public_origin.is_some());
    assert!(folder.web.is_none(), "a page is served only if the operator sets it");
    let text = include_str!("../../../deploy/server.toml").replace("# page-origins", "page-origins");
    let offered = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(offered.path(), text.replace("# web", "web")).expect("writes");
    let offered = of_file(offered.path().to_str().expect("text"));
    assert!(offered.web.is_some() && offered.page_origins != PageOrigins::default());
    let bucket = of_file("server-s3.toml").bucket.expect("a bucket");
    assert_eq!((bucket.name.as_str(), bucket.region.as_deref()), ("example-vault", Some("eu-central-1")));
}

#[test]
fn what_stands_commented_out_is_read_too() {
    let env = ENVIRONMENT.replace("# ROOTCELLAR_", "ROOTCELLAR_");
    let mut environment = variables(&env, '=');
    environment.extend(variables(PRODUCTION, ':'));
    let bucket = config(&["--data", "/nowhere"], environment).bucket.expect("a bucket");
    assert!(bucket.endpoint.is_some());
    assert_eq!(bucket.prefix, "vault");
}

#[test]
fn compose_starts_the_vaults_that_it_means_to() {
    let tried_out = config(&["--data", "/nowhere"], variables(COMPOSE, ':'));
    assert!(tried_out.bucket.is_none());

    let mut environment = variables(ENVIRONMENT, '=');
    environment.extend(variables(PRODUCTION, ':'));
    let config = config(&["--data", "/var/lib/rootcellar"], environment);
    assert_eq!(config.bucket.as_ref().map(|bucket| bucket.name.as_str()), Some("example-vault"));
    assert_eq!(config.root_secret_file, Path::new("/run/secrets/root-secret"));
    assert_eq!(config.metrics_listen, None, "nothing publishes metrics");
    let proxy = PRODUCTION.lines().find_map(|line| line.trim().strip_prefix("ipv4_address: "));
    let proxy: IpAddr = proxy.expect("the proxy has an address").parse().expect("an address");
    assert!(config.trusted_proxies.iter().any(|network| network.contains(&proxy)));
}

/// A page that is hosted separately has the same headers, except that its vault is another origin.
#[test]
fn the_page_is_hosted_apart_with_the_headers_that_the_vault_gives_it() {
    let lines: Vec<&str> = PAGE.lines().map(str::trim).collect();
    for (name, value) in HEADERS {
        let value = value.replace("connect-src 'self'", "connect-src 'self' {$VAULT_ORIGIN}");
        let set = |line: &&&str| line.split_once(' ').is_some_and(|(set, _)| set.eq_ignore_ascii_case(name));
        let set = lines.iter().find(set).expect(name);
        assert_eq!(set.split_once(' ').expect("a value").1, format!("\"{value}\""), "{name}");
    }
    let strict = format!("Strict-Transport-Security \"{STRICT_TRANSPORT_SECURITY}\"");
    assert!(lines.contains(&strict.as_str()));
}

#[test]
fn no_secret_is_in_the_environment_of_a_container() {
    for text in [COMPOSE, PRODUCTION, ENVIRONMENT] {
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            assert!(!text.contains(name), "{name}");
        }
    }
}
