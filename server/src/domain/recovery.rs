//! Login by recovery code (protocol.md section 15.4): needs neither passphrase nor name nor root secret, and nothing that
//! is done to the passphrase lane touches it.

use crate::domain::account;
use crate::domain::names::LocatorDigest;
use crate::domain::session::{self, Grant, Keyslot, Released};
use crate::domain::{Error, charge};
use crate::state::Vault;
use rootcellar_spec::wire::recovery::RecoveryRequest;
use subtle::ConstantTimeEq;

/// Logs in a request that `signer` signed.
///
/// # Errors
/// [`Error::RecoveryRefused`] for an unknown locator and for a wrong key alike, or a store's failure.
pub async fn login(vault: &Vault, request: &RecoveryRequest, signer: &[u8; 32]) -> Result<Released, Error> {
    let locator = LocatorDigest::of(&request.locator);
    let pointer = account::load_pointer(vault, &locator.pointer()).await?.ok_or(Error::RecoveryRefused)?;
    let account = account::load(vault, &pointer.value().account_id).await?.ok_or(Error::RecoveryRefused)?;
    let names_back = account.value().locator == locator;
    if !names_back || !bool::from(account.value().recovery_login_key.ct_eq(signer)) {
        return Err(Error::RecoveryRefused);
    }
    let found = account.value().clone();
    let (released, guesses, named) = tokio::join!(
        account::load_head(vault, account),
        charge::load(vault, &found.name),
        account::is_named(vault, &found)
    );
    let (account, snapshot) = released?;
    // Name and budget belong to the passphrase lane, and a recovery does not fail for want of them. A change of the
    // passphrase looks at the name again.
    let named = named.unwrap_or_else(|error| {
        tracing::error!(%error, "whether a name leads to an account could not be read");
        true
    });
    let failed_attempts =
        guesses.ok().and_then(|read| read.current).map_or(0, |current| current.value().failed);
    let request_key = request.request_key;
    let grant = Grant { keyslot: Keyslot::Recovery, request_key, failed_attempts, named, at: vault.now() };
    tracing::info!("recovery login");
    Ok((session::answer(vault, account.value(), &grant), snapshot))
}
