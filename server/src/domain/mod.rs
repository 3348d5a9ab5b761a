//! What a vault does, without HTTP (protocol.md sections 15 and 16).

pub mod creation_cap;
pub mod error;
pub mod invite;
pub mod names;
pub mod retention;
pub mod vault;

pub use error::Error;
