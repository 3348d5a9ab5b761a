//! The stores that a server can have, and what is measured of them.

pub mod embedded;
pub mod measured;

pub use rootcellar_store::*;
