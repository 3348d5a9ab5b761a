//! Parses an object's name: the inverse of [`crate::names`].

use crate::names;
use rootcellar_spec::{AccountId, OperationId, hex};
use rootcellar_store::Key;

/// What an object is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectName {
    /// The object `vault`, the vault's time, or the mark of a copy.
    Vault,
    Account(AccountId),
    /// With the version of the account that was to name it.
    Snapshot(AccountId, OperationId, u64),
    Name,
    Locator,
    Guesses,
    Invite,
    Pairing,
    Probe,
}

impl ObjectName {
    /// `None` for a name that a vault does not use.
    pub(super) fn of(key: &Key) -> Option<Self> {
        let parts: Vec<&str> = key.as_str().split('/').collect();
        match parts[..] {
            ["vault" | names::CLOCK | names::COPY] => Some(Self::Vault),
            ["accounts", id, "account"] => Some(Self::Account(AccountId(unhex(id)?))),
            ["accounts", id, "snapshots", snapshot] => {
                let (operation, version) = snapshot.split_once('-')?;
                let operation = OperationId(unhex(operation)?);
                Some(Self::Snapshot(AccountId(unhex(id)?), operation, decimal(version)?))
            }
            ["names", hmac] => unhex::<32>(hmac).map(|_| Self::Name),
            ["locators", hash] => unhex::<32>(hash).map(|_| Self::Locator),
            ["guesses", hmac] => unhex::<32>(hmac).map(|_| Self::Guesses),
            ["invites", hash] => unhex::<32>(hash).map(|_| Self::Invite),
            ["pairings", mailbox] => unhex::<32>(mailbox).map(|_| Self::Pairing),
            ["probe", _, ..] => Some(Self::Probe),
            _ => None,
        }
    }
}

/// A number of 1 or more as [`names`] writes it: no sign, no zero in front.
fn decimal(text: &str) -> Option<u64> {
    let is_written_so = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_written_so)
}

/// The bytes, if this is their only spelling: lower case.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode_array(text).filter(|bytes| hex::encode(bytes) == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{self, LocatorDigest, NameKey};
    use rootcellar_spec::Digest;

    #[test]
    fn every_name_of_a_vault_is_known_again() {
        let (id, operation) = (AccountId([0xa0; 16]), OperationId([0x0f; 16]));
        let known = [
            (names::vault(), ObjectName::Vault),
            (names::copy(), ObjectName::Vault),
            (names::clock(), ObjectName::Vault),
            (names::account(&id), ObjectName::Account(id)),
            (names::snapshot(&id, &operation, 10), ObjectName::Snapshot(id, operation, 10)),
            (NameKey([9; 32]).pointer(), ObjectName::Name),
            (LocatorDigest::of(&[9; 32]).pointer(), ObjectName::Locator),
            (names::invite("code"), ObjectName::Invite),
            (names::pairing(&Digest::of(b"mailbox")), ObjectName::Pairing),
            (Key::new("probe/0/1"), ObjectName::Probe),
        ];
        for (key, place) in known {
            assert_eq!(ObjectName::of(&key), Some(place), "{key:?}");
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in
            ["accounts", "accounts/ab/account", "names/zz", "vault/x", "probe", "backup/vault", "names"]
        {
            assert_eq!(ObjectName::of(&Key::new(name)), None, "{name}");
        }
        let (id, operation) = ("ab".repeat(16), "01".repeat(16));
        for version in ["", "-", "-0", "-01", "-1_", "-1-1", "-18446744073709551616"] {
            let name = format!("accounts/{id}/snapshots/{operation}{version}");
            assert_eq!(ObjectName::of(&Key::new(name.as_str())), None, "{name}");
        }
        assert_eq!(unhex::<1>("a"), None);
        assert_eq!(unhex::<1>("+1"), None);
    }
}
