//! The managing device's side (protocol.md section 19, steps 2, 4 and 5).

use super::code::Code;
use super::exchange::Exchange;
use super::messages::{Confirmation, Reply};
use super::offered::Offered;
use crate::inventory::Label;
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::pairing::OPENING_BYTES;
use rootcellar_spec::{Digest, VaultId};

/// The managing device, once it has read what the new device shows: it opens the mailbox and waits for the reply.
#[derive(Debug)]
pub struct Meeting {
    exchange: Exchange,
    opening: [u8; OPENING_BYTES],
}

/// The managing device, once the reply is there: it shows the code and whom it came from.
#[derive(Debug)]
pub struct Confirming {
    exchange: Exchange,
    code: Code,
    reply: Reply,
}

impl Meeting {
    /// Draws this side's share.
    ///
    /// # Errors
    /// Authentication, where the offered key is one that HPKE refuses.
    pub fn open(
        offered: &Offered,
        vault_id: &VaultId,
        randomness: &mut dyn Randomness,
    ) -> Result<Self, OpenError> {
        let (exchange, opening) = Exchange::send(offered, vault_id, randomness)?;
        Ok(Self { exchange, opening })
    }

    /// The mailbox to open.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        self.exchange.mailbox()
    }

    /// What to open it with.
    #[must_use]
    pub fn opening(&self) -> &[u8; OPENING_BYTES] {
        &self.opening
    }

    /// Takes the reply, once and for all.
    ///
    /// # Errors
    /// As section 1 says; what the new device had not committed itself to does not authenticate.
    pub fn receive(self, reply: &[u8]) -> Result<Confirming, OpenError> {
        let Self { exchange, .. } = self;
        let reply = exchange.open_reply(reply)?;
        let code = exchange.code(&reply.nonce);
        Ok(Confirming { exchange, code, reply })
    }
}

impl Confirming {
    /// What the person compares.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The mailbox, where the confirmation goes.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        self.exchange.mailbox()
    }

    /// The vault that both sides mean.
    #[must_use]
    pub fn vault_id(&self) -> &VaultId {
        self.exchange.vault_id()
    }

    /// The new device's id.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.reply.device
    }

    /// What its owner calls it.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.reply.label
    }

    /// The Ed25519 public key that will sign its requests.
    #[must_use]
    pub fn request_key(&self) -> &[u8; 32] {
        &self.reply.request_key
    }

    /// Seals the confirmation, after the person has confirmed that the codes are the same.
    #[must_use]
    pub fn confirm(self, confirmation: &Confirmation, randomness: &mut dyn Randomness) -> Vec<u8> {
        self.seal(confirmation, randomness)
    }

    /// As [`Self::confirm`], for a list of devices that may have to be made anew.
    pub(crate) fn seal(&self, confirmation: &Confirmation, randomness: &mut dyn Randomness) -> Vec<u8> {
        self.exchange.seal_confirmation(confirmation, randomness)
    }
}
