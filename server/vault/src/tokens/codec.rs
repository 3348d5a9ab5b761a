//! The content of tokens: consecutive fixed fields, with big-endian integers.

use zeroize::Zeroizing;

/// Writes fields. Wiped on drop, because tokens contain session keys.
pub(super) struct Writer(pub(super) Zeroizing<Vec<u8>>);

/// Reads fields. `None` means that the content is of another kind.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Writer {
    /// Reserves the capacity at once: a growing vector would leave copies behind.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A byte string of at most 255 bytes with its length, in a field of fixed size. A longer one
    /// is omitted.
    pub(super) fn padded(&mut self, bytes: &[u8], size: u8) -> &mut Self {
        let bytes = if bytes.len() <= usize::from(size) { bytes } else { &[] };
        self.u8(u8::try_from(bytes.len()).unwrap_or_default()).bytes(bytes);
        let end = self.0.len() + usize::from(size) - bytes.len();
        self.0.resize(end, 0);
        self
    }
}

impl<'a> Reader<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn padded(&mut self, size: u8) -> Option<&'a [u8]> {
        let length = usize::from(self.u8()?);
        let (field, tail) = self.0.split_at_checked(usize::from(size))?;
        self.0 = tail;
        field.get(..length)
    }
}
