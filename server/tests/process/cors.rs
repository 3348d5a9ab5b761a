//! Pages of other origins (`page-origins`): which of them may speak to the vault, and what they may read.

use crate::server::{Folder, Server, run, stderr};
use std::io::{Read, Write};

const PAGE: &str = "https://backup.example.org";
/// Names and values.
type Headers<'h> = &'h [(&'h str, &'h str)];

const ALLOWS: &str = "access-control-";

fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut stream = server.connect();
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).expect("sends");
    let mut answer = String::new();
    // Who refuses a body may close before it was sent.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    headers.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn preflight(server: &Server, path: &str, origin: &str) -> String {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "content-type,signature"),
    ];
    ask(server, "OPTIONS", path, &headers)
}

/// A page of that origin may read this answer.
fn is_readable(answer: &str) {
    assert_eq!(header(answer, "access-control-allow-origin"), Some(PAGE), "{answer}");
    assert_eq!(
        header(answer, "access-control-expose-headers"),
        Some("date, retry-after, rootcellar-request-id"),
        "{answer}"
    );
    assert_eq!(header(answer, "vary"), Some("origin"), "{answer}");
    assert_eq!(header(answer, "access-control-allow-credentials"), None, "{answer}");
}

#[test]
fn a_page_of_a_named_origin_may_ask_and_read() {
    let folder = Folder::new();
    let origins = format!("http://localhost:5173, {PAGE}/");
    let server = Server::start(&folder, &["--page-origins", &origins]);
    let permitted = preflight(&server, "/v1/account/devices", PAGE);
    assert_eq!(status(&permitted), "204", "{permitted}");
    is_readable(&permitted);
    assert_eq!(header(&permitted, "access-control-allow-methods"), Some("GET, POST, PUT"));
    assert_eq!(
        header(&permitted, "access-control-allow-headers"),
        Some(
            "content-digest, content-type, rootcellar-login-mac, rootcellar-session, signature, signature-input"
        )
    );
    assert_eq!(header(&permitted, "access-control-max-age"), Some("86400"));
    let vault = ask(&server, "GET", "/v1/vault", &[("Origin", PAGE)]);
    assert_eq!(status(&vault), "200", "{vault}");
    is_readable(&vault);
    assert!(header(&vault, "date").is_some());
    let other = ask(&server, "GET", "/v1/vault", &[("Origin", "http://localhost:5173")]);
    assert_eq!(header(&other, "access-control-allow-origin"), Some("http://localhost:5173"));
}

/// What the middleware refuses is readable too: a page must not take it for a network that is down.
#[test]
fn every_refusal_is_readable() {
    let folder = Folder::new();
    // How soon the server has taken up the requests that keep it busy is its own affair: asking on has no limit here.
    let flags = ["--page-origins", PAGE, "--request-memory", "16MiB", "--rate-per-address", "0"];
    let server = Server::start(&folder, &flags);
    let (origin, json) = (("Origin", PAGE), ("Content-Type", "application/json"));
    let too_long = [origin, json, ("Content-Length", "99999999")];
    let cases: [(&str, &str, Headers<'_>, &str); 5] = [
        ("GET", "/v1/nothing", &[origin], "404"),
        ("PUT", "/v1/vault", &[origin, ("Content-Length", "0")], "405"),
        ("POST", "/v1/login/start", &[origin, ("Content-Length", "0")], "400"),
        ("POST", "/v1/recovery", &too_long, "413"),
        ("GET", "/v1/account", &[origin], "401"),
    ];
    for (method, path, headers, expected) in cases {
        let answer = ask(&server, method, path, headers);
        assert_eq!(status(&answer), expected, "{answer}");
        is_readable(&answer);
    }
    let mut busy = Vec::new();
    let refused = loop {
        let mut unfinished = server.connect();
        let head = "POST /v1/pairing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n";
        unfinished.write_all(head.as_bytes()).expect("sends");
        busy.push(unfinished);
        let answer = ask(&server, "GET", "/v1/vault", &[origin]);
        if status(&answer) != "200" {
            break answer;
        }
    };
    assert_eq!(status(&refused), "503", "{refused}");
    is_readable(&refused);
}

/// Preflights count like every request, and a refusal of one cannot be mistaken for a permission.
#[test]
fn a_preflight_is_no_way_around_the_limit() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--page-origins", PAGE, "--rate-per-address", "3"]);
    for _ in 0..3 {
        assert_eq!(status(&preflight(&server, "/v1/vault", PAGE)), "204");
    }
    let asked = preflight(&server, "/v1/vault", PAGE);
    assert_eq!(status(&asked), "429", "{asked}");
    assert_eq!(header(&asked, "access-control-allow-methods"), None);
    let limited = ask(&server, "GET", "/v1/vault", &[("Origin", PAGE)]);
    assert_eq!(status(&limited), "429");
    is_readable(&limited);
}

/// What a preflight asks about is not begun: a few tries a minute stay a few tries, however often a browser asks.
#[test]
fn a_preflight_is_no_try() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--page-origins", PAGE, "--starts-per-address", "1"]);
    for _ in 0..3 {
        assert_eq!(status(&preflight(&server, "/v1/login/start", PAGE)), "204");
    }
    let headers = [("Origin", PAGE), ("Content-Length", "0")];
    assert_eq!(status(&ask(&server, "POST", "/v1/login/start", &headers)), "400");
    assert_eq!(status(&ask(&server, "POST", "/v1/login/start", &headers)), "429");
    assert_eq!(status(&preflight(&server, "/v1/login/start", PAGE)), "204");
}

#[test]
fn other_origins_learn_nothing() {
    let folder = Folder::new();
    let server = Server::start(&folder, &["--page-origins", PAGE]);
    let strangers = [
        "https://example.org",
        "https://backup.example.org.evil.test",
        "https://backup.example.org:8443",
        "http://backup.example.org",
        "https://BACKUP.example.org",
        "https://backup.example.org/",
        "null",
        "*",
        "",
    ];
    for origin in strangers {
        let asked = preflight(&server, "/v1/vault", origin);
        assert_eq!(status(&asked), "405", "{origin}: {asked}");
        let vault = ask(&server, "GET", "/v1/vault", &[("Origin", origin)]);
        for answer in [asked, vault] {
            assert!(!answer.to_ascii_lowercase().contains(ALLOWS), "{origin}: {answer}");
            assert_eq!(header(&answer, "vary"), Some("origin"), "{origin}: {answer}");
        }
    }
    let two = ask(&server, "GET", "/v1/vault", &[("Origin", PAGE), ("Origin", PAGE)]);
    assert!(!two.to_ascii_lowercase().contains(ALLOWS), "{two}");
    // Health is the operator's, and no page's.
    for path in ["/healthz", "/readyz", "/nothing"] {
        assert!(
            !ask(&server, "GET", path, &[("Origin", PAGE)]).to_ascii_lowercase().contains(ALLOWS),
            "{path}"
        );
    }

    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    for answer in
        [preflight(&server, "/v1/vault", PAGE), ask(&server, "GET", "/v1/vault", &[("Origin", PAGE)])]
    {
        let lower = answer.to_ascii_lowercase();
        assert!(!lower.contains(ALLOWS) && !lower.contains("vary:"), "off by default: {answer}");
    }
}

#[test]
fn origins_that_are_none_are_refused() {
    for (wrong, says) in [
        ("*", "https://vault.example.org"),
        ("null", "Invalid origin \"null\""),
        ("backup.example.org", "Invalid origin"),
        ("https://backup.example.org/page", "Invalid origin"),
        ("http://backup.example.org", "Insecure origin"),
        ("https://a.example.org,http://b.example.org", "Insecure origin \"http://b.example.org\""),
    ] {
        let folder = Folder::new();
        let output = run(&folder, &["config", "check", "--page-origins", wrong]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {message}");
        assert!(message.contains("error[setting-invalid]: page-origins (flag): "), "{wrong}: {message}");
        assert!(message.contains(says), "{wrong}: {message}");
    }
}
