//! What opens the account: a new passphrase, a new recovery code, new keys; and the end of the account.
//!
//! Each ends the session where it was done, or may have been; after any other failure the session goes on. A recovery code
//! comes with each call: the page keeps the one that its user has written down until it is active.

use crate::account::backup_number;
use crate::failure::Failure;
use crate::held::{at_once, promise};
use crate::platform::Page;
use crate::{host, input};
use js_sys::Promise;
use rootcellar_client::SystemRandomness;
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::pending_code::Ceremony;
use rootcellar_client::session::Session;
use rootcellar_client::state_store::StateStore;
use rootcellar_client::text::Passphrase;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Draws a passphrase; the receiver wipes it.
#[wasm_bindgen(js_name = generatePassphrase)]
#[must_use]
pub fn generate_passphrase() -> JsValue {
    host::secret(Passphrase::generate(&mut SystemRandomness).expose().as_bytes())
}

/// Draws a recovery code, and records that it is handed out; the receiver wipes it. It is not active. `purpose` is `registration`,
/// `recovery-code` or `rekey`; for the last two the vault is asked which code is active.
#[wasm_bindgen(js_name = generateRecoveryCode)]
pub fn generate_recovery_code(purpose: String) -> Promise {
    promise(async move |held| {
        let code = match purpose.as_str() {
            "registration" => held.client()?.generate_first_code().await?,
            "rekey" => held.session()?.generate_recovery_code(Ceremony::Rekey).await?,
            _ => held.session()?.generate_recovery_code(Ceremony::RecoveryCode).await?,
        };
        // What was found out about an earlier code says nothing of this one.
        held.code = None;
        Ok(host::secret(code.words().as_bytes()))
    })
}

/// Forgets what was recorded of a recovery code; the worker removes the record.
#[wasm_bindgen(js_name = forgetCode)]
pub fn forget_code() {
    at_once(|held| {
        held.code = None;
        if let Ok(client) = held.client() {
            client.state_store().forget_code();
        }
    });
}

/// Sets a new passphrase, which was judged strong or generated.
#[wasm_bindgen(js_name = setPassphrase)]
pub fn set_passphrase(passphrase: Vec<u8>, name: Option<String>) -> Promise {
    promise(async move |held| {
        let passphrase = input::passphrase(passphrase, true)?;
        let name = name.map(|name| input::name(&name)).transpose()?;
        held.session()?.set_passphrase(&passphrase, name.as_ref()).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Makes a recovery code the account's. That its user has confirmed it is recorded before anything is asked of the vault.
#[wasm_bindgen(js_name = useRecoveryCode)]
pub fn use_recovery_code(code: Vec<u8>) -> Promise {
    promise(async move |held| {
        let code = input::recovery_code(code)?;
        held.session()?.new_recovery_code(&code).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Refuses what [`rekey`] would refuse before it sends anything. If an older backup is to become the newest, the vault is asked which
/// one is the newest now. To be called before a code is drawn.
#[wasm_bindgen(js_name = mayRekey)]
pub fn may_rekey(backup: Option<f64>) -> Promise {
    promise(async move |held| {
        let session = held.session()?;
        if let Some(number) = backup {
            must_be_open(session, number)?;
            session.replace_head().await?;
        }
        session.may_rekey()?;
        Ok(JsValue::UNDEFINED)
    })
}

/// New keys for the account, with a new recovery code. Ends every enrolment but this browser's, which is enrolled anew where
/// it was. `backup` is the number of the older backup that is open and becomes the newest. That the user has confirmed the code is
/// recorded before anything is asked of the vault.
#[wasm_bindgen]
pub fn rekey(code: Vec<u8>, backup: Option<f64>) -> Promise {
    promise(async move |held| {
        let code = input::recovery_code(code)?;
        let session = held.session()?;
        if let Some(number) = backup {
            must_be_open(session, number)?;
            session.replace_recorded_head()?;
        }
        session.may_rekey()?;
        let account = session.account_id();
        let enrolment = session.client().state_store().enrolment()?;
        let own = enrolment.filter(|own| own.account_id == account);
        let own = own.map(|own| (DeviceSecrets::generate(&mut SystemRandomness), own.permission));
        session.rekey(&code, own.as_ref().map(|(secrets, permission)| (secrets, *permission))).await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// The open backup must be the one of this number.
fn must_be_open(session: &Session<Page>, number: f64) -> Result<(), Failure> {
    let open = session.head().map(|head| head.number);
    if open == Some(backup_number(number)) { Ok(()) } else { Err(Failure::new("older-backup")) }
}

/// Deletes the account. What the browser keeps is left to the worker.
#[wasm_bindgen(js_name = deleteAccount)]
pub fn delete_account() -> Promise {
    promise(async |held| {
        let session = held.session()?;
        reach(session).await?;
        session.delete_account().await?;
        Ok(JsValue::UNDEFINED)
    })
}

/// Asks the vault for something harmless first. A browser does not tell whether a request that failed was sent: where the vault
/// does not answer this one, it is certain that nothing was done.
async fn reach(session: &mut Session<Page>) -> Result<(), Failure> {
    session.account().await?;
    Ok(())
}
