//! The Rootcellar vault: keeps sealed backups, holds only ciphertext, and exists for recovery alone.

pub mod admin;
pub mod admission;
pub mod clock;
pub mod config;
pub mod domain;
mod ed25519;
pub mod entropy;
pub mod extract;
pub mod handlers;
mod intake;
pub mod keys;
pub mod middleware;
pub mod opaque;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod page;
pub mod problem;
pub mod root_secret;
pub mod router;
pub mod serve;
pub mod state;
pub mod store;
pub mod telemetry;
mod tokens;
