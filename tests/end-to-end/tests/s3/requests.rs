//! How many requests reach the bucket, counted on the wire to it.

use crate::vault::{Vault, is_write};
use rootcellar_end_to_end::{Fault, PASSPHRASE, Wallet, wallet};
use std::time::Duration;

/// Long enough for requests that are sent side by side to meet.
const SIDE_BY_SIDE: Duration = Duration::from_millis(150);
/// An idle vault asks nothing for so long.
const KEY_DERIVATION: Duration = Duration::from_millis(1800);

#[tokio::test]
async fn a_restore_is_eight_requests_in_four_steps_and_a_save_four() {
    let Some(vault) = Vault::for_test_of("requests to the bucket") else { return };
    let mut first = Wallet::new(&vault.wire.url(), "alice");
    first.register(PASSPHRASE).await.expect("registers");
    first.save(PASSPHRASE, "first").await.expect("saves");

    let mut fresh = Wallet::new(&vault.wire.url(), "alice");
    let _ = vault.store.passed();
    vault.store.always("", Fault::Late(SIDE_BY_SIDE));
    let mut session = fresh.login(PASSPHRASE).await.expect("restores");
    let (restore, steps) = vault.store.steps();
    assert_eq!((restore.len(), steps), (8, 4), "{restore:?}");
    assert_eq!(restore.iter().filter(|request| is_write(request)).count(), 3, "{restore:?}");
    assert!(vault.store.heal());

    wallet::save(&mut session, "second").await.expect("saves");
    let save = vault.store.passed();
    assert_eq!(save.len(), 4, "the account, the snapshot, the swap, the reading back: {save:?}");
    assert_eq!(save.iter().filter(|request| is_write(request)).count(), 2, "{save:?}");
}

#[test]
fn an_idle_vault_asks_its_bucket_nothing() {
    let Some(vault) = Vault::for_test_of("an idle vault on a bucket") else { return };
    assert!(!vault.store.passed().is_empty(), "a start asks");
    std::thread::sleep(KEY_DERIVATION);
    assert_eq!(vault.store.passed(), Vec::<String>::new());
}
