//! One address must not take the vault away from everyone (spec/threat-model.md, "One address that denies service").
//!
//! The attacker has the address 127.0.0.2, the victim 127.0.0.1, and the server its default bounds. Under each attack,
//! and under all together, the victim is answered and the server stays small.

mod attacks;
mod http2;
mod wire;

use crate::server::{Folder, Server, connect};
use crate::timing::{plant_device, post, start_body};
use attacks::{Attack, Attackers, KNOWN, TAKEN, known_key};
use rootcellar_spec::NameHash;
use std::io::{Read, Write};
use std::time::{Duration, Instant};
use wire::Route;

/// How often the victim asks.
const ASKED: usize = 100;
/// How often it must get a good answer.
const ANSWERED: usize = 98;
/// In how long.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Most memory of the server, ever, in KiB.
const MEMORY_KIB: u64 = 128 << 10;

/// Carries out the attacks while the victim asks.
fn withstands(arguments: &[&str], attacker: Route, victim: &Route, attacks: &[Attack]) {
    under_attack(arguments, attacker, victim, attacks);
}

/// The same, and what the metrics showed meanwhile.
fn under_attack(arguments: &[&str], attacker: Route, victim: &Route, attacks: &[Attack]) -> String {
    let folder = Folder::new();
    plant_device(&folder, KNOWN, known_key().verifying_key().to_bytes());
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.pem");
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.key.pem");
    let tls: &[&str] = if attacker.tls { &["--tls-cert", own, "--tls-key", key] } else { &[] };
    let server = Server::start(&folder, &[tls, &["--metrics-listen", "127.0.0.1:0"], arguments].concat());
    let address = server.address().to_owned();
    let metrics = server.metrics_address(&folder);
    assert!(victim.asks(&address, "/v1/vault", TIMEOUT), "without an attack");
    let attackers = Attackers::begin(&address, attacker, attacks);
    let paths = ["/v1/vault", "/v1/vault", "/readyz", "/healthz"];
    let mut answered = 0;
    for path in paths.iter().cycle().take(ASKED) {
        answered += usize::from(victim.asks(&address, path, TIMEOUT));
        std::thread::sleep(Duration::from_millis(20));
    }
    let page = crate::server::get(&metrics, "/metrics");
    let peak = server.peak_memory_kib();
    let taken = attackers.end();
    assert!(taken.iter().all(|connections| *connections >= TAKEN), "not every attack took place: {taken:?}");
    assert!(answered >= ANSWERED, "the victim was answered {answered} times of {ASKED}");
    assert!(peak < MEMORY_KIB, "the server took {peak} KiB");
    page
}

fn from_its_own_address(attacks: &[Attack]) {
    withstands(&[], Route::from("127.0.0.2"), &Route::from("127.0.0.1"), attacks);
}

#[test]
fn unfinished_bodies_over_http2_shut_nobody_out() {
    from_its_own_address(&[Attack::UnfinishedBodies]);
}

#[test]
fn bodies_without_their_last_byte_shut_nobody_out() {
    from_its_own_address(&[Attack::WithheldBytes]);
}

#[test]
fn connections_that_only_answer_pings_shut_nobody_out() {
    from_its_own_address(&[Attack::Pings]);
}

#[test]
fn responses_that_nobody_reads_shut_nobody_out() {
    from_its_own_address(&[Attack::UnreadResponses, Attack::UnreadStreams]);
}

#[test]
fn connections_that_are_kept_shut_nobody_out() {
    from_its_own_address(&[Attack::KeptConnections]);
}

#[test]
fn half_open_handshakes_shut_nobody_out() {
    let [attacker, victim] = ["127.0.0.2", "127.0.0.1"].map(|address| Route::from(address).over_tls());
    withstands(&[], attacker, &victim, &[Attack::HalfOpenHandshakes]);
}

#[test]
fn large_bodies_for_signed_routes_take_no_memory() {
    from_its_own_address(&[Attack::UnsignedSnapshots, Attack::StrangersSnapshots]);
}

/// The bodies of an account's owner are read, and use at most an address's share of the memory.
#[test]
fn large_bodies_of_a_known_device_take_one_share_of_the_memory() {
    let (attacker, victim) = (Route::from("127.0.0.2"), Route::from("127.0.0.1"));
    let page = under_attack(&[], attacker, &victim, &[Attack::KnownSnapshots]);
    let used =
        page.lines().find_map(|line| line.strip_prefix("rootcellar_limit_used{limit=\"request-memory\"} "));
    let used: f64 = used.expect("a gauge").parse().expect("a number");
    let mib = f64::from(1 << 20);
    assert!((2.0 * mib..=5.0 * mib).contains(&used), "{used} bytes: a share is 4 MiB");
}

#[test]
fn chunks_of_one_byte_take_no_memory() {
    from_its_own_address(&[Attack::TinyChunks]);
}

#[test]
fn all_attacks_together_shut_nobody_out() {
    let [attacker, victim] = ["127.0.0.2", "127.0.0.1"].map(|address| Route::from(address).over_tls());
    withstands(&[], attacker, &victim, Attack::ALL);
}

/// Behind a proxy every connection is the proxy's; clients are distinguished by what it says of them.
#[test]
fn a_client_behind_a_proxy_shuts_no_other_out() {
    let trusted = ["--trusted-proxies", "127.0.0.3"];
    let [attacker, victim] =
        ["198.51.100.7", "203.0.113.9"].map(|client| Route::from("127.0.0.3").for_client(client));
    withstands(&trusted, attacker, &victim, Attack::THROUGH_A_PROXY);
}

/// A customer of one provider has all addresses of a /48.
#[test]
fn a_site_of_ipv6_behind_a_proxy_shuts_no_other_out() {
    let trusted = ["--trusted-proxies", "127.0.0.3"];
    let attacker = Route::from("127.0.0.3").for_client("2001:db8:1:*::1");
    let victim = Route::from("127.0.0.3").for_client("2001:db8:2::1");
    withstands(&trusted, attacker, &victim, Attack::THROUGH_A_PROXY);
}

/// Each bound that is reached is counted and warned of, once and not each time.
#[test]
fn a_limit_that_is_reached_shows_in_metrics_and_log() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--metrics-listen", "127.0.0.1:0", "--max-connections", "16"]);
    let attacker = Route::from("127.0.0.2");
    let mut held = Vec::new();
    let metrics = server.metrics_address(&folder);
    let began = Instant::now();
    let page = loop {
        held.push(attacker.connect(server.address()));
        let page = crate::server::get(&metrics, "/metrics");
        if page.contains("rootcellar_limit_refusals_total{limit=\"connections\",reason=\"share\"} 3") {
            break page;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{page}");
    };
    for line in
        ["rootcellar_limit{limit=\"connections\"} 16", "rootcellar_limit_used{limit=\"connections\"} 2"]
    {
        assert!(page.contains(line), "{line} is missing:\n{page}");
    }
    for path in ["/healthz", "/readyz"] {
        assert!(crate::server::get(&metrics, path).starts_with("HTTP/1.1 200"), "{path}");
    }
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    assert_eq!(log.matches(" WARN  limit-reached ").count(), 1, "{log}");
    assert!(!log.contains("127.0.0.2"), "no address of a client is in the log: {log}");
}

/// So are the rates and the cap on new names, and the requests that they refuse do not fill the log.
#[test]
fn a_rate_that_is_reached_shows_in_metrics_and_once_in_the_log() {
    let folder = Folder::new();
    let limits = ["--rate-per-address", "8", "--starts-per-address", "3", "--new-names-per-minute", "1"];
    let server = Server::start(&folder, &[&["--metrics-listen", "127.0.0.1:0"], &limits[..]].concat());
    let metrics = server.metrics_address(&folder);
    let start = |n: u8| post(&mut connect(server.address()), &start_body(&NameHash([n; 32]), [n; 32]));
    for n in 0..4 {
        assert_eq!(start(n).starts_with("HTTP/1.1 429"), n >= 1, "one name, and three starts");
    }
    for n in 0..6 {
        let answer = crate::server::get(server.address(), "/v1/vault");
        assert_eq!(answer.starts_with("HTTP/1.1 429"), n >= 4, "four were starts");
    }
    let page = crate::server::get(&metrics, "/metrics");
    let refused = |limit: &str, reason: &str, times: u32| {
        format!("rootcellar_limit_refusals_total{{limit=\"{limit}\",reason=\"{reason}\"}} {times}\n")
    };
    for line in [
        "rootcellar_limit{limit=\"rate-per-address\"} 8\n".to_owned(),
        "rootcellar_limit{limit=\"starts-per-address\"} 3\n".to_owned(),
        "rootcellar_limit{limit=\"new-names-per-minute\"} 1\n".to_owned(),
        refused("new-names-per-minute", "total", 2),
        refused("starts-per-address", "share", 1),
        refused("rate-per-address", "share", 2),
    ] {
        assert!(page.contains(&line), "{line} is missing:\n{page}");
    }
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    assert_eq!(log.matches(" WARN  limit-reached ").count(), 3, "once for each: {log}");
    assert_eq!(log.matches("status=429").count(), 2, "of the cap on new names alone: {log}");
}

/// HTTP/2 has no end of its own: a client that is refused again and again would keep its connection.
#[test]
fn a_connection_over_http2_that_asks_for_too_much_ends() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--rate-per-address", "4"]);
    let mut wire = Route::from("127.0.0.2").open(server.address(), b"h2").expect("connects");
    let asks = (0..24).flat_map(|n| http2::head(2 * n + 1, "GET", "/v1/vault", &[], true));
    let began = Instant::now();
    wire.write_all(&http2::preface(65_535).into_iter().chain(asks).collect::<Vec<_>>()).expect("sends");
    loop {
        match wire.read(&mut [0; 4096]) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => assert!(began.elapsed() < Duration::from_secs(15), "still open: {error}"),
        }
    }
}
