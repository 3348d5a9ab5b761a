//! The label of a recovery method, encrypted for the account's devices (protocol.md section 7.1).

use crate::aad::{AssociatedData, ObjectKind};
use crate::cbor::{self, MapWriter};
use crate::envelope;
use crate::inventory::Label;
use crate::keys::InventoryKey;
use crate::open_error::OpenError;
use crate::randomness::Randomness;
use rootcellar_spec::{AccountId, Digest, Generation, SuiteId};

const TEXT: u64 = 1;

/// Where a label belongs.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryLabelPlace {
    /// The suite to encrypt under; a label is decrypted under the one that it names.
    pub suite: SuiteId,
    /// The account.
    pub account: AccountId,
    /// The generation of its keys.
    pub generation: Generation,
    /// Digest of the method's locator.
    pub locator_digest: Digest,
}

impl RecoveryLabelPlace {
    fn aad(&self) -> AssociatedData<'static> {
        let Self { suite, account, generation, locator_digest } = *self;
        AssociatedData { suite, account, generation, place: ObjectKind::RecoveryLabel(locator_digest) }
    }
}

/// Encrypts a label.
#[must_use]
pub fn seal(
    label: &Label,
    key: &InventoryKey,
    place: RecoveryLabelPlace,
    randomness: &mut dyn Randomness,
) -> Vec<u8> {
    let mut map = MapWriter::default();
    map.text(TEXT, label.exact());
    let plaintext = map.finish(&cbor::Unknown::default());
    envelope::seal(key.expose(), &place.aad(), &plaintext, randomness).expect("a label fits the second class")
}

/// Decrypts a label.
///
/// # Errors
/// As section 1 says.
pub fn open(sealed: &[u8], key: &InventoryKey, place: RecoveryLabelPlace) -> Result<Label, OpenError> {
    let suite = envelope::named_suite(sealed).unwrap_or(place.suite);
    let plaintext = envelope::open(key.expose(), &RecoveryLabelPlace { suite, ..place }.aad(), sealed)?;
    let mut label = None;
    cbor::read_whole(&plaintext, |key, decoder| {
        if key == TEXT {
            label = Some(Label::untrimmed(decoder.str()?).map_err(|_| cbor::Malformed)?);
        }
        Ok(key == TEXT)
    })?;
    label.ok_or(OpenError::Malformed("label"))
}
