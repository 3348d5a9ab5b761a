//! Reads JSON as the protocol uses it: objects, arrays, text, whole numbers from 0, truth values and `null` (section 13).
//!
//! Whoever answers may be anybody. What is not of this shape is malformed, and nothing more is said of it: the library has one
//! error for it, and without messages a reader is a third of the size, which a page is glad of.

mod access;
mod text;

use serde::de::{Deserialize, Deserializer, Error, Expected, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt;

/// How deep values may lie in values.
const DEPTH: u8 = 32;

/// Reads one value; `None` where the bytes are anything else, or more.
pub fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Option<T> {
    let mut reader = Reader { rest: bytes, depth: 0 };
    let value = T::deserialize(&mut reader).ok()?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

/// It is not what it should be.
#[derive(Debug)]
struct Malformed;

/// What is left to be read.
struct Reader<'de> {
    rest: &'de [u8],
    depth: u8,
}

impl<'de> Reader<'de> {
    fn skip_space(&mut self) {
        let end = self.rest.iter().position(|byte| !b" \t\n\r".contains(byte));
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
    }

    /// The next byte that is no white space, which stays.
    fn peek(&mut self) -> Result<u8, Malformed> {
        self.skip_space();
        self.rest.first().copied().ok_or(Malformed)
    }

    fn take(&mut self, expected: &[u8]) -> Result<(), Malformed> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(expected).ok_or(Malformed)?;
        Ok(())
    }

    fn text(&mut self) -> Result<Cow<'de, str>, Malformed> {
        self.take(b"\"")?;
        let (text, rest) = text::read(self.rest).ok_or(Malformed)?;
        self.rest = rest;
        Ok(text)
    }

    /// A whole number without a sign, or the digits of one that is passed over.
    fn number(&mut self) -> Result<u64, Malformed> {
        let first = self.peek()?;
        let mut number = 0_u64;
        let mut digits = 0;
        while let Some(digit) = self.rest.get(digits).filter(|byte| byte.is_ascii_digit()) {
            let more = number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit - b'0')));
            number = more.ok_or(Malformed)?;
            digits += 1;
        }
        let ends = self.rest.get(digits).is_none_or(|byte| !b".eE".contains(byte));
        if digits == 0 || (first == b'0' && digits > 1) || !ends {
            return Err(Malformed);
        }
        self.rest = &self.rest[digits..];
        Ok(number)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        if self.depth == DEPTH {
            return Err(Malformed);
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn boolean(&mut self) -> Result<bool, Malformed> {
        let is = self.peek()? == b't';
        self.take(if is { b"true" } else { b"false" }).map(|()| is)
    }

    /// Passes over a value that nobody asked for. Numbers may be any that JSON has.
    fn skip(&mut self) -> Result<(), Malformed> {
        match self.peek()? {
            b'"' => self.text().map(drop),
            b'n' => self.take(b"null"),
            b't' | b'f' => self.boolean().map(drop),
            b'[' => self.deeper(|reader| reader.skip_all(b"[", b"]", Self::skip)),
            b'{' => self.deeper(|reader| {
                reader.skip_all(b"{", b"}", |reader| {
                    reader.text()?;
                    reader.take(b":")?;
                    reader.skip()
                })
            }),
            _ => self.skip_number(),
        }
    }

    fn skip_all(
        &mut self,
        open: &[u8],
        close: &[u8],
        mut one: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.take(open)?;
        if self.take(close).is_ok() {
            return Ok(());
        }
        loop {
            one(self)?;
            if self.take(b",").is_err() {
                return self.take(close);
            }
        }
    }

    fn skip_number(&mut self) -> Result<(), Malformed> {
        let _ = self.take(b"-");
        let whole = self.skip_digits()?;
        if whole.len() > 1 && whole[0] == b'0' {
            return Err(Malformed);
        }
        if let Some(rest) = self.rest.strip_prefix(b".") {
            self.rest = rest;
            self.skip_digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest.strip_prefix(b"+").or_else(|| rest.strip_prefix(b"-")).unwrap_or(rest);
            self.skip_digits()?;
        }
        Ok(())
    }

    fn skip_digits(&mut self) -> Result<&'de [u8], Malformed> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        if digits.is_empty() { Err(Malformed) } else { Ok(digits) }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Malformed> {
        // No type of the protocol leaves open what it is.
        Err(Malformed)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.text()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.peek()? == b'n' {
            self.take(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.take(b"[")?;
        self.deeper(|reader| visitor.visit_seq(access::Elements::of(reader)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.take(b"{")?;
        self.deeper(|reader| visitor.visit_map(access::Elements::of(reader)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_enum(access::Variant(self))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i8 i16 i32 i64 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed JSON")
    }
}

impl std::error::Error for Malformed {}

/// All the ways to say that it is not what it should be, without a word more.
impl Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests;
