//! Extractors: from an HTTP request to validated values (protocol.md sections 13 and 14).

pub mod body;
pub mod client;
pub mod session;
pub mod signature;

pub use body::{Digested, DigestedJson, JsonBody, OperationPath};
pub use client::Client;
pub(crate) use session::session_of;
pub use session::{SessionJson, SessionParts, SessionRequest};
pub use signature::SelfSigned;
pub(crate) use signature::Verified;
