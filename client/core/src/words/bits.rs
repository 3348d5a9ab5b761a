//! Words as bits, eleven each: entropy, and behind it the first bits of its SHA-256 (BIP-39).

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const WORD_BITS: usize = 11;
/// Of 24 words.
const MOST_BYTES: usize = 33;

/// The entropy and the checksum's bits, in the order of the words; bits that no word has are zero.
pub(crate) fn pack(words: impl Iterator<Item = u16>) -> Zeroizing<[u8; MOST_BYTES]> {
    let mut bits = Zeroizing::new([0_u8; MOST_BYTES]);
    for (place, word) in words.enumerate() {
        for bit in (0..WORD_BITS).filter(|bit| word >> (WORD_BITS - 1 - bit) & 1 == 1) {
            let at = place * WORD_BITS + bit;
            if let Some(byte) = bits.get_mut(at / 8) {
                *byte |= 0x80 >> (at % 8);
            }
        }
    }
    bits
}

/// The number of the word at this place.
pub(crate) fn word_at(bits: &[u8; MOST_BYTES], place: usize) -> usize {
    (place * WORD_BITS..(place + 1) * WORD_BITS)
        .fold(0, |word, at| word << 1 | usize::from(bits[at / 8] >> (7 - at % 8) & 1))
}

/// Entropy with its checksum behind it: whole bytes of it, of which a phrase of so many words has the first bits.
pub(crate) fn with_checksum(entropy: &[u8]) -> Zeroizing<[u8; MOST_BYTES]> {
    let mut bits = Zeroizing::new([0_u8; MOST_BYTES]);
    bits[..entropy.len()].copy_from_slice(entropy);
    bits[entropy.len()] = checksum(entropy);
    bits
}

/// The entropy that so many words hold, where their checksum is right.
pub(crate) fn checked(bits: &[u8; MOST_BYTES], words: usize) -> Option<&[u8]> {
    let (entropy, rest) = bits.split_at(words * 4 / 3);
    (rest[0] == checksum(entropy)).then_some(entropy)
}

/// One bit for every four bytes, at the front of a byte.
pub(crate) fn checksum(entropy: &[u8]) -> u8 {
    let kept = entropy.len() / 4;
    Sha256::digest(entropy)[0] & (0xff00_u16 >> kept).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_what_bip39_makes_of_it(entropy: [u8; 32], words in 0_usize..5) {
            let entropy = &entropy[..16 + 4 * words];
            let other = bip39::Mnemonic::from_entropy(entropy).expect("a BIP-39 length");
            let bits = with_checksum(entropy);
            let own: Vec<usize> = (0..other.word_count()).map(|place| word_at(&bits, place)).collect();
            let theirs: Vec<usize> = other.word_indices().collect();
            prop_assert_eq!(&own, &theirs);
            let packed = pack(theirs.iter().map(|word| u16::try_from(*word).expect("small")));
            prop_assert_eq!(checked(&packed, other.word_count()), Some(entropy));
            let mut wrong = packed.clone();
            wrong[entropy.len()] ^= 0x80;
            prop_assert_eq!(checked(&wrong, other.word_count()), None);
        }
    }
}
