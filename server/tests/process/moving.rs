//! Serving reads only, copying, and what is no vault (storage.md, "Moving a vault").

use crate::server::{Folder, Server, command, connect, run, stderr, stdout};
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Key, Store};
use rootcellar_spec::Timestamp;
use rootcellar_vault::clock::{Clock, SystemClock};
use serde_json::Value;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A clock that is behind.
struct DaysAgo(u64);

impl Clock for DaysAgo {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 - self.0 * 86_400)
    }

    fn uptime(&self) -> Duration {
        SystemClock.uptime()
    }
}

/// Puts objects into the store of a server that is stopped, or removes them.
pub(crate) fn edit(folder: &Folder, days_ago: u64, objects: &[(&str, Option<&'static str>)]) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let path = folder.data().join("vault.redb");
        let store = EmbeddedStore::open(&path, 0, Arc::new(DaysAgo(days_ago))).expect("opens");
        for (name, body) in objects {
            let key = Key::new(*name);
            match body {
                Some(body) => drop(store.put(&key, (*body).into(), Condition::Absent).await.expect("plants")),
                None => {
                    let object = store.get(&key).await.expect("reads").object.expect("is there");
                    store.delete(&key, &object.etag).await.expect("removes");
                }
            }
        }
    });
}

/// A data folder in which a server ran and stopped.
fn used() -> Folder {
    let folder = Folder::new();
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

fn copy(from: &Path, to: &Path, more: &[&str]) -> std::process::Output {
    let folder = Folder::new();
    run(&folder, &[&["copy", "--from", text(from), "--to", text(to)], more].concat())
}

fn post(server: &Server, path: &str) -> String {
    let mut stream = connect(server.address());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
         Connection: close\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).expect("sends");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn a_vault_moves_while_its_server_reads_only() {
    let (folder, elsewhere) = (used(), Folder::new());
    let (from, to): (PathBuf, PathBuf) = (folder.data(), elsewhere.data());
    let server = Server::start(&folder, &[]);
    stdout(&run(&folder, &["admin", "invite", "new"]));
    let refused = copy(&from, &to, &[]);
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
    let refused = stderr(&refused);
    assert!(refused.contains("error[store-in-use]") && refused.contains("--read-only"), "{refused}");
    let key = |answer: &str| answer.split("server_public_key").nth(1).map(|rest| rest[..50].to_owned());
    let before = key(&server.get("/v1/vault"));
    // A crash is put in order first.
    server.signal("-KILL");
    server.wait();

    let server = Server::start(&folder, &["--read-only"]);
    let status = run(&folder, &["admin", "status"]);
    assert!(stdout(&status).contains("serving      reads only"), "{}", stdout(&status));
    let status = run(&folder, &["admin", "status", "--json"]);
    assert!(stdout(&status).contains("\"read_only\":true"), "{}", stdout(&status));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(key(&server.get("/v1/vault")), before);
    for path in ["/v1/login/start", "/v1/registration/start", "/v1/registration/finish"] {
        let answer = post(&server, path);
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"read-only\""), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("retry-after: 600"), "{answer}");
    }
    assert!(post(&server, "/v1/recovery").starts_with("HTTP/1.1 4"), "recovery is answered");
    let invite = run(&folder, &["admin", "invite", "new"]);
    assert!(stderr(&invite).contains("error[read-only]"), "{}", stderr(&invite));
    stdout(&run(&folder, &["admin", "sweep"]));
    let sweep = run(&folder, &["admin", "sweep", "--apply"]);
    assert!(!sweep.status.success() && stderr(&sweep).contains("error[read-only]"), "{}", stderr(&sweep));

    let copied = copy(&from, &to, &[]);
    let fingerprint = run(&folder, &["root-secret", "fingerprint"]);
    assert!(stdout(&copied).contains("3 objects") && stdout(&copied).contains("3 written"), "{copied:?}");
    assert!(stdout(&copied).contains(stdout(&fingerprint)), "names the root secret that is needed");
    let again: Value = serde_json::from_str(stdout(&copy(&from, &to, &["--json"]))).expect("JSON");
    assert_eq!(
        (&again["compared"], &again["different"], &again["objects"]),
        (&true.into(), &0.into(), &3.into())
    );
    drop(server);

    let bare = run(&elsewhere, &["--listen", "127.0.0.1:0"]);
    assert_eq!(bare.status.code(), Some(3), "the root secret was not copied");
    std::fs::copy(from.join("root-secret"), to.join("root-secret")).expect("is brought by hand");
    let server = Server::start(&elsewhere, &[]);
    assert_eq!(key(&server.get("/v1/vault")), before);
    stdout(&run(&elsewhere, &["admin", "invite", "new"]));
    server.stop();
    let differs = copy(&from, &to, &[]);
    assert_eq!(differs.status.code(), Some(1));
    assert!(stderr(&differs).contains("error[copy-differs]"), "{}", stderr(&differs));
}

#[test]
fn a_server_that_reads_only_makes_nothing() {
    let folder = Folder::new();
    let none = command(&folder, &["--listen", "127.0.0.1:0", "--read-only"]).output().expect("runs");
    assert_eq!(none.status.code(), Some(3));
    assert!(stderr(&none).contains("error[store-missing]"), "{}", stderr(&none));
    assert!(!folder.data().join("root-secret").exists() && !folder.data().join("vault.redb").exists());
}

#[test]
fn what_is_not_a_whole_vault_is_not_served() {
    let folder = used();
    edit(&folder, 0, &[("copy", Some("{}"))]);
    let refused = run(&folder, &["--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("error[copy-unfinished]"), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("`rootcellar-server copy`"), "{}", stderr(&refused));
    edit(&folder, 0, &[("copy", None), ("invites/00", Some("x")), ("vault", None)]);
    for arguments in [&["--listen", "127.0.0.1:0"][..], &["--listen", "127.0.0.1:0", "--read-only"]] {
        let refused = run(&folder, arguments);
        assert_eq!(refused.status.code(), Some(3));
        assert!(stderr(&refused).contains("error[vault-incomplete]"), "{}", stderr(&refused));
    }
    let target = folder.path("target");
    let refused = copy(&folder.data(), &target, &[]);
    assert!(stderr(&refused).contains("error[copy-source]"), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("`vault`"), "{}", stderr(&refused));
    assert!(!target.exists(), "nothing is begun that a server could take for a new vault's folder");
}

#[test]
fn copies_say_what_is_wrong_with_their_places() {
    let folder = used();
    let data = folder.data();
    for (from, to, code, says) in [
        (text(&data), text(&data), 2, "error[argument-invalid]"),
        (text(&data), "s3://a b", 2, "error[argument-invalid]: --to: Invalid bucket name \"a b\""),
        (text(&data), "s3:/bucket", 2, "error[argument-invalid]: --to: Invalid location \"s3:/bucket\""),
        ("/nowhere/at-all", text(&data), 3, "error[store-missing]"),
    ] {
        let refused = run(&folder, &["copy", "--from", from, "--to", to]);
        assert_eq!(refused.status.code(), Some(code), "{}", stderr(&refused));
        assert!(stderr(&refused).contains(says), "{}", stderr(&refused));
    }
}

#[test]
fn a_sweep_shows_first_and_removes_when_told_to() {
    let folder = used();
    edit(&folder, 3, &[("probe/left/over", Some("12345")), ("photos/holiday", Some("x"))]);
    let _server = Server::start(&folder, &[]);
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(stdout(&run(&folder, arguments))).expect("JSON")
    };
    let dry = json(&["admin", "sweep", "--json"]);
    assert_eq!((&dry["applied"], &dry["complete"]), (&false.into(), &true.into()));
    assert_eq!(dry["removed"]["probes"], serde_json::json!({ "objects": 1, "bytes": 5 }));
    assert_eq!(dry["kept"]["foreign"]["objects"], 1);
    assert_eq!(dry["objects"][1]["name"], "probe/left/over");
    assert_eq!(dry["objects"][1]["outcome"], serde_json::json!({ "removable": "probes" }));
    let shown = run(&folder, &["admin", "sweep", "--names"]);
    assert!(stdout(&shown).contains("--apply"), "{}", stdout(&shown));
    assert!(stdout(&shown).contains("would be removed  probe/left/over"), "{}", stdout(&shown));
    assert!(!stdout(&run(&folder, &["admin", "sweep"])).contains("probe/left"), "no names unless asked for");

    let wet = json(&["admin", "sweep", "--apply", "--json"]);
    assert_eq!((&wet["applied"], &wet["removed"]["probes"]["objects"]), (&true.into(), &1.into()));
    assert_eq!(json(&["admin", "sweep", "--json"])["removed"], serde_json::json!({}));
}

/// More than one line of the admin socket holds, and more than one page of a listing.
#[test]
fn a_sweep_of_many_objects_is_told_to_its_end() {
    let folder = used();
    let names: Vec<String> = (0..1_200).map(|n| format!("probe/{n}/of-a-name-that-is-rather-long")).collect();
    let objects: Vec<_> = names.iter().map(|name| (name.as_str(), Some("x"))).collect();
    edit(&folder, 3, &objects);
    let _server = Server::start(&folder, &[]);
    let swept: Value =
        serde_json::from_str(stdout(&run(&folder, &["admin", "sweep", "--apply", "--json"]))).expect("JSON");
    assert_eq!(swept["removed"]["probes"]["objects"], 1_200);
    assert_eq!(swept["objects"].as_array().map(Vec::len), Some(1_200));
}
