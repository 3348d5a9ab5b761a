//! The account's devices: looking at them, enrolling this one, changing others, and the account's history.

use crate::held::{By, OpenClient, StepResult, promise};
use crate::json::{Array, Object};
use crate::{host, input};
use js_sys::Promise;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::device_list::DeviceKind;
use rootcellar_client::history::CheckedEvent;
use rootcellar_client::session::{DeviceChange, KnownDevice, RekeyReason};
use rootcellar_client::state_store::StateStore;
use rootcellar_client::{SystemRandomness, VaultText};
use rootcellar_spec::{DeviceId, base64url};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The account's devices, in the order of their enrolment.
#[wasm_bindgen]
pub fn devices() -> Promise {
    promise(async |held| {
        let devices = held.session()?.devices().await?;
        let mut array = Array::new();
        devices.iter().for_each(|known| array.push(&device(known)));
        Ok(JsValue::from_str(&array.finish()))
    })
}

/// Enrols this browser.
#[wasm_bindgen]
pub fn enrol(permission: String) -> Promise {
    promise(async move |held| {
        let permission = input::permission(&permission)?;
        let session = held.session()?;
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        session.enrol(&secrets, permission).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Gives a device another permission.
#[wasm_bindgen]
pub fn permit(device: String, permission: String) -> Promise {
    promise(async move |held| {
        let (id, permission) = (input::device(&device)?, input::permission(&permission)?);
        let change = held.session()?.permit(id, permission).await?;
        changed(held, change)
    })
}

/// Removes a device.
#[wasm_bindgen]
pub fn revoke(device: String) -> Promise {
    promise(async move |held| {
        let id = input::device(&device)?;
        let change = held.session()?.revoke(id).await?;
        changed(held, change)
    })
}

/// What happened to the account.
#[wasm_bindgen]
pub fn history() -> Promise {
    promise(async |held| {
        let session = held.session()?;
        // Without the labels the history still tells which device it was, by its id.
        let devices = session.devices().await.unwrap_or_default();
        let checked = session.history().await?;
        let mut events = Array::new();
        checked.in_order().into_iter().rev().for_each(|(_, one)| events.push(&event(one, &devices)));
        let json = Object::new()
            .raw("events", &events.finish())
            .flag("gap", checked.acts.gap.is_some() || checked.saves.gap.is_some())
            .number("failedAttempts", u64::from(checked.failed_attempts))
            .finish();
        Ok(JsValue::from_str(&json))
    })
}

fn changed(held: &mut OpenClient, change: DeviceChange) -> StepResult {
    // A device needs no session, unless it has removed itself.
    let stays = held.by == By::Device && held.client()?.state_store().enrolment()?.is_some();
    let ended = change.ended_sessions && !stays;
    if ended {
        held.session = None;
        host::session_ended();
    }
    let json = Object::new()
        .text_or_null("rekeyReason", change.rekey_reason.map(RekeyReason::as_str))
        .flag("endedSession", ended)
        .finish();
    Ok(JsValue::from_str(&json))
}

fn device(known: &KnownDevice) -> String {
    Object::new()
        .text("id", &base64url::encode(&known.device.id.0))
        .text("label", &known.device.label.to_string())
        .text("permission", known.device.permission.as_str())
        .text("kind", kind(known.device.kind))
        .number("enrolledAt", known.device.enrolled_at.0)
        .number("lastSeenAt", known.last_seen_at.0)
        .flag("isThis", known.is_this)
        .finish()
}

fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::App => "app",
        DeviceKind::Passkey => "passkey",
        _ => "unknown",
    }
}

fn event(checked: &CheckedEvent, devices: &[KnownDevice]) -> String {
    let event = &checked.event;
    let named = |id: Option<DeviceId>| {
        let id = id?;
        let known = devices.iter().find(|known| known.device.id == id);
        Some(known.map_or_else(|| base64url::encode(&id.0), |known| known.device.label.to_string()))
    };
    Object::new()
        .number("at", event.at.0)
        .text("kind", &VaultText::new(&event.kind).to_string())
        .text("by", event.by.as_str())
        .text_or_null("device", named(event.device).as_deref())
        .text_or_null("subject", named(event.subject).as_deref())
        .number("detail", event.detail)
        .flag("proven", checked.proven)
        .finish()
}
