//! Hexadecimal digits, for IDs and digests and in names of objects.
//!
//! By `base16ct`, because some values are secret: its time does not depend on them, and it keeps no
//! copies.

use base16ct::{lower, mixed};

/// Lower-case digits, two per byte. Leaves no copies in memory, because the text may be a secret.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    lower::encode_string(bytes)
}

/// The bytes of digits in lower or upper case, if there are just as many as the place has room for.
#[must_use]
pub fn decode_into(digits: impl AsRef<[u8]>, bytes: &mut [u8]) -> bool {
    let length = bytes.len();
    mixed::decode(digits, bytes).is_ok_and(|decoded| decoded.len() == length)
}

/// The bytes of any number of digits in lower or upper case.
#[must_use]
pub fn decode(digits: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    mixed::decode_vec(digits).ok()
}

/// As many bytes as are expected, of digits in lower or upper case. Not for a secret: the array is copied.
#[must_use]
pub fn decode_array<const N: usize>(digits: impl AsRef<[u8]>) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    decode_into(digits, &mut bytes).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(encode(&[0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(encode(&[]), "");
    }

    #[test]
    fn what_is_no_hex_is_not_read() {
        assert_eq!(decode("000fA5"), Some(vec![0x00, 0x0f, 0xa5]));
        assert_eq!(decode(""), Some(vec![]));
        assert_eq!((decode("000"), decode("0g"), decode("0x00"), decode(" 00")), (None, None, None, None));
    }

    #[test]
    fn only_the_expected_number_of_digits_is_read() {
        assert_eq!(decode_array("000fA5ff"), Some([0x00, 0x0f, 0xa5, 0xff]));
        for wrong in
            ["", "000fa5f", "000fa5ff0", "000fa5", "000fa5ff00", "000fa5fg", "+00fa5ff", "000fa5f\u{e9}"]
        {
            assert_eq!(decode_array::<4>(wrong), None, "{wrong:?}");
        }
    }
}
