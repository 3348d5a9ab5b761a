//! Login by recovery code (protocol.md section 15.4). It needs no passphrase, name or root secret,
//! and nothing that happens to the passphrase login affects it.

use crate::Vault;
use crate::account::{self, Account};
use crate::names::LocatorDigest;
use crate::release::{self, Entry, LoginMethod};
use crate::session::{self, Grant, Released};
use crate::streams::{Event, Who};
use crate::tokens::Keyslot;
use crate::{Error, charge};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::recovery::RecoveryRequest;
use rootcellar_spec::{Digest, OperationId};
use subtle::ConstantTimeEq;

/// Logs in with a request that `signer` signed.
///
/// # Errors
/// [`Error::RecoveryRefused`] for an unknown locator and for a wrong key, or a store's failure.
pub async fn login(vault: &Vault, request: &RecoveryRequest, signer: &[u8; 32]) -> Result<Released, Error> {
    let locator = LocatorDigest::of(&request.locator);
    let pointer = account::load_pointer(vault, &locator.pointer()).await?.ok_or(Error::RecoveryRefused)?;
    let account = account::load(vault, &pointer.value().account_id).await?.ok_or(Error::RecoveryRefused)?;
    let at = vault.now();
    let entry = Entry {
        login_method: LoginMethod::Recovery,
        operation: operation_of(&request.request_key),
        event: Event::new(kind::RECOVERY, Who::BY_RECOVERY_CODE, at),
        is_good: |account: &Account| {
            let method = account.recovery_method(&locator);
            method.is_some_and(|method| bool::from(method.login_public_key.ct_eq(signer)))
        },
    };
    if !(entry.is_good)(account.value()) {
        return Err(Error::RecoveryRefused);
    }
    let found = account.value().clone();
    let (released, guesses, named) = tokio::join!(
        release::release(vault, account, &entry),
        charge::load(vault, &found.name),
        account::is_named(vault, &found)
    );
    let (account, snapshot) = released?;
    // Name and budget belong to the passphrase login, and a recovery does not fail without them. A
    // passphrase change checks the name again.
    let named = named.unwrap_or_else(|error| {
        tracing::error!(event = "pointer-unreadable", %error, "The pointer of an account name could not be read.");
        true
    });
    let failed_attempts =
        guesses.ok().and_then(|read| read.current).map_or(0, |current| current.value().failed);
    let request_key = request.request_key;
    let method = account.value().recovery_method(&locator).ok_or(Error::RecoveryRefused)?;
    let wrapped = method.keyslot.clone();
    let grant = Grant { keyslot: Keyslot::Recovery, wrapped, request_key, failed_attempts, named, at };
    tracing::info!(event = "recovery");
    Ok((session::answer(vault, account.value(), grant), snapshot))
}

/// The operation ID of a recovery, from its request key. A client generates one for each recovery,
/// and repeats the request with the same one.
fn operation_of(request_key: &[u8; 32]) -> OperationId {
    let digest = Digest::of(request_key);
    OperationId(*digest.0.first_chunk().expect("32 bytes begin with 16"))
}
