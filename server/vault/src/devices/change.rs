//! Changes the devices with one conditional write, for devices and list together.
//!
//! The vault cannot decrypt the list. It checks that the list follows the current one, so that of
//! two concurrent changes one succeeds and the other must start again. If a device loses anything,
//! the same write revokes all sessions.

use crate::Vault;
use crate::account::{Account, Attempt, Device, day_of};
use crate::ed25519;
use crate::session::ActiveSession;
use crate::streams::{Event, Who};
use crate::{Error, keyslot, pairing, sealed};
use rootcellar_spec::limits::DEVICES;
use rootcellar_spec::wire::devices::{ChangeResponse, DeviceEntry, DevicesRequest};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, Digest, Timestamp};
use rootcellar_store::cas::{Decision, Updated};

/// The member of a request that holds devices.
const FIELD: &str = "devices";

/// Replaces the device list and the devices. `body` is the digest of the request's exact bytes. A
/// sender that the request revoked may repeat it.
///
/// # Errors
/// [`Error::DevicesMoved`], [`Error::GenerationMoved`],
/// [`Error::PairingUnknown`] and [`Error::PairingUsed`] with a pairing, or as `ActiveSession::load`
/// and a store's failure.
pub async fn change(
    vault: &Vault,
    session: &ActiveSession,
    request: &DevicesRequest,
    body: Digest,
) -> Result<ChangeResponse, Error> {
    let attempt = Attempt { operation: request.operation, request: body };
    check_entries(vault, &request.devices)?;
    let list = sealed::read_list_of(vault, &request.list, session.account_id(), request.operation)?;
    if let Some(pairing) = &request.pairing {
        pairing::check_confirmation(pairing)?;
    }
    let decide = || async {
        let current = session.load_unchecked(vault).await?;
        let account = current.value();
        let made = account.devices_changed_by.filter(|made| session.has_made(attempt, Some(made)));
        if let Some(made) = made {
            return Ok(Decision::Keep(made.at));
        }
        session.check(account, Permission::Manage)?;
        sealed::check_list(account, &list, account.generation)?;
        let now = vault.now();
        let next = changed(account, session, request, attempt, now)?;
        if let Some(pairing) = &request.pairing {
            pairing::confirm(vault, session.account_id(), pairing).await?;
        }
        Ok(Decision::Replace { current, operation: request.operation, value: next, with: now })
    };
    match vault.update(decide).await? {
        Updated::Kept(time) => Ok(ChangeResponse { time }),
        Updated::Written(_, time) => {
            tracing::info!(event = "devices-changed");
            Ok(ChangeResponse { time })
        }
    }
}

fn changed(
    account: &Account,
    session: &ActiveSession,
    request: &DevicesRequest,
    attempt: Attempt,
    now: Timestamp,
) -> Result<Account, Error> {
    let mut next = account.clone();
    next.devices = merged(&account.devices, &request.devices, now)?;
    if is_narrower(&account.devices, &next.devices) {
        next.session_epoch = next.session_epoch.saturating_add(1);
    }
    next.device_list = Some(request.list.clone());
    next.devices_changed_by = Some(session.change(attempt, now));
    session.mark_seen(&mut next, now);
    let who = session.who(account);
    let arrival = if request.pairing.is_some() { kind::PAIRING } else { kind::ENROLMENT };
    for event in events(&account.devices, &next.devices, arrival, who, now) {
        next.history.record(event);
    }
    Ok(next)
}

/// Whether it is the same device, and not another one with its ID.
fn is_same(old: &Device, new: &Device) -> bool {
    old.id == new.id && old.request_key == new.request_key
}

/// Checks devices without the account.
pub(crate) fn check_entries(vault: &Vault, entries: &[DeviceEntry]) -> Result<(), Error> {
    let refused = |problem| Err(Error::Malformed { field: FIELD, problem });
    if entries.len() > DEVICES {
        return refused("An account can have at most 16 devices.");
    }
    for (index, entry) in entries.iter().enumerate() {
        let before = &entries[..index];
        if entry.id == DeviceId([0; DeviceId::BYTES]) {
            return refused("A device ID must not be all zeros.");
        }
        if before.iter().any(|other| other.id == entry.id) {
            return refused("Two devices have the same ID.");
        }
        if before.iter().any(|other| other.request_key == entry.request_key) {
            return refused("Two devices have the same request key.");
        }
        if !ed25519::is_public_key(&entry.request_key) {
            return refused("A request key is not a valid Ed25519 public key.");
        }
        if let Some(keyslot) = &entry.keyslot {
            keyslot::check_offered(vault, FIELD, keyslot)?;
        }
    }
    Ok(())
}

/// The new devices. A device that was enrolled before, by ID and request key, remains enrolled.
pub(crate) fn merged(
    before: &[Device],
    entries: &[DeviceEntry],
    now: Timestamp,
) -> Result<Vec<Device>, Error> {
    let merged = entries.iter().map(|entry| {
        let known =
            before.iter().find(|device| device.id == entry.id && device.request_key == entry.request_key);
        let keyslot = entry.keyslot.as_ref().or(known.map(|known| &known.keyslot));
        Ok(Device {
            id: entry.id,
            request_key: entry.request_key,
            permission: entry.permission,
            keyslot: keyslot.cloned().ok_or(Error::Malformed {
                field: FIELD,
                problem: "A device that is new, or has a new request key, needs a keyslot.",
            })?,
            enrolled_at: known.map_or(now, |known| known.enrolled_at),
            last_seen_at: known.map_or(day_of(now), |known| known.last_seen_at),
        })
    });
    merged.collect()
}

/// Whether a device is removed, has another request key, or gets a lower permission.
fn is_narrower(before: &[Device], after: &[Device]) -> bool {
    let keeps = |old: &Device, new: &Device| is_same(old, new) && new.permission >= old.permission;
    before.iter().any(|old| !after.iter().any(|new| keeps(old, new)))
}

/// The events of a change of devices. `arrival` is how new devices were enrolled.
pub(crate) fn events(
    before: &[Device],
    after: &[Device],
    arrival: &'static str,
    who: Who,
    at: Timestamp,
) -> Vec<Event> {
    let is_in = |all: &[Device], one: &Device| all.iter().any(|device| device.id == one.id);
    let gone = before.iter().filter(|device| !is_in(after, device));
    let gone = gone.map(|device| Event::new(kind::REVOCATION, who, at).about(device.id));
    let there = after.iter().filter_map(|device| {
        let former = before.iter().find(|former| former.id == device.id);
        let kind = match former.filter(|former| former.request_key == device.request_key) {
            None => arrival,
            Some(former) if former.permission != device.permission => kind::PERMISSION,
            Some(_) => return None,
        };
        Some(Event::new(kind, who, at).about(device.id).detail(device.permission.number().into()))
    });
    gone.chain(there).collect()
}
