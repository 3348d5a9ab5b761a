//! Whose a store is: the object `vault`.

use crate::support::{AUTHORITY, START, TestClock, settings, vault};
use rootcellar_server::store::embedded::EmbeddedStore;
use rootcellar_spec::{OperationId, VaultId};
use rootcellar_vault::RootSecret;
use rootcellar_vault::keys::VaultKeys;
use rootcellar_vault::opening::{OpenError, open_vault};

fn keys(byte: u8) -> VaultKeys {
    VaultKeys::derive(&RootSecret::new(Box::new([byte; 32])))
}

fn vault_id(text: &str) -> VaultId {
    VaultId::try_from(text.to_owned()).expect("a vault ID")
}

#[tokio::test]
async fn another_root_secret_is_refused_and_the_recorded_identity_wins() {
    let vault = vault().await;
    let operation = OperationId([3; 16]);
    let retry_policy = settings().retry_policy;
    let before = vault.store.contents().await;
    let opened =
        open_vault(&*vault.store, &keys(1), vault_id("moved.example"), operation, retry_policy).await;
    let opened = opened.expect("its own store");
    assert_eq!((opened.vault_id.as_str(), opened.created), (AUTHORITY, false));
    let refused = open_vault(&*vault.store, &keys(2), vault_id(AUTHORITY), operation, retry_policy).await;
    assert!(matches!(refused, Err(OpenError::OtherRootSecret { .. })), "{refused:?}");
    assert_eq!(vault.store.contents().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_agree() {
    let store = EmbeddedStore::in_memory(TestClock::at(START)).expect("memory");
    let mut starts = tokio::task::JoinSet::new();
    for n in 0..4_u8 {
        let store = store.clone();
        starts.spawn(async move {
            let configured = vault_id(&format!("replica{n}.example"));
            let retry_policy = settings().retry_policy;
            open_vault(&store, &keys(1), configured, OperationId([n; 16]), retry_policy).await.expect("opens")
        });
    }
    let opened = starts.join_all().await;
    assert!(opened.iter().all(|one| one.vault_id == opened[0].vault_id), "{opened:?}");
    assert_eq!(opened.iter().filter(|one| one.created).count(), 1);
}
