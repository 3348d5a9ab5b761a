//! The operator's root secret: 32 bytes from which all keys of the vault are derived. It is never
//! in the store.

use secrecy::{ExposeSecret, SecretBox};

/// The root secret, 32 bytes. Redacted in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct RootSecret(SecretBox<[u8; 32]>);

impl RootSecret {
    /// Size in bytes.
    pub const BYTES: usize = 32;

    /// Takes ownership of the bytes.
    #[must_use]
    pub fn new(bytes: Box<[u8; 32]>) -> Self {
        Self(SecretBox::new(bytes))
    }

    /// The bytes, only for deriving keys and for writing the file or the words.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}
