//! The operator's root secret: 32 bytes from which every key of the vault derives; never in the store.

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
