//! Padding to size classes before sealing (protocol.md section 6.1).

use crate::open_error::OpenError;
use zeroize::Zeroizing;

const SMALLEST_CLASS: usize = 256;
const CLASSES: u32 = 13;
const LENGTH_BYTES: usize = 4;

/// The smallest size class that holds `plaintext` bytes and their length; `None` where none does.
fn class_of(plaintext: usize) -> Option<usize> {
    let needed = plaintext.checked_add(LENGTH_BYTES)?;
    (0..CLASSES).map(|k| SMALLEST_CLASS << k).find(|class| needed <= *class)
}

/// `u32(len) ‖ plaintext ‖ zeros`, as long as its size class; `None` where no class is large enough.
#[must_use]
pub fn pad(plaintext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let class = class_of(plaintext.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(class));
    padded.extend_from_slice(&u32::try_from(plaintext.len()).ok()?.to_be_bytes());
    padded.extend_from_slice(plaintext);
    padded.resize(class, 0);
    Some(padded)
}

/// Takes the plaintext out of its padding.
///
/// # Errors
/// `Malformed` where the bytes are not exactly what [`pad`] makes.
pub fn unpad(padded: &[u8]) -> Result<&[u8], OpenError> {
    let malformed = OpenError::Malformed("padding");
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>().ok_or(malformed)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| malformed)?;
    let (plaintext, zeros) = rest.split_at_checked(length).ok_or(malformed)?;
    let exact = class_of(length) == Some(padded.len()) && zeros.iter().all(|byte| *byte == 0);
    if exact { Ok(plaintext) } else { Err(malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn takes_out_what_it_put_in(plaintext in prop::collection::vec(any::<u8>(), 0..3000)) {
            let padded = pad(&plaintext).expect("below the largest class");
            prop_assert_eq!(unpad(&padded), Ok(&plaintext[..]));
            prop_assert!(padded.len().is_power_of_two() && padded.len() >= 256);
        }
    }

    #[test]
    fn refuses_what_it_would_not_make() {
        let padded = pad(b"seed").expect("small");
        let mut dirty = padded.to_vec();
        *dirty.last_mut().expect("not empty") = 1;
        assert!(unpad(&dirty).is_err(), "padding that is not zero");
        let mut long = padded.to_vec();
        long.resize(512, 0);
        assert!(unpad(&long).is_err(), "a class too large");
        assert!(unpad(&padded[..255]).is_err(), "no class");
        let mut overlong = padded.to_vec();
        overlong[..4].copy_from_slice(&300_u32.to_be_bytes());
        assert!(unpad(&overlong).is_err(), "a length that does not fit");
        assert!(pad(&vec![0; (1 << 20) - 3]).is_none());
        assert!(pad(&vec![0; (1 << 20) - 4]).is_some());
    }
}
