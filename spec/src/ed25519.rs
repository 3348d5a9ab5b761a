//! The checks of an Ed25519 public key that need no curve arithmetic (protocol.md section 14).

/// Whether 32 bytes are the canonical encoding of a `y` coordinate: below `p = 2^255 - 19`,
/// ignoring the sign bit.
///
/// Some libraries reduce `y` instead, and then a key has two encodings.
#[must_use]
pub fn is_canonical(public_key: &[u8; 32]) -> bool {
    let [lowest, middle @ .., highest] = public_key;
    *lowest < 0xed || middle.iter().any(|byte| *byte != 0xff) || highest & 0x7f != 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_p_is_canonical() {
        let below_p = |lowest: u8, highest: u8| {
            let mut key = [0xff; 32];
            (key[0], key[31]) = (lowest, highest);
            is_canonical(&key)
        };
        assert!(below_p(0xec, 0x7f) && below_p(0xec, 0xff), "p - 1");
        assert!(!below_p(0xed, 0x7f) && !below_p(0xed, 0xff), "p");
        assert!(!below_p(0xff, 0x7f), "2^255 - 1");
        assert!(below_p(0xff, 0x7e) && is_canonical(&[0; 32]));
    }
}
