//! The one mutable object of an account, and the pointers to it (spec/storage.md).

use crate::Vault;
use crate::budget::DAY;
use crate::keys::Fingerprint;
use crate::names::{self, NameKey};
use crate::recovery_method::RecoveryMethod;
use crate::retention::Retained;
use crate::streams::Streams;
use crate::vault_time::Moment;
use crate::{Error, names::LocatorDigest};
use rootcellar_spec::suite::opaque_bytes::REGISTRATION_RECORD;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::recovery::RecoveryMethodRecord;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, OperationId, SuiteId, Timestamp, base64url};
use rootcellar_store::cas::{self, Current, Decision, LoadError, Loaded, Updated};
use rootcellar_store::{Key, Store};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a request may spend on removing what its write made unnecessary. The sweep removes the
/// rest.
pub(crate) const TIDYING: Duration = Duration::from_secs(5);

/// The value of an account's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) account_id: AccountId,
    /// The name of the account. A pointer from any other name does not count.
    pub(crate) name: NameKey,
    /// The root secret with which `name` was made. With another one, the account has no name.
    pub(crate) name_root: Fingerprint,
    pub(crate) suite: SuiteId,
    pub(crate) generation: Generation,
    pub(crate) created_at: Timestamp,
    pub(crate) passphrase_changed_at: Timestamp,
    /// Sessions of another epoch are revoked.
    pub(crate) session_epoch: u64,
    #[serde(with = "base64url::array")]
    pub(crate) registration_record: [u8; REGISTRATION_RECORD],
    #[serde(with = "base64url::vec")]
    pub(crate) passphrase_keyslot: Vec<u8>,
    /// Exactly one in this version.
    pub(crate) recovery_methods: Vec<RecoveryMethod>,
    /// The request that registered the account.
    pub(crate) registered_by: Attempt,
    /// The last request that changed the passphrase.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) passphrase_changed_by: Option<Change>,
    /// Taken names that the account asked for while it had none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) refused_names: Option<RefusedNames>,
    /// The last request that replaced the recovery code, except re-keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) recovery_code_changed_by: Option<Change>,
    /// The last request that changed the keys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rekeyed_by: Option<Change>,
    /// The enrolled devices, in the order of their enrolment.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) devices: Vec<Device>,
    /// The current device list, encrypted by the client.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    pub(crate) device_list: Option<Vec<u8>>,
    /// The last request that changed the devices.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) devices_changed_by: Option<Change>,
    /// The retained snapshots, newest first. The first one is the head.
    pub(crate) snapshots: Vec<Retained>,
    /// Both streams of the account's history.
    pub(crate) history: Streams,
}

/// A change, recognised when its request is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) operation: OperationId,
    /// SHA-256 of the request's body.
    pub(crate) request: Digest,
}

/// A change that may have revoked its sender. It is recognised when the same key repeats the
/// request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    #[serde(flatten)]
    pub(crate) attempt: Attempt,
    /// The Ed25519 public key that signed the request.
    #[serde(with = "base64url::array")]
    pub(crate) signer: [u8; 32],
    /// The time of the change.
    pub(crate) at: Timestamp,
}

/// Taken names that an account without a name asked for. Each refusal reveals that another account
/// exists, so their number is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedNames {
    /// The number of refused requests.
    pub(crate) times: u32,
    /// The last refused request. It counts once, however often it is repeated.
    pub(crate) last: Attempt,
    /// The vault's time of the last refusal.
    pub(crate) at: Timestamp,
}

impl RefusedNames {
    /// Refusals without a wait. After that, one per day is allowed.
    const FREE: u32 = 3;

    /// Seconds until another request may ask for a name.
    pub(crate) fn wait(self, attempt: Attempt, now: Timestamp) -> u64 {
        let is_free = self.times < Self::FREE || self.last == attempt;
        if is_free { 0 } else { self.at.plus(DAY).seconds_since(now) }
    }

    /// Counts this refusal.
    pub(crate) fn with(earlier: Option<Self>, attempt: Attempt, at: Timestamp) -> Self {
        let times = earlier.map_or(0, |earlier| earlier.times).saturating_add(1);
        Self { times, last: attempt, at }
    }
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    /// The Ed25519 public key that signs its requests. It is unique within the account.
    #[serde(with = "base64url::array")]
    pub(crate) request_key: [u8; 32],
    pub(crate) permission: Permission,
    #[serde(with = "base64url::vec")]
    pub(crate) keyslot: Vec<u8>,
    pub(crate) enrolled_at: Timestamp,
    /// Rounded down to a day.
    pub(crate) last_seen_at: Timestamp,
}

/// The value of the object of a name or a locator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub(crate) account_id: AccountId,
}

impl Account {
    pub(crate) fn head(&self) -> Option<&Head> {
        self.snapshots.first().map(|snapshot| &snapshot.head)
    }

    pub(crate) fn snapshot(&self, operation: &OperationId) -> Option<&Retained> {
        self.snapshots.iter().find(|snapshot| snapshot.head.operation == *operation)
    }

    /// The recovery method with this locator.
    pub(crate) fn recovery_method(&self, locator: &LocatorDigest) -> Option<&RecoveryMethod> {
        self.recovery_methods.iter().find(|method| method.locator == *locator)
    }

    /// The locators of the account. A pointer from any other locator does not count.
    pub(crate) fn locators(&self) -> impl Iterator<Item = LocatorDigest> {
        self.recovery_methods.iter().map(|method| method.locator)
    }

    /// What the account's devices see of its recovery methods.
    pub(crate) fn recovery_records(&self) -> Vec<RecoveryMethodRecord> {
        self.recovery_methods.iter().map(RecoveryMethod::record).collect()
    }

    /// The enrolled device with this request key.
    pub(crate) fn device_of(&self, request_key: &[u8; 32]) -> Option<&Device> {
        self.devices.iter().find(|device| device.request_key == *request_key)
    }

    /// Checks that a new keyslot wraps the current account key, because a re-key may have come
    /// first.
    pub(crate) fn check_generation(&self, wrapped: Generation) -> Result<(), Error> {
        if wrapped == self.generation { Ok(()) } else { Err(Error::GenerationMoved) }
    }

    /// Whether the account was only registered and logged in to.
    pub(crate) fn is_unused(&self) -> bool {
        let changes = [&self.passphrase_changed_by, &self.recovery_code_changed_by, &self.rekeyed_by];
        self.snapshots.is_empty() && self.device_list.is_none() && changes.iter().all(|by| by.is_none())
    }
}

/// Replaces the object of a deleted account. It contains only what is needed to remove the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) account_id: AccountId,
    /// The name of the account, which is free.
    pub(crate) name: NameKey,
    /// The locators of the account.
    pub(crate) locators: Vec<LocatorDigest>,
    pub(crate) deleted_at: Timestamp,
    /// The request that deleted the account.
    pub(crate) deleted_by: Attempt,
}

/// What the object of an account can be.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all are live")]
pub(crate) enum Found {
    Live(Current<Account>),
    Deleted(Current<Tombstone>),
}

/// Reads the object of an account. If it is not an account, which is rare, parses it again as a
/// tombstone.
pub(crate) async fn find(store: &dyn Store, id: &AccountId) -> Result<Option<Found>, LoadError> {
    Ok(find_at(store, id).await?.0)
}

/// Like [`find`], with the store's clock.
async fn find_at(store: &dyn Store, id: &AccountId) -> Result<(Option<Found>, Timestamp), LoadError> {
    let key = names::account(id);
    match cas::load(store, &key).await {
        Ok(Loaded { current, time }) => Ok((current.map(Found::Live), time)),
        Err(LoadError::Damaged(_)) => {
            let Loaded { current, time } = cas::load(store, &key).await?;
            Ok((current.map(Found::Deleted), time))
        }
        Err(error) => Err(error),
    }
}

/// Reads an account. `None` if it does not exist or was deleted.
pub(crate) async fn load(vault: &Vault, id: &AccountId) -> Result<Option<Current<Account>>, Error> {
    match find(vault.store(), id).await? {
        Some(Found::Live(account)) => Ok(Some(account)),
        Some(Found::Deleted(_)) | None => Ok(None),
    }
}

/// The parts of an account that the first request of a login needs.
#[derive(Debug, Deserialize)]
pub(crate) struct Brief {
    format: u32,
    pub(crate) name: NameKey,
    pub(crate) suite: SuiteId,
    pub(crate) session_epoch: u64,
    #[serde(with = "base64url::array")]
    pub(crate) registration_record: [u8; REGISTRATION_RECORD],
}

/// Reads only these parts. Strangers can cause this work, so it must not grow with the account:
/// heads and history are skipped without an allocation.
pub(crate) async fn load_brief(vault: &Vault, id: &AccountId) -> Result<Option<Brief>, Error> {
    /// The members without the bookkeeping. `Versioned` would collect all unknown members.
    #[derive(Deserialize)]
    struct Stored {
        format: u32,
        #[serde(default)]
        deleted_at: Option<Timestamp>,
    }
    let Some(object) = vault.store().get(&names::account(id)).await?.object else { return Ok(None) };
    let damaged = || Error::Internal("a stored object is damaged");
    match serde_json::from_slice::<Brief>(&object.body) {
        Ok(brief) if brief.format == cas::FORMAT => Ok(Some(brief)),
        _ => match serde_json::from_slice::<Stored>(&object.body).map_err(|_| damaged())? {
            Stored { format, .. } if format != cas::FORMAT => {
                Err(Error::Internal("a stored object has the format of a newer version"))
            }
            Stored { deleted_at: Some(_), .. } => Ok(None),
            Stored { .. } => Err(damaged()),
        },
    }
}

/// Reads an account for a sender who has shown knowledge of it, and who may learn that it was
/// deleted. `absent` is the error if it does not exist.
pub(crate) async fn require(vault: &Vault, id: &AccountId, absent: Error) -> Result<Current<Account>, Error> {
    Ok(require_at(vault, id, absent).await?.0)
}

/// Like [`require`], with the time of the read.
pub(crate) async fn require_at(
    vault: &Vault,
    id: &AccountId,
    absent: Error,
) -> Result<(Current<Account>, Moment), Error> {
    match find_at(vault.store(), id).await? {
        (Some(Found::Live(account)), time) => Ok((account, vault.time().moment(time))),
        (Some(Found::Deleted(_)), _) => Err(Error::AccountDeleted),
        (None, _) => Err(absent),
    }
}

/// Reads a pointer.
pub(crate) async fn load_pointer(vault: &Vault, key: &Key) -> Result<Option<Current<Pointer>>, Error> {
    Ok(cas::load(vault.store(), key).await?.current)
}

/// Whether a pointer points to this account.
pub(crate) async fn leads_to(vault: &Vault, key: &Key, id: &AccountId) -> Result<bool, Error> {
    Ok(load_pointer(vault, key).await?.is_some_and(|found| found.value().account_id == *id))
}

/// Whether another account than `id` has this name.
pub(crate) async fn is_name_taken(vault: &Vault, name: NameKey, id: &AccountId) -> Result<bool, Error> {
    let Some(pointer) = load_pointer(vault, &name.pointer()).await? else { return Ok(false) };
    let other = pointer.value().account_id;
    Ok(other != *id && load(vault, &other).await?.is_some_and(|account| account.value().name == name))
}

/// Whether the account has a name, so that its passphrase can be used.
pub(crate) async fn is_named(vault: &Vault, account: &Account) -> Result<bool, Error> {
    // With another root secret, the name key was different. No login reads that pointer.
    Ok(account.name_root == vault.keys().fingerprint()
        && leads_to(vault, &account.name.pointer(), &account.account_id).await?)
}

/// Makes `key` point to `id` with a write of its own. Overwrites a pointer to an account that does
/// not have this name or locator.
///
/// It also rewrites a pointer that already points to
/// `id`. Another writer that read the pointer earlier, and is about to overwrite or remove it, then finds another version. If this returns `true`
/// for an account that has `key`, the pointer therefore remains as long as the account has it.
///
/// Returns whether it points to `id` now. `false` if it points to another account.
pub(crate) async fn claim_pointer(
    vault: &Vault,
    key: &Key,
    id: AccountId,
    names_back: impl Fn(&Account) -> bool,
) -> Result<bool, Error> {
    let names_back = &names_back;
    // Usually there is no pointer, so the first round does not read it.
    let mut is_first = true;
    let decide = || {
        let is_first = std::mem::take(&mut is_first);
        async move {
            let found = if is_first { None } else { load_pointer(vault, key).await? };
            let (operation, value) = (vault.fresh_operation(), Pointer { account_id: id });
            let Some(current) = found else {
                return Ok(Decision::Create { key: key.clone(), operation, value, with: () });
            };
            let other = current.value().account_id;
            if other != id && load(vault, &other).await?.is_some_and(|account| names_back(account.value())) {
                return Ok(Decision::Keep(()));
            }
            Ok(Decision::Replace { current, operation, value, with: () })
        }
    };
    Ok(matches!(vault.update(decide).await?, Updated::Written(..)))
}

/// Removes a pointer if it points to `id`. A failure leaves an orphan without effect.
pub(crate) async fn remove_pointer(vault: &Vault, key: &Key, id: &AccountId) {
    if let Ok(Some(current)) = load_pointer(vault, key).await
        && current.value().account_id == *id
        && cas::remove(vault.store(), &current, vault.retry_policy()).await.is_err()
    {
        tracing::warn!(
            event = "removal-incomplete",
            "An unused pointer could not be removed. The sweep removes it."
        );
    }
}

/// The precision with which devices see when a device was last seen.
pub(crate) fn day_of(time: Timestamp) -> Timestamp {
    Timestamp(time.0 - time.0 % DAY)
}

#[cfg(test)]
mod tests;
