//! What every operation works with: the store, the keys, and what is injected.

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

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may register.
    pub registration: RegistrationMode,
    /// The suites that it takes, newest first.
    pub suites: &'static [SuiteId],
    /// Which snapshots are kept.
    pub retention: Retention,
    /// Most guess budgets created per minute, for all names together.
    pub budgets_per_minute: u32,
    /// How long a conditional write is pursued.
    pub retry_policy: RetryPolicy,
}

/// What the vault stands on.
pub struct Parts {
    /// Where it keeps everything.
    pub store: Arc<dyn Store>,
    /// Its keys.
    pub keys: VaultKeys,
    /// Its identity, as [`open_vault`](crate::opening::open_vault) found or recorded it.
    pub vault_id: VaultId,
    /// As [`open_vault`](crate::opening::open_vault) found it: passphrases from before then were set under another root secret.
    pub passphrases_since: Option<Timestamp>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The vault's time, which its store keeps.
    pub time: Arc<VaultTime>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What the operator set.
    pub settings: Settings,
}

/// A vault: [`Parts`], and what it keeps in memory.
pub struct Vault {
    parts: Parts,
    creation_cap: CreationCap,
    root_secret_replaced: AtomicBool,
}

impl Vault {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let creation_cap = CreationCap::new(parts.settings.budgets_per_minute, parts.clock.uptime());
        Self { parts, creation_cap, root_secret_replaced: AtomicBool::new(false) }
    }

    /// Where the vault keeps everything.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    /// The vault's keys.
    #[must_use]
    pub fn keys(&self) -> &VaultKeys {
        &self.parts.keys
    }

    /// The vault ID.
    #[must_use]
    pub fn vault_id(&self) -> &VaultId {
        &self.parts.vault_id
    }

    /// Refuses a request whose names were hashed with the ID of another vault.
    pub(crate) fn check_vault_id(&self, named: &VaultId) -> Result<(), Error> {
        if named == self.vault_id() { Ok(()) } else { Err(Error::ForeignVault(self.vault_id().clone())) }
    }

    /// Passphrases from before then were set under another root secret and do not work.
    #[must_use]
    pub fn passphrases_since(&self) -> Option<Timestamp> {
        self.parts.passphrases_since
    }

    /// Takes note of the fingerprint that the store bears, and tells whether it is this vault's.
    pub fn note_owner(&self, found: Fingerprint) -> bool {
        let is_own = found == self.keys().fingerprint();
        if self.root_secret_replaced.swap(!is_own, Ordering::Relaxed) == is_own {
            match is_own {
                true => tracing::warn!("the store is this vault's again"),
                false => tracing::error!(
                    "the store was adopted under another root secret; nothing is answered until this server is started \
                     with that one"
                ),
            }
        }
        is_own
    }

    /// Whether the store was found to belong to another root secret by now.
    #[must_use]
    pub fn is_root_secret_replaced(&self) -> bool {
        self.root_secret_replaced.load(Ordering::Relaxed)
    }

    /// Now, by the vault's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The vault's time, which guess budgets live by.
    #[must_use]
    pub fn time(&self) -> &Arc<VaultTime> {
        &self.parts.time
    }

    /// Takes over what other replicas know of the vault's time, and writes it down now and then.
    ///
    /// # Errors
    /// When the store fails, or the object `clock` is damaged.
    pub async fn keep_time(&self) -> Result<(), KeepError> {
        self.time().keep(self.store(), self.fresh_operation(), self.retry_policy()).await
    }

    /// Sets the vault's time back to the clock, at an operator's word.
    ///
    /// # Errors
    /// When the clock is not behind or cannot be trusted, or when the store fails.
    pub async fn set_time_back(&self) -> Result<SetBack, SetBackError> {
        self.time().set_back(self.store(), self.fresh_operation(), self.retry_policy()).await
    }

    /// What the operator set.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// Randomness.
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

    /// Names a write of the vault's own making.
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
