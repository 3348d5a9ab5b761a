//! Sessions: what a login gives. Useless without the request key that it names (protocol.md section 14).

use super::codec::{Reader, Writer};
use super::{open, seal};
use crate::keys::VaultKeys;
use rootcellar_spec::{AccountId, Timestamp};

const PURPOSE: &[u8] = b"session";
const PASSPHRASE: u8 = 1;
const RECOVERY: u8 = 2;

/// The keyslot that a login is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyslot {
    Passphrase,
    Recovery,
}

/// Who may send requests, as whom, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionToken {
    /// The account.
    pub(crate) account: AccountId,
    /// The keyslot that the login was given, which tells by what it was.
    pub(crate) keyslot: Keyslot,
    /// The Ed25519 public key that signs the session's requests.
    pub(crate) request_key: [u8; 32],
    /// The account's session epoch at login; a passphrase change moves it on.
    pub(crate) epoch: u64,
    /// When it ends, by the vault's clock.
    pub(crate) expires_at: Timestamp,
}

impl SessionToken {
    pub(crate) fn seal(&self, keys: &VaultKeys) -> Vec<u8> {
        let mut content = Writer::with_capacity(65);
        let keyslot = match self.keyslot {
            Keyslot::Passphrase => PASSPHRASE,
            Keyslot::Recovery => RECOVERY,
        };
        content
            .bytes(&self.account.0)
            .u8(keyslot)
            .bytes(&self.request_key)
            .u64(self.epoch)
            .u64(self.expires_at.0);
        seal(keys, PURPOSE, &content.0)
    }

    /// `None` where the token was not made by this vault. The caller checks expiry.
    pub(crate) fn open(keys: &VaultKeys, token: &[u8]) -> Option<Self> {
        let content = open(keys, PURPOSE, token)?;
        let mut reader = Reader(&content);
        let opened = Self {
            account: AccountId(reader.array()?),
            keyslot: match reader.u8()? {
                PASSPHRASE => Keyslot::Passphrase,
                RECOVERY => Keyslot::Recovery,
                _ => return None,
            },
            request_key: reader.array()?,
            epoch: reader.u64()?,
            expires_at: Timestamp(reader.u64()?),
        };
        reader.0.is_empty().then_some(opened)
    }
}
