//! The keepers over a home folder; the keyring is one of the test's own.

use super::*;
use crate::device_file::SECRET_BYTES;
use crate::secret_store::contract;
use rootcellar_spec::{AccountId, DeviceId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

const OWNER: Owner = Owner { account: AccountId([1; 16]), device: DeviceId([2; 16]) };

/// A keyring in memory.
#[derive(Debug, Default)]
struct Items {
    items: RefCell<BTreeMap<String, SecretBytes>>,
}

impl Keyring for Items {
    fn set(&self, entry: &str, secrets: &SecretBytes) -> Result<(), String> {
        self.items.borrow_mut().insert(entry.to_owned(), secrets.clone());
        Ok(())
    }

    fn get(&self, entry: &str) -> Result<Option<SecretBytes>, String> {
        Ok(self.items.borrow().get(entry).cloned())
    }

    fn delete(&self, entry: &str) -> Result<(), String> {
        self.items.borrow_mut().remove(entry);
        Ok(())
    }
}

fn secrets(byte: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[byte; SECRET_BYTES])
}

/// Keeps secrets that the vault knows.
fn keep(store: &mut FolderSecretStore<Items>, byte: u8, chosen: Chosen) {
    store.choose(chosen);
    store.stage_record(OWNER, &secrets(byte)).expect("staged");
    store.put_in_place(secrets(byte).id()).expect("committed");
}

fn words(text: &str) -> Passphrase {
    Passphrase::parse(text).expect("a passphrase")
}

fn sealed() -> Chosen {
    Chosen::Encrypted(words("three grey owls"))
}

fn load(store: &FolderSecretStore<Items>, text: &str) -> Result<Option<SecretBytes>, FolderSecretStoreError> {
    store.load(OWNER, &mut || Ok(words(text)))
}

fn first_byte(store: &FolderSecretStore<Items>) -> Option<u8> {
    load(store, "three grey owls").expect("loads").map(|secrets| secrets[0])
}

fn new_store(folder: &tempfile::TempDir) -> FolderSecretStore<Items> {
    FolderSecretStore::new(folder.path().to_owned(), Items::default())
}

#[test]
fn every_keeper_gives_back_what_it_keeps_in_a_private_file() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut store, kind) = (new_store(&folder), chosen.kind());
        keep(&mut store, 7, chosen);
        assert_eq!(first_byte(&store), Some(7), "{kind:?}");
        assert_eq!(store.kind().expect("read"), Some(kind));
        let path = folder.path().join(SECRETS);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let written = fs::read(path).expect("read");
        let plainly = rootcellar_spec::base64url::encode(&[7; SECRET_BYTES]);
        let is_plain = String::from_utf8(written).expect("text").contains(&plainly);
        assert_eq!(is_plain, kind == SecretStoreKind::Plain);
        let other = Owner { device: DeviceId([9; 16]), ..OWNER };
        assert!(
            store
                .load(other, &mut || Ok::<_, FolderSecretStoreError>(words("three grey owls")))
                .expect("read")
                .is_none()
        );
        store.remove().expect("removed");
        assert_eq!(first_byte(&store), None);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        assert!(store.keyring.items.borrow().is_empty(), "nothing stays in the keyring");
    }
}

/// Chooses the same keeper for all secrets.
struct Choosing {
    store: FolderSecretStore<Items>,
    chosen: fn() -> Chosen,
}

impl SecretStore for Choosing {
    async fn stage(&self, owner: Owner, secrets: &DeviceSecrets) -> Result<(), SecretStoreError> {
        self.store.choose((self.chosen)());
        self.store.stage(owner, secrets).await
    }

    async fn commit(&self, secrets: SecretsId) -> Result<Committed, SecretStoreError> {
        self.store.commit(secrets).await
    }

    async fn abandon(&self, secrets: SecretsId) -> Result<(), SecretStoreError> {
        self.store.abandon(secrets).await
    }
}

#[tokio::test]
async fn every_keeper_keeps_the_contract() {
    for chosen in [(|| Chosen::Keyring) as fn() -> Chosen, sealed, || Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Choosing { store: new_store(&folder), chosen };
        let reopen = |before: Choosing| {
            let store = FolderSecretStore::new(folder.path().to_owned(), before.store.keyring);
            Choosing { store, chosen }
        };
        contract::check(store, reopen, |store| first_byte(&store.store)).await;
    }
}

#[tokio::test]
async fn no_keeper_is_chosen_unasked_or_for_longer_than_one_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = new_store(&folder);
    let refused = store.stage(OWNER, &secrets(1)).await.expect_err("nobody keeps them");
    assert_eq!(refused.code(), "secret-store-not-chosen");
    store.choose(sealed());
    store.stage(OWNER, &secrets(1)).await.expect("staged");
    store.commit(secrets(1).id()).await.expect("committed");
    store.stage(OWNER, &secrets(2)).await.expect_err("the passphrase is wiped");
    assert!(store.keyring.items.borrow().is_empty());
}

#[test]
fn secrets_that_took_their_place_by_an_exchange_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Plain);
    store.stage_record(OWNER, &secrets(2)).expect("staged");
    assert!(store.exchange().expect("exchanged"));
    // The vault is known to know them only now; the former must not come back in their place.
    store.put_in_place(secrets(2).id()).expect("committed");
    assert_eq!(first_byte(&store), Some(2));
}

#[test]
fn a_damaged_record_is_not_the_one_that_is_committed_or_abandoned() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Plain);
    fs::write(folder.path().join(NEXT), "{").expect("written");
    assert_eq!(store.put_in_place(secrets(1).id()).expect("they count"), Committed::Already);
    assert_eq!(store.put_in_place(secrets(2).id()).expect("they may be the damaged ones"), Committed::Absent);
    store.drop_staged(secrets(2).id()).expect("nothing of them is known");
    assert_eq!(first_byte(&store), Some(1));
}

#[test]
fn secrets_that_cannot_be_kept_cost_none_of_those_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Plain);
    store.stage_record(OWNER, &secrets(2)).expect("staged");
    // A folder in the place of the temporary file makes the write fail.
    let in_the_way = folder.path().join(format!("{NEXT}.new"));
    fs::create_dir_all(in_the_way.join("inner")).expect("made");
    store.stage_record(OWNER, &secrets(3)).expect_err("it cannot be written");
    fs::remove_dir_all(in_the_way).expect("removed");
    assert_eq!(store.put_in_place(secrets(2).id()).expect("they are still there"), Committed::Now);
    assert_eq!(first_byte(&store), Some(2));
}

#[test]
fn records_of_earlier_versions_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Plain);
    store.stage_record(OWNER, &secrets(2)).expect("staged");
    for (name, is_list) in [(SECRETS, false), (NEXT, true)] {
        let path = folder.path().join(name);
        let json: serde_json::Value = serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON");
        let mut record = if is_list { json[0].clone() } else { json };
        record.as_object_mut().expect("an object").remove("order").expect("a number");
        fs::write(path, record.to_string()).expect("written");
    }
    for (counts, is_new) in [(2, true), (1, false)] {
        assert_eq!(store.exchange().expect("exchanged"), is_new);
        assert_eq!(first_byte(&store), Some(counts));
    }
    assert_eq!(store.put_in_place(secrets(2).id()).expect("committed"), Committed::Now);
    assert!(!store.has_other());
}

#[test]
fn former_secrets_count_until_the_vault_knows_the_new_ones() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = new_store(&folder);
        keep(&mut store, 1, chosen);
        store.stage_record(OWNER, &secrets(3)).expect("staged");
        assert_eq!(first_byte(&store), Some(1));
        store.stage_record(OWNER, &secrets(4)).expect("staged");
        for (counts, is_new) in [(4, true), (3, true), (1, false), (4, true)] {
            assert_eq!(store.exchange().expect("exchanged"), is_new, "{counts}");
            assert_eq!(first_byte(&store), Some(counts), "none is lost");
        }
        assert!(store.exchange().expect("exchanged"));
        assert_eq!(store.put_in_place(secrets(3).id()).expect("committed"), Committed::Already);
        assert_eq!(first_byte(&store), Some(3));
        assert!(store.exchange().expect("exchanged"), "of later ones nothing is known yet");
        assert_eq!(store.put_in_place(secrets(4).id()).expect("committed"), Committed::Already);
        assert!(!store.has_other(), "the former are forgotten");
        store.remove().expect("removed");
        assert!(!store.exchange().expect("read"), "there is no more");
        assert!(store.keyring.items.borrow().is_empty(), "all are forgotten");
    }
}

#[test]
fn copies_of_secrets_leave_no_items_in_the_keyring() {
    for has_former in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = new_store(&folder);
        if has_former {
            keep(&mut store, 1, Chosen::Keyring);
        }
        store.choose(Chosen::Keyring);
        for _ in 0..3 {
            store.stage_record(OWNER, &secrets(2)).expect("staged");
        }
        store.put_in_place(secrets(2).id()).expect("committed");
        assert_eq!(first_byte(&store), Some(2));
        assert_eq!(store.keyring.items.borrow().len(), 1);

        // A program that was killed has left the record in both files: it names the item that counts.
        let record = fs::read_to_string(folder.path().join(SECRETS)).expect("there");
        fs::write(folder.path().join(NEXT), format!("[{record}]")).expect("written");
        assert_eq!(store.put_in_place(secrets(2).id()).expect("committed"), Committed::Already);
        assert!(!store.has_other());
        assert_eq!(first_byte(&store), Some(2));
    }
}

#[test]
fn a_wrong_passphrase_and_a_damaged_file_say_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, sealed());
    let wrong = load(&store, "three grey cats").expect_err("wrong");
    assert_eq!(wrong.code(), "device-passphrase");
    fs::write(folder.path().join(SECRETS), "{}").expect("written");
    let damaged = load(&store, "three grey owls").expect_err("damaged");
    assert_eq!(damaged.code(), "home-damaged");
}

#[test]
fn a_keyring_that_lost_the_item_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Keyring);
    store.keyring.items.borrow_mut().clear();
    let lost = load(&store, "x").expect_err("lost");
    assert_eq!(lost.code(), "device-secrets-lost");
}

#[test]
fn a_record_holds_what_its_keeper_needs_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        store.remove().expect("removed");
        keep(&mut store, 1, chosen);
        let json = fs::read(folder.path().join(SECRETS)).expect("there");
        let mut value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let members = value.as_object_mut().expect("an object");
        assert_eq!(members.len(), 7, "{members:?}");
        let own = ["entry", "encrypted", "secrets"]
            .into_iter()
            .find_map(|name| members.remove(name))
            .expect("one of them");
        let refused = |value: &serde_json::Value| Record::from_json(value.to_string().as_bytes()).is_err();
        assert!(refused(&value), "without it");
        for name in ["entry", "encrypted", "secrets"] {
            value[name] = own.clone();
        }
        assert!(refused(&value), "with the others");
    }
}

#[test]
fn what_is_said_of_a_damaged_record_repeats_nothing_of_it() {
    let why = Record::from_json(br#"{"format": "a secret in the wrong place"}"#).err().expect("damaged");
    assert!(!why.contains("secret") && why.contains("line 1"), "{why}");
}
