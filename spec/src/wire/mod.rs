//! JSON bodies (protocol.md section 15). Requests refuse unknown members; answers ignore them.

pub mod account;
pub mod login;
pub mod paths;
pub mod recovery;
pub mod registration;
pub mod vault;
