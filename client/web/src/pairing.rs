//! Pairing: this browser as the new device, or as the one that lets another in.
//!
//! Every step may be done again where it failed or was given up: what was reached is held until the pairing has ended.

use crate::failure::Failure;
use crate::held::{Held, InSession, Pairing, Taken, promise};
use crate::input;
use crate::json::Object;
use js_sys::Promise;
use rootcellar_client::session::take_reply;
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
        let Held { client: Some(client), pairing, .. } = &mut *held else {
            return Err(Failure::no_pairing());
        };
        if let Pairing::Offered(offer) = pairing {
            let opening = client.wait_for_opening(offer).await?;
            let Pairing::Offered(offer) = std::mem::take(pairing) else { return Err(Failure::no_pairing()) };
            // From here on it takes no other opening: what it replies to is decided.
            *pairing = Pairing::Joining(client.take_opening(offer, &opening)?);
        }
        let Pairing::Joining(joining) = pairing else { return Err(Failure::no_pairing()) };
        client.send_reply(joining).await?;
        Ok(JsValue::from_str(&joining.code().to_string()))
    })
}

/// Waits for the confirmation, then keeps the enrolment; gives the permission.
#[wasm_bindgen(js_name = finishPairing)]
pub fn finish_pairing() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let Held { client: Some(client), pairing, .. } = &mut *held else {
            return Err(Failure::no_pairing());
        };
        if let Pairing::Joining(joining) = pairing {
            let remembered = client.injected().state_store.memory().cloned();
            *pairing = Pairing::Paired(Box::new(client.receive_pairing(joining, remembered).await?));
        }
        let Pairing::Paired(paired) = pairing else { return Err(Failure::no_pairing()) };
        client.keep_pairing(paired).await?;
        let permission = JsValue::from_str(paired.permission.as_str());
        *pairing = Pairing::None;
        Ok(permission)
    })
}

/// The managing device's side: reads what the new one shows, waits for its reply, and gives the code to compare, its label,
/// and that of an enrolled device whose place it would take. Goes on where the same text is read again.
#[wasm_bindgen(js_name = meetPairing)]
pub fn meet_pairing(text: String) -> Promise {
    promise(async move {
        let mut held = Taken::all();
        let Held { client: Some(client), opened, pairing, .. } = &mut *held else {
            return Err(Failure::locked());
        };
        let mut session = InSession::of(client, opened)?;
        let is_known = match pairing {
            Pairing::Meeting(known, _) | Pairing::Confirming(known, _) => *known == text,
            _ => false,
        };
        if !is_known {
            let meeting = session.read_offer(&text).await?;
            *pairing = Pairing::Meeting(text, meeting);
        }
        if let Pairing::Meeting(_, meeting) = pairing {
            session.send_opening(meeting).await?;
            let reply = session.wait_for_reply(meeting).await?;
            let Pairing::Meeting(text, meeting) = std::mem::take(pairing) else {
                return Err(Failure::no_pairing());
            };
            // From here on it takes no other reply.
            *pairing = Pairing::Confirming(text, take_reply(meeting, &reply)?);
        }
        let Pairing::Confirming(_, confirming) = pairing else { return Err(Failure::no_pairing()) };
        let devices = session.devices().await?;
        let replaced = devices.iter().find(|known| known.device.id == confirming.device());
        let json = Object::new()
            .text("label", &confirming.label().to_string())
            .text("code", &confirming.code().to_string())
            .text_or_null("replaces", replaced.map(|known| known.device.label.to_string()).as_deref())
            .finish();
        Ok(JsValue::from_str(&json))
    })
}

/// Lets the new device in.
#[wasm_bindgen(js_name = confirmPairing)]
pub fn confirm_pairing(permission: String) -> Promise {
    promise(async move {
        let permission = input::permission(&permission)?;
        let mut held = Taken::all();
        let Held { client: Some(client), opened, pairing, .. } = &mut *held else {
            return Err(Failure::locked());
        };
        let Pairing::Confirming(_, confirming) = pairing else { return Err(Failure::no_pairing()) };
        InSession::of(client, opened)?.confirm_pairing(confirming, permission).await?;
        *pairing = Pairing::None;
        Ok(JsValue::UNDEFINED)
    })
}

/// Forgets a pairing that waits for the person.
#[wasm_bindgen(js_name = forgetPairing)]
pub fn forget_pairing() {
    Taken::all().pairing = Pairing::None;
}
