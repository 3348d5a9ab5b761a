//! The BIP-32 master fingerprint (protocol.md section 9).

use crate::entry::{Entry, Secret};
use crate::phrase::Phrase;
use bip32::XPrv;
use secrecy::ExposeSecret;

/// The first four bytes of HASH160 of the compressed master public key. `None` in the one case in 2^127 in which BIP-32
/// knows no master key for the seed.
#[must_use]
pub fn master(phrase: &Phrase, bip39_passphrase: &str) -> Option<[u8; 4]> {
    let seed = phrase.to_seed(bip39_passphrase);
    XPrv::new(seed.as_slice()).ok().map(|master| master.public_key().fingerprint())
}

/// The fingerprint of an entry that holds a phrase.
pub(crate) fn of(entry: &Entry) -> Option<[u8; 4]> {
    let Secret::Bip39 { phrase, passphrase } = &entry.secret else { return None };
    master(phrase, passphrase.as_ref().map_or("", |passphrase| passphrase.expose_secret()))
}
