//! The BIP-32 master fingerprint (protocol.md section 9).

use crate::phrase::Phrase;
use bip32::XPrv;

/// The first four bytes of HASH160 of the compressed master public key. `None` in the one case in 2^127 in which BIP-32
/// knows no master key for the seed.
#[must_use]
pub fn master(phrase: &Phrase, bip39_passphrase: &str) -> Option<[u8; 4]> {
    let seed = phrase.to_seed(bip39_passphrase);
    XPrv::new(seed.as_slice()).ok().map(|master| master.public_key().fingerprint())
}
