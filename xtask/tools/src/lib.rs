//! What the programs that build and check the project share.

pub mod output;
pub mod process;
mod scratch;
pub mod workspace;

pub use scratch::Scratch;
