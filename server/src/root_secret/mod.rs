//! The operator's root secret: 32 bytes from which every key of the vault derives; never in the store.
//!
//! It lies in a file of 64 hexadecimal digits that only its owner may read, and can be written down as 24 words.

pub mod file;
pub mod hint;
pub mod words;

use secrecy::{ExposeSecret, SecretBox};

/// The root secret. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct RootSecret(SecretBox<[u8; 32]>);

impl RootSecret {
    /// Size in bytes.
    pub const BYTES: usize = 32;

    /// Takes over the bytes.
    #[must_use]
    pub fn new(bytes: Box<[u8; 32]>) -> Self {
        Self(SecretBox::new(bytes))
    }

    /// The bytes, for deriving keys and nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}
