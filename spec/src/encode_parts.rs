//! `encode_parts`: length-prefixed concatenation, the only way in which parts are joined
//! (protocol.md section 1).

/// Joins the parts, each after its length as a big-endian `u32`.
///
/// # Panics
/// If a part is longer than `u32::MAX` bytes, which the protocol's limits exclude.
#[must_use]
pub fn encode_parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        let length = u32::try_from(part.len()).expect("limits keep every part below 4 GiB");
        joined.extend_from_slice(&length.to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

/// Splits `bytes` into exactly `N` parts. `None` if they are anything else.
#[must_use]
pub fn split<const N: usize>(bytes: &[u8]) -> Option<[&[u8]; N]> {
    let mut rest = bytes;
    let mut parts = [&[][..]; N];
    for part in &mut parts {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        (*part, rest) = tail.split_at_checked(length)?;
    }
    rest.is_empty().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn splits_what_it_joined(a: Vec<u8>, b: Vec<u8>, c: Vec<u8>) {
            let joined = encode_parts(&[&a, &b, &c]);
            prop_assert_eq!(split::<3>(&joined), Some([&a[..], &b[..], &c[..]]));
            prop_assert_eq!(split::<2>(&joined), None);
            prop_assert_eq!(split::<4>(&joined), None);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = split::<2>(&bytes);
        }
    }
}
