//! The Rootcellar vault: keeps sealed backups, holds only ciphertext, and exists for recovery alone.

pub mod clock;
pub mod domain;
pub mod entropy;
pub mod extract;
pub mod handlers;
pub mod keys;
pub mod opaque;
pub mod problem;
pub mod root_secret;
pub mod router;
pub mod state;
pub mod store;
mod tokens;
