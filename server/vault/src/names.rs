//! Names of objects (design: one commit point). Neither a name hash nor a locator can be read off one.

use crate::keys::VaultKeys;
use rootcellar_spec::{AccountId, Digest, NameHash, OperationId, hex};
use rootcellar_store::Key;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the vault knows an account name by: HMAC of the name hash under the index key. Serves as OPAQUE's
/// credential identifier too, so that a passphrase can be changed without the name.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameKey(#[serde(with = "rootcellar_spec::base64url::array")] pub [u8; 32]);

impl NameKey {
    /// The name key of a name hash.
    #[must_use]
    pub fn of(keys: &VaultKeys, name_hash: &NameHash) -> Self {
        Self(keys.index(&[b"names", &name_hash.0]))
    }

    /// The account that is looked up where there is none, so that unknown names cost the same.
    #[must_use]
    pub fn decoy(&self, keys: &VaultKeys) -> AccountId {
        let mac = keys.index(&[b"decoy", &self.0]);
        AccountId(*mac.first_chunk().expect("32 bytes begin with 16"))
    }

    /// Where the pointer from the name to its account stands.
    #[must_use]
    pub fn pointer(&self) -> Key {
        Key::new(format!("names/{}", hex::encode(&self.0)))
    }

    /// Where the guess budget of the name stands.
    #[must_use]
    pub fn guesses(&self, keys: &VaultKeys) -> Key {
        Key::new(format!("guesses/{}", hex::encode(&keys.index(&[b"guesses", &self.0]))))
    }
}

/// What the vault knows a recovery locator by: its digest, which does not depend on the root secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocatorDigest(pub Digest);

impl LocatorDigest {
    /// The digest of a locator.
    #[must_use]
    pub fn of(locator: &[u8; 32]) -> Self {
        Self(Digest::of(locator))
    }

    /// Where the pointer from the locator to its account stands.
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

/// The object that says whose store this is.
#[must_use]
pub fn vault() -> Key {
    Key::new("vault")
}

/// Name of the object that keeps the vault's time.
pub(crate) const CLOCK: &str = "clock";

/// The object that keeps the vault's time.
#[must_use]
pub fn clock() -> Key {
    Key::new(CLOCK)
}

/// Name of the mark that an unfinished copy of a vault bears.
pub(crate) const COPY: &str = "copy";

/// What the names of a probe's objects begin with.
pub(crate) const PROBES: &str = "probe/";

/// The mark of an unfinished copy into this store.
#[must_use]
pub fn copy() -> Key {
    Key::new(COPY)
}

/// Where an account stands.
#[must_use]
pub fn account(id: &AccountId) -> Key {
    Key::new(format!("accounts/{}/account", hex::encode(&id.0)))
}

/// Where a pairing mailbox stands.
#[must_use]
pub fn pairing(mailbox: &Digest) -> Key {
    Key::new(format!("pairings/{}", hex::encode(&mailbox.0)))
}

/// Where a snapshot stands: named by the operation that made it.
#[must_use]
pub fn snapshot(id: &AccountId, operation: &OperationId) -> Key {
    Key::new(format!("accounts/{}/snapshots/{}", hex::encode(&id.0), hex::encode(&operation.0)))
}

/// What the names of an account's snapshots begin with.
#[must_use]
pub fn snapshots(id: &AccountId) -> String {
    format!("accounts/{}/snapshots/", hex::encode(&id.0))
}

/// Where an invite stands: under the digest of its code.
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
        assert_eq!(snapshot(&AccountId([0xab; 16]), &OperationId([1; 16])).as_str().len(), 9 + 32 + 11 + 32);
    }
}
