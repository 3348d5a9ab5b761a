//! What client and server of Rootcellar share: wire types, byte layouts, labels, limits and suites.
//!
//! `spec/protocol.md` is normative, and each module names its section. This crate handles no keys,
//! randomness or I/O.

pub mod base64url;
pub mod calendar;
pub mod content_digest;
pub mod device_list;
pub mod ed25519;
pub mod encode_parts;
pub mod envelope;
pub mod header;
pub mod hex;
pub mod json;
pub mod labels;
pub mod limits;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod parts;
pub mod problem;
pub mod request_signature;
pub mod snapshot;
pub mod suite;
pub mod values;
pub mod vault_id;
pub mod wire;

pub use problem::{Problem, ProblemCode};
pub use suite::SuiteId;
pub use values::{
    AccountId, DeviceId, Digest, EntryId, Generation, NameHash, Number, OperationId, Timestamp,
};
pub use vault_id::VaultId;
