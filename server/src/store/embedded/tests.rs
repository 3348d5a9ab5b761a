//! The contract of stores, and the behaviour of the file beyond it.

use super::*;
use crate::store::contract;
use rootcellar_vault::clock::SystemClock;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.redb");
    (folder, path)
}

fn key(name: &str) -> Key {
    Key::new(name)
}

async fn create(store: &EmbeddedStore, name: &str, bytes: usize) -> Result<Etag, WriteError> {
    store.put(&key(name), vec![7; bytes].into(), Condition::Absent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_in_memory_keeps_the_contract() {
    contract::check(Arc::new(EmbeddedStore::in_memory(clock()).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_in_a_file_keeps_the_contract() {
    let (_folder, path) = folder();
    contract::check(Arc::new(EmbeddedStore::open(&path, 0, clock()).unwrap())).await;
}

#[tokio::test]
async fn writes_outlive_the_process() {
    let (_folder, path) = folder();
    let store = EmbeddedStore::open(&path, 0, clock()).unwrap();
    assert!(store.is_empty().unwrap());
    let etag = create(&store, "a", 3).await.unwrap();
    drop(store);
    let store = EmbeddedStore::open(&path, 0, clock()).unwrap();
    assert!(!store.is_empty().unwrap());
    let object = store.get(&key("a")).await.unwrap().object.unwrap();
    assert_eq!((object.body.len(), object.etag), (3, etag));
}

/// A copy of the open file is what a killed process leaves.
#[tokio::test]
async fn writes_are_on_the_disk_when_they_return() {
    let (folder, path) = folder();
    let store = EmbeddedStore::open(&path, 0, clock()).unwrap();
    create(&store, "a", 100_000).await.unwrap();
    let copy = folder.path().join("copy.redb");
    std::fs::copy(&path, &copy).unwrap();
    let copy = EmbeddedStore::open(&copy, 0, clock()).unwrap();
    assert_eq!(copy.get(&key("a")).await.unwrap().object.unwrap().body.len(), 100_000);
}

#[tokio::test]
async fn the_file_is_locked_and_its_owners_alone() {
    let (_folder, path) = folder();
    let _store = EmbeddedStore::open(&path, 0, clock()).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let second = EmbeddedStore::open(&path, 0, clock());
    assert!(matches!(second, Err(OpenError::Locked(_))), "{second:?}");
}

#[tokio::test]
async fn a_foreign_file_is_not_touched() {
    let (_folder, path) = folder();
    std::fs::write(&path, "something else").unwrap();
    let opened = EmbeddedStore::open(&path, 0, clock());
    assert!(matches!(opened, Err(OpenError::Damaged(..))), "{opened:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else");
}

#[tokio::test]
async fn saves_stop_before_logins_do_and_reads_never() {
    let (_folder, path) = folder();
    let store = EmbeddedStore::open(&path, 0, clock()).unwrap();
    create(&store, "before", 20_000).await.unwrap();
    drop(store);
    let free = rustix::fs::statvfs(path.parent().unwrap()).unwrap();
    let free = free.f_bavail * free.f_frsize;

    let store = EmbeddedStore::open(&path, free * 2, clock()).unwrap();
    assert!(matches!(create(&store, "accounts/a/snapshots/s", 1000).await, Err(WriteError::Full)));
    assert!(create(&store, "guesses/g", 1000).await.is_ok(), "a charge still goes through");
    assert!(create(&store, "accounts/a/account", 100_000).await.is_ok(), "and so does a login's event");
    assert!(store.get(&key("before")).await.unwrap().object.is_some());
    drop(store);

    let opened = EmbeddedStore::open(&path, free * 9, clock());
    assert!(matches!(opened, Err(OpenError::Full { .. })), "{opened:?}");
}

/// A separate small file system, if the tests may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Reports that a test cannot run on this machine.
fn left_out(what: &str) {
    use std::io::Write;
    let Some(file) = std::env::var_os("ROOTCELLAR_LEFT_OUT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    file.unwrap().write_all(format!("{what}\n").as_bytes()).unwrap();
}

/// Without a reserve, the disk itself runs full: the file fails, is opened again, and reads
/// continue.
#[tokio::test]
async fn a_full_disk_refuses_writes_and_keeps_reads() {
    let Some(disk) = SmallDisk::mount("6m") else {
        // Without the right to mount, the test above covers this.
        return left_out("a store on a full disk: a tmpfs cannot be mounted here");
    };
    let store = EmbeddedStore::open(&disk.0.path().join("vault.redb"), 0, clock()).unwrap();
    let mut kept = Vec::new();
    let refused = loop {
        let name = format!("n{}", kept.len());
        match create(&store, &name, 200_000).await {
            Ok(_) => kept.push(name),
            Err(error) => break error,
        }
        assert!(kept.len() < 100, "the disk never filled");
    };
    assert!(matches!(refused, WriteError::Full), "{refused:?}");
    assert!(kept.len() > 2);
    for name in &kept {
        let object = store.get(&key(name)).await.unwrap().object;
        assert_eq!(object.map(|object| object.body.len()), Some(200_000), "{name}");
    }
    assert!(store.get(&key(&format!("n{}", kept.len()))).await.unwrap().object.is_none());
}

#[tokio::test]
async fn readers_share_the_file_and_no_writer_joins_them() {
    let (_folder, path) = folder();
    assert!(matches!(EmbeddedReader::open(&path, clock()), Err(OpenError::Missing(_))));
    let writer = EmbeddedStore::open(&path, 0, clock()).unwrap();
    create(&writer, "a", 3).await.unwrap();
    assert!(matches!(EmbeddedReader::open(&path, clock()), Err(OpenError::Serving(_))));
    drop(writer);
    let readers =
        [EmbeddedReader::open(&path, clock()).unwrap(), EmbeddedReader::open(&path, clock()).unwrap()];
    assert!(matches!(EmbeddedStore::open(&path, 0, clock()), Err(OpenError::Locked(_))));
    for reader in &readers {
        let object = reader.get(&key("a")).await.unwrap().object.unwrap();
        assert_eq!(object.body, vec![7; 3]);
        assert_eq!(reader.list("", None).await.unwrap().objects.len(), 1);
        let write = reader.put(&key("b"), Bytes::new(), Condition::Absent).await;
        assert!(matches!(write, Err(WriteError::Refused { .. })));
        assert!(matches!(reader.delete(&key("a"), &object.etag).await, Err(WriteError::Refused { .. })));
    }
}

/// A copy of an open file is what a crash leaves.
#[tokio::test]
async fn a_file_that_a_crash_left_is_read_too() {
    let (folder, path) = folder();
    let writer = EmbeddedStore::open(&path, 0, clock()).unwrap();
    create(&writer, "a", 3).await.unwrap();
    let crashed = folder.path().join("crashed.redb");
    std::fs::copy(&path, &crashed).unwrap();
    let reader = EmbeddedReader::open(&crashed, clock()).unwrap();
    assert!(reader.get(&key("a")).await.unwrap().object.is_some());
}
