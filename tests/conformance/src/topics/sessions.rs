//! Recorded sessions (protocol.md sections 13 to 18).
//!
//! `tests/faults` records them, with a vault, and holds them against what is said today; here they are kept as they are, and the
//! device of the recording opens what it was given.

use crate::Topic;
use crate::case::{array, bytes, text};
use anyhow::{Context, Result, ensure};
use rootcellar_client::aad::Slot;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::key_ring::KeyRing;
use rootcellar_client::keyslot::{self, KeyslotPlace};
use rootcellar_client::snapshot::{self, Expected};
use rootcellar_spec::wire::devices::DeviceResponse;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{DeviceId, parts};
use serde_json::Value;

pub(super) const TOPIC: Topic = Topic { name: "sessions", generate, check };

fn generate() -> Vec<(String, Value)> {
    let kept = crate::kept().expect("spec/vectors can be read");
    let recordings = kept.into_iter().filter(|(path, _)| path.starts_with(TOPIC.name));
    recordings
        .map(|(path, text)| {
            let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).expect("a recording is JSON"))
        })
        .collect()
}

/// What the vault gave the enrolled device for its restore.
fn restore(vector: &Value) -> Result<Vec<u8>> {
    let exchanges = vector["exchanges"].as_array().context("exchanges")?;
    let asked = exchanges.iter().find(|exchange| exchange["path"] == paths::RESTORE);
    bytes(asked.context("no restore on the device")?, "response")
}

fn check(vector: &Value) -> Result<()> {
    let secrets = DeviceSecrets::from_bytes(&array(&vector["device"], "secrets")?);
    let device = DeviceId(array(&vector["device"], "id")?);
    let answer = restore(vector)?;
    let (control, sealed) = parts::split(&answer).context("two parts")?;
    let answer: DeviceResponse = serde_json::from_slice(control)?;
    let place = KeyslotPlace {
        suite: answer.suite,
        account: answer.account_id,
        generation: answer.generation,
        slot: Slot::Device(device),
    };
    let keys = KeyRing::from(keyslot::unwrap(&answer.keyslot, &secrets.key_encryption_key(), place)?);
    let head = answer.head.context("a head")?;
    let expected =
        Expected { account: answer.account_id, generation: answer.generation, number: head.number };
    let opened = snapshot::open(sealed.context("a snapshot")?, expected, keys.inventory(), keys.save())?;
    let private = keys.owner().context("a device that restores")?.entry_private;
    for item in &opened.inventory.items {
        opened.open_entry(item.id, private).context("the inventory names it")??;
    }
    let name = opened.inventory.about.account_name().context("the account's name")?;
    ensure!(name == text(vector, "account_name")?.to_lowercase(), "another account name");
    ensure!(opened.inventory.items.len() == 2 && opened.digest == head.digest, "another backup");
    Ok(())
}
