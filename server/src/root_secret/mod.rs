//! How an operator keeps the root secret.
//!
//! It lies in a file of 64 hexadecimal digits that only its owner may read, and can be written down as 24 words.

pub mod file;
pub mod hint;
pub mod words;

pub use rootcellar_vault::RootSecret;
