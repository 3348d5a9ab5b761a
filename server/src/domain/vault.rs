//! The object `vault`: what kind of store this is and whose (design: one commit point).

use crate::domain::names;
use crate::keys::{Fingerprint, VaultKeys};
use crate::store::Store;
use crate::store::swap::{self, LoadError, Patience, SwapError};
use rootcellar_spec::{Identity, OperationId, base64url};
use serde::{Deserialize, Serialize};

/// Value of the object `vault`. Its format version is the one that all mutable objects bear.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct VaultObject {
    /// Recognises the root secret that this store's objects were made under.
    #[serde(with = "base64url::array")]
    fingerprint: [u8; 16],
    /// The vault's identity, from the first start on.
    identity: Identity,
}

/// What a store turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The vault's identity: the recorded one, whatever is configured.
    pub identity: Identity,
    /// Whether the store was empty and is this vault's from now on.
    pub created: bool,
}

/// Why a store cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store belongs to another root secret.
    #[error(
        "this store was made with another root secret (fingerprint {found}, yours is {own}); \
         give the vault the root secret that it was started with first"
    )]
    OtherRootSecret {
        /// The fingerprint in the store, in base64url.
        found: String,
        /// The fingerprint of the root secret at hand, in base64url.
        own: String,
    },
    /// The object could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The object could not be created.
    #[error("the store did not take the object `vault`: {0}")]
    Create(#[from] SwapError),
}

/// Reads the object `vault`, or creates it with the identity that is configured.
///
/// Replicas that start at the same time agree on whichever created it first.
///
/// # Errors
/// When the store fails, or bears the fingerprint of another root secret.
pub async fn open_vault(
    store: &dyn Store,
    keys: &VaultKeys,
    configured: Identity,
    operation: OperationId,
    patience: Patience,
) -> Result<Opened, OpenError> {
    let key = names::vault();
    if let Some(current) = swap::load::<VaultObject>(store, &key).await?.current {
        return check(current.value(), keys.fingerprint());
    }
    let value = VaultObject { fingerprint: keys.fingerprint().0, identity: configured.clone() };
    match swap::create(store, &key, operation, value, patience).await {
        Ok(_) => Ok(Opened { identity: configured, created: true }),
        Err(SwapError::Lost) => match swap::load::<VaultObject>(store, &key).await?.current {
            Some(current) => check(current.value(), keys.fingerprint()),
            None => Err(OpenError::Create(SwapError::Gone)),
        },
        Err(error) => Err(error.into()),
    }
}

fn check(found: &VaultObject, own: Fingerprint) -> Result<Opened, OpenError> {
    if found.fingerprint == own.0 {
        return Ok(Opened { identity: found.identity.clone(), created: false });
    }
    let text = |bytes: &[u8]| base64url::encode(bytes);
    Err(OpenError::OtherRootSecret { found: text(&found.fingerprint), own: text(&own.0) })
}
