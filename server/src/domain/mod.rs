//! What a vault does, without HTTP (protocol.md sections 15 and 16).

pub mod account;
pub mod adopt;
pub mod budget;
pub mod charge;
pub mod copy;
pub mod creation_cap;
pub mod deletion;
pub mod devices;
pub mod error;
pub mod history;
pub mod invite;
mod keyslot;
mod listing;
pub mod login;
pub mod names;
pub mod pairing;
pub mod passphrase;
pub mod recovery;
pub mod recovery_code;
mod recovery_method;
pub mod registration;
pub mod rekey;
mod release;
pub mod retention;
pub mod save;
mod sealed;
pub mod session;
pub mod sweep;
pub mod vault;
pub mod vault_time;

pub use error::Error;
