//! A vault moves to another data folder while its server serves reads only; and into a bucket and back.

use rootcellar_end_to_end::{Bucket, Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, server_program};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// A server on a data folder; ended when it is dropped.
struct Vault {
    child: Child,
    url: String,
}

impl Vault {
    fn serve(data: &Path, more: &[&str]) -> Self {
        let mut child = server_program()
            .args(["--listen", "127.0.0.1:0", "--log-level", "error", "--data"])
            .arg(data)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("is piped")).read_line(&mut line).expect("reads");
        let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(url.starts_with("http"), "{line:?}");
        Self { child, url }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_was_saved_here_is_restored_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let vault = Vault::serve(&here, &[]);
    let (mut phone, code) = Client::registered(&vault.url, "alice", PASSPHRASE);
    assert_eq!(phone.add("everyday", PHRASE_12).code, 0);
    drop(vault);

    let vault = Vault::serve(&here, &["--read-only"]);
    phone.turn_to(&vault.url);
    let refused = phone.run(&["list", "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (5, "read-only"), "{refused:?}");
    let found = Client::new(&vault.url, OTHER_PASSPHRASE);
    let (code, new) = (found.write("code", &code), found.write("new", OTHER_PASSPHRASE));
    let output = found.file("entries.json");
    let recovery = ["recover", "--recovery-code-file", &code, "--new-passphrase-file", &new];
    let recovered = found.run(&[&recovery[..], &["--output", output.to_str().expect("text")]].concat());
    let entries = fs::read_to_string(&output).unwrap_or_default();
    assert!(entries.contains(PHRASE_12), "{recovered:?}");

    let copied = server_program().args(["copy", "--from"]).arg(&here).arg("--to").arg(&there).output();
    let copied = copied.expect("runs");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    drop(vault);
    fs::copy(here.join("root-secret"), there.join("root-secret")).expect("is brought by hand");
    let vault = Vault::serve(&there, &[]);
    phone.turn_to(&vault.url);
    assert_eq!(phone.labels(), ["everyday"]);
    let tablet = Client::new(&vault.url, PASSPHRASE);
    let restored = tablet.json(&["restore", "--account", "alice"]);
    assert!(restored.to_string().contains(PHRASE_12));
    assert_eq!(phone.add("second", PHRASE_12).code, 0, "and saves go on");
}

/// Copies, and returns how many objects were written.
fn copy(from: &str, to: &str, bucket: &Bucket) -> u64 {
    let endpoint = format!("http://{}", bucket.server());
    let mut command = server_program();
    command.args(["copy", "--json", "--from", from, "--to", to]);
    let copied =
        command.args(["--s3-endpoint", &endpoint, "--s3-region", "us-east-1"]).output().expect("runs");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let report: serde_json::Value = serde_json::from_slice(&copied.stdout).expect("a JSON object");
    assert_eq!(report["different"], 0, "{report}");
    report["written"].as_u64().expect("a number")
}

#[test]
fn a_vault_moves_into_a_bucket_and_back() {
    let Some(bucket) = Bucket::for_test_of("a vault that moves into a bucket and back") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let [here, served, back] = ["here", "proxy", "back"].map(|name| folder.path().join(name));
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let vault = Vault::serve(&here, &[]);
    let (mut phone, _) = Client::registered(&vault.url, "alice", PASSPHRASE);
    assert_eq!(phone.add("in the folder", PHRASE_12).code, 0);
    drop(vault);

    let written = copy(&text(&here), &bucket.url(), &bucket);
    assert_eq!(usize::try_from(written), Ok(bucket.names().len()), "and no mark is left");
    assert_eq!(copy(&text(&here), &bucket.url(), &bucket), 0, "the second time it only compares");
    let secret = text(&here.join("root-secret"));
    let way = bucket.arguments(bucket.server());
    let mut arguments: Vec<&str> = way.iter().map(String::as_str).collect();
    arguments.extend(["--root-secret-file", &secret]);
    let vault = Vault::serve(&served, &arguments);
    phone.turn_to(&vault.url);
    assert_eq!(phone.labels(), ["in the folder"]);
    assert_eq!(phone.add("in the bucket", PHRASE_12).code, 0);
    drop(vault);

    copy(&bucket.url(), &text(&back), &bucket);
    let vault = Vault::serve(&back, &["--root-secret-file", &secret]);
    phone.turn_to(&vault.url);
    assert_eq!(phone.labels(), ["in the folder", "in the bucket"]);
}
