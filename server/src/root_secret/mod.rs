//! The root secret as a file of 64 hexadecimal digits that only its owner may read, and as 24 words
//! on paper.

pub mod file;
pub mod hint;
pub mod words;

pub use rootcellar_vault::RootSecret;
