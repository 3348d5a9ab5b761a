//! The keys that both devices have once the opening has passed between them (protocol.md section 19, steps 2 to 5).

use super::code::Code;
use super::messages::{Confirmation, Reply};
use super::offered::{Commitment, Offered};
use crate::aad::{AssociatedData, ObjectKind};
use crate::envelope;
use crate::keys::secret_array;
use crate::open_error::OpenError;
use crate::randomness::{Randomness, Rng};
use hpke::aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256 as Kem;
use hpke::{Deserializable, HpkeError, Kem as _, OpModeR, OpModeS, Serializable};
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::wire::pairing::OPENING_BYTES;
use rootcellar_spec::{AccountId, Digest, Generation, SuiteId, VaultId, labels, limits};
use secrecy::{ExposeSecret, SecretBox};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The new device's HPKE private key, for one pairing. Wiped on drop by the library that defines it.
pub struct PairingKey(<Kem as hpke::Kem>::PrivateKey);

/// The new device's HPKE public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingPublicKey(<Kem as hpke::Kem>::PublicKey);

impl PairingKey {
    /// RFC 9180's `DeriveKeyPair` of 32 random bytes.
    #[must_use]
    pub fn derive(material: &[u8; 32]) -> Self {
        Self(Kem::derive_keypair(material).0)
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PairingPublicKey {
        PairingPublicKey(Kem::sk_to_pk(&self.0))
    }
}

impl std::fmt::Debug for PairingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairingKey([redacted])")
    }
}

impl PairingPublicKey {
    /// The 32 bytes of RFC 9180's serialization.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// Reads 32 bytes; `None` where they are no public key.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(bytes).ok().map(Self)
    }
}

impl std::fmt::Debug for PairingPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PairingPublicKey({})", Digest(self.to_bytes()))
    }
}

/// The HPKE context of either side; both export the same.
enum Context {
    Managing(AeadCtxS<ChaCha20Poly1305, HkdfSha256, Kem>),
    NewDevice(AeadCtxR<ChaCha20Poly1305, HkdfSha256, Kem>),
}

impl Context {
    fn export(&self, context: &[&[u8]], out: &mut [u8]) {
        let context = encode_parts(context);
        let exported: Result<(), HpkeError> = match self {
            Self::Managing(sender) => sender.export(&context, out),
            Self::NewDevice(receiver) => receiver.export(&context, out),
        };
        exported.expect("a few bytes can be exported");
    }

    fn key(&self, label: &str) -> SecretBox<[u8; 32]> {
        secret_array(|key: &mut [u8; 32]| self.export(&[label.as_bytes()], key))
    }
}

/// What both devices share, from the opening on. Wiped on drop.
pub struct Exchange {
    context: Context,
    vault_id: VaultId,
    mailbox: Digest,
    commitment: Commitment,
    managing_nonce: [u8; 32],
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

impl Exchange {
    /// The managing device's side: draws its share, and gives the opening of the mailbox.
    ///
    /// # Errors
    /// Authentication, where the offered key is one that HPKE refuses.
    pub fn send(
        offered: &Offered,
        vault_id: &VaultId,
        randomness: &mut dyn Randomness,
    ) -> Result<(Self, [u8; OPENING_BYTES]), OpenError> {
        let info = info(offered, vault_id);
        let (enc, context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &offered.key.0,
            &info,
            &mut Rng(&mut *randomness),
        )
        .map_err(|_| OpenError::Authentication)?;
        let mut opening = [0; OPENING_BYTES];
        let (share, nonce) = opening.split_at_mut(32);
        share.copy_from_slice(&enc.to_bytes());
        randomness.fill(nonce);
        Ok((Self::new(Context::Managing(context), vault_id, offered, &opening), opening))
    }

    /// The new device's side: takes the opening of the mailbox.
    ///
    /// # Errors
    /// Authentication, where HPKE refuses the share.
    pub fn receive(
        offered: &Offered,
        key: &PairingKey,
        vault_id: &VaultId,
        opening: &[u8; OPENING_BYTES],
    ) -> Result<Self, OpenError> {
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&opening[..32])
            .map_err(|_| OpenError::Malformed("encapsulated key"))?;
        let context = hpke::setup_receiver(&OpModeR::Base, &key.0, &enc, &info(offered, vault_id))
            .map_err(|_| OpenError::Authentication)?;
        Ok(Self::new(Context::NewDevice(context), vault_id, offered, opening))
    }

    fn new(context: Context, vault_id: &VaultId, offered: &Offered, opening: &[u8; OPENING_BYTES]) -> Self {
        Self {
            context,
            vault_id: vault_id.clone(),
            mailbox: offered.mailbox(),
            commitment: offered.commitment,
            managing_nonce: *opening.last_chunk().expect("an opening is longer than its nonce"),
        }
    }

    /// The vault that both devices mean.
    #[must_use]
    pub fn vault_id(&self) -> &VaultId {
        &self.vault_id
    }

    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        self.mailbox
    }

    /// The code that both devices show, by the new device's nonce. It depends on nothing that either side can still vary
    /// once it knows the other's share.
    #[must_use]
    pub fn code(&self, nonce: &[u8; 32]) -> Code {
        let mut exported = [0; 8];
        let context = [labels::PAIRING_CODE.as_bytes(), &nonce[..], &self.managing_nonce];
        self.context.export(&context, &mut exported);
        Code::of(exported)
    }

    /// Seals the new device's reply.
    #[must_use]
    pub fn seal_reply(&self, reply: &Reply, randomness: &mut dyn Randomness) -> Vec<u8> {
        self.seal_reply_plaintext(&reply.encode(), randomness)
    }

    /// Seals the CBOR of a reply, whatever it says, for vectors; [`Self::seal_reply`] is what a client calls.
    #[must_use]
    pub fn seal_reply_plaintext(&self, plaintext: &[u8], randomness: &mut dyn Randomness) -> Vec<u8> {
        self.seal(labels::PAIRING_REPLY, ObjectKind::PairingReply(self.mailbox), plaintext, randomness)
    }

    /// Opens the new device's reply, and compares it with what the device had committed itself to.
    ///
    /// # Errors
    /// As section 1 says.
    pub fn open_reply(&self, sealed: &[u8]) -> Result<Reply, OpenError> {
        let plaintext = self.open(labels::PAIRING_REPLY, ObjectKind::PairingReply(self.mailbox), sealed)?;
        let reply = Reply::decode(&plaintext)?;
        let same = reply.commitment().0.0.ct_eq(&self.commitment.0.0);
        if bool::from(same) { Ok(reply) } else { Err(OpenError::Authentication) }
    }

    /// Seals the managing device's confirmation.
    #[must_use]
    pub fn seal_confirmation(&self, confirmation: &Confirmation, randomness: &mut dyn Randomness) -> Vec<u8> {
        self.seal_confirmation_plaintext(&confirmation.encode(), randomness)
    }

    /// Seals the CBOR of a confirmation, whatever it says, for vectors.
    #[must_use]
    pub fn seal_confirmation_plaintext(&self, plaintext: &[u8], randomness: &mut dyn Randomness) -> Vec<u8> {
        let place = ObjectKind::PairingConfirmation(self.mailbox);
        self.seal(labels::PAIRING_CONFIRMATION, place, plaintext, randomness)
    }

    /// Opens the managing device's confirmation.
    ///
    /// # Errors
    /// As section 1 says; one that names another vault does not authenticate.
    pub fn open_confirmation(&self, sealed: &[u8]) -> Result<Confirmation, OpenError> {
        let place = ObjectKind::PairingConfirmation(self.mailbox);
        let confirmation = Confirmation::decode(&self.open(labels::PAIRING_CONFIRMATION, place, sealed)?)?;
        let same = confirmation.vault_id == self.vault_id;
        if same { Ok(confirmation) } else { Err(OpenError::Authentication) }
    }

    fn seal(
        &self,
        label: &str,
        place: ObjectKind<'_>,
        plaintext: &[u8],
        randomness: &mut dyn Randomness,
    ) -> Vec<u8> {
        let key = self.context.key(label);
        envelope::seal(key.expose_secret(), &aad(place), plaintext, randomness)
            .expect("a message of a pairing fits the size classes")
    }

    fn open(
        &self,
        label: &str,
        place: ObjectKind<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        if sealed.len() > limits::PAIRING_MESSAGE_BYTES {
            return Err(OpenError::Malformed("longer than a message of a pairing may be"));
        }
        envelope::open(self.context.key(label).expose_secret(), &aad(place), sealed)
    }
}

fn aad(place: ObjectKind<'_>) -> AssociatedData<'_> {
    let (account, generation) = (AccountId([0; 16]), Generation(0));
    AssociatedData { suite: SuiteId::ONE, account, generation, place }
}

fn info(offered: &Offered, vault_id: &VaultId) -> Vec<u8> {
    encode_parts(&[
        labels::PAIRING.as_bytes(),
        vault_id.as_bytes(),
        &offered.key.to_bytes(),
        &offered.commitment.0.0,
    ])
}
