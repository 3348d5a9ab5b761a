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
pub(crate) use opened::OpenedAccount;
pub use pairing::Paired;
pub use pairing_progress::{PairingProgress, PairingRequest};
pub use recover::Recovery;
pub use register::{RegisterError, Registered};

use crate::inventory::Device;
use crate::ksf::Argon2id;
use crate::lock::locked;
use crate::randomness::{Randomness, SharedRandomness};
use crate::secret_store::SecretStore;
use crate::state_store::StateStore;
use crate::time::{Clock, Offset};
use crate::transport::Transport;
use rootcellar_spec::SuiteId;
use std::sync::{Arc, Mutex, MutexGuard};

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

/// A client of one vault. A clone is the same client: it shares the connections, the stores and what was learned of the vault's
/// clock. It holds no key of an account; those are in the [`Session`](crate::Session) that a login returns.
///
/// The stores hold one pending save and one recovery code that waits, whichever session they are of. A program that runs several
/// sessions of one account therefore runs one step at a time.
pub struct Client<P: Platform> {
    shared: Arc<Shared<P>>,
    /// Instead of each suite's, in tests.
    ksf: Option<Argon2id>,
}

struct Shared<P: Platform> {
    vault: VaultUrl,
    device: Device,
    transport: P::Transport,
    clock: P::Clock,
    randomness: Mutex<P::Randomness>,
    state_store: P::StateStore,
    secrets: P::SecretStore,
    observer: P::Observer,
    /// How far the vault's clock is ahead, once the vault has said so.
    offset: Mutex<Offset>,
}

impl<P: Platform> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ksf: self.ksf }
    }
}

impl<P: Platform> Client<P> {
    /// A client of the vault at this address. `device` is what the snapshots say that it saves.
    #[must_use]
    pub fn new(vault: VaultUrl, device: Device, injected: Injected<P>) -> Self {
        let Injected { transport, clock, randomness, state_store, secrets, observer } = injected;
        let (randomness, offset) = (Mutex::new(randomness), Mutex::default());
        let shared =
            Shared { vault, device, transport, clock, randomness, state_store, secrets, observer, offset };
        Self { shared: Arc::new(shared), ksf: None }
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
        &self.shared.vault
    }

    /// What sends requests.
    #[must_use]
    pub fn transport(&self) -> &P::Transport {
        &self.shared.transport
    }

    /// What must outlive the program.
    #[must_use]
    pub fn state_store(&self) -> &P::StateStore {
        &self.shared.state_store
    }

    /// The secrets of an enrolled device.
    #[must_use]
    pub fn secret_store(&self) -> &P::SecretStore {
        &self.shared.secrets
    }

    pub(crate) fn device(&self) -> &Device {
        &self.shared.device
    }

    /// What tells the time.
    #[must_use]
    pub fn clock(&self) -> &P::Clock {
        &self.shared.clock
    }

    pub(crate) fn observer(&self) -> &P::Observer {
        &self.shared.observer
    }

    pub(crate) fn randomness(&self) -> SharedRandomness<'_, P::Randomness> {
        SharedRandomness(&self.shared.randomness)
    }

    pub(crate) fn offset(&self) -> MutexGuard<'_, Offset> {
        locked(&self.shared.offset)
    }

    /// Runs a step that stretches the passphrase as the suite says, and tells the observer.
    pub(crate) fn stretch<T>(
        &self,
        suite: SuiteId,
        step: impl FnOnce(&Argon2id, &mut dyn Randomness) -> T,
    ) -> T {
        let ksf = self.ksf.unwrap_or_else(|| Argon2id::of(suite));
        self.observer().key_derivation(KeyDerivation::Begins);
        let result = step(&ksf, &mut self.randomness());
        self.observer().key_derivation(KeyDerivation::Ended);
        result
    }
}
