//! The narrow CBOR of protocol.md section 1: definite lengths, ascending unsigned keys, and unknown keys carried over.

mod form;

use crate::open_error::OpenError;
use minicbor::{Decoder, Encoder, decode};
use zeroize::Zeroizing;

/// Any failure of the decoder is one failure: malformed.
#[derive(Debug)]
pub(crate) struct Malformed;

impl From<decode::Error> for Malformed {
    fn from(_: decode::Error) -> Self {
        Self
    }
}

impl From<Malformed> for OpenError {
    fn from(_: Malformed) -> Self {
        Self::Malformed("CBOR")
    }
}

/// Map fields that this version does not know, with their exact bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unknown(Vec<(u64, Zeroizing<Vec<u8>>)>);

/// Reads a map within [`read_whole`]: `known` takes the value of a key that it knows and says so.
pub(crate) fn read_map<'b>(
    decoder: &mut Decoder<'b>,
    mut known: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, Malformed>,
) -> Result<Unknown, Malformed> {
    let mut unknown = Unknown::default();
    let mut last = None;
    for _ in 0..decoder.map()?.ok_or(Malformed)? {
        let key = decoder.u64()?;
        if last.is_some_and(|last| key <= last) {
            return Err(Malformed);
        }
        last = Some(key);
        let start = decoder.position();
        if !known(key, decoder)? {
            decoder.skip()?;
            let bytes = decoder.input()[start..decoder.position()].to_vec();
            unknown.0.push((key, Zeroizing::new(bytes)));
        }
    }
    Ok(unknown)
}

/// Reads exactly one map and nothing after it. Everything in it, unknown or not, must have the form of section 1.
pub(crate) fn read_whole<'b>(
    bytes: &'b [u8],
    known: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool, Malformed>,
) -> Result<Unknown, Malformed> {
    form::check(bytes)?;
    let mut decoder = Decoder::new(bytes);
    let unknown = read_map(&mut decoder, known)?;
    if decoder.position() == bytes.len() { Ok(unknown) } else { Err(Malformed) }
}

/// Reads an array of at most `most` values.
pub(crate) fn list<'b, T>(
    decoder: &mut Decoder<'b>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let count = decoder.array()?.ok_or(Malformed)?;
    if count > most as u64 {
        return Err(Malformed);
    }
    (0..count).map(|_| read(decoder)).collect()
}

/// As [`list`], of values that must differ in what `id` gives of them.
pub(crate) fn distinct<'b, T, I: PartialEq>(
    decoder: &mut Decoder<'b>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<T, Malformed>,
    id: impl Fn(&T) -> I,
) -> Result<Vec<T>, Malformed> {
    let mut ids = Vec::new();
    list(decoder, most, |decoder| {
        let value = read(decoder)?;
        if ids.contains(&id(&value)) {
            return Err(Malformed);
        }
        ids.push(id(&value));
        Ok(value)
    })
}

/// Reads a byte string of exactly `N` bytes.
pub(crate) fn array<const N: usize>(decoder: &mut Decoder<'_>) -> Result<[u8; N], Malformed> {
    decoder.bytes()?.try_into().map_err(|_| Malformed)
}

/// Collects the fields of a map and writes them in the order of their keys.
#[derive(Default)]
pub(crate) struct MapWriter(Vec<(u64, Zeroizing<Vec<u8>>)>);

/// Room for CBOR's head of one item, so that a buffer that holds a secret never grows.
const HEAD_BYTES: usize = 9;

impl MapWriter {
    /// Adds a field whose value takes at most `size` bytes and what CBOR adds.
    fn field(
        &mut self,
        key: u64,
        size: usize,
        write: impl FnOnce(
            &mut Encoder<&mut Vec<u8>>,
        ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
    ) {
        let mut value = Zeroizing::new(Vec::with_capacity(size + HEAD_BYTES));
        write(&mut Encoder::new(&mut *value)).expect("writing to memory does not fail");
        self.encoded(key, value);
    }

    pub(crate) fn uint(&mut self, key: u64, value: u64) {
        self.field(key, 0, |encoder| encoder.u64(value).map(drop));
    }

    pub(crate) fn bytes(&mut self, key: u64, value: &[u8]) {
        self.field(key, value.len(), |encoder| encoder.bytes(value).map(drop));
    }

    pub(crate) fn text(&mut self, key: u64, value: &str) {
        self.field(key, value.len(), |encoder| encoder.str(value).map(drop));
    }

    pub(crate) fn texts(&mut self, key: u64, values: &[String]) {
        let size = values.iter().map(|value| value.len() + HEAD_BYTES).sum();
        self.field(key, size, |encoder| {
            encoder.array(values.len() as u64)?;
            values.iter().try_for_each(|value| encoder.str(value).map(drop))
        });
    }

    pub(crate) fn byte_strings<'b>(
        &mut self,
        key: u64,
        values: impl ExactSizeIterator<Item = &'b [u8]> + Clone,
    ) {
        let size = values.clone().map(|value| value.len() + HEAD_BYTES).sum();
        self.field(key, size, |encoder| {
            encoder.array(values.len() as u64)?;
            values.into_iter().try_for_each(|value| encoder.bytes(value).map(drop))
        });
    }

    /// Adds a field whose value is an array of maps.
    pub(crate) fn maps(&mut self, key: u64, maps: Vec<Zeroizing<Vec<u8>>>) {
        let mut value =
            Zeroizing::new(Vec::with_capacity(maps.iter().map(|map| map.len()).sum::<usize>() + HEAD_BYTES));
        Encoder::new(&mut *value).array(maps.len() as u64).expect("writing to memory does not fail");
        maps.iter().for_each(|map| value.extend_from_slice(map));
        self.encoded(key, value);
    }

    /// Adds a field whose value is already encoded, at its place.
    pub(crate) fn encoded(&mut self, key: u64, value: Zeroizing<Vec<u8>>) {
        let place = self.0.partition_point(|(other, _)| *other <= key);
        self.0.insert(place, (key, value));
    }

    /// Writes the map, with the unknown fields among the others.
    pub(crate) fn finish(mut self, unknown: &Unknown) -> Zeroizing<Vec<u8>> {
        for (key, value) in &unknown.0 {
            self.encoded(*key, value.clone());
        }
        let size: usize = self.0.iter().map(|(_, value)| value.len() + HEAD_BYTES).sum();
        let mut map = Zeroizing::new(Vec::with_capacity(size + HEAD_BYTES));
        Encoder::new(&mut *map).map(self.0.len() as u64).expect("writing to memory does not fail");
        for (key, value) in &self.0 {
            Encoder::new(&mut *map).u64(*key).expect("writing to memory does not fail");
            map.extend_from_slice(value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(Option<u64>, Unknown), Malformed> {
        let mut one = None;
        let unknown = read_whole(bytes, |key, decoder| {
            if key == 1 {
                one = Some(decoder.u64()?);
            }
            Ok(key == 1)
        })?;
        Ok((one, unknown))
    }

    #[test]
    fn carries_unknown_fields_through() {
        // {0: "a", 1: 7, 9: [1, {2: h'00'}]}
        let bytes = [0xa3, 0x00, 0x61, 0x61, 0x01, 0x07, 0x09, 0x82, 0x01, 0xa1, 0x02, 0x41, 0x00];
        let (one, unknown) = read(&bytes).expect("well-formed");
        let mut writer = MapWriter::default();
        writer.uint(1, one.expect("present"));
        assert_eq!(writer.finish(&unknown).as_slice(), bytes);
    }

    #[test]
    fn refuses_what_the_protocol_does_not_write() {
        for (what, bytes) in [
            ("descending keys", &[0xa2, 0x01, 0x07, 0x00, 0x07][..]),
            ("the same key twice", &[0xa2, 0x01, 0x07, 0x01, 0x07]),
            ("an indefinite map", &[0xbf, 0x01, 0x07, 0xff]),
            ("trailing bytes", &[0xa1, 0x01, 0x07, 0x00]),
            ("a truncated map", &[0xa2, 0x01, 0x07]),
            ("no map", &[0x81, 0x07]),
            ("a text key", &[0xa1, 0x61, 0x61, 0x07]),
            ("a key that is longer than it need be", &[0xa1, 0x18, 0x01, 0x07]),
            ("a value that is longer than it need be", &[0xa1, 0x01, 0x18, 0x07]),
            ("an unknown value that is a lone break", &[0xa1, 0x09, 0xff]),
            ("an unknown value that is a reserved simple one", &[0xa1, 0x09, 0xf8, 0x18]),
            ("an unknown value of indefinite length", &[0xa1, 0x09, 0xbf, 0x01, 0x00, 0xff]),
            ("an unknown text that is not UTF-8", &[0xa1, 0x09, 0x61, 0xff]),
        ] {
            assert!(read(bytes).is_err(), "{what}");
        }
    }
}
