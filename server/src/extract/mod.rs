//! From an HTTP request to a value that cannot be wrong (protocol.md sections 13 and 14).

pub mod body;
pub mod session;
pub mod signature;

pub use body::{Digested, DigestedJson, JsonBody, OperationPath};
pub use session::{SessionJson, SessionParts, SessionRequest};
pub use signature::SelfSigned;
