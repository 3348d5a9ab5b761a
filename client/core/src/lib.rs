//! Rootcellar's client: seals wallet seeds on the device and speaks to a vault that learns nothing of them.
//!
//! The lower half is sans-I/O and reads like `spec/protocol.md`: [`text`] (section 3), [`keys`] (4), [`aad`] (5),
//! [`envelope`] and [`padding`] (6), [`keyslot`] (7), [`entry`] (8), [`inventory`] (9), [`snapshot`] (10),
//! [`recovery_code`] (11), [`opaque`] (12), [`device_list`] (18), [`pairing`] (19), [`history`] (20). The upper half is an
//! asynchronous client over an injected transport, clock and source of randomness. `examples/back_up_and_restore.rs` is a whole program.
//!
//! ```
//! use rootcellar_client::phrase::Phrase;
//! use rootcellar_client::recovery_code::RecoveryCode;
//! use rootcellar_client::{VaultUrl, SystemRandomness, fingerprint};
//!
//! let phrase = Phrase::parse("legal winner thank year wave sausage worth useful legal winner thank yellow", None)?;
//! assert_eq!((phrase.word_count(), phrase.language().name()), (12, "english"));
//! # #[cfg(feature = "fingerprint")]
//! assert!(fingerprint::master(&phrase, "").is_some());
//!
//! // A recovery code is no phrase, and a phrase is no recovery code.
//! let code = RecoveryCode::generate(&mut SystemRandomness);
//! assert!(Phrase::parse(&code.words(), None).is_err());
//! assert!(RecoveryCode::parse(&phrase.words()).is_err());
//!
//! // Plain HTTP never leaves the machine.
//! assert!(VaultUrl::parse("http://vault.example.org").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod aad;
mod address;
mod cbor;
pub mod client;
mod continuity;
mod derive;
pub mod device;
pub mod device_file;
pub mod device_list;
pub mod entry;
pub mod envelope;
pub mod error;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "fingerprint")]
pub mod fingerprint;
#[cfg(test)]
mod flow_tests;
pub mod history;
pub mod inventory;
pub mod json;
pub mod key_ring;
pub mod keys;
pub mod keyslot;
pub mod ksf;
pub mod local_state;
mod lock;
pub mod opaque;
pub mod open_error;
pub mod outcome;
pub mod padding;
pub mod pairing;
pub mod pending_code;
pub mod pending_save;
pub mod phrase;
pub mod randomness;
pub mod recovery_code;
pub mod recovery_label;
pub mod request_signing;
pub mod secret_store;
pub mod shown;
pub mod snapshot;
pub mod state_store;
pub mod text;
pub mod time;
pub mod transport;
mod words;

pub use client::session::{self, Change, DeviceChange, KnownDevice, RekeyReason, Saved, Session};
pub use client::{
    Client, Injected, Login, LoginOptions, Paired, PairingProgress, Platform, Recovery, RegisterError,
    Registered, SnapshotChoice, VaultUrl,
};
pub use error::ClientError;
pub use open_error::OpenError;
pub use outcome::Outcome;
pub use randomness::{Randomness, SystemRandomness};
pub use shown::VaultText;
