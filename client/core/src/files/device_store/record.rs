//! The content of `device-secrets.json`.

use super::super::FolderError;
use super::{Chosen, FolderSecretStoreError, Keyring, SecretBytes, SecretStoreKind};
use crate::device::SecretsId;
use crate::device_file::{self, Owner};
use crate::randomness::{SystemRandomness, bytes};
use crate::text::Passphrase;
use rootcellar_spec::{AccountId, DeviceId, base64url};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

/// The version of the record that this program reads and writes.
const FORMAT: u32 = 1;
/// Longer than any record.
const RECORD_BYTES: usize = 2_048;

/// Who keeps the secrets, and of which device they are.
pub(super) struct Record {
    owner: Owner,
    /// Names the secrets; absent in records of earlier versions.
    pub(super) id: Option<SecretsId>,
    /// Later secrets have a higher number.
    pub(super) order: u64,
    pub(super) kept: StoredSecrets,
}

/// What a keeper needs.
pub(super) enum StoredSecrets {
    /// The name of the keyring's item.
    Keyring { entry: String },
    /// The device file.
    Encrypted { encrypted: Vec<u8> },
    /// The secrets as they are.
    Plain { secrets: PlainSecrets },
}

/// The members of the file. Each is read straight into its own type: a flattened or tagged one would be read into a buffer
/// first, which nobody wipes.
#[derive(Serialize, Deserialize)]
struct Members<Secrets = PlainSecrets> {
    format: u32,
    account_id: AccountId,
    device_id: DeviceId,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    secrets_id: Option<SecretsId>,
    #[serde(default = "none")]
    order: Option<u64>,
    store: SecretStoreKind,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    encrypted: Option<String>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    secrets: Option<Secrets>,
}

fn none<T>() -> Option<T> {
    None
}

/// 64 bytes as base64url, wiped on drop.
pub(super) struct PlainSecrets(SecretBytes);

impl Record {
    pub(super) fn new(owner: Owner, id: SecretsId, order: u64, kept: StoredSecrets) -> Self {
        Self { owner, id: Some(id), order, kept }
    }

    pub(super) fn owner(&self) -> Owner {
        self.owner
    }

    pub(super) fn to_json(&self) -> Zeroizing<Vec<u8>> {
        to_json(&self.members(), 1)
    }

    pub(super) fn list_to_json(records: &[&Self]) -> Zeroizing<Vec<u8>> {
        let members: Vec<_> = records.iter().map(|record| record.members()).collect();
        to_json(&members, records.len())
    }

    fn members(&self) -> Members<&PlainSecrets> {
        let (entry, encrypted, secrets) = match &self.kept {
            StoredSecrets::Keyring { entry } => (Some(entry.clone()), None, None),
            StoredSecrets::Encrypted { encrypted } => (None, Some(base64url::encode(encrypted)), None),
            StoredSecrets::Plain { secrets } => (None, None, Some(secrets)),
        };
        Members {
            format: FORMAT,
            account_id: self.owner.account,
            device_id: self.owner.device,
            secrets_id: self.id,
            order: Some(self.order),
            store: self.kept.kind(),
            entry,
            encrypted,
            secrets,
        }
    }

    /// The record of the secrets that count.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, String> {
        let members: Members = serde_json::from_slice(json).map_err(|error| FolderError::place(&error))?;
        Self::from_members(members, 0)
    }

    /// The records of staged secrets; earlier versions wrote one of them.
    pub(super) fn list_from_json(json: &[u8]) -> Result<Vec<Self>, String> {
        let place = |error| FolderError::place(&error);
        let members: Vec<Members> = if json.starts_with(b"{") {
            vec![serde_json::from_slice(json).map_err(place)?]
        } else {
            serde_json::from_slice(json).map_err(place)?
        };
        members.into_iter().map(|members| Self::from_members(members, 1)).collect()
    }

    /// `order` is that of a record without a number, as earlier versions wrote it.
    fn from_members(members: Members, order: u64) -> Result<Self, String> {
        if members.format != FORMAT {
            return Err("it is of another version".to_owned());
        }
        let owner = Owner { account: members.account_id, device: members.device_id };
        let kept = match (members.store, members.entry, members.encrypted, members.secrets) {
            (SecretStoreKind::Keyring, Some(entry), None, None) => StoredSecrets::Keyring { entry },
            (SecretStoreKind::Encrypted, None, Some(encrypted), None) => {
                let encrypted = base64url::decode(&encrypted).ok_or("its device file is no base64url")?;
                StoredSecrets::Encrypted { encrypted }
            }
            (SecretStoreKind::Plain, None, None, Some(secrets)) => StoredSecrets::Plain { secrets },
            _ => return Err("it does not hold what its keeper needs".to_owned()),
        };
        Ok(Self { owner, id: members.secrets_id, order: members.order.unwrap_or(order), kept })
    }
}

/// Large enough from the start, so that no copy stays behind where it grew.
fn to_json(members: &impl Serialize, records: usize) -> Zeroizing<Vec<u8>> {
    let mut json = Zeroizing::new(Vec::with_capacity(RECORD_BYTES * records));
    serde_json::to_writer(&mut *json, members).expect("strings and numbers are always JSON");
    json
}

impl StoredSecrets {
    /// Gives the secrets to the keeper that was chosen.
    pub(super) fn make(
        secrets: &SecretBytes,
        owner: Owner,
        chosen: &Chosen,
        keyring: &impl Keyring,
    ) -> Result<Self, FolderSecretStoreError> {
        match chosen {
            Chosen::Keyring => {
                let entry = format!("device {:016x}", u64::from_be_bytes(bytes(&mut SystemRandomness)));
                keyring.set(&entry, secrets).map_err(FolderSecretStoreError::Keyring)?;
                Ok(Self::Keyring { entry })
            }
            Chosen::Encrypted(passphrase) => {
                let encrypted = device_file::seal(secrets, owner, passphrase, &mut SystemRandomness)?;
                Ok(Self::Encrypted { encrypted })
            }
            Chosen::Plain => Ok(Self::Plain { secrets: PlainSecrets(secrets.clone()) }),
        }
    }

    pub(super) fn kind(&self) -> SecretStoreKind {
        match self {
            Self::Keyring { .. } => SecretStoreKind::Keyring,
            Self::Encrypted { .. } => SecretStoreKind::Encrypted,
            Self::Plain { .. } => SecretStoreKind::Plain,
        }
    }

    /// Gets the secrets back.
    pub(super) fn open<E: From<FolderSecretStoreError>>(
        self,
        owner: Owner,
        keyring: &impl Keyring,
        ask: &mut dyn FnMut() -> Result<Passphrase, E>,
    ) -> Result<SecretBytes, E> {
        match self {
            Self::Keyring { entry } => {
                let kept = keyring.get(&entry).map_err(FolderSecretStoreError::Keyring)?;
                Ok(kept.ok_or(FolderSecretStoreError::Lost)?)
            }
            Self::Encrypted { encrypted } => {
                let opened = device_file::open(&encrypted, owner, &ask()?);
                Ok(opened.map_err(FolderSecretStoreError::from)?)
            }
            Self::Plain { secrets } => Ok(secrets.0.clone()),
        }
    }
}

impl Serialize for PlainSecrets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Zeroizing::new(base64url::encode(&*self.0)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PlainSecrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(SecretText)
    }
}

/// Reads the text where it lies, so that there is no copy of it to wipe.
struct SecretText;

impl de::Visitor<'_> for SecretText {
    type Value = PlainSecrets;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("64 bytes as base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PlainSecrets, E> {
        base64url::decode_array(text)
            .map(|secrets| PlainSecrets(Zeroizing::new(secrets)))
            .ok_or_else(|| E::custom("expected 64 bytes as base64url"))
    }
}
