//! The response of `GET /v1/account` (protocol.md section 15.6).

use crate::session::ActiveSession;
use crate::{Error, Vault};
use rootcellar_spec::wire::account::Account;

/// The account and its retained snapshots.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::DeviceRevoked`], or a store's failure.
pub async fn show(vault: &Vault, session: &ActiveSession) -> Result<Account, Error> {
    let current = session.visit(vault).await?;
    let account = current.value();
    Ok(Account {
        account_id: account.account_id,
        suite: account.suite,
        generation: account.generation,
        created_at: account.created_at,
        head: account.head().cloned(),
        snapshots: account.snapshots.iter().map(|snapshot| snapshot.head.clone()).collect(),
        recovery_methods: account.recovery_records(),
        passphrase_changed_at: account.passphrase_changed_at,
        time: vault.now(),
    })
}
