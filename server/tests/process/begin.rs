//! How a vault begins: in a bucket by `store init` alone, in a data folder at the first start.

use crate::bucket::{Bucket, judge};
use crate::engine::Dialect;
use crate::server::{Folder, Server, run, stderr, stdout};
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_server::store::{Condition, Key, Store};
use rootcellar_vault::clock::SystemClock;
use std::sync::Arc;

/// The refusal of a start on a bucket without a vault.
const NO_VAULT: [&str; 5] =
    ["error[vault-missing]", "s3://vaults", "store init", "--s3-bucket", "--s3-prefix"];

#[test]
fn no_start_begins_a_vault_in_a_bucket() {
    let bucket = Bucket::new(Dialect::AWS);
    bucket.refuses(&NO_VAULT);
    judge(&mut bucket.command(&["--listen", "127.0.0.1:0", "--read-only"]), 3, &NO_VAULT);
    assert!(bucket.engine.objects().is_empty(), "none is made, and the probe has left nothing");
}

#[test]
fn a_mistyped_prefix_gives_no_second_vault() {
    let bucket = Bucket::with_vault();
    let elsewhere = ["--listen", "127.0.0.1:0", "--s3-prefix", "vualt"];
    judge(
        &mut bucket.command(&elsewhere),
        3,
        &["error[vault-missing]", "s3://vaults/vualt at", "store init"],
    );
    assert_eq!(bucket.engine.objects(), ["vault"]);
}

#[test]
fn init_makes_a_vault_once() {
    let bucket = Bucket::new(Dialect::AWS);
    let settings = ["--public-origin", "https://vault.example.org", "--behind-tls-proxy"];
    let init = |more: &[&str]| {
        let arguments = [&["store", "init"], &settings[..], more].concat();
        bucket.command(&arguments).output().expect("runs")
    };
    let made = init(&[]);
    let fingerprint = run(&bucket.folder, &["root-secret", "fingerprint"]);
    let fingerprint = stdout(&fingerprint);
    let says = ["s3://vaults at", "vault.example.org", fingerprint];
    assert!(says.iter().all(|part| stdout(&made).contains(part)), "{}", stdout(&made));
    assert_eq!(stderr(&made), "");
    assert_eq!(bucket.engine.objects(), ["vault"]);
    bucket.engine.requests();

    let again = init(&[]);
    let says = ["s3://vaults at", "already", "vault.example.org", fingerprint];
    assert!(says.iter().all(|part| stdout(&again).contains(part)), "{}", stdout(&again));
    let writes = bucket.engine.requests().into_iter().filter(|request| request.contains("PUT"));
    assert!(writes.clone().all(|request| request.contains("probe")), "{:?}", writes.collect::<Vec<_>>());
    let renamed = init(&["--vault-id", "other.example"]);
    assert_eq!(renamed.status.code(), Some(3));
    let renamed = stderr(&renamed);
    for part in ["error[vault-id-mismatch]", "vault.example.org", "other.example"] {
        assert!(renamed.contains(part), "{part:?} is missing: {renamed}");
    }

    let server = Server::run(&bucket.folder, bucket.command(&settings).args(["--listen", "127.0.0.1:0"]));
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn init_says_when_the_identity_is_for_one_machine() {
    let bucket = Bucket::new(Dialect::AWS);
    let made = bucket.command(&["store", "init"]).output().expect("runs");
    assert!(stdout(&made).contains("localhost"), "{}", stdout(&made));
    assert!(stderr(&made).contains("--public-origin"), "{}", stderr(&made));
}

#[test]
fn init_begins_nothing_over_objects_without_a_vault() {
    for (object, says) in [("names/aa", "error[vault-incomplete]"), ("copy", "error[copy-unfinished]")] {
        let bucket = Bucket::new(Dialect::AWS);
        bucket.engine.put(object, "{}");
        judge(&mut bucket.command(&["store", "init"]), 3, &[says]);
        bucket.refuses(&[says]);
        assert_eq!(bucket.engine.objects(), [object]);
    }
}

#[test]
fn init_is_about_a_bucket_that_may_be_written() {
    let bucket = Bucket::new(Dialect::AWS);
    judge(
        &mut bucket.command(&["store", "init", "--read-only"]),
        3,
        &["error[init-not-possible]", "--read-only"],
    );
    let folder = Folder::new();
    let refused = run(&folder, &["store", "init"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("error[init-not-possible]"), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("--s3-bucket"), "{}", stderr(&refused));
    assert!(!folder.data().exists() && bucket.engine.requests().is_empty());
    std::fs::remove_file(bucket.folder.data().join("root-secret")).expect("removes");
    judge(&mut bucket.command(&["store", "init"]), 3, &["error[root-secret-missing]", "root-secret new"]);
}

#[test]
fn a_first_start_on_a_data_folder_begins_a_vault_and_says_so() {
    let folder = Folder::new();
    std::fs::create_dir(folder.data()).expect("makes");
    // What a check of the store left when it was stopped in the middle is nothing.
    tokio::runtime::Runtime::new().expect("threads").block_on(async {
        let store = EmbeddedStore::open(&folder.data().join("vault.redb"), 0, Arc::new(SystemClock));
        let key = Key::new("probe/0123456789abcdef/create");
        store.expect("opens").put(&key, "x".into(), Condition::Absent).await.expect("writes");
    });
    let log = || std::fs::read_to_string(folder.path("log")).expect("a log");
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    let new = " WARN  vault-created: ";
    assert!(log().contains(new) && log().contains(" WARN  root-secret-created: "), "{}", log());
    std::fs::write(folder.path("log"), "").expect("empties");
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0));
    assert!(!log().contains(new), "{}", log());
}
