//! Claims a pointer from a store that refuses a creation although it has applied it, like a store
//! that receives a request twice.

use super::*;
use crate::clock::SystemClock;
use crate::entropy::SystemEntropy;
use crate::keys::VaultKeys;
use crate::retention::{Retention, Size};
use crate::vault_time::VaultTime;
use crate::{Parts, RootSecret, Settings};
use async_trait::async_trait;
use bytes::Bytes;
use rootcellar_spec::VaultId;
use rootcellar_spec::wire::vault::RegistrationMode;
use rootcellar_store::cas::RetryPolicy;
use rootcellar_store::memory::MemoryStore;
use rootcellar_store::{Condition, Etag, Page, Read, StoreError, WriteError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const OURS: AccountId = AccountId([1; 16]);
const THEIRS: AccountId = AccountId([2; 16]);

/// Applies the first creation of a pointer, then optionally lets another account overwrite it, and
/// reports a failure.
struct Twice {
    store: MemoryStore,
    is_armed: AtomicBool,
    is_overwritten: bool,
}

#[async_trait]
impl Store for Twice {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        self.store.get(key).await
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let is_creation = condition == Condition::Absent && *key == pointer();
        let written = self.store.put(key, body, condition).await;
        if !is_creation || !self.is_armed.swap(false, Ordering::SeqCst) {
            return written;
        }
        if self.is_overwritten {
            let found = cas::load::<Pointer>(&self.store, key).await.expect("reads");
            let current = found.current.expect("just created");
            let theirs = Pointer { account_id: THEIRS };
            let operation = OperationId([7; 16]);
            cas::replace(&self.store, &current, operation, theirs, RetryPolicy::default())
                .await
                .expect("nobody else writes");
        }
        Err(WriteError::ConditionFailed)
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        self.store.delete(key, etag).await
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.store.list(prefix, after).await
    }
}

fn pointer() -> Key {
    Key::new("names/00")
}

async fn vault(is_overwritten: bool) -> Vault {
    let store = MemoryStore::new(|| Timestamp(1_800_000_000));
    let store = Arc::new(Twice { store, is_armed: AtomicBool::new(true), is_overwritten });
    let clock = Arc::new(SystemClock);
    let retry_policy = RetryPolicy::default();
    let time =
        VaultTime::open(&*store, clock.clone(), OperationId([3; 16]), retry_policy).await.expect("opens");
    Vault::new(Parts {
        store,
        keys: VaultKeys::derive(&RootSecret::new(Box::new([4; 32]))),
        vault_id: VaultId::try_from("vault.example".to_owned()).expect("a vault ID"),
        passphrases_since: None,
        clock,
        time: Arc::new(time),
        entropy: Arc::new(SystemEntropy),
        settings: Settings {
            registration: RegistrationMode::Open,
            suites: SuiteId::IN_USE,
            retention: Retention { newest: 1, period: 1, bounds: Size { count: 1, bytes: 1 } },
            budgets_per_minute: 1,
            retry_policy,
        },
    })
}

async fn claim(vault: &Vault) -> bool {
    claim_pointer(vault, &pointer(), OURS, |_| true).await.expect("the store answers")
}

#[tokio::test]
async fn a_creation_that_was_refused_and_applied_is_a_claim() {
    let vault = vault(false).await;
    assert!(claim(&vault).await);
    assert!(leads_to(&vault, &pointer(), &OURS).await.expect("reads"));
}

#[tokio::test]
async fn a_claim_says_where_the_pointer_leads_even_if_another_followed_its_refused_creation() {
    // The other account does not exist, so this one may take the pointer back. It must not trust
    // its first write.
    let vault = vault(true).await;
    assert!(claim(&vault).await);
    assert!(leads_to(&vault, &pointer(), &OURS).await.expect("reads"));
}
