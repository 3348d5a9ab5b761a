//! The keepers over a home folder; the keyring is one of the test's own.

use super::*;
use rootcellar_client::text::Passphrase;
use rootcellar_spec::{AccountId, DeviceId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

const OWNER: Owner = Owner { account: AccountId([1; 16]), device: DeviceId([2; 16]) };

/// A keyring in memory.
#[derive(Debug, Default)]
struct Items {
    items: RefCell<BTreeMap<String, String>>,
    forgetful: bool,
}

impl Keyring for Items {
    fn set(&self, entry: &str, text: &str) -> Result<(), String> {
        if !self.forgetful {
            self.items.borrow_mut().insert(entry.to_owned(), text.to_owned());
        }
        Ok(())
    }

    fn get(&self, entry: &str) -> Result<Option<Zeroizing<String>>, String> {
        Ok(self.items.borrow().get(entry).cloned().map(Zeroizing::new))
    }

    fn delete(&self, entry: &str) -> Result<(), String> {
        self.items.borrow_mut().remove(entry);
        Ok(())
    }
}

fn secrets(byte: u8) -> SecretBytes {
    Zeroizing::new([byte; SECRET_BYTES])
}

fn words(text: &str) -> Passphrase {
    Passphrase::parse(text).expect("a passphrase")
}

fn sealed() -> Chosen {
    Chosen::Sealed(words("three grey owls"))
}

fn first_byte(store: &DeviceStore<Items>) -> Option<u8> {
    let mut ask = || Ok(words("three grey owls"));
    store.load(OWNER, &mut ask).expect("loads").map(|secrets| secrets[0])
}

fn new_store(folder: &tempfile::TempDir) -> DeviceStore<Items> {
    DeviceStore::new(folder.path().to_owned(), Items::default())
}

#[test]
fn every_keeper_gives_back_what_it_keeps_in_a_private_file() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = new_store(&folder);
        let pending = store.keep(&secrets(7), OWNER, &chosen).expect("kept");
        store.settle(pending).expect("settled");
        assert_eq!(first_byte(&store), Some(7), "{:?}", chosen.keeper());
        assert_eq!(store.keeper().expect("read"), Some(chosen.keeper()));
        let path = folder.path().join(SECRETS);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let written = fs::read(path).expect("read");
        let plainly = rootcellar_spec::base64url::encode(&[7; SECRET_BYTES]);
        let is_plain = String::from_utf8(written).expect("text").contains(&plainly);
        assert_eq!(is_plain, chosen.keeper() == Keeper::Plain);
        let other = Owner { device: DeviceId([9; 16]), ..OWNER };
        assert!(store.load(other, &mut || Ok(words("three grey owls"))).expect("read").is_none());
        store.remove().expect("removed");
        assert_eq!(first_byte(&store), None);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        assert!(store.keyring.items.borrow().is_empty(), "nothing stays in the keyring");
    }
}

#[test]
fn former_secrets_count_until_the_vault_knows_the_new_ones() {
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = new_store(&folder);
        let first = store.keep(&secrets(1), OWNER, &chosen).expect("kept");
        store.settle(first).expect("settled");

        let second = store.keep(&secrets(2), OWNER, &chosen).expect("kept");
        assert_eq!(first_byte(&store), Some(1));
        store.abandon(second).expect("abandoned");
        assert_eq!(first_byte(&store), Some(1));

        let _lost = store.keep(&secrets(3), OWNER, &chosen).expect("kept");
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
    let store = new_store(&folder);
    let pending = store.keep(&secrets(1), OWNER, &sealed()).expect("kept");
    store.settle(pending).expect("settled");
    let wrong = store.load(OWNER, &mut || Ok(words("three grey cats"))).expect_err("wrong");
    assert_eq!((wrong.exit, wrong.code), (Exit::Credentials, "device-passphrase"));
    fs::write(folder.path().join(SECRETS), "{}").expect("written");
    let damaged = store.load(OWNER, &mut || Ok(words("three grey owls"))).expect_err("damaged");
    assert_eq!(damaged.code, "home-damaged");
    assert!(damaged.advice.is_some_and(|advice| advice.contains("--enrol")));
}

#[test]
fn a_keyring_that_lost_the_item_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = new_store(&folder);
    let pending = store.keep(&secrets(1), OWNER, &Chosen::Keyring).expect("kept");
    store.settle(pending).expect("settled");
    store.keyring.items.borrow_mut().clear();
    let lost = store.load(OWNER, &mut || Ok(words("x"))).expect_err("lost");
    assert_eq!(lost.code, "device-secrets-lost");
}

#[test]
fn a_keyring_is_relied_on_only_if_it_keeps_what_it_is_given() {
    assert!(Items::default().try_out().is_ok());
    assert!(Items { forgetful: true, ..Items::default() }.try_out().is_err());
}

#[test]
fn a_record_holds_what_its_keeper_needs_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = new_store(&folder);
    for chosen in [Chosen::Keyring, sealed(), Chosen::Plain] {
        store.remove().expect("removed");
        let pending = store.keep(&secrets(1), OWNER, &chosen).expect("kept");
        store.settle(pending).expect("settled");
        let json = fs::read(folder.path().join(SECRETS)).expect("there");
        let mut value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let members = value.as_object_mut().expect("an object");
        assert_eq!(members.len(), 5, "{members:?}");
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
