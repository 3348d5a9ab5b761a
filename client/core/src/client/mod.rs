//! The client: registers, logs in and recovers (protocol.md sections 13 to 17), over whatever its [`Platform`] injects.
//!
//! One client speaks to one vault. It holds no secret between calls; those live in the [`Session`](crate::Session) that
//! a login returns.

mod arrival;
pub(crate) mod authorisation;
mod device;
mod exchange;
pub(crate) mod login;
mod login_options;
mod observer;
mod older;
pub(crate) mod open_account;
pub(crate) mod opened;
pub(crate) mod pairing;
mod pairing_kept;
mod pairing_progress;
pub(crate) mod pending_code;
mod recover;
mod register;
mod response;
mod sealed_name;
mod secrets;
pub mod session;
mod suite_move;

pub use crate::address::{AddressError, VaultUrl};
pub use login::Login;
pub use login_options::{LoginOptions, SnapshotChoice};
pub use observer::{KeyDerivation, Observer, Silent, Trace};
pub use opened::OpenedAccount;
pub use pairing::Paired;
pub use pairing_progress::{PairingProgress, PairingRequest};
pub use recover::Recovery;
pub use register::{RegisterError, Registered};

use crate::inventory::Device;
use crate::ksf::Argon2id;
use crate::randomness::Randomness;
use crate::secret_store::SecretStore;
use crate::state_store::StateStore;
use crate::time::{Clock, Offset};
use crate::transport::Transport;
use rootcellar_spec::SuiteId;

/// Names the types that a program injects; a program implements it on an empty type.
pub trait Platform {
    /// Sends requests.
    type Transport: Transport;
    /// Tells the time and waits.
    type Clock: Clock;
    /// Unpredictable bytes.
    type Randomness: Randomness;
    /// Keeps what must outlive the program.
    type StateStore: StateStore;
    /// Keeps the secrets of an enrolled device.
    type SecretStore: SecretStore;
    /// Watches.
    type Observer: Observer;
}

/// What a program injects.
#[derive(Debug)]
pub struct Injected<P: Platform> {
    /// Sends requests.
    pub transport: P::Transport,
    /// Tells the time and waits.
    pub clock: P::Clock,
    /// Unpredictable bytes.
    pub randomness: P::Randomness,
    /// Keeps what must outlive the program.
    pub state_store: P::StateStore,
    /// Keeps the secrets of an enrolled device.
    pub secrets: P::SecretStore,
    /// Watches.
    pub observer: P::Observer,
}

/// A client of one vault.
pub struct Client<P: Platform> {
    pub(crate) vault: VaultUrl,
    pub(crate) device: Device,
    /// Instead of each suite's, in tests.
    pub(crate) ksf: Option<Argon2id>,
    pub(crate) injected: Injected<P>,
    /// How far the vault's clock is ahead, once the vault has said so.
    pub(crate) offset: Offset,
}

impl<P: Platform> Client<P> {
    /// A client of the vault at this address. `device` is what the snapshots say that it saves.
    #[must_use]
    pub fn new(vault: VaultUrl, device: Device, injected: Injected<P>) -> Self {
        Self { vault, device, ksf: None, injected, offset: Offset::default() }
    }

    /// The same client with another key-stretching function, whatever the suite.
    #[cfg(any(test, feature = "test-profile"))]
    #[must_use]
    pub fn with_ksf(self, ksf: Argon2id) -> Self {
        Self { ksf: Some(ksf), ..self }
    }

    /// The vault's address.
    #[must_use]
    pub fn vault(&self) -> &VaultUrl {
        &self.vault
    }

    /// What was injected.
    #[must_use]
    pub fn injected(&self) -> &Injected<P> {
        &self.injected
    }

    /// What was injected, to change it where it stands.
    pub fn injected_mut(&mut self) -> &mut Injected<P> {
        &mut self.injected
    }

    /// What was injected, to take it back.
    #[must_use]
    pub fn into_injected(self) -> Injected<P> {
        self.injected
    }

    /// Runs a step that stretches the passphrase as the suite says, and tells the observer.
    pub(crate) fn stretch<T>(
        &mut self,
        suite: SuiteId,
        step: impl FnOnce(&Argon2id, &mut P::Randomness) -> T,
    ) -> T {
        let ksf = self.ksf.unwrap_or_else(|| Argon2id::of(suite));
        self.injected.observer.key_derivation(KeyDerivation::Begins);
        let result = step(&ksf, &mut self.injected.randomness);
        self.injected.observer.key_derivation(KeyDerivation::Ended);
        result
    }
}
