//! A vault moves to another data folder while its server serves reads only.

use rootcellar_end_to_end::{Client, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, server_program};
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
    let refused = phone.run(&["list"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.stderr.contains("recovery code gives the entries back now"), "{refused:?}");
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
