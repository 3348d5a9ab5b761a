//! The Rootcellar vault: keeps sealed backups, holds only ciphertext, and exists for recovery alone.

pub mod clock;
pub mod entropy;
pub mod root_secret;
pub mod store;
