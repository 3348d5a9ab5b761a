//! The seed of BIP-39: 2,048 rounds of PBKDF2 with HMAC-SHA-512.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

const ROUNDS: u32 = 2048;

/// Stretches a phrase's words, in NFKD between single spaces, with a BIP-39 passphrase in NFKD.
pub(super) fn stretch(words: &str, passphrase: &str) -> Zeroizing<[u8; 64]> {
    let keyed =
        <Hmac<Sha512> as KeyInit>::new_from_slice(words.as_bytes()).expect("HMAC takes a key of any length");
    let mut mac = keyed.clone();
    mac.update(b"mnemonic");
    mac.update(passphrase.as_bytes());
    // One block suffices: it is as long as the seed.
    mac.update(&1_u32.to_be_bytes());
    let mut round = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
    let mut seed = round.clone();
    for _ in 1..ROUNDS {
        let mut mac = keyed.clone();
        mac.update(round.as_slice());
        *round = mac.finalize().into_bytes().into();
        seed.iter_mut().zip(round.iter()).for_each(|(sum, byte)| *sum ^= byte);
    }
    seed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn is_what_bip39_makes_of_it(entropy: [u8; 16], passphrase in ".{0,80}") {
            let other = bip39::Mnemonic::from_entropy(&entropy).expect("16 bytes");
            prop_assert_eq!(*stretch(&other.to_string(), &passphrase), other.to_seed_normalized(&passphrase));
        }
    }
}
