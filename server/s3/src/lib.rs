//! An S3 bucket as the store of a vault (spec/storage.md, "A bucket of S3").
//!
//! There are no special cases for vendors. One module,
//! `outcome`, decides strictly what a response means. A response without a known meaning proves nothing: a read has failed, and the outcome of a write is unknown and read back (`rootcellar_store::cas`).
//! This crate never repeats a conditional write.

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
