//! The BIP-32 master fingerprint (protocol.md section 9).

use crate::entry::{Entry, Secret};
use crate::phrase::Phrase;
use hmac::{Hmac, KeyInit, Mac};
use k256::elliptic_curve::group::GroupEncoding;
use k256::{NonZeroScalar, ProjectivePoint};
use ripemd::Ripemd160;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

/// The first four bytes of HASH160 of the compressed master public key. `None` in the one case in 2^127 in which BIP-32
/// knows no master key for the seed.
#[must_use]
pub fn master(phrase: &Phrase, bip39_passphrase: &str) -> Option<[u8; 4]> {
    of_seed(&phrase.to_seed(bip39_passphrase))
}

fn of_seed(seed: &[u8; 64]) -> Option<[u8; 4]> {
    let mut mac =
        <Hmac<Sha512> as KeyInit>::new_from_slice(b"Bitcoin seed").expect("HMAC takes a key of any length");
    mac.update(seed);
    let key_and_chain_code = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
    let (key, _) = key_and_chain_code.split_first_chunk::<32>()?;
    let key = Zeroizing::new(Option::<NonZeroScalar>::from(NonZeroScalar::from_repr((*key).into()))?);
    let public = (ProjectivePoint::GENERATOR * **key).to_affine().to_bytes();
    let hash = Ripemd160::digest(Sha256::digest(public));
    hash.first_chunk::<4>().copied()
}

/// The fingerprint of an entry that holds a phrase.
pub(crate) fn of(entry: &Entry) -> Option<[u8; 4]> {
    let Secret::Bip39 { phrase, passphrase } = &entry.secret else { return None };
    master(phrase, passphrase.as_ref().map_or("", |passphrase| passphrase.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_what_another_library_makes_of_it(seed in prop::array::uniform32(any::<u8>())) {
            let seed: [u8; 64] = std::array::from_fn(|at| seed[at % 32] ^ u8::try_from(at).expect("small"));
            let other = bip32::XPrv::new(&seed).expect("a master key").public_key().fingerprint();
            prop_assert_eq!(of_seed(&seed), Some(other));
        }
    }
}
