//! The new device's side (protocol.md section 19, steps 1, 3, 4 and 6).

use super::code::Code;
use super::exchange::{Exchange, PairingKey};
use super::messages::{Confirmation, Reply};
use super::offered::{Commitment, Offered};
use crate::inventory::Label;
use crate::keys::secret_array;
use crate::open_error::OpenError;
use crate::randomness::{self, Randomness};
use crate::request_signing::RequestKey;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::wire::pairing::OPENING_BYTES;
use rootcellar_spec::{Digest, VaultId};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// What the new device drew, and shows a part of. Its secrets are wiped on drop.
#[derive(Debug)]
pub struct Offer {
    offered: Offered,
    key: PairingKey,
    vault_id: VaultId,
    reply: Reply,
    request_key_seed: SecretBox<[u8; 32]>,
}

/// The new device, once the opening is there: it has replied and shows the code.
#[derive(Debug)]
pub struct Joining {
    exchange: Exchange,
    code: Code,
    device: DeviceId,
    request_key_seed: SecretBox<[u8; 32]>,
    reply: Vec<u8>,
}

/// The new device, once the confirmation is there. It keeps nothing of it before its keyslot is open and the device list
/// names it.
#[derive(Debug)]
pub struct Joined {
    /// What the managing device said.
    pub confirmation: Confirmation,
    /// The device's id.
    pub device: DeviceId,
    request_key_seed: SecretBox<[u8; 32]>,
}

impl Offer {
    /// Draws keys and nonce for one pairing, with the vault of this identity, of the device that this id and label name.
    #[must_use]
    pub fn draw(vault_id: &VaultId, device: DeviceId, label: Label, randomness: &mut dyn Randomness) -> Self {
        let key = PairingKey::derive(&Zeroizing::new(randomness::bytes(randomness)));
        let nonce = randomness::bytes(randomness);
        let request_key_seed = secret_array(|seed: &mut [u8; 32]| randomness.fill(seed));
        let request_key = RequestKey::from_seed(request_key_seed.expose_secret()).public();
        let commitment = Commitment::to(&nonce, &request_key, device, &label);
        let offered = Offered { key: key.public(), commitment };
        let reply = Reply { nonce, request_key, device, label };
        Self { offered, key, vault_id: vault_id.clone(), reply, request_key_seed }
    }

    /// What to show, as text and as a QR code. No secret.
    #[must_use]
    pub fn text(&self) -> String {
        self.offered.to_string()
    }

    /// Where the managing device leaves its opening.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        self.offered.mailbox()
    }

    /// Takes the opening, once and for all, and gives the reply for the mailbox.
    ///
    /// # Errors
    /// Authentication, where HPKE refuses the opening's share.
    pub fn reply(
        self,
        opening: &[u8; OPENING_BYTES],
        randomness: &mut dyn Randomness,
    ) -> Result<(Joining, Vec<u8>), OpenError> {
        let Self { offered, key, vault_id, reply, request_key_seed } = self;
        let exchange = Exchange::receive(&offered, &key, &vault_id, opening)?;
        let sealed = exchange.seal_reply(&reply, randomness);
        let code = exchange.code(&reply.nonce);
        let device = reply.device;
        Ok((Joining { exchange, code, device, request_key_seed, reply: sealed.clone() }, sealed))
    }
}

impl Joining {
    /// What the person compares.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The mailbox, where the confirmation will be.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        self.exchange.mailbox()
    }

    /// The reply for the mailbox, which may be left there again where it is not known whether it arrived.
    #[must_use]
    pub fn reply(&self) -> &[u8] {
        &self.reply
    }

    /// Opens the confirmation. What became of it may be lost before the secrets are kept, so that it may be opened again: the
    /// mailbox takes only one, and nobody but the managing device can seal one.
    ///
    /// # Errors
    /// As section 1 says; one that names another vault does not authenticate.
    pub fn receive(&self, confirmation: &[u8]) -> Result<Joined, OpenError> {
        let confirmation = self.exchange.open_confirmation(confirmation)?;
        let own = self.request_key_seed.expose_secret();
        let request_key_seed = secret_array(|seed: &mut [u8; 32]| seed.copy_from_slice(own));
        Ok(Joined { confirmation, device: self.device, request_key_seed })
    }
}

impl Joined {
    /// The seed of the key that signs the device's requests.
    #[must_use]
    pub fn request_key_seed(&self) -> &[u8; 32] {
        self.request_key_seed.expose_secret()
    }
}
