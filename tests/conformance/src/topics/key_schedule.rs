//! Every derived key (protocol.md sections 2 and 4).

use crate::Topic;
use crate::case::{array, expect, hex, text};
use crate::seeded::Seeded;
use anyhow::{Result, bail};
use generic_array::{GenericArray, typenum::U64};
use opaque_ke::ksf::Ksf;
use rootcellar_client::keys::{AccountKey, ExportKey, SessionKey};
use rootcellar_client::ksf::Argon2id;
use rootcellar_client::recovery_code::RecoveryCode;
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "key-schedule", generate, check };

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("key-schedule");
    let mut vectors = Vec::new();
    for round in 1..=2 {
        for from in ["account_key", "export_key", "session_key", "recovery_entropy", "ksf_input"] {
            if from == "ksf_input" && round == 2 {
                continue;
            }
            let ikm = match from {
                "account_key" => hex(seeded.bytes::<32>()),
                "recovery_entropy" => hex(seeded.bytes::<16>()),
                _ => hex(seeded.bytes::<64>()),
            };
            let mut vector = json!({ "from": from, "ikm": ikm });
            let derived = derive(&vector).expect("the generator makes what it can derive");
            vector["derived"] = derived;
            vectors.push((format!("{}-{round}", from.replace('_', "-")), vector));
        }
    }
    vectors
}

fn derive(vector: &Value) -> Result<Value> {
    Ok(match text(vector, "from")? {
        "account_key" => {
            let keys = AccountKey::from_bytes(&array(vector, "ikm")?).account_keys();
            json!({
                "inventory_key": hex(keys.inventory.expose()),
                "save_key": hex(keys.save.expose()),
                "entry_public_key": hex(keys.entry_public.to_bytes()),
                "device_list_public_key": hex(keys.device_list.public().to_bytes()),
                "device_keys_key": hex(keys.device_keys.expose()),
            })
        }
        "export_key" => {
            let key = ExportKey::from_bytes(&array(vector, "ikm")?).key_encryption_key();
            json!({ "passphrase_kek": hex(key.expose()) })
        }
        "session_key" => {
            let key = SessionKey::from_bytes(&array(vector, "ikm")?).login_mac_key();
            json!({ "login_mac_key": hex(key.expose()) })
        }
        "recovery_entropy" => {
            let code = RecoveryCode::from_entropy(&array(vector, "ikm")?);
            json!({
                "recovery_kek": hex(code.key_encryption_key().expose()),
                "recovery_locator": hex(code.locator()),
                "login_public_key": hex(code.login_key().verifying_key().to_bytes()),
            })
        }
        "ksf_input" => {
            let input: [u8; 64] = array(vector, "ikm")?;
            let output = Argon2id::default().hash::<U64>(GenericArray::from(input));
            match output {
                Ok(output) => json!({ "ksf_output": hex(output) }),
                Err(_) => bail!("the key-stretching function failed"),
            }
        }
        other => bail!("unknown source {other}"),
    })
}

fn check(vector: &Value) -> Result<()> {
    expect(vector, "derived", derive(vector)?)
}
