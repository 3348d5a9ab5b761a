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
fn keep(store: &mut DeviceStore<Items>, byte: u8, chosen: Chosen) {
    store.choose(chosen);
    store.write_staged(OWNER, &secrets(byte)).expect("staged");
    store.put_in_place(secrets(byte).id()).expect("committed");
}

fn words(text: &str) -> Passphrase {
    Passphrase::parse(text).expect("a passphrase")
}

fn sealed() -> Chosen {
    Chosen::Sealed(words("three grey owls"))
}

fn load(store: &DeviceStore<Items>, text: &str) -> Result<Option<SecretBytes>, DeviceStoreError> {
    store.load(OWNER, &mut || Ok(words(text)))
}

fn first_byte(store: &DeviceStore<Items>) -> Option<u8> {
    load(store, "three grey owls").expect("loads").map(|secrets| secrets[0])
}

fn new_store(folder: &tempfile::TempDir) -> DeviceStore<Items> {
    DeviceStore::new(folder.path().to_owned(), Items::default())
}

#[test]
fn every_keeper_gives_back_what_it_keeps_in_a_private_file() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut store, keeper) = (new_store(&folder), chosen.keeper());
        keep(&mut store, 7, chosen);
        assert_eq!(first_byte(&store), Some(7), "{keeper:?}");
        assert_eq!(store.keeper().expect("read"), Some(keeper));
        let path = folder.path().join(SECRETS);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let written = fs::read(path).expect("read");
        let plainly = rootcellar_spec::base64url::encode(&[7; SECRET_BYTES]);
        let is_plain = String::from_utf8(written).expect("text").contains(&plainly);
        assert_eq!(is_plain, keeper == Keeper::Plain);
        let other = Owner { device: DeviceId([9; 16]), ..OWNER };
        assert!(
            store
                .load(other, &mut || Ok::<_, DeviceStoreError>(words("three grey owls")))
                .expect("read")
                .is_none()
        );
        store.remove().expect("removed");
        assert_eq!(first_byte(&store), None);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        assert!(store.keyring.items.borrow().is_empty(), "nothing stays in the keyring");
    }
}

#[tokio::test]
async fn every_keeper_keeps_the_contract() {
    for chosen in [|| Chosen::Keyring, sealed, || Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = new_store(&folder);
        store.choose(chosen());
        let reopen = |before: DeviceStore<Items>| {
            let mut store = DeviceStore::new(folder.path().to_owned(), before.keyring);
            store.choose(chosen());
            store
        };
        contract::check(store, reopen, first_byte).await;
    }
}

#[test]
fn secrets_that_took_their_place_by_an_exchange_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = new_store(&folder);
    keep(&mut store, 1, Chosen::Plain);
    store.write_staged(OWNER, &secrets(2)).expect("staged");
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
fn former_secrets_count_until_the_vault_knows_the_new_ones() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = new_store(&folder);
        keep(&mut store, 1, chosen);
        store.write_staged(OWNER, &secrets(3)).expect("staged");
        assert_eq!(first_byte(&store), Some(1));
        for counts in [3, 1, 3] {
            assert!(store.exchange().expect("exchanged"), "it was there");
            assert_eq!(first_byte(&store), Some(counts), "neither is lost");
        }
        store.remove().expect("removed");
        assert!(!store.exchange().expect("read"), "there is no more");
        assert!(store.keyring.items.borrow().is_empty(), "all are forgotten");
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
        assert_eq!(members.len(), 6, "{members:?}");
        let own = ["entry", "sealed", "secrets"]
            .into_iter()
            .find_map(|name| members.remove(name))
            .expect("one of them");
        let refused = |value: &serde_json::Value| Record::from_json(value.to_string().as_bytes()).is_err();
        assert!(refused(&value), "without it");
        for name in ["entry", "sealed", "secrets"] {
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
