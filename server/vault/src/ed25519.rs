//! Ed25519 with the strict rules of protocol.md section 14: canonical encodings, and no points of
//! small order.

use ed25519_dalek::{Signature, VerifyingKey};
use rootcellar_spec::ed25519::is_canonical;

/// Parses a key that can verify signatures.
fn key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes).ok()?;
    (is_canonical(bytes) && !key.is_weak()).then_some(key)
}

/// Whether these bytes are a valid public key.
#[must_use]
pub fn is_public_key(bytes: &[u8; 32]) -> bool {
    key(bytes).is_some()
}

/// Whether `public_key` signed `message`.
#[must_use]
pub fn verifies(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    key(public_key).is_some_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `p + 3`. Reduced, it is a point of the curve that is not of small order.
    fn non_canonical() -> [u8; 32] {
        let mut key = [0xff; 32];
        (key[0], key[31]) = (0xed + 3, 0x7f);
        key
    }

    #[test]
    fn neither_small_order_nor_another_encoding_is_a_key() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(!is_public_key(&[0; 32]) && !is_public_key(&identity), "of small order");
        assert!(!is_public_key(&[2; 32]), "no point of the curve");
        assert!(!VerifyingKey::from_bytes(&non_canonical()).expect("the library reduces it").is_weak());
        assert!(!is_public_key(&non_canonical()));
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        assert!(is_public_key(&key.verifying_key().to_bytes()));
    }
}
