//! Pairing: this browser as the new device, or as the one that lets another in.

use crate::failure::Failure;
use crate::held::{InSession, OpenClient, Taken, promise};
use crate::input;
use crate::json::Object;
use crate::platform::Page;
use js_sys::Promise;
use rootcellar_client::client::Client;
use rootcellar_client::{ClientError, PairingProgress};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The new device's side: gives what it shows.
#[wasm_bindgen(js_name = offerPairing)]
pub fn offer_pairing(label: String) -> Promise {
    promise(async move {
        let label = input::label("deviceLabel", &label)?;
        let mut held = Taken::all();
        let (client, pairing) = held.pairing()?;
        Ok(JsValue::from_str(&pairing.offer(client, label).await?))
    })
}

/// Waits for the other device; gives the six digits.
#[wasm_bindgen(js_name = awaitPairing)]
pub fn await_pairing() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let (client, pairing) = held.pairing()?;
        Ok(JsValue::from_str(&pairing.await_code(client).await?.to_string()))
    })
}

/// Waits for the confirmation, then keeps the enrolment; gives the permission.
#[wasm_bindgen(js_name = finishPairing)]
pub fn finish_pairing() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let (client, pairing) = held.pairing()?;
        let remembered = client.injected().state_store.local_state().cloned();
        pairing.receive(client, remembered.clone()).await?;
        Ok(JsValue::from_str(pairing.keep(client, remembered).await?.as_str()))
    })
}

/// The managing device's side: reads what the new one shows, waits for its reply, and gives the code to compare, its label,
/// and that of an enrolled device whose place it would take.
#[wasm_bindgen(js_name = meetPairing)]
pub fn meet_pairing(text: String) -> Promise {
    promise(async move {
        let mut held = Taken::all();
        let (pairing, mut session) = held.pairing_in_session()?;
        let read = pairing.read(&mut session, &text).await?;
        let json = Object::new()
            .text("label", &read.label.to_string())
            .text("code", &read.code.to_string())
            .text_or_null("replaces", read.replaces.map(|known| known.device.label.to_string()).as_deref())
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
        let (pairing, mut session) = held.pairing_in_session()?;
        pairing.confirm(&mut session, permission).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Forgets a pairing that waits for the person.
#[wasm_bindgen(js_name = forgetPairing)]
pub fn forget_pairing() {
    Taken::all().pairing = PairingProgress::default();
}

impl Taken {
    /// The pairing of a new device, which needs no session.
    fn pairing(&mut self) -> Result<(&mut Client<Page>, &mut PairingProgress), Failure> {
        let OpenClient { client, pairing, .. } = &mut **self;
        Ok((client.as_mut().ok_or(ClientError::NoPairing)?, pairing))
    }

    /// The pairing, and the session of the managing device.
    fn pairing_in_session(&mut self) -> Result<(&mut PairingProgress, InSession<'_>), Failure> {
        let OpenClient { client, opened, pairing, .. } = &mut **self;
        let client = client.as_mut().ok_or_else(Failure::locked)?;
        Ok((pairing, InSession::of(client, opened)?))
    }
}
