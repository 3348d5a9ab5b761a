//! Session tokens. They are useless without their request key (protocol.md section 14).

use super::codec::{Reader, Writer};
use super::{open, seal};
use crate::keys::VaultKeys;
use rootcellar_spec::{AccountId, Timestamp};

const PURPOSE: &[u8] = b"session";
const PASSPHRASE: u8 = 1;
const RECOVERY: u8 = 2;

/// The keyslot of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyslot {
    Passphrase,
    Recovery,
}

/// Who may send requests, as which account, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionToken {
    /// The account of the session.
    pub(crate) account: AccountId,
    /// The keyslot of the login, which shows the login method.
    pub(crate) keyslot: Keyslot,
    /// The Ed25519 public key that signs the session's requests.
    pub(crate) request_key: [u8; 32],
    /// The account's session epoch at login. A passphrase change increases it.
    pub(crate) epoch: u64,
    /// When it expires, by the vault's clock.
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

    /// `None` if the token is not from this vault. The caller checks the expiry.
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
