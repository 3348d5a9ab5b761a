//! The six digits that a person compares.

use std::fmt;

/// How many codes there are.
const CODES: u64 = 1_000_000;

/// Six digits, the same on both devices where nobody sits between them. No secret once it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(u32);

impl Code {
    /// The code of eight exported bytes.
    pub(super) fn of(exported: [u8; 8]) -> Self {
        let code = u64::from_be_bytes(exported) % CODES;
        Self(u32::try_from(code).expect("six digits fit"))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}
