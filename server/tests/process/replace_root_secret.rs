//! A root secret that is lost permanently, and the one that takes its place.

use crate::moving::edit;
use crate::server::{Folder, Server, run, stderr, stdout};

fn fingerprint(folder: &Folder) -> String {
    stdout(&run(folder, &["root-secret", "fingerprint"])).to_owned()
}

/// Runs a command that must fail, say this, and leave the store as it is.
fn refuses(folder: &Folder, arguments: &[&str], code: i32, says: &str) {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    assert!(stderr(&output).contains(says), "{}", stderr(&output));
}

#[test]
fn a_lost_root_secret_is_replaced_by_naming_it_and_adopted_back_when_found() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    assert!(!server.get("/v1/vault").contains("passphrases_since"));
    assert_eq!(server.stop().0, Some(0));
    let (file, kept) = (folder.data().join("root-secret"), folder.path("kept"));
    let lost = fingerprint(&folder);
    std::fs::rename(&file, &kept).expect("moves");

    let missing = ["root-secret", "replace", "--replaces", &lost];
    refuses(&folder, &missing, 3, "error[root-secret-missing]");
    let made = run(&folder, &["root-secret", "new"]);
    let own = fingerprint(&folder);
    assert!(stdout(&made).contains(&own));
    assert!(stderr(&made).contains("root-secret words"), "{}", stderr(&made));
    refuses(&folder, &["root-secret", "new"], 3, "error[root-secret-exists]");
    assert_eq!(fingerprint(&folder), own);

    refuses(&folder, &["--listen", "127.0.0.1:0"], 3, "root-secret replace");
    refuses(&folder, &["root-secret", "replace"], 2, "--replaces");
    let own_named = ["root-secret", "replace", "--replaces", &own];
    refuses(&folder, &own_named, 1, "error[fingerprint-mismatch]");
    refuses(&folder, &own_named, 1, &format!("is {lost}, not {own}"));
    refuses(&folder, &["root-secret", "replace", "--replaces", "lost"], 2, "error[argument-invalid]");
    refuses(
        &folder,
        &["root-secret", "replace", "--replaces", "-mWSbC3C6d98gIi_2Wjzjw"],
        1,
        "not -mWSbC3C6d98gIi_2Wjzjw",
    );
    refuses(&folder, &["--listen", "127.0.0.1:0"], 3, "error[root-secret-mismatch]");

    let adopted = run(&folder, &["root-secret", "replace", "--replaces", &lost]);
    assert!(stdout(&adopted).contains(&own));
    let explained = stderr(&adopted);
    for said in [lost.as_str(), own.as_str(), "'rootcellar recover'"] {
        assert!(explained.contains(said), "{said}: {explained}");
    }
    let again = run(&folder, &["root-secret", "replace", "--replaces", &lost]);
    assert!(stdout(&again).contains("already") && stdout(&again).contains(&own), "{}", stdout(&again));
    edit(&folder, 0, &[("copy", Some("{}"))]);
    refuses(&folder, &["root-secret", "replace", "--replaces", &lost], 3, "error[copy-unfinished]");
    edit(&folder, 0, &[("copy", None)]);
    let server = Server::start(&folder, &[]);
    assert!(server.get("/v1/vault").contains("passphrases_since"));
    refuses(&folder, &["root-secret", "replace", "--replaces", &lost], 3, "error[store-in-use]");
    assert_eq!(server.stop().0, Some(0));

    std::fs::rename(&kept, &file).expect("moves back");
    refuses(&folder, &["--listen", "127.0.0.1:0"], 3, "error[root-secret-mismatch]");
    stdout(&run(&folder, &["root-secret", "replace", "--replaces", &own]));
    let server = Server::start(&folder, &[]);
    assert!(!server.get("/v1/vault").contains("passphrases_since"), "the first ones work again");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_root_secret_is_made_where_a_first_start_would_make_it() {
    let folder = Folder::new();
    let made = run(&folder, &["root-secret", "new"]);
    assert!(stdout(&made).contains(&fingerprint(&folder)));
    let replace = ["root-secret", "replace", "--replaces", &fingerprint(&folder)];
    refuses(&folder, &replace, 3, "error[store-missing]");
    assert!(!folder.data().join("vault.redb").exists(), "looking makes none");
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    let elsewhere = folder.path("not/there");
    let arguments = ["--root-secret-file", elsewhere.to_str().expect("text"), "root-secret", "new"];
    refuses(&folder, &arguments, 3, "error[root-secret-unwritable]");
}
