//! From the first line to the last.

use crate::server::{Folder, Server, command, connect, exchange, get, run, set_mode, stderr, stdout};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::sync::Arc;

#[test]
fn says_one_line_serves_and_stops_in_order() {
    let folder = Folder::new();
    for signal in ["-TERM", "-INT"] {
        let server = Server::start(&folder, &[]);
        let alive = server.get("/healthz");
        assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
        assert!(alive.to_ascii_lowercase().contains("\r\ndate: "), "{alive}");
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
        assert!(server.get("/v1/vault").contains("\"vault_id\":\"localhost\""));
        let missing = server.get("/v1/nothing");
        assert!(
            missing.starts_with("HTTP/1.1 404") && missing.contains("application/problem+json"),
            "{missing}"
        );
        server.signal(signal);
        assert_eq!(server.wait(), (Some(0), String::new()), "{signal}");
        assert!(!folder.data().join("admin.sock").exists(), "the socket goes with the server");
    }
}

#[test]
fn a_request_under_way_is_finished_before_the_end() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let mut stream = server.connect();
    let head = "POST /v1/login/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sends");
    // Another answer shows that the server has read on since.
    server.get("/healthz");
    server.signal("-TERM");
    stream.write_all(b"{}").expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reads");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(server.wait().0, Some(0));
}

/// A load balancer keeps connections: the one that asks as the server begins to stop is answered, and told to go.
#[test]
fn a_kept_connection_may_ask_once_more_at_the_end() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let mut kept = server.connect();
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    kept.write_all(ask).expect("sends");
    let mut answer = [0; 12];
    kept.read_exact(&mut answer).expect("reads");
    server.signal("-TERM");
    // Refused is when the end has begun for certain.
    while TcpStream::connect(server.address()).is_ok() {}
    kept.write_all(ask).expect("sends");
    let mut rest = String::new();
    kept.read_to_string(&mut rest).expect("reads to the end, which the server makes");
    let (_, second) = rest.split_once("HTTP/1.1 ").expect("a second answer");
    assert!(
        second.starts_with("200") && second.to_ascii_lowercase().contains("connection: close"),
        "{second}"
    );
    assert_eq!(server.wait().0, Some(0));
}

/// The system takes connections up before the server does: those that it took up are served, however soon the end is.
#[test]
fn connections_that_came_about_before_the_end_are_served() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    server.signal("-STOP");
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(ask).expect("sends");
            stream
        })
        .collect();
    server.signal("-TERM");
    server.signal("-CONT");
    for mut stream in waiting {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("reads");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn a_killed_server_starts_again() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let before = server.get("/v1/vault");
    server.signal("-KILL");
    server.wait();
    assert!(folder.data().join("admin.sock").exists(), "a killed server leaves its socket");
    let server = Server::start(&folder, &[]);
    let key = |answer: &str| answer.split("server_public_key").nth(1).map(|rest| rest[..50].to_owned());
    assert_eq!(key(&server.get("/v1/vault")), key(&before));
}

#[test]
fn nothing_of_it_is_for_other_users() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    for (name, mode) in [("", 0o700), ("root-secret", 0o600), ("vault.redb", 0o600), ("admin.sock", 0o600)] {
        let found = folder.data().join(name).metadata().expect("is there").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}: {found:o}");
    }
    drop(server);
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    let secret = std::fs::read_to_string(folder.data().join("root-secret")).expect("the secret");
    assert!(!log.contains(secret.trim()));
}

/// With more processors than the service manager allows threads, it would have hung.
#[test]
fn a_server_that_gets_no_threads_ends_and_says_so() {
    let folder = Folder::new();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -u 1 && exec \"$0\" \"$@\""]).arg(crate::server::binary());
    command.env_clear().args(["--listen", "127.0.0.1:0", "--data"]).arg(folder.data());
    if std::os::unix::fs::MetadataExt::uid(&std::path::Path::new("/proc/self").metadata().expect("is there"))
        == 0
    {
        // The limit is none for root. Nobody else runs as this user.
        command.uid(64_999).gid(64_999);
    }
    let output = command.stdin(std::process::Stdio::null()).output().expect("runs");
    assert!(output.status.code().is_some_and(|code| code != 0), "{output:?}");
    assert_eq!(output.stdout, b"", "it does not say that it listens");
    assert_ne!(output.stderr, b"");
}

/// A crash would leave the root secret in a file.
#[test]
fn a_crash_leaves_no_copy_of_the_memory() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).expect("a process");
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{line}");
    // The files of an undumpable process belong to root, whatever its user.
    let memory = std::path::Path::new("/proc").join(server.id().to_string()).join("mem");
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("a process");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&memory.metadata().expect("is there")), 0, "{status}");
}

/// Requests to the server have no part in how often its store is asked.
#[test]
fn the_store_is_asked_for_readiness_once_a_second_however_many_ask() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--metrics-listen", "127.0.0.1:0"]);
    let metrics = server.metrics_address(&folder);
    let reads = || {
        let page = get(&metrics, "/metrics");
        let line = "rootcellar_store_calls_total{operation=\"get\",outcome=\"ok\"} ";
        let count = page.lines().find_map(|found| found.strip_prefix(line)).expect("a count");
        count.parse::<u64>().expect("a number")
    };
    let (before, began) = (reads(), std::time::Instant::now());
    for _ in 0..40 {
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
        for path in ["/readyz", "/readyz/store"] {
            assert!(get(&metrics, path).starts_with("HTTP/1.1 200"), "{path}");
        }
        // One that goes away before it is answered.
        let _ = server.connect().write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    let most = 2 * (1 + began.elapsed().as_secs());
    let asked = reads() - before;
    assert!(asked >= 1 && asked <= most, "{asked} reads in {:?}", began.elapsed());
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    assert!(!log.contains("readyz"), "health checks, which have no limit, fill no log: {log}");
}

#[test]
fn healthcheck_needs_a_server_that_answers() {
    let folder = Folder::new();
    let none = run(&folder, &["healthcheck"]);
    assert_eq!(none.status.code(), Some(4), "{}", stderr(&none));
    assert!(stderr(&none).contains("error[no-server]"), "{}", stderr(&none));
    let server = Server::start(&folder, &[]);
    assert_eq!(stdout(&run(&folder, &["healthcheck"])), "healthy");
    server.signal("-KILL");
    server.wait();
    assert_eq!(run(&folder, &["healthcheck"]).status.code(), Some(4));
}

#[test]
fn serves_https_when_given_a_certificate() {
    let folder = Folder::new();
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.pem");
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.key.pem");
    let server = Server::start(&folder, &["--tls-cert", own, "--tls-key", key]);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let mut stream = over_tls(&server, own);
    let answer = exchange(&mut stream, "localhost", "/healthz");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(stdout(&run(&folder, &["healthcheck"])), "healthy", "the server says that it speaks TLS");
    assert!(!get(server.address(), "/healthz").contains("200"), "no plain HTTP beside it");
}

/// A connection to a server with this certificate, which is its own authority.
pub(crate) fn over_tls(
    server: &Server,
    own: &str,
) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    rustls::StreamOwned::new(client_of(own, &[]), server.connect())
}

/// A client of the server with the certificate of these tests that speaks this protocol.
pub(crate) fn client_over_tls(protocol: &[u8]) -> rustls::ClientConnection {
    client_of(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.pem"), &[protocol])
}

fn client_of(own: &str, protocols: &[&[u8]]) -> rustls::ClientConnection {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(own).expect("a certificate")).expect("is added");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from("localhost").expect("a name");
    rustls::ClientConnection::new(Arc::new(config), name).expect("a client")
}

#[test]
fn metrics_stand_on_a_listener_of_their_own() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--metrics-listen", "127.0.0.1:0"]);
    server.get("/v1/vault");
    server.get("/v1/account/snapshots/AAAAAAAAAAAAAAAAAAAAAA");
    server.get("/secret-canary");
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404"));
    let page = get(&server.metrics_address(&folder), "/metrics");
    for line in [
        "rootcellar_requests_total{method=\"GET\",route=\"/v1/vault\",status=\"200\"} 1",
        "route=\"unmatched\",status=\"404\"",
        "rootcellar_request_seconds_bucket{route=\"/v1/vault\"",
        "rootcellar_store_calls_total{operation=\"create\",outcome=\"ok\"} 2",
        "rootcellar_requests_in_flight 0",
    ] {
        assert!(page.contains(line), "{line} is missing:\n{page}");
    }
    assert!(!page.contains("canary") && !page.contains("AAAAAAAAAAAAAAAAAAAAAA"), "{page}");
}

#[test]
fn a_client_that_sends_no_headers_is_let_go() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let starts: [&[u8]; 3] = [b"", b"PRI * HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"];
    let streams = starts.map(|start| {
        let mut stream = connect(server.address());
        stream.write_all(start).expect("sends");
        stream
    });
    for mut stream in streams {
        let mut answer = Vec::new();
        // Times out after 30 seconds if the server does not end it.
        let ended = stream.read_to_end(&mut answer);
        let timed_out = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!timed_out, "the server ends the connection");
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[test]
fn help_completions_and_man_page_come_out() {
    let folder = Folder::new();
    set_mode(&folder.path(""), 0o755);
    for (arguments, expected) in [
        (&["--help"][..], "Exit codes:"),
        (&["--version"], "rootcellar-server 0."),
        (&["completions", "bash"], "complete -F"),
        (&["completions", "zsh"], "#compdef"),
        (&["man"], ".TH rootcellar-server"),
        (&["config", "check"], "settings are valid"),
        (&["config", "print", "--redacted"], "listen = \"127.0.0.1:8787\""),
    ] {
        let output = run(&folder, arguments);
        assert!(stdout(&output).contains(expected), "{arguments:?}: {}", stdout(&output));
    }
    let [print, redacted] = [&["config", "print"][..], &["config", "print", "--redacted"]];
    assert_eq!(stdout(&run(&folder, print)), stdout(&run(&folder, redacted)));
}

/// The settings are listed once, and lines of a given form fit every terminal.
#[test]
fn help_of_a_command_is_about_that_command() {
    let folder = Folder::new();
    let whole = run(&folder, &["--help"]);
    assert!(stdout(&whole).contains("--keep-days"));
    let examples = stdout(&whole).split_once("Examples:").expect("examples").1;
    assert!(examples.lines().all(|line| line.len() <= 80), "{examples}");
    for command in [&["admin", "invite", "new"][..], &["root-secret", "words"], &["healthcheck"]] {
        let help = run(&folder, &[command, &["--help"]].concat());
        assert!(!stdout(&help).contains("--keep-days"), "{}", stdout(&help));
        assert!(stdout(&help).contains("rootcellar-server --help"), "{}", stdout(&help));
    }
    for command in
        [&["copy"][..], &["root-secret", "replace"], &["store", "init"], &["admin", "invite", "new"]]
    {
        let help = run(&folder, &[command, &["--help"]].concat());
        let (_, examples) = stdout(&help).split_once("Examples:").expect("examples");
        assert!(examples.lines().all(|line| line.len() <= 80), "{examples}");
        assert!(examples.contains(&command.join(" ")) && examples.contains("rootcellar-server --help"));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = Folder::new();
    for arguments in [&["completions", "bash"][..], &["man"], &["config", "print"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command(&folder, arguments).stdout(writer).output().expect("runs");
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""), "{arguments:?}");
    }
}
