//! What a device remembers of its account between programs (protocol.md sections 10 and 12). Nothing in it is secret in
//! the sense that it opens the backup.

use crate::continuity::Seen;
use crate::history::HistorySeen;
use rootcellar_spec::{AccountId, NameHash, VaultId, base64url};
use serde::{Deserialize, Serialize};

/// What is pinned at registration, or at the first login or recovery, and compared ever after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalState {
    /// The vault, by its vault ID; absent after a recovery, which does without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vault_id: Option<VaultId>,
    /// Stands for the account's name; absent after a recovery, which needs no name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_hash: Option<NameHash>,
    /// The account.
    pub account_id: AccountId,
    /// The vault's OPAQUE public key; absent after a recovery, which does without OPAQUE.
    #[serde(with = "public_key", skip_serializing_if = "Option::is_none", default)]
    pub server_public_key: Option<[u8; 32]>,
    /// The newest snapshot that this device has seen and verified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_seen: Option<Seen>,
    /// The newest device list that this device has seen and verified.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device_list: Option<Seen>,
    /// How far this device has seen the account's history.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub history: Option<HistorySeen>,
    /// The account's name, sealed, from the login that was given it to the save that notes it.
    #[serde(with = "sealed", skip_serializing_if = "Option::is_none", default)]
    pub sealed_name: Option<Vec<u8>>,
}

impl LocalState {
    /// What a device remembers that knows of an account no more than its id.
    #[must_use]
    pub fn of(account_id: AccountId) -> Self {
        Self {
            vault_id: None,
            name_hash: None,
            account_id,
            server_public_key: None,
            last_seen: None,
            device_list: None,
            history: None,
            sealed_name: None,
        }
    }
}

mod public_key {
    use super::base64url;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(key: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
        key.map(|key| base64url::encode(&key)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| {
            base64url::decode_array(&text).ok_or_else(|| D::Error::custom("expected 32 bytes as base64url"))
        })
        .transpose()
    }
}

mod sealed {
    use super::base64url;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        sealed: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        sealed.as_ref().map(|sealed| base64url::encode(sealed)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let decode = |text: String| base64url::decode(&text);
        text.map(|text| decode(text).ok_or_else(|| D::Error::custom("expected base64url"))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Tip;
    use rootcellar_spec::{Digest, Number};

    #[test]
    fn reads_what_it_wrote() {
        let full = LocalState {
            vault_id: "localhost".to_owned().try_into().ok(),
            name_hash: Some(NameHash([1; 32])),
            account_id: AccountId([2; 16]),
            server_public_key: Some([3; 32]),
            last_seen: Some(Seen { number: Number(4), digest: Digest([5; 32]) }),
            device_list: Some(Seen { number: Number(6), digest: Digest([7; 32]) }),
            history: Some(HistorySeen {
                acts: Tip { number: 8, digest: Digest([9; 32]) },
                saves: Tip { number: 0, digest: Digest([0; 32]) },
            }),
            sealed_name: Some(vec![10; 3]),
        };
        let bare = LocalState::of(full.account_id);
        for local_state in [full, bare] {
            let text = serde_json::to_string(&local_state).expect("serializes");
            assert_eq!(serde_json::from_str::<LocalState>(&text).ok(), Some(local_state), "{text}");
        }
    }
}
