//! The form of a plaintext (protocol.md section 1): one way to write each value, a few types, a bounded depth.
//!
//! It is checked over the whole plaintext before a field is read, so that the values of unknown keys follow the same rules.

use super::Malformed;

/// Most arrays and maps within one another, the plaintext's own map included.
const DEEPEST: u8 = 16;

/// Checks that `bytes` are exactly one item of this form.
pub(super) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    if item(bytes, DEEPEST)?.is_empty() { Ok(()) } else { Err(Malformed) }
}

/// Checks one item, which may hold `levels` arrays and maps within one another; gives what follows it.
fn item(bytes: &[u8], levels: u8) -> Result<&[u8], Malformed> {
    let (major, argument, rest) = head(bytes)?;
    match major {
        0 | 1 => Ok(rest),
        2 => Ok(string(rest, argument)?.1),
        3 => {
            let (text, rest) = string(rest, argument)?;
            std::str::from_utf8(text).map(|_| rest).map_err(|_| Malformed)
        }
        4 => {
            let levels = levels.checked_sub(1).ok_or(Malformed)?;
            (0..argument).try_fold(rest, |rest, _| item(rest, levels))
        }
        5 => map(rest, argument, levels.checked_sub(1).ok_or(Malformed)?),
        // false, true and null; any float has another argument.
        7 if (20..=22).contains(&argument) => Ok(rest),
        _ => Err(Malformed),
    }
}

/// Checks the fields of a map: unsigned keys that ascend.
fn map(mut rest: &[u8], fields: u64, levels: u8) -> Result<&[u8], Malformed> {
    let mut least = Some(0);
    for _ in 0..fields {
        let (major, key, value) = head(rest)?;
        if major != 0 || least.is_none_or(|least| key < least) {
            return Err(Malformed);
        }
        least = key.checked_add(1);
        rest = item(value, levels)?;
    }
    Ok(rest)
}

/// The bytes of a string, and what follows it.
fn string(bytes: &[u8], length: u64) -> Result<(&[u8], &[u8]), Malformed> {
    usize::try_from(length).ok().and_then(|length| bytes.split_at_checked(length)).ok_or(Malformed)
}

/// Major type and argument of an item, the argument in its shortest form, and what follows them.
fn head(bytes: &[u8]) -> Result<(u8, u64, &[u8]), Malformed> {
    let (first, rest) = bytes.split_first().ok_or(Malformed)?;
    let major = first >> 5;
    let (width, least) = match first & 0x1f {
        argument @ 0..=23 => return Ok((major, argument.into(), rest)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        // Reserved, or an indefinite length.
        _ => return Err(Malformed),
    };
    let (argument, rest) = rest.split_at_checked(width).ok_or(Malformed)?;
    let argument = argument.iter().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte));
    if argument < least { Err(Malformed) } else { Ok((major, argument, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minicbor::data::Type;
    use minicbor::{Decoder, Encoder};
    use proptest::prelude::*;

    /// Another way to the same verdict: the library reads item by item, an explicit stack holds what is open, and what was
    /// read is written again, which must give the same bytes.
    fn written_again(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut decoder = Decoder::new(bytes);
        let mut encoder = Encoder::new(Vec::new());
        // Of each open array or map: items that are to come, and of a map the keys so far.
        let mut open: Vec<(u64, Option<Vec<u64>>)> = vec![(1, None)];
        while let Some((left, keys)) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            if let Some(keys) = keys {
                let key = decoder.u64().ok()?;
                if keys.last().is_some_and(|last| *last >= key) {
                    return None;
                }
                keys.push(key);
                encoder.u64(key).ok()?;
            }
            match decoder.datatype().ok()? {
                Type::U8 | Type::U16 | Type::U32 | Type::U64 => {
                    encoder.u64(decoder.u64().ok()?).ok()?;
                }
                Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
                    encoder.int(decoder.int().ok()?).ok()?;
                }
                Type::Bytes => drop(encoder.bytes(decoder.bytes().ok()?).ok()?),
                Type::String => drop(encoder.str(decoder.str().ok()?).ok()?),
                Type::Bool => drop(encoder.bool(decoder.bool().ok()?).ok()?),
                Type::Null => {
                    decoder.null().ok()?;
                    encoder.null().ok()?;
                }
                Type::Array => {
                    let length = decoder.array().ok()??;
                    encoder.array(length).ok()?;
                    open.push((length, None));
                }
                Type::Map => {
                    let length = decoder.map().ok()??;
                    encoder.map(length).ok()?;
                    open.push((length, Some(Vec::new())));
                }
                _ => return None,
            }
            // The first is no array, but what stands for the whole.
            if open.len() > usize::from(DEEPEST) + 1 {
                return None;
            }
        }
        Some(encoder.into_writer())
    }

    fn agrees(bytes: &[u8]) -> bool {
        check(bytes).is_ok() == written_again(bytes).is_some_and(|again| again == bytes)
    }

    /// Well-formed items, most of them of the form.
    fn items() -> impl Strategy<Value = Vec<u8>> {
        let encoded = |write: &dyn Fn(&mut Encoder<&mut Vec<u8>>)| {
            let mut out = Vec::new();
            write(&mut Encoder::new(&mut out));
            out
        };
        let leaf = prop_oneof![
            any::<u64>().prop_map(move |value| encoded(&|encoder| drop(encoder.u64(value)))),
            any::<i64>().prop_map(move |value| encoded(&|encoder| drop(encoder.i64(value)))),
            ".{0,9}".prop_map(move |text| encoded(&|encoder| drop(encoder.str(&text)))),
            prop::collection::vec(any::<u8>(), 0..30)
                .prop_map(move |bytes| encoded(&|encoder| drop(encoder.bytes(&bytes)))),
            any::<u8>().prop_map(|byte| vec![0xe0 | byte]),
        ];
        leaf.prop_recursive(20, 60, 4, move |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(move |items| {
                [encoded(&|e| drop(e.array(items.len() as u64))), items.concat()].concat()
            });
            let map = prop::collection::btree_map(0_u64..300, inner, 0..4).prop_map(move |fields| {
                let mut out = encoded(&|e| drop(e.map(fields.len() as u64)));
                for (key, value) in &fields {
                    out.extend(encoded(&|e| drop(e.u64(*key))));
                    out.extend(value);
                }
                out
            });
            prop_oneof![list, map]
        })
    }

    proptest! {
        #[test]
        fn random_bytes_are_judged_alike(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            prop_assert!(agrees(&bytes));
        }

        #[test]
        fn items_are_judged_alike_before_and_after_a_change(
            item in items(), at in any::<prop::sample::Index>(), value in any::<u8>()
        ) {
            prop_assert!(agrees(&item));
            let mut changed = item;
            let at = at.index(changed.len());
            changed[at] = value;
            prop_assert!(agrees(&changed));
        }

        #[test]
        fn any_bytes_end_the_check(bytes in prop::collection::vec(prop::sample::select(vec![0x81_u8, 0xa1, 0x00]), 0..6_000)) {
            // Five thousand levels once overflowed stacks elsewhere: here they are refused.
            prop_assert!(agrees(&bytes));
        }
    }

    #[test]
    fn the_oracle_takes_and_refuses() {
        for (bytes, taken) in [
            (&[0xa1, 0x00, 0xf5][..], true),
            (&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], true),
            (&[0x18, 0x17], false),
            (&[0xf8, 0x18], false),
            (&[0xff], false),
            (&[0xbf, 0x01, 0xff], false),
        ] {
            assert_eq!(check(bytes).is_ok(), taken, "{bytes:02x?}");
            assert!(agrees(bytes), "{bytes:02x?}");
        }
        let nested = |levels: usize| [vec![0x81; levels], vec![0x00]].concat();
        assert!(check(&nested(16)).is_ok() && check(&nested(17)).is_err() && check(&nested(5_000)).is_err());
    }
}
