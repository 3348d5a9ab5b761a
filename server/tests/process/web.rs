//! The page that a server serves (`--web`): what of a folder it takes, and what it tells browsers.

use crate::life::over_tls;
use crate::server::{Folder, Server, command, exchange, run, stderr};
use rootcellar_server::page::{HASHES, MOST_BYTES, MOST_FILES, headers};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// Files of a small page: what is hashed by name, what is not, and one in three codings.
const FILES: [(&str, &[u8]); 8] = [
    ("index.html", b"<!doctype html><title>page</title>"),
    ("index.html.br", b"brotli of it"),
    ("index.html.gz", b"gzip of it"),
    ("assets/app-Bx3_9QaZ.js", b"export {}"),
    ("assets/app-Bx3_9QaZ.js.gz", b"gzip of the script"),
    ("assets/core-0a1b2c3d.wasm", b"\0asm"),
    ("sw.js", b"self"),
    ("manifest.webmanifest", b"{}"),
];

/// Writes a page with its list of hashes, and says where.
fn page(folder: &Folder) -> PathBuf {
    let web = folder.path("web");
    for (name, bytes) in FILES {
        let file = web.join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("makes");
        std::fs::write(file, bytes).expect("writes");
    }
    list(&web, FILES.map(|(name, _)| name).as_slice());
    web
}

fn list(web: &std::path::Path, names: &[&str]) {
    let mut hashes = String::new();
    for name in names {
        let digest = Sha256::digest(std::fs::read(web.join(name)).expect("is there"));
        let hex = rootcellar_spec::hex::encode(&digest);
        let _ = writeln!(hashes, "{hex}  {name}");
    }
    std::fs::write(web.join(HASHES), hashes).expect("writes");
}

fn serve(folder: &Folder) -> Server {
    let web = page(folder);
    Server::start(folder, &["--web", web.to_str().expect("text")])
}

struct PageResponse {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn ask(server: &Server, method: &str, path: &str, headers: &str) -> PageResponse {
    let mut stream = server.connect();
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("reads");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let (head, body) = (String::from_utf8(answer[..end].to_vec()).expect("text"), answer[end + 4..].to_vec());
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    PageResponse { status, headers, body }
}

impl PageResponse {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[test]
fn a_page_is_served_with_what_browsers_must_know_of_it() {
    let folder = Folder::new();
    let server = serve(&folder);
    let cases = [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/config.json", "application/json", "no-cache"),
        ("/HASHES", "text/plain; charset=utf-8", "no-cache"),
        ("/assets/app-Bx3_9QaZ.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/core-0a1b2c3d.wasm", "application/wasm", "public, max-age=31536000, immutable"),
    ];
    for (path, media_type, cache) in cases {
        let answer = ask(&server, "GET", path, "");
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{path}");
        assert_eq!(answer.header("cache-control"), cache, "{path}");
        for (name, value) in headers::HEADERS {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(!answer.headers.contains_key("strict-transport-security"), "there is no TLS");
        let listed = FILES.iter().find(|(name, _)| *name == &path[1..]).map(|(_, bytes)| *bytes);
        assert!(listed.is_none_or(|bytes| answer.body == bytes), "{path}");
        let head = ask(&server, "HEAD", path, "");
        assert!(head.status == 200 && head.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag"] {
            assert_eq!(head.header(name), answer.header(name), "{path}");
        }
        let tag = answer.header("etag");
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{tag}");
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let same = ask(&server, "GET", path, &format!("If-None-Match: {known}\r\n"));
            assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag), "{path} {known}");
            assert_eq!(same.header("content-security-policy"), headers::CONTENT_SECURITY_POLICY);
        }
        assert_eq!(ask(&server, "GET", path, "If-None-Match: \"other\"\r\n").status, 200);
    }
    assert_eq!(ask(&server, "GET", "/config.json", "").body, b"{\"vault\":\".\"}", "the vault is here");
    let refused = ask(&server, "POST", "/", "Content-Length: 0\r\n");
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"));
    drop(server);
    let log = std::fs::read_to_string(folder.path("log")).expect("a log");
    assert!(log.contains("page") && !log.contains("Bx3_9QaZ"), "by what it is, not by path: {log}");
}

#[test]
fn the_best_coding_that_is_asked_for_is_sent() {
    let folder = Folder::new();
    let server = serve(&folder);
    let cases: [(&str, &str, &[u8]); 8] = [
        ("gzip, deflate, br, zstd", "br", b"brotli of it"),
        ("BR;q=0.1, gzip", "br", b"brotli of it"),
        ("gzip", "gzip", b"gzip of it"),
        ("br;q=0, gzip;q=1.0", "gzip", b"gzip of it"),
        ("br; q=0.000, gzip; q=x", "", FILES[0].1),
        ("brotli, xgzip", "", FILES[0].1),
        ("identity", "", FILES[0].1),
        ("", "", FILES[0].1),
    ];
    let mut tags = BTreeMap::new();
    for (asked, coding, bytes) in cases {
        let answer = ask(&server, "GET", "/", &format!("Accept-Encoding: {asked}\r\n"));
        assert_eq!((answer.header("content-encoding"), answer.body.as_slice()), (coding, bytes), "{asked}");
        assert_eq!(answer.header("vary"), "accept-encoding");
        tags.insert(coding, answer.header("etag").to_owned());
    }
    assert!(tags[""] != tags["br"] && tags["br"] != tags["gzip"], "other bytes, another tag: {tags:?}");
    let plain = ask(&server, "GET", "/sw.js", "Accept-Encoding: br, gzip\r\n");
    assert!(!plain.headers.contains_key("content-encoding") && !plain.headers.contains_key("vary"));
}

#[test]
fn other_paths_are_answered_as_without_a_page() {
    let folder = Folder::new();
    std::fs::write(folder.path("secret.txt"), "canary").expect("writes");
    let server = serve(&folder);
    let outside = [
        "/nothing",
        "/assets",
        "/assets/",
        "/index.html/",
        "//index.html",
        "/index",
        "/INDEX.HTML",
        "/sw%2ejs",
        "/%69ndex.html",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/assets%2fapp-Bx3_9QaZ.js",
        "/.",
        "/..",
        "/index.html%00",
        "/index.html.br",
        "/assets/app-Bx3_9QaZ.js.gz",
        "/v1/index.html",
        "/v1/../index.html",
        "/HASHES/",
        "/data/root-secret",
    ];
    for path in outside {
        let answer = ask(&server, "GET", path, "");
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("canary"), "{path}");
    }
    assert_eq!(ask(&server, "GET", "/v1/vault", "").header("content-type"), "application/json");
    assert_eq!(ask(&server, "GET", "/healthz", "").body, b"ok\n");
    let wrong_method = ask(&server, "GET", "/v1/login/start", "");
    assert_eq!((wrong_method.status, wrong_method.header("content-type")), (405, "application/problem+json"));
    // A query names the same file.
    assert_eq!(ask(&server, "GET", "/?source=home", "").status, 200);

    let without = Folder::new();
    let server = Server::start(&without, &[]);
    assert_eq!(ask(&server, "GET", "/", "").status, 404, "off by default");
}

/// Under a public name and with TLS of its own, the server has browsers come back by TLS; a name of this machine is left
/// alone, on which other things are served too.
#[test]
fn browsers_come_back_by_tls_to_a_server_that_speaks_it() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.pem");
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/localhost.key.pem");
    for (origin, strict) in [("https://vault.example.org", true), ("https://localhost:8787", false)] {
        let folder = Folder::new();
        let web = page(&folder);
        let tls = ["--tls-cert", own, "--tls-key", key, "--public-origin", origin];
        let served = ["--web", web.to_str().expect("text")];
        let server = Server::start(&folder, &[tls.as_slice(), &served].concat());
        let answer = exchange(&mut over_tls(&server, own), "localhost", "/");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(answer.contains("strict-transport-security: max-age=31536000"), strict, "{answer}");
    }
}

#[test]
fn what_was_read_at_the_start_is_served_whatever_becomes_of_the_folder() {
    let folder = Folder::new();
    let server = serve(&folder);
    std::fs::write(folder.path("web/index.html"), "changed since").expect("writes");
    std::fs::remove_file(folder.path("web/sw.js")).expect("removes");
    assert_eq!(ask(&server, "GET", "/", "").body, FILES[0].1);
    assert_eq!(ask(&server, "GET", "/sw.js", "").status, 200);
}

/// A change to a good page, and what the start says about it.
type Fault = (fn(&Folder, &PathBuf), &'static [&'static str]);

#[test]
fn no_server_starts_with_a_page_that_is_not_the_one_that_is_listed() {
    let faults: [Fault; 16] = [
        (|_, web| std::fs::remove_dir_all(web).expect("removes"), &["page-unreadable", "--web"]),
        (|_, web| remove(web, "index.html"), &["page-incomplete", "no index.html"]),
        (|_, web| remove(web, HASHES), &["page-incomplete", "no HASHES"]),
        (
            |_, web| write(web, "index.html", b"<!doctype html><title>pagE</title>"),
            &["page-file-changed", "index.html"],
        ),
        (|_, web| write(web, "index.html.br", b"another"), &["page-file-changed", "index.html.br"]),
        (|_, web| remove(web, "sw.js"), &["page-file-missing", "sw.js"]),
        (|_, web| write(web, "new.js", b""), &["page-file-unlisted", "new.js"]),
        (
            |_, web| write(web, "assets/app-Bx3_9QaZ.js.br", b""),
            &["page-file-unlisted", "app-Bx3_9QaZ.js.br"],
        ),
        (|_, web| write(web, ".htaccess", b""), &["page-file-unexpected", ".htaccess", "name"]),
        (|_, web| write(web, "a b.js", b""), &["page-file-unexpected", "a b.js", "name"]),
        (|_, web| write(web, "app.php", b""), &["page-file-unexpected", "app.php", "type"]),
        (|_, web| write(web, HASHES, b"abc  index.html\n"), &["page-hashes-invalid", "Line 1 "]),
        (|_, web| write(web, HASHES, &[0xff]), &["page-hashes-invalid", "UTF-8"]),
        (
            |_, web| {
                let listed = std::fs::read(web.join(HASHES)).expect("reads");
                write(web, HASHES, &[listed.as_slice(), &listed].concat());
            },
            &["page-hashes-invalid", "Line 9 "],
        ),
        (
            |folder, web| {
                std::fs::write(folder.path("secret.txt"), "canary").expect("writes");
                symlink(folder.path("secret.txt"), web.join("secret.txt")).expect("links");
            },
            &["page-file-unexpected", "secret.txt", "symbolic link"],
        ),
        (
            |_, web| {
                write(web, "lone.js.gz", b"");
                list(web, [FILES.map(|(name, _)| name).as_slice(), &["lone.js.gz"]].concat().as_slice());
            },
            &["page-file-unexpected", "lone.js.gz"],
        ),
    ];
    for (spoil, says) in faults {
        let folder = Folder::new();
        let web = page(&folder);
        spoil(&folder, &web);
        refuses(&folder, &web, says);
    }
}

#[test]
fn a_folder_that_is_no_page_is_not_read_whole() {
    let folder = Folder::new();
    let web = page(&folder);
    for at in 0..MOST_FILES {
        write(&web, &format!("file-{at}.txt"), b"");
    }
    refuses(&folder, &web, &["page-too-large", "256 files"]);

    let folder = Folder::new();
    let web = page(&folder);
    let large = std::fs::File::create(web.join("large.txt")).expect("makes");
    large.set_len(MOST_BYTES).expect("grows");
    refuses(&folder, &web, &["page-too-large", "32 MiB"]);

    let folder = Folder::new();
    let web = page(&folder);
    symlink(".", web.join("again")).expect("links");
    refuses(&folder, &web, &["page-too-large"]);

    // Opening a pipe waits for a writer.
    let folder = Folder::new();
    let web = page(&folder);
    let pipe = std::process::Command::new("mkfifo").arg(web.join("pipe.txt")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    refuses(&folder, &web, &["pipe.txt", "page-file-unexpected"]);
}

/// A release may be switched by a link to its folder, and a volume may be made of links to its own files.
#[test]
fn links_that_stay_in_the_folder_are_followed() {
    let folder = Folder::new();
    let web = page(&folder);
    std::fs::rename(web.join("sw.js"), web.join("assets/sw.js")).expect("moves");
    symlink("assets/sw.js", web.join("sw.js")).expect("links");
    let names = FILES.map(|(name, _)| name);
    list(&web, [names.as_slice(), &["assets/sw.js"]].concat().as_slice());
    symlink(&web, folder.path("current")).expect("links");
    let server = Server::start(&folder, &["--web", folder.path("current").to_str().expect("text")]);
    assert_eq!(ask(&server, "GET", "/sw.js", "").body, b"self");
}

fn write(web: &std::path::Path, name: &str, bytes: &[u8]) {
    std::fs::write(web.join(name), bytes).expect("writes");
}

fn remove(web: &std::path::Path, name: &str) {
    std::fs::remove_file(web.join(name)).expect("removes");
}

/// A start and `config check` are refused alike, and nothing is made.
fn refuses(folder: &Folder, web: &std::path::Path, says: &[&str]) {
    let web = web.to_str().expect("text");
    let start = command(folder, &["--listen", "127.0.0.1:0", "--web", web]).output().expect("runs");
    for output in [start, run(folder, &["config", "check", "--web", web])] {
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(message.contains("error[page-"), "{message}");
        for part in says {
            assert!(message.contains(part), "{part:?} is missing: {message}");
        }
    }
    assert!(!folder.data().exists(), "nothing is made");
}
