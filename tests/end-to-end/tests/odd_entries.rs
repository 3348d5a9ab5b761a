//! An entry that this version cannot open withholds none of the others.

use rootcellar_client::SystemRandomness;
use rootcellar_client::aad::Slot;
use rootcellar_client::entry::{self, EntryPlace, Kind};
use rootcellar_client::inventory::{Item, Label};
use rootcellar_client::keyslot::{self, KeyBundle, KeyslotPlace};
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::snapshot::{self, Expected};
use rootcellar_end_to_end::{Client, Fault, PASSPHRASE, PHRASE_12, Server, Wire};
use rootcellar_spec::wire::login::LoginResponse;
use rootcellar_spec::{Digest, EntryId, Generation, SuiteId, Timestamp, parts};

/// The response to a recovery login with one more entry, of a kind that only a newer version knows.
fn with_a_newer_entry(body: &[u8], code: &RecoveryCode) -> Vec<u8> {
    let (control, bytes) = parts::split(body).expect("two parts");
    let mut answer: LoginResponse = serde_json::from_slice(control).expect("JSON");
    let (suite, account, generation) = (SuiteId::ONE, answer.account_id, Generation::FIRST);
    let place = KeyslotPlace { suite, account, generation, slot: Slot::Recovery };
    let bundle =
        keyslot::unwrap(&answer.keyslot, &code.key_encryption_key(), place).expect("its own keyslot");
    let keys = match bundle {
        KeyBundle::Full(account_key) => Some(account_key.account_keys()),
        _ => None,
    };
    let keys = keys.expect("the whole account key");
    let head = answer.head.as_mut().expect("a head");
    let expected = Expected { account, generation, number: head.number };
    let mut opened = snapshot::open(bytes.expect("a snapshot"), expected, &keys.inventory, Some(&keys.save))
        .expect("it opens");
    let id = EntryId([9; 16]);
    let place = EntryPlace { suite, account, generation, entry: id };
    let sealed =
        entry::seal_plaintext(&[0xa1, 0x01, 0x18, 0x2a], &keys.entry_public, place, &mut SystemRandomness);
    let label = Label::parse("from the future").expect("a label");
    opened.inventory.items.push(Item::new(id, label, Kind::Text, Timestamp(1), Digest::of(&sealed), None));
    opened.sealed_entries.push(sealed);
    let whole = snapshot::seal(
        &opened.header,
        &opened.inventory,
        &opened.sealed_entries,
        &keys.inventory,
        &keys.save,
        &mut SystemRandomness,
    );
    let whole = whole.expect("small");
    head.digest = Digest::of(&whole);
    head.size = whole.len() as u64;
    parts::join(&serde_json::to_vec(&answer).expect("JSON"), &whole)
}

#[test]
fn an_entry_of_a_newer_version_withholds_no_other() {
    let server = Server::start();
    let wire = Wire::to(server.address());
    let (device, words) = Client::registered(&wire.url(), "alice", PASSPHRASE);
    assert_eq!(device.add("everyday", PHRASE_12).code, 0);
    let found = Client::new(&wire.url(), PASSPHRASE);
    let code = RecoveryCode::parse(&words).expect("a recovery code");
    wire.once("POST /v1/recovery", Fault::Change(Box::new(move |body| with_a_newer_entry(&body, &code))));
    let (file, new) = (found.write("code", &words), found.write("new", PASSPHRASE));
    let run = found.run(&["recover", "--recovery-code-file", &file, "--new-passphrase-file", &new]);
    assert!(wire.heal(), "the newer entry was served");
    assert!(run.stdout.contains(PHRASE_12), "what opens is shown: {run:?}");
    assert!(run.stderr.contains("from the future"), "what does not is named: {run:?}");
    assert_eq!(run.code, 6, "newer, not damaged: {run:?}");
    assert_eq!(device.run(&["list"]).code, 0, "the new passphrase was set all the same");
}
