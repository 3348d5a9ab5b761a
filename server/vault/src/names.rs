//! The names of objects (spec/storage.md). They reveal neither a name hash nor a locator.

use crate::keys::VaultKeys;
use rootcellar_spec::{AccountId, Digest, NameHash, OperationId, hex};
use rootcellar_store::Key;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the vault stores of an account name: the HMAC of the name hash under the index key, 32
/// bytes. It is also OPAQUE's credential identifier, so that a passphrase change does not need the
/// name.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameKey(#[serde(with = "rootcellar_spec::base64url::array")] pub [u8; 32]);

impl NameKey {
    /// The name key of a name hash.
    #[must_use]
    pub fn of(keys: &VaultKeys, name_hash: &NameHash) -> Self {
        Self(keys.index(&[b"names", &name_hash.0]))
    }

    /// The account to read for a name without an account, so that both cost the same.
    #[must_use]
    pub fn decoy(&self, keys: &VaultKeys) -> AccountId {
        let mac = keys.index(&[b"decoy", &self.0]);
        AccountId(*mac.first_chunk().expect("32 bytes begin with 16"))
    }

    /// The object with the pointer to the account.
    #[must_use]
    pub fn pointer(&self) -> Key {
        Key::new(format!("names/{}", hex::encode(&self.0)))
    }

    /// The object with the guess budget of the name.
    #[must_use]
    pub fn guesses(&self, keys: &VaultKeys) -> Key {
        Key::new(format!("guesses/{}", hex::encode(&keys.index(&[b"guesses", &self.0]))))
    }
}

/// What the vault stores of a recovery locator: its SHA-256, which does not depend on the root
/// secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocatorDigest(pub Digest);

impl LocatorDigest {
    /// The digest of a locator.
    #[must_use]
    pub fn of(locator: &[u8; 32]) -> Self {
        Self(Digest::of(locator))
    }

    /// The object with the pointer to the account.
    #[must_use]
    pub fn pointer(&self) -> Key {
        Key::new(format!("locators/{}", hex::encode(&self.0.0)))
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameKey([redacted])")
    }
}

/// The object that identifies the vault of a store.
#[must_use]
pub fn vault() -> Key {
    Key::new("vault")
}

/// Name of the object with the vault's time.
pub(crate) const CLOCK: &str = "clock";

/// The object with the vault's time.
#[must_use]
pub fn clock() -> Key {
    Key::new(CLOCK)
}

/// Name of the mark of an incomplete copy.
pub(crate) const COPY: &str = "copy";

/// Prefix of the names of a probe's objects.
pub(crate) const PROBES: &str = "probe/";

/// The mark of an incomplete copy into this store.
#[must_use]
pub fn copy() -> Key {
    Key::new(COPY)
}

/// The object of an account.
#[must_use]
pub fn account(id: &AccountId) -> Key {
    Key::new(format!("accounts/{}/account", hex::encode(&id.0)))
}

/// The object of a pairing mailbox.
#[must_use]
pub fn pairing(mailbox: &Digest) -> Key {
    Key::new(format!("pairings/{}", hex::encode(&mailbox.0)))
}

/// The object of a snapshot, named by the operation that saved it and by the version of the account
/// that the save was going to write.
#[must_use]
pub fn snapshot(id: &AccountId, operation: &OperationId, version: u64) -> Key {
    Key::new(format!("{}{}-{version}", snapshots(id), hex::encode(&operation.0)))
}

/// Prefix of the names of an account's snapshots.
#[must_use]
pub fn snapshots(id: &AccountId) -> String {
    format!("accounts/{}/snapshots/", hex::encode(&id.0))
}

/// The object of an invite, named by the digest of its code.
#[must_use]
pub fn invite(code: &str) -> Key {
    Key::new(format!("invites/{}", hex::encode(&Digest::of(code.as_bytes()).0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root_secret::RootSecret;

    #[test]
    fn names_tell_nothing_without_the_root_secret() {
        let keys = |byte| VaultKeys::derive(&RootSecret::new(Box::new([byte; 32])));
        let name_hash = NameHash([7; 32]);
        let name = NameKey::of(&keys(1), &name_hash);
        assert!(name != NameKey::of(&keys(2), &name_hash));
        assert!(!name.pointer().as_str().contains(&hex::encode(&name_hash.0)));
        assert_ne!(name.pointer().as_str()[6..], name.guesses(&keys(1)).as_str()[8..]);
    }

    #[test]
    fn locators_outlive_the_root_secret() {
        assert_eq!(
            LocatorDigest::of(&[0; 32]).pointer().as_str(),
            "locators/66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
    }

    #[test]
    fn each_attempt_to_save_has_a_name_of_its_own() {
        let name = |version| snapshot(&AccountId([0xab; 16]), &OperationId([1; 16]), version);
        let (account, operation) = ("ab".repeat(16), "01".repeat(16));
        assert_eq!(name(10).as_str(), format!("accounts/{account}/snapshots/{operation}-10"));
        assert_ne!(name(10), name(11));
    }
}
