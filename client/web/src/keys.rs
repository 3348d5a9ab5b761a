//! What opens the account: a new passphrase, a new recovery code, new keys; and the end of the account.

use crate::devices::{keep, settle};
use crate::failure::Failure;
use crate::held::{By, Outcome, Taken, promise};
use crate::{host, input};
use js_sys::Promise;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::journal::Journal;
use rootcellar_client::memory::Memory;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_client::text::Passphrase;
use rootcellar_client::{ClientError, SystemRandomness};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Draws a passphrase; the receiver wipes it.
#[wasm_bindgen(js_name = generatePassphrase)]
#[must_use]
pub fn generate_passphrase() -> JsValue {
    host::secret(Passphrase::generate(&mut SystemRandomness).expose().as_bytes())
}

/// Draws a recovery code, which does not hold yet.
#[wasm_bindgen(js_name = drawRecoveryCode)]
#[must_use]
pub fn draw_recovery_code() -> JsValue {
    let code = RecoveryCode::generate(&mut SystemRandomness);
    let words = host::secret(code.words().as_bytes());
    Taken::all().code = Some(code);
    words
}

/// Sets a new passphrase, which was judged strong or generated. Ends the session.
#[wasm_bindgen(js_name = setPassphrase)]
pub fn set_passphrase(passphrase: Vec<u8>, name: Option<String>) -> Promise {
    promise(async move {
        let passphrase = input::passphrase(passphrase, true)?;
        let name = name.map(|name| input::name(&name)).transpose()?;
        let mut held = Taken::all();
        let session = held.session()?.end()?;
        let changed = session.set_passphrase(&passphrase, name.as_ref()).await;
        ended(changed)
    })
}

/// Makes the drawn recovery code the account's. Ends the session.
#[wasm_bindgen(js_name = useRecoveryCode)]
pub fn use_recovery_code() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let code = held.code.take().ok_or_else(not_drawn)?;
        let session = held.session()?.end()?;
        let changed = session.new_recovery_code(&code).await;
        ended(changed)
    })
}

/// New keys for the account, with the drawn recovery code. Ends the session, and every enrolment but this browser's, which is
/// enrolled anew where it was.
#[wasm_bindgen]
pub fn rekey() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let code = held.code.take().ok_or_else(not_drawn)?;
        if held.by != By::Passphrase {
            return Err(ClientError::NotByPassphrase.into());
        }
        let session = held.session()?;
        let account = session.account_id();
        drop(session);
        let enrolment = held.client()?.injected().journal.enrolment()?;
        let permission = enrolment.filter(|own| own.account_id == account).map(|own| own.permission);
        let Some(permission) = permission else {
            let session = held.session()?.end()?;
            return ended(session.rekey(&code, None).await);
        };
        let secrets = DeviceSecrets::generate(&mut SystemRandomness);
        keep(&secrets).await?;
        let session = held.session()?.end()?;
        let changed = session.rekey(&code, Some((&secrets, permission))).await;
        let changed = changed.map(drop).map_err(Failure::from);
        host::session_ended();
        settle(&changed).await;
        changed.map(|()| JsValue::UNDEFINED)
    })
}

/// Deletes the account. What the browser keeps is left to the worker.
#[wasm_bindgen(js_name = deleteAccount)]
pub fn delete_account() -> Promise {
    promise(async {
        let mut held = Taken::all();
        let session = held.session()?.end()?;
        let deleted = session.delete_account().await;
        host::session_ended();
        deleted.map(|_| JsValue::UNDEFINED).map_err(Failure::from)
    })
}

/// The session is gone either way.
fn ended(changed: Result<Memory, ClientError>) -> Outcome {
    host::session_ended();
    changed.map(|_| JsValue::UNDEFINED).map_err(Failure::from)
}

fn not_drawn() -> Failure {
    Failure::new("no-recovery-code")
}
