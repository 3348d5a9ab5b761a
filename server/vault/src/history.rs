//! The history of an account (protocol.md section 15.9).

use crate::session::ActiveSession;
use crate::{Error, Vault, charge};
use rootcellar_spec::wire::history::History;
use rootcellar_spec::wire::login::Permission;

/// The response of `GET /v1/account/history`.
///
/// # Errors
/// [`Error::SessionEnded`], [`Error::DeviceRevoked`], or a store's failure.
pub async fn show(vault: &Vault, session: &ActiveSession) -> Result<History, Error> {
    let current = session.load(vault, Permission::View).await?;
    let account = current.value();
    let [acts, saves] = account.history.told();
    let guesses = charge::load(vault, &account.name).await?.current;
    Ok(History {
        acts,
        saves,
        failed_attempts: guesses.map_or(0, |guesses| guesses.value().failed),
        time: vault.now(),
    })
}
