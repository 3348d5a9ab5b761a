//! The object `vault`: what kind of store this is and whose (design: one commit point).

use crate::Vault;
use crate::keys::{Fingerprint, VaultKeys};
use crate::{Error, names};
use rootcellar_spec::{OperationId, Timestamp, VaultId};
use rootcellar_store::cas::{self, CasError, Current, LoadError, RetryPolicy};
use rootcellar_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

/// Value of the object `vault`. Its format version is the one that all mutable objects bear.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct VaultObject {
    /// Recognises the root secret that the vault works with.
    pub(super) fingerprint: Fingerprint,
    /// The vault ID, from the first start on.
    pub(super) vault_id: VaultId,
    /// The root secrets that were given up, oldest first. One that was found again may be in it and in force.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) replaced: Vec<ReplacedSecret>,
}

/// A root secret that another one took the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReplacedSecret {
    /// Recognises it.
    pub(super) fingerprint: Fingerprint,
    /// When, by the store's clock.
    pub(super) at: Timestamp,
}

impl VaultObject {
    /// Since when passphrases that work now were set: when the root secret in force first came into force. `None` where
    /// that was at the vault's first start.
    fn passphrases_since(&self) -> Option<Timestamp> {
        let first_time = self.replaced.iter().position(|former| former.fingerprint == self.fingerprint);
        let before = &self.replaced[..first_time.unwrap_or(self.replaced.len())];
        before.last().map(|former| former.at)
    }
}

/// What a store turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedVault {
    /// The vault ID: the recorded one, whatever is configured.
    pub vault_id: VaultId,
    /// Whether the store was empty and is this vault's from now on.
    pub created: bool,
    /// Passphrases from before then were set under another root secret and do not work; `None` where there is no such
    /// time.
    pub passphrases_since: Option<Timestamp>,
}

/// Why a store cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store belongs to another root secret.
    #[error(
        "this store was made with another root secret (fingerprint {found}, yours is {own}); \
         give the vault the root secret that it was started with first, or restore that from its 24 words. Where it is \
         lost for good, `rootcellar-server root-secret replace` puts yours in its place"
    )]
    OtherRootSecret {
        /// What the store bears.
        found: Fingerprint,
        /// That of the root secret at hand.
        own: Fingerprint,
    },
    /// There is nothing in the store, and nothing may be created.
    #[error("the store is empty: there is no vault to serve; check that it is the right one")]
    Empty,
    /// The object `vault` is missing beside others.
    #[error(
        "the store holds objects and its object `vault` is missing: it was lost, or this is a part of a vault. It is not \
         made anew over them; restore the object from a backup or an older version of the bucket, or name another store \
         (--data, --s3-bucket, --s3-prefix)"
    )]
    Lost,
    /// A copy into the store has not come to its end.
    #[error(
        "the store bears the mark of a copy that has not come to its end, so it may not be whole; run the same \
         `rootcellar-server copy` again. Do not empty the store before that command has said whether a vault is in it"
    )]
    Unfinished,
    /// The store failed.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// The object could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object could not be created.
    #[error("the store did not take the object `vault`: {0}")]
    Create(#[from] CasError),
}

/// Reads the object `vault`, or creates it with the vault ID that is configured.
///
/// Replicas that start at the same time agree on whichever created it first; and of a start and a copy into the store at
/// the same time, at most one goes on (`settle`).
///
/// # Errors
/// When the store fails, or bears the fingerprint of another root secret.
pub async fn open_vault(
    store: &dyn Store,
    keys: &VaultKeys,
    configured: VaultId,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<OpenedVault, OpenError> {
    let (current, created) = match find(store).await {
        Err(OpenError::Empty) => create(store, keys, configured, operation, retry_policy).await?,
        found => (found?, false),
    };
    check(current.value(), keys.fingerprint())?;
    let settled = settle(store, current, created, operation, retry_policy).await?;
    Ok(OpenedVault { created, ..check(settled.value(), keys.fingerprint())? })
}

/// Opens the vault that is in the store, and makes none. One that was only created is settled first.
///
/// # Errors
/// As [`open_vault`]; [`OpenError::Empty`] where the store holds nothing at all.
pub async fn open_existing(
    store: &dyn Store,
    keys: &VaultKeys,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<OpenedVault, OpenError> {
    let current = find(store).await?;
    check(current.value(), keys.fingerprint())?;
    check(settle(store, current, false, operation, retry_policy).await?.value(), keys.fingerprint())
}

/// The version of an object `vault` that nobody serves yet.
const CREATED: u64 = 1;

/// Creates the object. Also says whether this was the one that did.
async fn create(
    store: &dyn Store,
    keys: &VaultKeys,
    vault_id: VaultId,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<(Current<VaultObject>, bool), OpenError> {
    let value = VaultObject { fingerprint: keys.fingerprint(), vault_id, replaced: Vec::new() };
    match cas::create(store, &names::vault(), operation, value, retry_policy).await {
        Ok(current) => Ok((current, true)),
        Err(CasError::Lost) => Ok((load_whole(store).await?.ok_or(CasError::Gone)?, false)),
        Err(error) => Err(error.into()),
    }
}

/// Sees to it that the object is there to stay: swaps one that was only created, as long as the store bears no mark of a
/// copy.
///
/// A copy makes its mark, then looks for the object `vault`; a start creates the object, then looks for the mark: so one of
/// them sees the other. The start that sees the mark takes back what it has created, unless another replica was sooner and
/// has swapped it: that one had seen no mark while the object was there, so the copy sees the object and withdraws.
async fn settle(
    store: &dyn Store,
    current: Current<VaultObject>,
    created: bool,
    operation: OperationId,
    retry_policy: RetryPolicy,
) -> Result<Current<VaultObject>, OpenError> {
    if current.body.version > CREATED {
        return Ok(current);
    }
    if is_marked(store).await? {
        if created && let Err(error) = cas::remove(store, &current, retry_policy).await {
            tracing::warn!(%error, "the object `vault` that was just created stays beside the mark of a copy");
        }
        return Err(OpenError::Unfinished);
    }
    // The object remembers the operation that created it, so this one needs another name.
    let operation = OperationId(operation.0.map(|byte| !byte));
    match cas::replace(store, &current, operation, current.value().clone(), retry_policy).await {
        Ok(settled) => Ok(settled),
        Err(error @ (CasError::Lost | CasError::Gone)) => match load_whole(store).await? {
            Some(settled) if settled.body.version > CREATED => Ok(settled),
            _ => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Reads the object `vault` of a store that is whole, and writes nothing.
///
/// # Errors
/// As [`open_vault`]; [`OpenError::Empty`] where the store holds nothing at all.
pub async fn find_vault(store: &dyn Store, keys: &VaultKeys) -> Result<OpenedVault, OpenError> {
    check(find(store).await?.value(), keys.fingerprint())
}

async fn find(store: &dyn Store) -> Result<Current<VaultObject>, OpenError> {
    if let Some(current) = load_whole(store).await? {
        return Ok(current);
    }
    if holds_nothing(store).await? {
        return Err(OpenError::Empty);
    }
    // Another replica may have begun to serve since: it creates the object before anything else.
    load_whole(store).await?.ok_or(OpenError::Lost)
}

/// Reads the object, and then looks for the mark: a copy writes the one before it removes the other.
async fn load_whole(store: &dyn Store) -> Result<Option<Current<VaultObject>>, OpenError> {
    let current = load(store).await?;
    if is_marked(store).await? { Err(OpenError::Unfinished) } else { Ok(current) }
}

/// Whether the store bears the mark of a copy.
pub(super) async fn is_marked(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.get(&names::copy()).await?.object.is_some())
}

/// Whether there is nothing but what a probe of the store makes.
///
/// # Errors
/// If the store fails.
pub async fn holds_nothing(store: &dyn Store) -> Result<bool, StoreError> {
    let mut after = None;
    loop {
        let page = store.list("", after.as_ref()).await?;
        if page.objects.iter().any(|listed| !listed.key.as_str().starts_with(names::PROBES)) {
            return Ok(false);
        }
        after = page.objects.last().map(|last| last.key.clone());
        if !page.more || after.is_none() {
            return Ok(true);
        }
    }
}

/// The fingerprint that the store bears; `None` where it has no object `vault`.
///
/// # Errors
/// When the store fails, or the object is damaged.
pub async fn borne_fingerprint(store: &dyn Store) -> Result<Option<Fingerprint>, LoadError> {
    Ok(load(store).await?.map(|current| current.value().fingerprint))
}

/// Sees to it that the store is still this vault's. For what must not be done under a root secret that was given up.
///
/// # Errors
/// [`Error::StoreUnavailable`] where it bears another fingerprint by now, or none.
pub(super) async fn confirm_owner(vault: &Vault) -> Result<(), Error> {
    match borne_fingerprint(vault.store()).await? {
        Some(found) if vault.note_owner(found) => Ok(()),
        _ => Err(Error::StoreUnavailable),
    }
}

pub(super) async fn load(store: &dyn Store) -> Result<Option<Current<VaultObject>>, LoadError> {
    Ok(cas::load::<VaultObject>(store, &names::vault()).await?.current)
}

fn check(found: &VaultObject, own: Fingerprint) -> Result<OpenedVault, OpenError> {
    if found.fingerprint == own {
        let passphrases_since = found.passphrases_since();
        return Ok(OpenedVault { vault_id: found.vault_id.clone(), created: false, passphrases_since });
    }
    Err(OpenError::OtherRootSecret { found: found.fingerprint, own })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_secret_that_was_found_again_brings_its_passphrases_back() {
        let since = |fingerprint: u8, replaced: &[(u8, u64)]| {
            let replaced = replaced.iter().map(|(fingerprint, at)| ReplacedSecret {
                fingerprint: Fingerprint([*fingerprint; 16]),
                at: Timestamp(*at),
            });
            let vault_id = "localhost".to_owned().try_into().expect("a vault ID");
            VaultObject {
                fingerprint: Fingerprint([fingerprint; 16]),
                vault_id,
                replaced: replaced.collect(),
            }
            .passphrases_since()
        };
        assert_eq!(since(1, &[]), None);
        assert_eq!(since(2, &[(1, 10)]), Some(Timestamp(10)));
        assert_eq!(since(1, &[(1, 10), (2, 20)]), None);
        assert_eq!(since(2, &[(1, 10), (2, 20), (1, 30)]), Some(Timestamp(10)));
        assert_eq!(since(3, &[(1, 10), (2, 20), (1, 30)]), Some(Timestamp(30)));
    }
}
