//! A vault whose store was adopted under another root secret.

use crate::support::client::User;
use crate::support::{TestVault, vault};
use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use rootcellar_server::serve;
use rootcellar_server::store::cas::RetryPolicy;
use rootcellar_server::store::{Condition, Etag, Key, Page, Read, Store, StoreError, WriteError};
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{OperationId, ProblemCode};
use rootcellar_vault::RootSecret;
use rootcellar_vault::keys::{Fingerprint, VaultKeys};
use rootcellar_vault::opening::borne_fingerprint;
use rootcellar_vault::replace_root_secret::{ReplaceError, Replacement, replace_root_secret};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Fingerprint of the root secret of this byte; the vaults under test have that of 1.
pub(crate) fn fingerprint(byte: u8) -> Fingerprint {
    VaultKeys::derive(&RootSecret::new(Box::new([byte; 32]))).fingerprint()
}

/// Adopts the store from one root secret to another.
pub(crate) async fn replace_secret(vault: &TestVault, from: u8, to: u8) {
    let operation = OperationId([0xa0 + to; 16]);
    let retry_policy = vault.state.settings().retry_policy;
    let adopted =
        replace_root_secret(&*vault.store, fingerprint(to), fingerprint(from), operation, retry_policy).await;
    assert_eq!(adopted.expect("adopts"), Replacement::Now);
}

async fn ready(vault: &TestVault) -> bool {
    serve::is_ready(&vault.state).await.is_ok()
}

#[tokio::test]
async fn a_replica_with_the_former_root_secret_refuses_everything_once_it_notices() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    assert!(ready(&vault).await);
    replace_secret(&vault, 1, 2).await;
    assert_eq!(borne_fingerprint(&*vault.store).await.expect("reads"), Some(fingerprint(2)));
    let get = || Request::get(paths::VAULT).body(axum::body::Body::empty()).expect("a request");
    assert_eq!(vault.send(get()).await.status, 200, "not noticed yet");

    assert!(!ready(&vault).await);
    vault.send(get()).await.problem(ProblemCode::StoreUnavailable);
    vault.post(paths::LOGIN_START, &user.begin("old").request).await.problem(ProblemCode::StoreUnavailable);

    replace_secret(&vault, 2, 1).await;
    assert!(ready(&vault).await, "the store is its own again");
    user.log_in(&vault, "old").await;
}

#[tokio::test]
async fn adopting_changes_one_object_and_deletes_nothing() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let before = vault.store.contents().await;
    replace_secret(&vault, 1, 2).await;
    let after = vault.store.contents().await;
    let changed: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one != other).collect();
    assert_eq!((before.len(), changed.len()), (after.len(), 1));
    assert_eq!(changed[0].0.0, "vault");
}

#[tokio::test]
async fn enrolled_devices_do_not_depend_on_the_root_secret() {
    let vault = vault().await;
    let (user, session) = crate::devices::alice(&vault).await;
    let ([phone], _) = user.enrol(&vault, &session, [Permission::Backup]).await;
    replace_secret(&vault, 1, 2).await;
    let anew = vault.replica_with(2, None);
    user.get(&anew, &session, paths::HEAD).await.problem(ProblemCode::SessionEnded);
    assert_eq!(user.get(&anew, &phone, paths::DEVICE).await.status, 200);
    assert_eq!(user.put(&anew, &phone, &user.snapshot(None, "saved on")).await.status, 200);
}

/// A store that does not respond to a write or a read of it until the retry policy has ended.
struct Silent {
    inner: Arc<dyn Store>,
    applies: bool,
    /// Reads that fail after the first write.
    deaf: AtomicU32,
}

fn silence() -> Box<dyn std::error::Error + Send + Sync> {
    "silence".into()
}

#[async_trait]
impl Store for Silent {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        match self.deaf.load(Ordering::SeqCst) {
            0 => self.inner.get(key).await,
            left => {
                self.deaf.store(left - 1, Ordering::SeqCst);
                Err(StoreError::Unavailable(silence()))
            }
        }
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        if self.applies {
            let _ = self.inner.put(key, body, condition).await;
        }
        // The retry policy has one attempt, and thus one read of its outcome.
        self.deaf.store(1, Ordering::SeqCst);
        Err(WriteError::Unknown(silence()))
    }

    async fn delete(&self, _: &Key, _: &Etag) -> Result<(), WriteError> {
        Err(WriteError::Unknown(silence()))
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        self.inner.list(prefix, after).await
    }
}

#[tokio::test]
async fn a_swap_without_an_answer_is_looked_after_and_a_second_one_says_already() {
    for applies in [false, true] {
        let vault = vault().await;
        let silent = Silent { inner: vault.store.clone(), applies, deaf: AtomicU32::new(0) };
        let operation = OperationId([0xa7; 16]);
        let retry_policy = RetryPolicy { attempts: 1, ..vault.state.settings().retry_policy };
        let adopted =
            replace_root_secret(&silent, fingerprint(2), fingerprint(1), operation, retry_policy).await;
        if applies {
            assert_eq!(adopted.expect("it holds"), Replacement::Now);
            let before = vault.store.contents().await;
            let again =
                replace_root_secret(&*vault.store, fingerprint(2), fingerprint(1), operation, retry_policy)
                    .await;
            assert_eq!(again.expect("it holds"), Replacement::Already);
            assert_eq!(vault.store.contents().await, before);
        } else {
            assert!(matches!(adopted, Err(ReplaceError::NotNow(found)) if found == fingerprint(1)));
        }
    }
}

#[tokio::test]
async fn what_bears_the_mark_of_a_copy_is_not_adopted() {
    let vault = vault().await;
    vault.store.put(&Key::new("copy"), "{}".into(), Condition::Absent).await.expect("plants");
    let before = vault.store.contents().await;
    for to in [1, 2] {
        let operation = OperationId([0xa8; 16]);
        let retry_policy = vault.state.settings().retry_policy;
        let adopted =
            replace_root_secret(&*vault.store, fingerprint(to), fingerprint(1), operation, retry_policy)
                .await;
        assert!(matches!(adopted, Err(ReplaceError::Unfinished)), "{adopted:?}");
    }
    assert_eq!(vault.store.contents().await, before);
}
