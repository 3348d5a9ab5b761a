//! The enrolled devices of an account (protocol.md section 15.7).
//!
//! The vault stores request keys, permissions and keyslots, which decide about requests, and the
//! encrypted device list, with which the owner's devices check what the vault reports. This module
//! reads both; `change` changes them.

pub(super) mod change;

pub use change::change;

use crate::Error;
use crate::Vault;
use crate::account::Account;
use crate::session::ActiveSession;
use crate::snapshot_object;
use crate::streams::Event;
use bytes::Bytes;
use rootcellar_spec::wire::devices::{DeviceResponse, DevicesResponse, EnrolledDevice, RestoreRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_store::cas::{Current, Decision, Updated};

/// The response for a device: JSON and current snapshot.
pub type Given = (DeviceResponse, Option<Bytes>);

/// All enrolled devices, and the device list.
///
/// # Errors
/// As `ActiveSession::visit`.
pub async fn list(vault: &Vault, session: &ActiveSession) -> Result<DevicesResponse, Error> {
    let account = session.visit(vault).await?;
    let account = account.value();
    let devices = account.devices.iter().map(|device| EnrolledDevice {
        id: device.id,
        request_key: device.request_key,
        permission: device.permission,
        enrolled_at: device.enrolled_at,
        last_seen_at: device.last_seen_at,
    });
    Ok(DevicesResponse { devices: devices.collect(), list: account.device_list.clone(), time: vault.now() })
}

/// The keyslot, device list and current snapshot for the device that sends the request.
///
/// # Errors
/// [`Error::DeviceRevoked`], also for a session; [`Error::AccountDeleted`], or a store's failure.
pub async fn show(vault: &Vault, session: &ActiveSession) -> Result<Given, Error> {
    let account = session.visit(vault).await?;
    give(vault, session, account).await
}

/// The same for a device that is about to decrypt entries, which the history records. Restores of a
/// device within 15 minutes are recorded once, so that it cannot push other events out of the
/// history or block changes of the account.
///
/// # Errors
/// As [`show`], [`Error::NotPermitted`], and [`Error::OperationUsed`].
pub async fn restore(
    vault: &Vault,
    session: &ActiveSession,
    request: &RestoreRequest,
) -> Result<Given, Error> {
    let decide = || async {
        let current = session.load(vault, Permission::Restore).await?;
        let account = current.value();
        session.device(account)?;
        let now = vault.now();
        let event = Event::new(kind::RESTORE, session.who(account), now);
        if account.history.knows_act(&event, now) {
            return Ok(Decision::Keep(current));
        }
        let mut next = account.clone();
        next.history.record(event);
        session.mark_seen(&mut next, now);
        Ok(Decision::Replace { current, operation: request.operation, value: next, with: () })
    };
    let (Updated::Kept(account) | Updated::Written(account, ())) = vault.update(decide).await?;
    give(vault, session, account).await
}

async fn give(vault: &Vault, session: &ActiveSession, account: Current<Account>) -> Result<Given, Error> {
    session.device(account.value())?;
    let (account, snapshot) = snapshot_object::load_head(vault, account).await?;
    let account = account.value();
    let device = session.device(account)?;
    let device_list = account.device_list.clone();
    let answer = DeviceResponse {
        account_id: account.account_id,
        suite: account.suite,
        generation: account.generation,
        permission: device.permission,
        keyslot: device.keyslot.clone(),
        head: account.head().cloned(),
        device_list: device_list
            .ok_or(Error::Internal("a device is enrolled, but there is no device list"))?,
        time: vault.now(),
    };
    Ok((answer, snapshot))
}
