//! The elements of arrays and objects, and the names of variants.

use super::{Malformed, Reader};
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

/// What is left of an array or an object, behind its first bracket. It is not read to its end where somebody stops asking: what
/// follows then is not what should follow.
pub(super) struct Elements<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_first: bool,
}

impl<'r, 'de> Elements<'r, 'de> {
    pub(super) fn of(reader: &'r mut Reader<'de>) -> Self {
        Self { reader, is_first: true }
    }

    /// Whether there is another one, which is then at hand.
    fn next(&mut self, close: u8) -> Result<bool, Malformed> {
        let is_first = std::mem::take(&mut self.is_first);
        if self.reader.peek()? == close {
            self.reader.take(&[close])?;
            return Ok(false);
        }
        if !is_first {
            self.reader.take(b",")?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        if self.next(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        if self.next(b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Malformed> {
        self.reader.take(b":")?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant: its name, or an object whose only member has that name and the variant's content.
pub(super) struct Variant<'r, 'de>(pub(super) &'r mut Reader<'de>);

/// What follows a variant's name.
pub(super) struct Content<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_object: bool,
}

impl<'r, 'de> EnumAccess<'de> for Variant<'r, 'de> {
    type Error = Malformed;
    type Variant = Content<'r, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Malformed> {
        let reader = self.0;
        let is_object = reader.peek()? == b'{';
        if is_object {
            reader.take(b"{")?;
        }
        Ok((seed.deserialize(&mut *reader)?, Content { reader, is_object }))
    }
}

impl<'de> VariantAccess<'de> for Content<'_, 'de> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<(), Malformed> {
        if self.is_object { Err(Malformed) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Malformed> {
        if !self.is_object {
            return Err(Malformed);
        }
        self.reader.take(b":")?;
        let content = self.reader.deeper(|reader| seed.deserialize(reader))?;
        self.reader.take(b"}")?;
        Ok(content)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Malformed> {
        Err(Malformed)
    }
}
