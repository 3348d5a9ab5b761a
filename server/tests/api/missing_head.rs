//! A store that lost the newest snapshot (sections 15.3 and 15.6): older ones stay within reach.

use crate::support::client::{Session, Snapshot, User};
use crate::support::{TestVault, vault};
use ed25519_dalek::SigningKey;
use rootcellar_server::store::Store;
use rootcellar_spec::wire::account::{Account, SnapshotResponse};
use rootcellar_spec::wire::paths;
use rootcellar_vault::clock::Clock;

/// Someone with two snapshots, of which the newer one is gone.
async fn robbed() -> (TestVault, User, [Snapshot; 2]) {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "right").await;
    let session = user.log_in(&vault, "right").await;
    let older = user.snapshot(None, "older");
    let newer = user.snapshot(Some(&older), "newer");
    for snapshot in [&older, &newer] {
        user.put(&vault, &session, snapshot).await.parts::<SnapshotResponse>();
    }
    let key = vault.store.snapshot_key(&user.account, &newer.header.operation).await;
    let object = vault.store.get(&key).await.expect("reads").object.expect("is there");
    vault.store.delete(&key, &object.etag).await.expect("deletes");
    (vault, user, [older, newer])
}

#[tokio::test]
async fn both_lanes_and_every_older_snapshot_stay_open() {
    let (vault, mut user, [older, newer]) = robbed().await;
    let key = SigningKey::from_bytes(&[3; 32]);
    let by_code = vault.send(user.recovery_request(&key, vault.clock.now())).await;
    for session in [user.log_in(&vault, "right").await, Session::of(&by_code, key)] {
        let head = session.answer.head.clone().expect("its record is there");
        assert_eq!(head.operation, newer.header.operation);
        assert_eq!(session.snapshot, None);
        let (answer, bytes) = user.get(&vault, &session, paths::HEAD).await.parts::<SnapshotResponse>();
        assert_eq!((answer.head.as_ref(), bytes), (Some(&head), None));
        let account: Account = user.get(&vault, &session, paths::ACCOUNT).await.json();
        assert_eq!(account.snapshots.len(), 2);
        let (answer, bytes) = user.get(&vault, &session, &older.path()).await.parts::<SnapshotResponse>();
        assert_eq!(answer.snapshot.as_ref(), account.snapshots.get(1));
        assert_eq!(bytes.as_ref(), Some(&older.bytes));
    }
}
