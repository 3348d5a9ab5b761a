//! A server that cannot start says why and what to do, and changes nothing.

use crate::server::{Folder, Server, binary, command, left_out, run, set_mode, stderr};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Nobody: a user that owns nothing.
const NOBODY: u32 = 65_534;

/// Makes a vault and leaves it.
fn used() -> Folder {
    let folder = Folder::new();
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    folder
}

/// The start is refused with this code, and says all of this.
fn refuses(folder: &Folder, arguments: &[&str], code: i32, says: &[&str]) {
    let mut command = command(folder, &[]);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    judge(command.args(arguments), code, says);
}

fn judge(command: &mut Command, code: i32, says: &[&str]) {
    let output = command.output().expect("runs");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(output.stdout.is_empty(), "nothing is said to be listening");
    for part in says {
        assert!(message.contains(part), "{part:?} is missing: {message}");
    }
}

#[test]
fn without_its_root_secret_when_the_store_is_in_use() {
    let folder = used();
    let secret = folder.data().join("root-secret");
    std::fs::remove_file(&secret).expect("removes");
    refuses(
        &folder,
        &[],
        3,
        &[
            "error[root-secret-missing]",
            "--root-secret-file",
            secret.to_str().expect("text"),
            "root-secret from-words",
        ],
    );
    assert!(!secret.exists(), "none is made");
}

#[test]
fn with_a_root_secret_that_others_may_read() {
    let folder = used();
    set_mode(&folder.data().join("root-secret"), 0o644);
    refuses(&folder, &[], 3, &["error[root-secret-exposed]", "chmod 600"]);
}

#[test]
fn with_another_root_secret() {
    let (folder, other) = (used(), used());
    let secret = other.data().join("root-secret");
    refuses(
        &folder,
        &["--root-secret-file", secret.to_str().expect("text")],
        3,
        &["error[root-secret-mismatch]", "root-secret replace"],
    );
}

#[test]
fn with_a_root_secret_that_is_none() {
    let folder = used();
    std::fs::write(folder.data().join("root-secret"), "abc\n").expect("writes");
    refuses(&folder, &[], 3, &["error[root-secret-invalid]"]);
}

#[test]
fn on_a_data_folder_that_another_server_has() {
    let folder = Folder::new();
    let _server = Server::start(&folder, &[]);
    refuses(&folder, &[], 3, &["error[store-in-use]", "--data"]);
}

#[test]
fn on_a_data_folder_that_it_may_not_write() {
    let folder = used();
    set_mode(&folder.data(), 0o555);
    set_mode(&folder.data().join("vault.redb"), 0o444);
    as_nobody(&folder, &["error[store-not-writable]", "--data"]);
    let fresh = Folder::new();
    std::fs::create_dir(fresh.data()).expect("makes");
    set_mode(&fresh.data(), 0o555);
    as_nobody(&fresh, &["error[store-not-writable]", "--data"]);
    let missing = Folder::new();
    set_mode(&missing.path(""), 0o555);
    as_nobody(&missing, &["error[folder-unusable]", missing.data().to_str().expect("text")]);
    set_mode(&missing.path(""), 0o755);
}

/// Root may write everything: the program runs as a user that owns nothing, from where that user may run it.
fn as_nobody(folder: &Folder, says: &[&str]) {
    let elsewhere = Folder::new();
    let program = elsewhere.path("rootcellar-server");
    std::fs::hard_link(binary(), &program)
        .or_else(|_| std::fs::copy(binary(), &program).map(|_| ()))
        .expect("copies");
    let mut command = Command::new(program);
    command.env_clear().arg("--data").arg(folder.data()).args(["--listen", "127.0.0.1:0"]);
    if is_root() {
        for name in ["root-secret", "vault.redb"].map(|name| folder.data().join(name)) {
            if name.exists() {
                chown(&name, Some(NOBODY), Some(NOBODY)).expect("chown");
            }
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    judge(&mut command, 3, says);
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&Path::new("/proc/self").metadata().expect("is there")) == 0
}

#[test]
fn on_a_full_disk() {
    let folder = used();
    refuses(&folder, &["--reserve", "8000000GiB"], 3, &["error[disk-full]", "--reserve"]);
    let Some(disk) = SmallDisk::mount() else {
        return left_out("a start on a full disk: a tmpfs cannot be mounted here");
    };
    let full = disk.0.path("data");
    std::fs::create_dir(&full).expect("makes");
    let fill = std::fs::write(full.join("fill"), vec![1; 2 << 20]);
    assert!(fill.is_err(), "the disk is full");
    refuses(&disk.0, &["--reserve", "0"], 3, &["error[disk-full]"]);
}

/// A small file system of its own, where the tests may mount one.
struct SmallDisk(Folder);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = Folder::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder.path(""))
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path("")).status();
    }
}

#[test]
fn on_an_address_that_is_taken() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("an address").to_string();
    refuses(&folder, &["--listen", &address], 3, &["error[address-unusable]", &address]);
}

/// Else the warning that it was made passes with the start that failed.
#[test]
fn without_making_a_root_secret() {
    let folder = Folder::new();
    let secret = folder.data().join("root-secret");
    let taken = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = taken.local_addr().expect("an address").to_string();
    refuses(&folder, &["--listen", &address], 3, &["error[address-unusable]"]);
    assert!(!secret.exists());
    let nowhere = ["--tls-cert", "/nowhere", "--tls-key", "/nowhere"];
    refuses(&folder, &nowhere, 3, &["error[tls-invalid]", "--tls-cert"]);
    assert!(!secret.exists());
    std::fs::write(folder.path("in-the-way"), "").expect("writes");
    let in_the_way = folder.path("in-the-way");
    refuses(
        &folder,
        &["--admin-socket", in_the_way.to_str().expect("text")],
        3,
        &["error[admin-socket-unusable]"],
    );
    assert!(!secret.exists());
}

#[test]
fn under_another_identity() {
    let folder = used();
    refuses(&folder, &["--vault-id", "vault.example.org"], 3, &["error[vault-id-mismatch]", "localhost"]);
    assert_eq!(Server::start(&folder, &["--vault-id", "localhost"]).stop().0, Some(0));
}

/// The name that a vault was tried out under stays with its folder: who goes public with that folder must learn it.
#[test]
fn not_under_a_new_origin_but_says_which_vault_id_stays() {
    let folder = used();
    let log = |arguments: &[&str]| {
        std::fs::remove_file(folder.path("log")).expect("removes");
        assert_eq!(Server::start(&folder, arguments).stop().0, Some(0));
        std::fs::read_to_string(folder.path("log")).expect("a log")
    };
    let moved = ["--public-origin", "https://vault.example.org"];
    let said = log(&moved);
    let warning = said.lines().find(|line| line.contains("WARN")).expect("a warning");
    for part in ["vault.example.org", "--vault-id localhost"] {
        assert!(warning.contains(part), "{part:?} is missing: {warning}");
    }
    assert!(warning.contains(" vault-id-differs: "), "{warning}");
    let serving = said.lines().find(|line| line.contains(" serving ")).expect("serves");
    for field in ["vault_id=\"localhost\"", "read_only=false", "registration=\"invite\""] {
        assert!(serving.contains(field), "{field} is missing: {serving}");
    }
    for quiet in [&["--vault-id", "localhost"][..], &[]] {
        let said = log(&[if quiet.is_empty() { &[][..] } else { &moved }, quiet].concat());
        assert!(!said.contains("WARN"), "{said}");
    }
}

/// What a start would refuse, `config check` refuses, and makes nothing.
#[test]
fn already_when_its_settings_are_checked() {
    let check = |folder: &Folder, arguments: &[&str], code, says: &[&str]| {
        judge(command(folder, &["config", "check"]).args(arguments), code, says);
    };
    let folder = Folder::new();
    let asset = |name: &str| format!("{}/tests/process/{name}", env!("CARGO_MANIFEST_DIR"));
    let (own, key) = (asset("localhost.pem"), asset("localhost.key.pem"));
    check(&folder, &["--tls-cert", &key, "--tls-key", &key], 3, &["error[tls-invalid]", "--tls-cert"]);
    check(&folder, &["--tls-cert", &own, "--tls-key", "/nowhere"], 3, &["error[tls-invalid]", "--tls-key"]);
    let secret = folder.path("secret");
    let named = ["--root-secret-file", secret.to_str().expect("text")];
    std::fs::write(&secret, "abc\n").expect("writes");
    check(&folder, &named, 3, &["error[root-secret-exposed]"]);
    set_mode(&secret, 0o600);
    check(&folder, &named, 3, &["error[root-secret-invalid]"]);
    let nowhere = folder.path("none/secret");
    check(
        &folder,
        &["--root-secret-file", nowhere.to_str().expect("text")],
        3,
        &["error[folder-unusable]", "none"],
    );
    let file = secret.to_str().expect("text");
    check(&folder, &["--data", file], 3, &["error[folder-unusable]", file, "not a directory"]);
    let good = run(&folder, &["config", "check", "--tls-cert", &own, "--tls-key", &key]);
    assert!(good.status.success(), "{}", stderr(&good));
    assert!(!folder.data().exists(), "nothing is made");

    let used = used();
    std::fs::remove_file(used.data().join("root-secret")).expect("removes");
    check(&used, &[], 3, &["error[root-secret-missing]", "from-words"]);
}

#[test]
fn with_certificates_that_are_none() {
    let folder = used();
    let own = folder.data().join("root-secret");
    let own = own.to_str().expect("text");
    refuses(&folder, &["--tls-cert", own, "--tls-key", own], 3, &["error[tls-invalid]", "--tls-cert"]);
}

#[test]
fn with_settings_that_are_wrong() {
    let folder = Folder::new();
    refuses(&folder, &["--listen", "0.0.0.0:0"], 2, &["error[settings-conflict]", "--behind-tls-proxy"]);
    refuses(&folder, &["--lisen", "x"], 2, &["--lisen", "--listen"]);
    let mut command = command(&folder, &["--listen", "127.0.0.1:0"]);
    judge(
        command.env("ROOTCELLAR_REGISTATION", "open"),
        2,
        &["error[setting-unknown]", "ROOTCELLAR_REGISTRATION"],
    );
    assert!(!folder.data().exists(), "nothing is made");
    refuses(&folder, &["--keep-days", "7d"], 2, &["error[setting-invalid]: keep-days (flag): ", "\"7d\""]);
    refuses(&folder, &["--request-timeout", "7w"], 2, &["error[setting-invalid]: request-timeout (flag): "]);
    let missing = folder.path("settings");
    let missing = missing.to_str().expect("text");
    refuses(&folder, &["--config", missing], 2, &["error[settings-unreadable]", missing, "\n  caused by: "]);
    std::fs::write(missing, "listen = 127.0.0.1\n").expect("writes");
    refuses(&folder, &["--config", missing], 2, &["error[settings-syntax]", "line 1, column "]);
}
