//! The state between the two requests of a registration or passphrase change: the charge and its
//! name.

use super::codec::{Reader, Writer};
use super::{open, seal};
use crate::keys::VaultKeys;
use crate::names::NameKey;
use rootcellar_spec::{AccountId, OperationId, Timestamp};

/// The purpose of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChargeUse {
    /// A new account.
    Registration,
    /// A new passphrase for this account.
    Passphrase(AccountId),
}

/// The state after an OPRF evaluation without a login.
pub(crate) struct ChargeToken {
    /// The operation ID of the charge.
    pub(crate) operation: OperationId,
    /// The name that was charged.
    pub(crate) name: NameKey,
    /// When it expires, by the vault's clock.
    pub(crate) expires_at: Timestamp,
}

impl ChargeUse {
    fn purpose(self) -> &'static [u8] {
        match self {
            Self::Registration => b"registration",
            Self::Passphrase(_) => b"passphrase",
        }
    }

    fn account(self) -> [u8; AccountId::BYTES] {
        match self {
            Self::Registration => [0; AccountId::BYTES],
            Self::Passphrase(account) => account.0,
        }
    }
}

impl ChargeToken {
    pub(crate) fn seal(&self, keys: &VaultKeys, charge_use: ChargeUse) -> Vec<u8> {
        let mut content = Writer::with_capacity(72);
        content
            .bytes(&self.operation.0)
            .bytes(&self.name.0)
            .u64(self.expires_at.0)
            .bytes(&charge_use.account());
        seal(keys, charge_use.purpose(), &content.0)
    }

    /// `None` if this vault did not create the token for this purpose and account. The caller
    /// checks the expiry.
    pub(crate) fn open(keys: &VaultKeys, charge_use: ChargeUse, token: &[u8]) -> Option<Self> {
        let content = open(keys, charge_use.purpose(), token)?;
        let mut reader = Reader(&content);
        let opened = Self {
            operation: OperationId(reader.array()?),
            name: NameKey(reader.array()?),
            expires_at: Timestamp(reader.u64()?),
        };
        (reader.0 == charge_use.account()).then_some(opened)
    }
}
