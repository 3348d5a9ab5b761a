//! A bucket of S3 as the store of a vault (spec/storage.md, "A bucket of S3").
//!
//! No vendor is special: what an answer means is decided in one place (`outcome`), strictly. An answer that is not known
//! to mean something means nothing: a read failed, a write is unknown and is read back (`rootcellar_store::cas`).
//! Nothing here repeats a conditional write.

mod connect;
mod etag;
mod list;
mod outcome;
mod response;
mod seen;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod versions;

pub use connect::ConnectError;
pub use settings::S3Settings;
pub use store::S3Store;
