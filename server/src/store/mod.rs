//! The stores that a server can have, and what is measured of them.

pub mod embedded;
pub mod measured;
pub mod read_only;

pub use rootcellar_store::*;
