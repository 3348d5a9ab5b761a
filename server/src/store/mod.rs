//! The stores of a server, and their measurement.

pub mod embedded;
pub mod measured;
pub mod read_only;

pub use rootcellar_store::*;
