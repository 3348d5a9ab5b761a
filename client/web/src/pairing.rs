//! Pairing: this browser as the new device, or as the one that lets another in.

use crate::devices::{keep, settle};
use crate::failure::Failure;
use crate::held::{Outcome, Pairing, Taken, promise};
use crate::input;
use crate::json::Object;
use js_sys::Promise;
use rootcellar_client::ClientError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The new device's side: gives what it shows.
#[wasm_bindgen(js_name = offerPairing)]
pub fn offer_pairing(label: String) -> Promise {
    promise(async move {
        let label = input::label("deviceLabel", &label)?;
        let mut held = Taken::all();
        let offer = held.client()?.offer_pairing(label).await?;
        let text = JsValue::from_str(&offer.text());
        held.pairing = Pairing::Offered(offer);
        Ok(text)
    })
}

/// Waits for the other device; gives the six digits.
#[wasm_bindgen(js_name = awaitPairing)]
pub fn await_pairing() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let Pairing::Offered(offer) = std::mem::take(&mut held.pairing) else { return Err(no_pairing()) };
        let joining = held.client()?.await_opening(offer).await?;
        let code = JsValue::from_str(&joining.code().to_string());
        held.pairing = Pairing::Joining(joining);
        Ok(code)
    })
}

/// Waits for the confirmation, then keeps the enrolment; gives the permission.
#[wasm_bindgen(js_name = finishPairing)]
pub fn finish_pairing() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let Pairing::Joining(joining) = std::mem::take(&mut held.pairing) else { return Err(no_pairing()) };
        let client = held.client()?;
        let remembered = client.injected().journal.memory().cloned();
        let paired = client.finish_pairing(&joining, remembered).await?;
        // Whatever was kept before is of an enrolment that this one replaces.
        let lost = |_| Failure::new("pairing-not-kept");
        keep(&paired.secrets).await.map_err(lost)?;
        settle(&Ok(())).await.map_err(lost)?;
        Ok(JsValue::from_str(paired.permission.as_str()))
    })
}

/// The managing device's side: reads what the new one shows, waits for its reply, and gives the code to compare, its label,
/// and that of an enrolled device whose place it would take.
#[wasm_bindgen(js_name = meetPairing)]
pub fn meet_pairing(text: String) -> Promise {
    promise(async move {
        let mut held = Taken::all();
        let mut session = held.session()?;
        let meeting = session.open_pairing(&text).await?;
        let confirming = session.await_reply(meeting).await?;
        let devices = session.devices().await?;
        let replaced = devices.iter().find(|known| known.device.id == confirming.device());
        let json = Object::new()
            .text("label", confirming.label().as_str())
            .text("code", &confirming.code().to_string())
            .text_or_null("replaces", replaced.map(|known| known.device.label.as_str()))
            .finish();
        drop(session);
        held.pairing = Pairing::Confirming(confirming);
        Ok(JsValue::from_str(&json))
    })
}

/// Lets the new device in.
#[wasm_bindgen(js_name = confirmPairing)]
pub fn confirm_pairing(permission: String) -> Promise {
    promise(async move {
        let permission = input::permission(&permission)?;
        let mut held = Taken::all();
        let Pairing::Confirming(confirming) = std::mem::take(&mut held.pairing) else {
            return Err(no_pairing());
        };
        done(held.session()?.confirm_pairing(&confirming, permission).await)
    })
}

/// Forgets a pairing that waits for the person.
#[wasm_bindgen(js_name = forgetPairing)]
pub fn forget_pairing() {
    Taken::all().pairing = Pairing::None;
}

fn done(result: Result<(), ClientError>) -> Outcome {
    result.map(|()| JsValue::UNDEFINED).map_err(Failure::from)
}

fn no_pairing() -> Failure {
    Failure::new("pairing-expired")
}
