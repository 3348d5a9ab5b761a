//! What a device remembers of its account between programs (protocol.md sections 10 and 12). Nothing in it is secret in
//! the sense that it opens the backup.

use crate::snapshot::Seen;
use rootcellar_spec::{AccountId, Identity, NameHash, base64url};
use serde::{Deserialize, Serialize};

/// What is pinned at registration, or at the first login or recovery, and compared ever after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The vault, by its identity; absent after a recovery, which does without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identity: Option<Identity>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_spec::{Digest, Number};

    #[test]
    fn reads_what_it_wrote() {
        let full = Memory {
            identity: "localhost".to_owned().try_into().ok(),
            name_hash: Some(NameHash([1; 32])),
            account_id: AccountId([2; 16]),
            server_public_key: Some([3; 32]),
            last_seen: Some(Seen { number: Number(4), digest: Digest([5; 32]) }),
        };
        let bare = Memory {
            identity: None,
            name_hash: None,
            server_public_key: None,
            last_seen: None,
            ..full.clone()
        };
        for memory in [full, bare] {
            let text = serde_json::to_string(&memory).expect("serializes");
            assert_eq!(serde_json::from_str::<Memory>(&text).ok(), Some(memory), "{text}");
        }
    }
}
