//! Rootcellar's client: seals wallet seeds on the device and speaks to a vault that learns nothing of them.
//!
//! The lower half is sans-I/O and reads like `spec/protocol.md`: [`text`] (section 3), [`keys`] (4), [`aad`] (5),
//! [`envelope`] and [`padding`] (6), [`keyslot`] (7), [`entry`] (8), [`inventory`] (9), [`snapshot`] (10),
//! [`recovery_code`] (11), [`opaque`] (12). The upper half is an asynchronous client over an injected transport, clock and
//! source of randomness.

pub mod aad;
mod cbor;
mod derive;
pub mod entry;
pub mod envelope;
pub mod fingerprint;
pub mod inventory;
pub mod keys;
pub mod keyslot;
pub mod ksf;
pub mod open_error;
pub mod padding;
pub mod phrase;
pub mod randomness;
pub mod recovery_code;
pub mod snapshot;
pub mod text;
mod words;

pub use open_error::OpenError;
pub use randomness::{Randomness, SystemRandomness};
