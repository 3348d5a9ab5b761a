//! `derive` (protocol.md section 1): HKDF-SHA-512 with an empty salt and a labelled, length-prefixed `info`.

use hkdf::Hkdf;
use rootcellar_spec::encode_parts::encode_parts;
use rootcellar_spec::labels::PREFIX;
use sha2::Sha512;

/// Fills `out` with `derive(ikm, label, context…; out.len())`.
pub(crate) fn derive_into(ikm: &[u8], label: &str, context: &[&[u8]], out: &mut [u8]) {
    let label = format!("{PREFIX}{label}");
    let mut parts = vec![label.as_bytes()];
    parts.extend_from_slice(context);
    Hkdf::<Sha512>::new(None, ikm)
        .expand(&encode_parts(&parts), out)
        .expect("no key is longer than HKDF's 255 blocks");
}
