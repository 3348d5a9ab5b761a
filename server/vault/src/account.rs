//! The one mutable object of an account, and the pointers that lead to it (design: one commit point).

use crate::Vault;
use crate::budget::DAY;
use crate::keys::Fingerprint;
use crate::names::{self, NameKey};
use crate::recovery_method::RecoveryMethod;
use crate::retention::Retained;
use crate::streams::Streams;
use crate::vault_time::Moment;
use crate::{Error, names::LocatorDigest};
use bytes::Bytes;
use rootcellar_spec::suite::opaque_bytes::REGISTRATION_RECORD;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::recovery::RecoveryMethodRecord;
use rootcellar_spec::{AccountId, DeviceId, Digest, Generation, OperationId, SuiteId, Timestamp, base64url};
use rootcellar_store::cas::{self, Current, Decision, LoadError, Loaded, Updated};
use rootcellar_store::{Key, Store};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the head is read again that another save has replaced.
const TRIES: usize = 8;
/// How long a request works on what its swap has left. The sweep takes what it does not come to.
pub(crate) const TIDYING: Duration = Duration::from_secs(5);

/// Value of an account's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) account_id: AccountId,
    /// The name that leads here; a pointer from any other is none.
    pub(crate) name: NameKey,
    /// The root secret that `name` was made under. Under another one no name leads here.
    pub(crate) name_root: Fingerprint,
    pub(crate) suite: SuiteId,
    pub(crate) generation: Generation,
    pub(crate) created_at: Timestamp,
    pub(crate) passphrase_changed_at: Timestamp,
    /// Sessions of another epoch have ended.
    pub(crate) session_epoch: u64,
    #[serde(with = "base64url::array")]
    pub(crate) registration_record: [u8; REGISTRATION_RECORD],
    #[serde(with = "base64url::vec")]
    pub(crate) passphrase_keyslot: Vec<u8>,
    /// Exactly one in this version.
    pub(crate) recovery_methods: Vec<RecoveryMethod>,
    /// The request that registered the account.
    pub(crate) registered_by: Attempt,
    /// The request that changed the passphrase last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) passphrase_changed_by: Option<Change>,
    /// The names that it asked for while no name led here, and that were taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) refused_names: Option<RefusedNames>,
    /// The request that put another recovery code in place last, a re-key apart.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) recovery_code_changed_by: Option<Change>,
    /// The request that changed the keys last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rekeyed_by: Option<Change>,
    /// The enrolled devices, in the order of their enrolment.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) devices: Vec<Device>,
    /// The newest device list.
    #[serde(with = "base64url::option", skip_serializing_if = "Option::is_none", default)]
    pub(crate) device_list: Option<Vec<u8>>,
    /// The request that changed the devices last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) devices_changed_by: Option<Change>,
    /// The retained snapshots, newest first; the first is the head.
    pub(crate) snapshots: Vec<Retained>,
    /// What happened to the account.
    pub(crate) history: Streams,
}

/// One attempt to change something, recognised when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) operation: OperationId,
    /// Digest of the request's body.
    pub(crate) request: Digest,
}

/// A change that may have ended who sent it: recognised when the same key sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    #[serde(flatten)]
    pub(crate) attempt: Attempt,
    /// The Ed25519 public key that signed it.
    #[serde(with = "base64url::array")]
    pub(crate) signer: [u8; 32],
    /// When it took place.
    pub(crate) at: Timestamp,
}

/// Names that an account without one asked for and that were taken. Each tells that another account exists, so there is
/// a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedNames {
    /// How many requests were refused.
    pub(crate) times: u32,
    /// The last of them: sent again, it counts once.
    pub(crate) last: Attempt,
    /// When it was refused, in the vault's time.
    pub(crate) at: Timestamp,
}

impl RefusedNames {
    /// As many are free of waits. After that, one is allowed a day.
    const FREE: u32 = 3;

    /// Seconds until another attempt may ask for a name.
    pub(crate) fn wait(self, attempt: Attempt, now: Timestamp) -> u64 {
        let is_free = self.times < Self::FREE || self.last == attempt;
        if is_free { 0 } else { self.at.plus(DAY).seconds_since(now) }
    }

    /// With this refusal counted.
    pub(crate) fn with(earlier: Option<Self>, attempt: Attempt, at: Timestamp) -> Self {
        let times = earlier.map_or(0, |earlier| earlier.times).saturating_add(1);
        Self { times, last: attempt, at }
    }
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    /// The Ed25519 public key that signs its requests; no two devices of an account have the same.
    #[serde(with = "base64url::array")]
    pub(crate) request_key: [u8; 32],
    pub(crate) permission: Permission,
    #[serde(with = "base64url::vec")]
    pub(crate) keyslot: Vec<u8>,
    pub(crate) enrolled_at: Timestamp,
    /// To the day.
    pub(crate) last_seen_at: Timestamp,
}

/// Value of the object of a name or a locator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub(crate) account_id: AccountId,
}

impl Account {
    pub(crate) fn head(&self) -> Option<&Head> {
        self.snapshots.first().map(|snapshot| &snapshot.head)
    }

    pub(crate) fn snapshot(&self, operation: &OperationId) -> Option<&Head> {
        self.snapshots.iter().map(|snapshot| &snapshot.head).find(|head| head.operation == *operation)
    }

    /// The recovery method that this locator finds.
    pub(crate) fn recovery_method(&self, locator: &LocatorDigest) -> Option<&RecoveryMethod> {
        self.recovery_methods.iter().find(|method| method.locator == *locator)
    }

    /// The locators that lead here; a pointer from any other counts as none.
    pub(crate) fn locators(&self) -> impl Iterator<Item = LocatorDigest> {
        self.recovery_methods.iter().map(|method| method.locator)
    }

    /// What the account's devices are told of its recovery methods.
    pub(crate) fn recovery_records(&self) -> Vec<RecoveryMethodRecord> {
        self.recovery_methods.iter().map(RecoveryMethod::record).collect()
    }

    /// The enrolled device whose request key this is.
    pub(crate) fn device_of(&self, request_key: &[u8; 32]) -> Option<&Device> {
        self.devices.iter().find(|device| device.request_key == *request_key)
    }

    /// Whether a new keyslot wraps the account key that there is: a re-key may have come in between.
    pub(crate) fn check_generation(&self, wrapped: Generation) -> Result<(), Error> {
        if wrapped == self.generation { Ok(()) } else { Err(Error::GenerationMoved) }
    }

    /// Whether nobody has done more with it than register it, and get in.
    pub(crate) fn is_unused(&self) -> bool {
        let changes = [&self.passphrase_changed_by, &self.recovery_code_changed_by, &self.rekeyed_by];
        self.snapshots.is_empty() && self.device_list.is_none() && changes.iter().all(|by| by.is_none())
    }
}

/// What stands in the place of an account that was deleted: nothing that opens or tells anything, and what is needed to
/// remove the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) account_id: AccountId,
    /// The name that led here; it is free.
    pub(crate) name: NameKey,
    /// The locators that led here.
    pub(crate) locators: Vec<LocatorDigest>,
    pub(crate) deleted_at: Timestamp,
    /// The request that deleted the account.
    pub(crate) deleted_by: Attempt,
}

/// What the object of an account is.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all are live")]
pub(crate) enum Found {
    Live(Current<Account>),
    Deleted(Current<Tombstone>),
}

/// Reads the object of an account. Only where it is no account, which is rare, a second read sees whether it is the tombstone
/// of one.
pub(crate) async fn find(store: &dyn Store, id: &AccountId) -> Result<Option<Found>, LoadError> {
    Ok(find_at(store, id).await?.0)
}

/// As [`find`], with the store's clock.
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

/// Reads an account. One that was deleted is none.
pub(crate) async fn load(vault: &Vault, id: &AccountId) -> Result<Option<Current<Account>>, Error> {
    match find(vault.store(), id).await? {
        Some(Found::Live(account)) => Ok(Some(account)),
        Some(Found::Deleted(_)) | None => Ok(None),
    }
}

/// What the first trip of a login needs of an account.
#[derive(Debug, Deserialize)]
pub(crate) struct Brief {
    format: u32,
    pub(crate) name: NameKey,
    pub(crate) suite: SuiteId,
    pub(crate) session_epoch: u64,
    #[serde(with = "base64url::array")]
    pub(crate) registration_record: [u8; REGISTRATION_RECORD],
}

/// Reads of an account what the first trip of a login needs: strangers ask for it, and the work must not grow with what the
/// account holds. Heads and history are passed over, and nothing of them is allocated.
pub(crate) async fn load_brief(vault: &Vault, id: &AccountId) -> Result<Option<Brief>, Error> {
    /// The members beside the bookkeeping. `Versioned` would collect all that it does not know.
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
                Err(Error::Internal("a stored object has a format of a newer vault"))
            }
            Stored { deleted_at: Some(_), .. } => Ok(None),
            Stored { .. } => Err(damaged()),
        },
    }
}

/// Reads an account that somebody has shown to know of, so that they may hear that it was deleted. `absent` is for one that
/// is not there.
pub(crate) async fn require(vault: &Vault, id: &AccountId, absent: Error) -> Result<Current<Account>, Error> {
    Ok(require_at(vault, id, absent).await?.0)
}

/// As [`require`], with the moment at which it was read.
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

/// Whether a pointer leads to this account.
pub(crate) async fn leads_to(vault: &Vault, key: &Key, id: &AccountId) -> Result<bool, Error> {
    Ok(load_pointer(vault, key).await?.is_some_and(|found| found.value().account_id == *id))
}

/// Whether another account than `id` has this name.
pub(crate) async fn is_name_taken(vault: &Vault, name: NameKey, id: &AccountId) -> Result<bool, Error> {
    let Some(pointer) = load_pointer(vault, &name.pointer()).await? else { return Ok(false) };
    let other = pointer.value().account_id;
    Ok(other != *id && load(vault, &other).await?.is_some_and(|account| account.value().name == name))
}

/// Whether a name leads to this account, so that its passphrase can be used.
pub(crate) async fn is_named(vault: &Vault, account: &Account) -> Result<bool, Error> {
    // Under another root secret the name key was another one: no login ever looks at that pointer.
    Ok(account.name_root == vault.keys().fingerprint()
        && leads_to(vault, &account.name.pointer(), &account.account_id).await?)
}

/// The bytes of a snapshot, if they are there.
pub(crate) async fn load_snapshot(
    vault: &Vault,
    id: &AccountId,
    head: &Head,
) -> Result<Option<Bytes>, Error> {
    let read = vault.store().get(&names::snapshot(id, &head.operation)).await?;
    Ok(read.object.map(|object| object.body))
}

/// The bytes of the newest snapshot. Where they are gone because the head has moved on since, the account is read again:
/// what was checked of it before is to be checked of the one that is returned. Where the store has lost them, there are
/// none: older snapshots can still be asked for.
pub(crate) async fn load_head(
    vault: &Vault,
    mut account: Current<Account>,
) -> Result<(Current<Account>, Option<Bytes>), Error> {
    for _ in 0..TRIES {
        let id = account.value().account_id;
        let Some(head) = account.value().head() else { return Ok((account, None)) };
        if let Some(bytes) = load_snapshot(vault, &id, head).await? {
            return Ok((account, Some(bytes)));
        }
        let before = account.etag;
        account = require(vault, &id, Error::SessionEnded).await?;
        if account.etag == before {
            tracing::error!("the newest snapshot is missing from the store");
            return Ok((account, None));
        }
    }
    Err(Error::Busy)
}

/// Removes the bytes of a snapshot that no account refers to and that no save can commit any more; others under the same
/// name stay. A failure leaves an orphan and is only logged.
pub(crate) async fn discard_snapshot(
    vault: &Vault,
    id: &AccountId,
    operation: &OperationId,
    digest: &Digest,
) {
    let key = names::snapshot(id, operation);
    let removed = match vault.store().get(&key).await {
        Ok(read) => match read.object {
            Some(object) if Digest::of(&object.body) == *digest => {
                vault.store().delete(&key, &object.etag).await.is_ok()
            }
            _ => true,
        },
        Err(_) => false,
    };
    if !removed {
        tracing::warn!("a dropped snapshot could not be removed from the store");
    }
}

/// Removes the bytes of dropped snapshots, as [`discard_snapshot`], as far as [`TIDYING`] allows.
pub(crate) async fn discard_snapshots<'a>(
    vault: &Vault,
    id: &AccountId,
    dropped: impl Iterator<Item = &'a Retained>,
) {
    let work = async {
        for Retained { head, .. } in dropped {
            discard_snapshot(vault, id, &head.operation, &head.digest).await;
        }
    };
    if tokio::time::timeout(TIDYING, work).await.is_err() {
        tracing::warn!("not all dropped snapshots could be removed; the sweep takes the rest");
    }
}

/// Makes `key` point to `id`, by a write of this call's own. A pointer to an account that does not name it back is
/// overwritten.
///
/// A pointer that leads to `id` already is written anew: whoever has read it before the account named it back, and is
/// about to overwrite or remove it, then finds another version. So when this returns `true` for an account that names `key`
/// back, the pointer stays for as long as the account does so.
///
/// Returns whether it points there now; `false` where it leads to another account.
pub(crate) async fn claim_pointer(
    vault: &Vault,
    key: &Key,
    id: AccountId,
    names_back: impl Fn(&Account) -> bool,
) -> Result<bool, Error> {
    let names_back = &names_back;
    // Nearly always there is none yet: the first round does not look.
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

/// Removes a pointer if it leads to `id`. A failure leaves an orphan that leads nowhere.
pub(crate) async fn remove_pointer(vault: &Vault, key: &Key, id: &AccountId) {
    if let Ok(Some(current)) = load_pointer(vault, key).await
        && current.value().account_id == *id
        && cas::remove(vault.store(), &current, vault.retry_policy()).await.is_err()
    {
        tracing::warn!("a pointer that leads nowhere any more could not be removed");
    }
}

/// To which it is told when a device was seen last.
pub(crate) fn day_of(time: Timestamp) -> Timestamp {
    Timestamp(time.0 - time.0 % DAY)
}

#[cfg(test)]
mod tests;
