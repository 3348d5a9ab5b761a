//! What every operation needs: the store, the keys, and what is injected.

use crate::Error;
use crate::clock::Clock;
use crate::creation_cap::CreationCap;
use crate::entropy::Entropy;
use crate::keys::{Fingerprint, VaultKeys};
use crate::retention::Retention;
use crate::vault_time::{KeepError, SetBack, SetBackError, VaultTime};
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_spec::{OperationId, SuiteId, Timestamp, VaultId};
use rootcellar_store::Store;
use rootcellar_store::cas::{self, Decision, RetryPolicy, Updated};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The operator's settings for operations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may register.
    pub registration: RegistrationMode,
    /// The supported suites, newest first.
    pub suites: &'static [SuiteId],
    /// Which snapshots an account keeps.
    pub retention: Retention,
    /// Maximum guess budgets created per minute, over all names.
    pub budgets_per_minute: u32,
    /// How long a conditional write is retried.
    pub retry_policy: RetryPolicy,
}

/// The parts of a vault.
pub struct Parts {
    /// The store with all the vault's objects.
    pub store: Arc<dyn Store>,
    /// All keys, from the root secret.
    pub keys: VaultKeys,
    /// The vault ID, as [`open_vault`](crate::opening::open_vault) found or recorded it.
    pub vault_id: VaultId,
    /// As [`open_vault`](crate::opening::open_vault) found it: passphrases that were set earlier
    /// belong to another root secret.
    pub passphrases_since: Option<Timestamp>,
    /// The server's clock.
    pub clock: Arc<dyn Clock>,
    /// The vault's time, which the store keeps.
    pub time: Arc<VaultTime>,
    /// The random source.
    pub entropy: Arc<dyn Entropy>,
    /// The operator's settings.
    pub settings: Settings,
}

/// A vault: [`Parts`], and its state in memory.
pub struct Vault {
    parts: Parts,
    creation_cap: CreationCap,
    root_secret_replaced: AtomicBool,
}

impl Vault {
    /// Creates the vault.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let creation_cap = CreationCap::new(parts.settings.budgets_per_minute, parts.clock.uptime());
        Self { parts, creation_cap, root_secret_replaced: AtomicBool::new(false) }
    }

    /// The store with all the vault's objects.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    /// The vault's keys.
    #[must_use]
    pub fn keys(&self) -> &VaultKeys {
        &self.parts.keys
    }

    /// As recorded in the store.
    #[must_use]
    pub fn vault_id(&self) -> &VaultId {
        &self.parts.vault_id
    }

    /// Refuses a request whose names were hashed with another vault ID.
    pub(crate) fn check_vault_id(&self, named: &VaultId) -> Result<(), Error> {
        if named == self.vault_id() { Ok(()) } else { Err(Error::ForeignVault(self.vault_id().clone())) }
    }

    /// Passphrases that were set earlier belong to another root secret and do not work.
    #[must_use]
    pub fn passphrases_since(&self) -> Option<Timestamp> {
        self.parts.passphrases_since
    }

    /// Records the fingerprint in the store, and returns whether it is this vault's.
    pub fn note_owner(&self, found: Fingerprint) -> bool {
        let is_own = found == self.keys().fingerprint();
        if self.root_secret_replaced.swap(!is_own, Ordering::Relaxed) == is_own {
            match is_own {
                true => tracing::warn!(
                    event = "root-secret-restored",
                    "The store has this server's root secret again. Requests are served."
                ),
                false => tracing::error!(
                    event = "root-secret-mismatch",
                    "The store's root secret was replaced. Restart this server with the new one. Until then it refuses \
                     all requests."
                ),
            }
        }
        is_own
    }

    /// Whether the store was found to have another root secret.
    #[must_use]
    pub fn is_root_secret_replaced(&self) -> bool {
        self.root_secret_replaced.load(Ordering::Relaxed)
    }

    /// The current time by the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The vault's time, which guess budgets use.
    #[must_use]
    pub fn time(&self) -> &Arc<VaultTime> {
        &self.parts.time
    }

    /// Reads the vault's time of other replicas, and writes it occasionally.
    ///
    /// # Errors
    /// If the store fails, or the object `clock` is damaged.
    pub async fn keep_time(&self) -> Result<(), KeepError> {
        self.time().keep(self.store(), self.fresh_operation(), self.retry_policy()).await
    }

    /// Sets the vault's time back to the clock, on request of an operator.
    ///
    /// # Errors
    /// If the clock is not behind or cannot be trusted, or the store fails.
    pub async fn set_time_back(&self) -> Result<SetBack, SetBackError> {
        self.time().set_back(self.store(), self.fresh_operation(), self.retry_policy()).await
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The random source.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.parts.entropy
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.parts.settings.retry_policy
    }

    /// How long this process has run.
    pub(crate) fn uptime(&self) -> Duration {
        self.parts.clock.uptime()
    }

    pub(crate) fn creation_cap(&self) -> &CreationCap {
        &self.creation_cap
    }

    /// Changes an object by what `decide` says ([`cas::update`]).
    pub(crate) async fn update<T, K, W, F>(
        &self,
        decide: impl FnMut() -> F,
    ) -> Result<Updated<T, K, W>, Error>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<Decision<T, K, W>, Error>>,
    {
        cas::update(self.store(), self.retry_policy(), decide).await
    }

    /// A new operation ID for a write of the vault itself.
    pub(crate) fn fresh_operation(&self) -> OperationId {
        let mut id = [0; OperationId::BYTES];
        self.entropy().fill(&mut id);
        OperationId(id)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("vault_id", self.vault_id()).finish_non_exhaustive()
    }
}
