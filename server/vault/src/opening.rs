//! The object `vault`: the vault that a store belongs to (spec/storage.md).

use crate::Vault;
use crate::keys::{Fingerprint, VaultKeys};
use crate::{Error, names};
use rootcellar_spec::{OperationId, Timestamp, VaultId};
use rootcellar_store::cas::{self, CasError, Current, LoadError, RetryPolicy};
use rootcellar_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

/// The value of the object `vault`. Its format version is that of all mutable objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct VaultObject {
    /// Of the current root secret.
    pub(super) fingerprint: Fingerprint,
    /// The vault ID since the first start.
    pub(super) vault_id: VaultId,
    /// The replaced root secrets, oldest first. One that was found again can be both here and
    /// current.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) replaced: Vec<ReplacedSecret>,
}

/// A root secret that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReplacedSecret {
    /// Of the replaced root secret.
    pub(super) fingerprint: Fingerprint,
    /// The time of the replacement, by the store's clock.
    pub(super) at: Timestamp,
}

impl VaultObject {
    /// When the current root secret was first used: passphrases that were set later work. `None` if
    /// that was the vault's first start.
    fn passphrases_since(&self) -> Option<Timestamp> {
        let first_time = self.replaced.iter().position(|former| former.fingerprint == self.fingerprint);
        let before = &self.replaced[..first_time.unwrap_or(self.replaced.len())];
        before.last().map(|former| former.at)
    }
}

/// The vault that was found in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedVault {
    /// As recorded, which can differ from the settings.
    pub vault_id: VaultId,
    /// Whether the store was empty and the vault is new.
    pub created: bool,
    /// Passphrases that were set earlier belong to another root secret and do not work. `None` if
    /// there are none.
    pub passphrases_since: Option<Timestamp>,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store belongs to another root secret.
    #[error(
        "This store belongs to another root secret: its fingerprint is {found}, yours is {own}. Use the vault's own root \
         secret, or restore it from its 24 words. If it is permanently lost, replace it with \
         `rootcellar-server root-secret replace`."
    )]
    OtherRootSecret {
        /// Of the store's root secret.
        found: Fingerprint,
        /// Of the current root secret.
        own: Fingerprint,
    },
    /// The store is empty, and nothing may be created.
    #[error("The store is empty. Check that it is the right one (--data, --s3-bucket, --s3-prefix).")]
    Empty,
    /// The object `vault` is missing, and there are other objects.
    #[error(
        "The store contains objects, but its object `vault` is missing. Restore that object from a backup or an older \
         version of the bucket, or use another store (--data, --s3-bucket, --s3-prefix)."
    )]
    Lost,
    /// A copy into the store is incomplete.
    #[error(
        "A copy into this store was not completed, so objects may be missing. Run the same `rootcellar-server copy` \
         again. Do not empty the store before that command has reported whether it contains a vault."
    )]
    Unfinished,
    /// The store cannot be read.
    #[error("Cannot read the store.")]
    Store(#[from] StoreError),
    /// The object `vault` cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object `vault` cannot be created.
    #[error("Cannot create the object `vault` in the store: {0}")]
    Create(#[from] CasError),
}

/// Reads the object `vault`, or creates it with the configured vault ID.
///
/// Replicas that start at the same time use the one that was created first. Of a start and a copy
/// into the store at the same time, at most one continues (`settle`).
///
/// # Errors
/// If the store fails, or belongs to another root secret.
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

/// Opens an existing vault, and never creates one. If it was only created so far, it is settled
/// first.
///
/// # Errors
/// As [`open_vault`]; [`OpenError::Empty`] if the store is empty.
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

/// The version of an object `vault` that no server uses yet.
const CREATED: u64 = 1;

/// Creates the object. Also returns whether this call created it.
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

/// Makes the object permanent: rewrites it if it was only created, unless the store has the mark of
/// a copy.
///
/// A copy writes its mark, then looks for the object `vault`. A start creates the object, then
/// looks for the mark. So at least one sees the other. A start that sees the mark removes the
/// object again, unless another replica has already rewritten it. That replica saw no mark while
/// the object existed, so the copy sees the object and stops.
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
            tracing::warn!(
                event = "copy-mark-found",
                %error,
                "A copy into this store has begun. The object `vault` that was just created could not be removed."
            );
        }
        return Err(OpenError::Unfinished);
    }
    // The object remembers the operation that created it, so this write needs another one.
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

/// Reads the object `vault` of a complete store, without writing.
///
/// # Errors
/// As [`open_vault`]; [`OpenError::Empty`] if the store is empty.
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
    // Another replica may have started since. It creates this object before all others.
    load_whole(store).await?.ok_or(OpenError::Lost)
}

/// Reads the object, and then looks for the mark: a copy writes the object before it removes the
/// mark.
async fn load_whole(store: &dyn Store) -> Result<Option<Current<VaultObject>>, OpenError> {
    let current = load(store).await?;
    if is_marked(store).await? { Err(OpenError::Unfinished) } else { Ok(current) }
}

/// Whether the store has the mark of a copy.
pub(super) async fn is_marked(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.get(&names::copy()).await?.object.is_some())
}

/// Whether the store contains nothing except remains of a probe.
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

/// The fingerprint in the store. `None` if it has no object `vault`.
///
/// # Errors
/// If the store fails, or the object is damaged.
pub async fn borne_fingerprint(store: &dyn Store) -> Result<Option<Fingerprint>, LoadError> {
    Ok(load(store).await?.map(|current| current.value().fingerprint))
}

/// Checks that the store still belongs to this root secret, before something that must not be done
/// with a replaced one.
///
/// # Errors
/// [`Error::StoreUnavailable`] if it has another fingerprint, or none.
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
