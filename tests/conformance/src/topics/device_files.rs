//! Files with a device's secrets, under a passphrase of their own (protocol.md section 6.2).

use crate::Topic;
use crate::case::{array, bytes, expect, hex, result_of, text};
use crate::seeded::Seeded;
use anyhow::{Result, bail};
use rootcellar_client::OpenError;
use rootcellar_client::device_file::{self, DeviceFileError, Owner, SECRET_BYTES};
use rootcellar_client::text::Passphrase;
use rootcellar_spec::{AccountId, DeviceId};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "device-files", generate, check };

const OWNER: Owner = Owner { account: AccountId([0xac; 16]), device: DeviceId([0xd1; 16]) };
const PASSPHRASE: &str = "Gr\u{fc}ne Wiese 7";

fn sealed(seeded: &mut Seeded) -> Vec<u8> {
    let secrets: [u8; SECRET_BYTES] = seeded.bytes();
    let passphrase = Passphrase::parse(PASSPHRASE).expect("a passphrase");
    device_file::seal(&secrets, OWNER, &passphrase, seeded).expect("there is memory")
}

/// A file whose plaintext has another length than a device's secrets.
fn of_length(length: usize) -> Value {
    let seeded = &mut Seeded::new("device-files of other lengths");
    let passphrase = Passphrase::parse(PASSPHRASE).expect("a passphrase");
    let file = device_file::seal_plaintext(&vec![0x5a; length], OWNER, &passphrase, seeded);
    json!({ "file": hex(file.expect("there is memory").expect("fits")) })
}

fn generate() -> Vec<(String, Value)> {
    let file = sealed(&mut Seeded::new("device-files"));
    let flipped = |at: usize| {
        let mut changed = file.clone();
        changed[at] ^= 1;
        json!({ "file": hex(changed) })
    };
    let cut = |length: usize| json!({ "file": hex(&file[..length]) });
    let with = |at: usize, value: u8| {
        let mut changed = file.clone();
        changed[at] = value;
        json!({ "file": hex(changed) })
    };
    [
        ("plain", json!({})),
        ("passphrase-in-another-form", json!({ "passphrase": " Gru\u{308}ne Wiese 7\n" })),
        ("wrong-passphrase", json!({ "passphrase": "Gr\u{fc}ne Wiese 8" })),
        ("another-account", json!({ "account": hex([7; 16]) })),
        ("another-device", json!({ "device": hex([7; 16]) })),
        ("changed-salt", flipped(0)),
        ("changed-commitment", flipped(16 + 28)),
        ("changed-ciphertext", flipped(16 + 60)),
        ("changed-tag", flipped(file.len() - 1)),
        ("version-2", with(16, 2)),
        ("kind-of-a-keyslot", with(17, 1)),
        ("unknown-suite", with(18, 0x7f)),
        ("truncated-salt", cut(15)),
        ("truncated-head", cut(16 + 75)),
        ("truncated-ciphertext", cut(file.len() - 1)),
        ("plaintext-empty", of_length(0)),
        ("plaintext-of-63-bytes", of_length(63)),
        ("plaintext-of-65-bytes", of_length(65)),
        ("plaintext-of-96-bytes", of_length(96)),
        ("plaintext-of-another-size-class", of_length(253)),
        ("trailing-byte", json!({ "file": hex([&file[..], &[0]].concat()) })),
    ]
    .into_iter()
    .map(|(name, changes)| {
        let mut vector = json!({
            "file": hex(&file), "passphrase": PASSPHRASE, "account": hex(OWNER.account.0), "device": hex(OWNER.device.0),
        });
        for (field, value) in changes.as_object().expect("changes are an object") {
            vector[field] = value.clone();
        }
        describe(&mut vector).expect("the generator makes vectors that can be read");
        (name.to_owned(), vector)
    })
    .collect()
}

fn describe(vector: &mut Value) -> Result<()> {
    let owner =
        Owner { account: AccountId(array(vector, "account")?), device: DeviceId(array(vector, "device")?) };
    let passphrase = Passphrase::parse(text(vector, "passphrase")?)?;
    let outcome: Result<_, OpenError> = match device_file::open(&bytes(vector, "file")?, owner, &passphrase) {
        Ok(secrets) => Ok(secrets),
        Err(DeviceFileError::Open(error)) => Err(error),
        Err(other) => bail!(other),
    };
    vector["result"] = result_of(&outcome).into();
    if let Ok(secrets) = outcome {
        vector["device_secret"] = hex(&secrets[..32]).into();
        vector["request_key"] = hex(&secrets[32..]).into();
    }
    Ok(())
}

fn check(vector: &Value) -> Result<()> {
    let mut found = vector.clone();
    describe(&mut found)?;
    let fields = ["result", "device_secret", "request_key"];
    fields.into_iter().try_for_each(|field| expect(vector, field, found[field].clone()))
}
