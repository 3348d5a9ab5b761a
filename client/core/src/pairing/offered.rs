//! What the new device shows, as a QR code and as text (protocol.md section 19, steps 1 and 2).

use super::exchange::PairingPublicKey;
use crate::inventory::Label;
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::values::DeviceId;
use rootcellar_spec::{Digest, base64url, labels};
use std::fmt;

/// What the text of every version begins with.
const KIND: &str = "rootcellar-pair-";
/// What the text of this version begins with.
const PREFIX: &str = "rootcellar-pair-1:";
const CHECK_BYTES: usize = 4;

/// What the new device binds itself to before it knows the other's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment(pub Digest);

impl Commitment {
    /// The commitment to these.
    #[must_use]
    pub fn to(nonce: &[u8; 32], request_key: &[u8; 32], device: DeviceId, label: &Label) -> Self {
        Self(Digest::of(&encode_parts(&[
            labels::PAIRING_COMMITMENT.as_bytes(),
            nonce,
            request_key,
            &device.0,
            label.exact().as_bytes(),
        ])))
    }
}

/// The new device's key and commitment. No secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The new device's HPKE key, for this pairing alone.
    pub key: PairingPublicKey,
    /// What it commits itself to.
    pub commitment: Commitment,
}

/// Why a text is no offer of a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferedError {
    /// It does not begin like one.
    #[error("this is not the text that a new device shows: copy the whole text, which starts with {PREFIX}")]
    Foreign,
    /// Another version of the protocol.
    #[error("the new device uses a newer version: update this program")]
    Unsupported,
    /// Characters are missing or wrong.
    #[error("a part of the text is missing or mistyped: copy the whole text, or scan the QR code")]
    Damaged,
}

impl Offered {
    /// Where the two devices meet: names the mailbox in the vault.
    #[must_use]
    pub fn mailbox(&self) -> Digest {
        let label = labels::PAIRING_MAILBOX.as_bytes();
        Digest::of(&encode_parts(&[label, &self.key.to_bytes(), &self.commitment.0.0]))
    }

    /// Reads the text, with whatever white space there is between and around its characters.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, OfferedError> {
        let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            let version = text.strip_prefix(KIND).and_then(|rest| rest.split_once(':'));
            let newer = version.is_some_and(|(version, _)| version.parse::<u32>().is_ok());
            return Err(if newer { OfferedError::Unsupported } else { OfferedError::Foreign });
        };
        let bytes: [u8; 68] = base64url::decode_array(encoded).ok_or(OfferedError::Damaged)?;
        let (key, rest) = bytes.split_first_chunk::<32>().expect("68 bytes");
        let (commitment, check) = rest.split_first_chunk::<32>().expect("36 bytes");
        let key = PairingPublicKey::from_bytes(key).ok_or(OfferedError::Damaged)?;
        let offered = Self { key, commitment: Commitment(Digest(*commitment)) };
        if offered.mailbox().0[..CHECK_BYTES] == *check { Ok(offered) } else { Err(OfferedError::Damaged) }
    }
}

/// The text: 109 characters.
impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = &self.mailbox().0[..CHECK_BYTES];
        let bytes = [&self.key.to_bytes()[..], &self.commitment.0.0, check].concat();
        write!(f, "{PREFIX}{}", base64url::encode(&bytes))
    }
}
