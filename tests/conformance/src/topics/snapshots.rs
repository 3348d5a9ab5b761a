//! Whole snapshots, and continuity with what a device has seen (protocol.md section 10).

use super::inventories;
use crate::Topic;
use crate::case::{array, bytes, continuity_of, expect, hex, number, result_of, seen};
use crate::seeded::Seeded;
use anyhow::Result;
use hmac::{Hmac, KeyInit, Mac};
use rootcellar_client::entry::{self, Details, Entry, EntryPlace, Secret};
use rootcellar_client::keys::{AccountKey, AccountKeys};
use rootcellar_client::snapshot::{self, Expected};
use rootcellar_spec::snapshot::{Header, Layout};
use rootcellar_spec::{AccountId, Digest, EntryId, Generation, Number, OperationId, SuiteId};
use secrecy::SecretBox;
use serde_json::{Value, json};
use sha2::Sha512;

pub(super) const TOPIC: Topic = Topic { name: "snapshots", generate, check };

const ACCOUNT: [u8; 16] = [0xac; 16];
const ACCOUNT_KEY: [u8; 32] = [0x5e; 32];

fn keys() -> AccountKeys {
    AccountKey::from_bytes(&ACCOUNT_KEY).account_keys()
}

fn sealed_entries(count: u8) -> Vec<Vec<u8>> {
    let mut seeded = Seeded::new("snapshot entries");
    let place = |n| EntryPlace {
        suite: SuiteId::ONE,
        account: AccountId(ACCOUNT),
        generation: Generation::FIRST,
        entry: EntryId([n; 16]),
    };
    let secret = |n: u8| Secret::Text(SecretBox::new(Box::new(format!("secret {n}"))));
    let entry = |n| Entry::new(secret(n), Details::default()).expect("a valid entry");
    (0..count).map(|n| entry::seal(&entry(n), &keys().entry_public, place(n), &mut seeded)).collect()
}

fn ancestors(number: u64) -> Vec<Digest> {
    (1..number).rev().take(256).map(|n| Digest::of(&n.to_be_bytes())).collect()
}

fn sealed(number: u64, entries: u8) -> Vec<u8> {
    let sealed = sealed_entries(entries);
    let digests: Vec<Digest> = sealed.iter().map(|entry| Digest::of(entry)).collect();
    seal_with(number, &sealed, &digests)
}

fn seal_with(number: u64, sealed: &[Vec<u8>], named: &[Digest]) -> Vec<u8> {
    seal_after(number, ancestors(number), sealed, named)
}

fn seal_after(number: u64, ancestors: Vec<Digest>, sealed: &[Vec<u8>], named: &[Digest]) -> Vec<u8> {
    let header = Header {
        suite: SuiteId::ONE,
        account: AccountId(ACCOUNT),
        generation: Generation::FIRST,
        number: Number(number),
        operation: OperationId([0x0b; 16]),
        ancestors,
    };
    let inventory = inventories::sample(named, None);
    let keys = keys();
    let mut seeded = Seeded::new("snapshot");
    snapshot::seal(&header, &inventory, sealed, &keys.inventory, &keys.save, &mut seeded).expect("small")
}

fn generate() -> Vec<(String, Value)> {
    let mut vectors = Vec::new();
    let mut add = |name: &str, bytes: &[u8], changes: Value| {
        let mut vector = json!({
            "account_key": hex(ACCOUNT_KEY), "account": hex(ACCOUNT), "generation": 1, "number": 3, "snapshot": hex(bytes),
        });
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        vectors.push((name.to_owned(), vector));
    };
    let third = sealed(3, 2);
    add("first-and-empty", &sealed(1, 0), json!({ "number": 1 }));
    add("third-with-two-entries", &third, json!({}));
    add("with-256-ancestors", &sealed(300, 1), json!({ "number": 300 }));
    for (name, number, digest) in [
        ("continues-the-one-before", 2, ancestors(3)[0]),
        ("continues-the-first", 1, ancestors(3)[1]),
        ("continues-itself", 3, Digest::of(&third)),
        ("fork-of-itself", 3, Digest::of(b"another")),
        ("fork-of-the-one-before", 2, Digest::of(b"another")),
        ("rollback", 4, Digest::of(b"newer")),
    ] {
        add(name, &third, json!({ "seen": { "number": number, "digest": hex(digest.0) } }));
    }
    let far = sealed(300, 0);
    add(
        "continues-256-back",
        &far,
        json!({ "number": 300, "seen": { "number": 44, "digest": hex(ancestors(300)[255].0) } }),
    );
    add("gap", &far, json!({ "number": 300, "seen": { "number": 43, "digest": hex(Digest::of(b"43").0) } }));
    add("another-account-key", &third, json!({ "account_key": hex([7; 32]) }));
    add("not-the-account", &third, json!({ "account": hex([7; 16]) }));
    add("not-the-generation", &third, json!({ "generation": 2 }));
    add("not-the-number", &third, json!({ "number": 4 }));
    let (entries, swapped) = (sealed_entries(2), sealed_entries(2).into_iter().rev().collect::<Vec<_>>());
    let digests: Vec<Digest> = entries.iter().map(|entry| Digest::of(entry)).collect();
    add("entries-swapped-by-a-key-holder", &seal_with(3, &swapped, &digests), json!({}));
    add("entry-missing-by-a-key-holder", &seal_with(3, &entries[..1], &digests), json!({}));
    add("entry-unnamed-by-a-key-holder", &seal_with(3, &entries, &digests[..1]), json!({}));
    for (name, count) in [("ancestors-too-few-by-a-key-holder", 2), ("ancestors-too-many-by-a-key-holder", 4)]
    {
        add(name, &seal_after(3, ancestors(count), &[], &[]), json!({}));
    }
    let many = |count: usize| vec![vec![0xee]; count];
    let digests = |entries: &[Vec<u8>]| entries.iter().map(|entry| Digest::of(entry)).collect::<Vec<_>>();
    add("with-256-entries", &seal_with(3, &many(256), &digests(&many(256))), json!({}));
    add("with-257-entries", &with_entries(&third, 257), json!({}));
    faults(&third, add);
    vectors
}

/// A snapshot by a key holder with so many entries of one byte, of which its inventory names two.
fn with_entries(third: &[u8], count: u16) -> Vec<u8> {
    let layout = Layout::parse(third).expect("a snapshot");
    let mut bytes = third[..56 + 2 * 32 + 4 + layout.inventory.len()].to_vec();
    bytes.extend_from_slice(&count.to_be_bytes());
    (0..count).for_each(|_| bytes.extend_from_slice(&[0, 0, 0, 1, 0xee]));
    let key = keys().save;
    let mac = Hmac::<Sha512>::new_from_slice(key.expose()).expect("any length").chain_update(&bytes);
    bytes.extend_from_slice(&mac.finalize().into_bytes());
    bytes
}

fn faults(third: &[u8], mut add: impl FnMut(&str, &[u8], Value)) {
    let inventory_at = 56 + 2 * 32;
    for (name, at) in [
        ("operation", 38),
        ("ancestor", 56),
        ("inventory", inventory_at + 4 + 60),
        ("entry", third.len() - 64 - 20),
        ("mac", third.len() - 1),
    ] {
        let mut changed = third.to_vec();
        changed[at] ^= 1;
        add(&format!("changed-{name}"), &changed, json!({}));
    }
    for (name, at, value) in [
        ("magic", 0, b'X'),
        ("version-2", 7, 2),
        ("unknown-suite", 8, 0x7f),
        ("generation-zero", 29, 0),
        ("ancestors-too-few", 55, 1),
        ("inventory-longer-than-the-rest", inventory_at, 0x7f),
    ] {
        let mut changed = third.to_vec();
        changed[at] = value;
        add(name, &changed, json!({}));
    }
    let version_2 = [&third[..7], &[2], &third[8..]].concat();
    add("version-2-of-another-shape", &version_2[..12], json!({}));
    add("empty", &[], json!({}));
    add("truncated", &third[..third.len() - 1], json!({}));
    add("trailing-byte", &[third, &[0]].concat(), json!({}));
}

fn describe(vector: &mut Value) -> Result<()> {
    let keys = AccountKey::from_bytes(&array(vector, "account_key")?).account_keys();
    let expected = Expected {
        account: AccountId(array(vector, "account")?),
        generation: Generation(u32::try_from(number(vector, "generation")?)?),
        number: Number(number(vector, "number")?),
    };
    let outcome = snapshot::open(&bytes(vector, "snapshot")?, expected, &keys.inventory, Some(&keys.save));
    vector["result"] = result_of(&outcome).into();
    let Ok(snapshot) = outcome else { return Ok(()) };
    vector["digest"] = hex(snapshot.digest.0).into();
    vector["inventory"] = inventories::content(&snapshot.inventory);
    if let Some(seen) = seen(vector)? {
        vector["continuity"] = continuity_of(seen.judge(&snapshot)).into();
    }
    // The entries of the fullest are no entries.
    for item in snapshot.inventory.items.iter().filter(|_| snapshot.inventory.items.len() < 256) {
        snapshot.open_entry(item.id, &keys.entry_private).expect("the inventory names it")?;
    }
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "digest", "inventory", "continuity"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
