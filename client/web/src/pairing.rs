//! Pairing: this browser as the new device, or as the one that lets another in.

use crate::failure::Failure;
use crate::held::{OpenClient, at_once, promise};
use crate::input;
use crate::json::Object;
use crate::platform::Page;
use js_sys::Promise;
use rootcellar_client::client::Client;
use rootcellar_client::{ClientError, PairingProgress, Session};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// The new device's side: gives what it shows.
#[wasm_bindgen(js_name = offerPairing)]
pub fn offer_pairing(label: String) -> Promise {
    promise(async move |held| {
        let label = input::label("deviceLabel", &label)?;
        let client = held.pairing_client()?;
        Ok(JsValue::from_str(&held.pairing.offer(&client, label).await?))
    })
}

/// Waits for the other device; gives the six digits.
#[wasm_bindgen(js_name = awaitPairing)]
pub fn await_pairing() -> Promise {
    promise(async |held| {
        let client = held.pairing_client()?;
        Ok(JsValue::from_str(&held.pairing.await_code(&client).await?.to_string()))
    })
}

/// Waits for the confirmation, then keeps the enrolment; gives the permission.
#[wasm_bindgen(js_name = finishPairing)]
pub fn finish_pairing() -> Promise {
    promise(async |held| {
        let client = held.pairing_client()?;
        let remembered = client.state_store().local_state();
        held.pairing.receive(&client, remembered.clone()).await?;
        Ok(JsValue::from_str(held.pairing.keep(&client, remembered).await?.as_str()))
    })
}

/// The managing device's side: reads what the new one shows, waits for its reply, and gives the code to compare, its label,
/// and that of an enrolled device whose place it would take.
#[wasm_bindgen(js_name = meetPairing)]
pub fn meet_pairing(text: String) -> Promise {
    promise(async move |held| {
        let (pairing, session) = held.pairing_in_session()?;
        let read = pairing.read(session, &text).await?;
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
    promise(async move |held| {
        let permission = input::permission(&permission)?;
        let (pairing, session) = held.pairing_in_session()?;
        pairing.confirm(session, permission).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Forgets a pairing that waits for the person.
#[wasm_bindgen(js_name = forgetPairing)]
pub fn forget_pairing() {
    at_once(|held| held.pairing = PairingProgress::default());
}

impl OpenClient {
    /// The client of a new device, which needs no session.
    fn pairing_client(&self) -> Result<Client<Page>, Failure> {
        Ok(self.client.clone().ok_or(ClientError::NoPairing)?)
    }

    /// The pairing, and the session of the managing device.
    fn pairing_in_session(&mut self) -> Result<(&mut PairingProgress, &mut Session<Page>), Failure> {
        let Self { session, pairing, .. } = self;
        Ok((pairing, session.as_mut().ok_or_else(Failure::locked)?))
    }
}
