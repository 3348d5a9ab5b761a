//! A vault whose store was adopted under another root secret.

use crate::support::client::User;
use crate::support::{TestVault, vault};
use http::Request;
use rootcellar_server::domain::adopt::adopt;
use rootcellar_server::domain::vault::borne_fingerprint;
use rootcellar_server::keys::{Fingerprint, VaultKeys};
use rootcellar_server::root_secret::RootSecret;
use rootcellar_server::serve;
use rootcellar_spec::wire::paths;
use rootcellar_spec::{OperationId, ProblemCode};

/// Fingerprint of the root secret of this byte; the vaults under test have that of 1.
pub(crate) fn fingerprint(byte: u8) -> Fingerprint {
    VaultKeys::derive(&RootSecret::new(Box::new([byte; 32]))).fingerprint()
}

/// Adopts the store from one root secret to another.
pub(crate) async fn give_up(vault: &TestVault, from: u8, to: u8) {
    let operation = OperationId([0xa0 + to; 16]);
    let patience = vault.state.settings().patience;
    adopt(&*vault.store, fingerprint(to), fingerprint(from), operation, patience).await.expect("adopts");
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
    give_up(&vault, 1, 2).await;
    assert_eq!(borne_fingerprint(&*vault.store).await.expect("reads"), Some(fingerprint(2)));
    let get = || Request::get(paths::VAULT).body(axum::body::Body::empty()).expect("a request");
    assert_eq!(vault.send(get()).await.status, 200, "not noticed yet");

    assert!(!ready(&vault).await);
    vault.send(get()).await.problem(ProblemCode::StoreUnavailable);
    vault.post(paths::LOGIN_START, &user.begin("old").request).await.problem(ProblemCode::StoreUnavailable);

    give_up(&vault, 2, 1).await;
    assert!(ready(&vault).await, "the store is its own again");
    user.log_in(&vault, "old").await;
}

#[tokio::test]
async fn adopting_changes_one_object_and_deletes_nothing() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let before = vault.store.contents().await;
    give_up(&vault, 1, 2).await;
    let after = vault.store.contents().await;
    let changed: Vec<_> = before.iter().zip(&after).filter(|(one, other)| one != other).collect();
    assert_eq!((before.len(), changed.len()), (after.len(), 1));
    assert_eq!(changed[0].0.0, "vault");
}
