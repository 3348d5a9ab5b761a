//! The operations of a vault, without HTTP (protocol.md sections 12 to 16).
//!
//! There is one module per operation or stored object. An operation takes the
//! [`Vault`], the sender ([`session::ActiveSession`]) and the request, and returns a response or an
//! [`Error`]. It commits with one conditional write. Time, randomness and the store are injected.

pub mod account;
pub mod budget;
pub mod charge;
pub mod clock;
pub mod copy;
pub mod counters;
pub mod creation_cap;
pub mod deletion;
pub mod devices;
pub mod ed25519;
pub mod entropy;
mod error;
pub mod history;
pub mod invite;
pub mod keys;
mod keyslot;
pub mod limit;
mod listing;
pub mod login;
pub mod names;
pub mod network;
pub mod opaque;
pub mod opening;
pub mod overview;
pub mod pairing;
pub mod passphrase;
pub mod recovery;
pub mod recovery_code;
mod recovery_method;
pub mod registration;
pub mod rekey;
mod release;
pub mod replace_root_secret;
pub mod retention;
mod root_secret;
pub mod save;
mod sealed;
pub mod session;
mod snapshot_object;
mod streams;
pub mod sweep;
mod tokens;
mod vault;
pub mod vault_time;

pub use error::Error;
pub use root_secret::RootSecret;
pub use vault::{Parts, Settings, Vault};
