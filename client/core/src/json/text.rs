//! Text between quotation marks.

use std::borrow::Cow;

/// The text up to the closing mark, behind the opening one, and what follows; `None` where there is none.
pub(super) fn read(bytes: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < b' ')?;
    let (plain, rest) = bytes.split_at(end);
    let plain = std::str::from_utf8(plain).ok()?;
    match rest {
        [b'"', rest @ ..] => Some((Cow::Borrowed(plain), rest)),
        [b'\\', ..] => with_escapes(plain, rest),
        _ => None,
    }
}

fn with_escapes<'de>(plain: &str, mut rest: &'de [u8]) -> Option<(Cow<'de, str>, &'de [u8])> {
    let mut text = plain.to_owned();
    loop {
        let end = rest.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < b' ')?;
        let (plain, more) = rest.split_at(end);
        text.push_str(std::str::from_utf8(plain).ok()?);
        rest = match more {
            [b'"', rest @ ..] => return Some((Cow::Owned(text), rest)),
            [b'\\', b'u', rest @ ..] => {
                let (character, rest) = coded(rest)?;
                text.push(character);
                rest
            }
            [b'\\', escape, rest @ ..] => {
                text.push(escaped(*escape)?);
                rest
            }
            _ => return None,
        };
    }
}

fn escaped(escape: u8) -> Option<char> {
    Some(match escape {
        b'"' | b'\\' | b'/' => char::from(escape),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

/// Four digits, or twice four of a pair that stands for one character.
fn coded(rest: &[u8]) -> Option<(char, &[u8])> {
    let (unit, rest) = unit(rest)?;
    if !(0xd800..0xdc00).contains(&unit) {
        return Some((char::from_u32(unit)?, rest));
    }
    let (low, rest) = self::unit(rest.strip_prefix(b"\\u")?)?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + low)?, rest))
}

fn unit(rest: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = rest.split_first_chunk::<4>()?;
    let digit = |unit: u32, digit: &u8| Some(unit << 4 | char::from(*digit).to_digit(16)?);
    Some((digits.iter().try_fold(0, digit)?, rest))
}
