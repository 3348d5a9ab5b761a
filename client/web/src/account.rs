//! Into the account and out of it: registration, login, recovery, and a device that goes in by itself.

use crate::failure::Failure;
use crate::held::{By, OpenClient, StepResult, at_once, forget_session, promise};
use crate::json::Object;
use crate::platform::{Fetch, Page, PageClock, Watcher};
use crate::secret_store::PageSecrets;
use crate::state_store::{Kept, PageStateStore};
use crate::{cancel, input, view};
use js_sys::Promise;
use rootcellar_client::client::{Client, Injected, Login, LoginOptions, Recovery, SnapshotChoice};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::inventory::Device;
use rootcellar_client::pending_code::CodeNotice;
use rootcellar_client::pending_save::PendingSaveOutcome;
use rootcellar_client::session::{Change, Session};
use rootcellar_client::{ClientError, PairingProgress, SystemRandomness};
use rootcellar_spec::Number;
use rootcellar_spec::wire::account::Head;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// To be called once, before anything else.
#[wasm_bindgen]
pub fn prepare() {
    #[cfg(target_arch = "wasm32")]
    {
        rootcellar_client::ksf::allocator_wipes();
        crate::platform::lend_unicode();
    }
}

/// Makes a client of a vault, as this device, with what the browser keeps; whatever was open is forgotten. Bytes that are
/// not there are empty.
///
/// # Errors
/// A `Failure` as JSON, where the address is none or what was stored does not read.
#[wasm_bindgen]
pub fn begin(
    vault: &str,
    device: &str,
    label: &str,
    local_state: &[u8],
    pending: &[u8],
    enrolment: &[u8],
    code: &[u8],
) -> Result<(), JsValue> {
    let client = || {
        let vault = input::vault(vault)?;
        let device = Device { id: input::device(device)?, label: input::label("deviceLabel", label)? };
        let kept = Kept { local_state, pending, enrolment, code };
        let state_store = PageStateStore::open(&kept).map_err(|_| Failure::new("storage-damaged"))?;
        let randomness = SystemRandomness;
        let (transport, clock, observer) = (Fetch, PageClock, Watcher);
        Ok(Client::new(
            vault,
            device,
            Injected { transport, clock, randomness, state_store, secrets: PageSecrets, observer },
        ))
    };
    let client = client().map_err(Failure::into_js)?;
    at_once(|held| {
        // A pairing of which the session has ended goes on in the next one.
        let pairing = std::mem::take(&mut held.pairing);
        *held = OpenClient { client: Some(client), pairing, ..OpenClient::default() };
    });
    Ok(())
}

/// A new device's id.
#[wasm_bindgen(js_name = newDeviceId)]
#[must_use]
pub fn new_device_id() -> String {
    let id: [u8; 16] = rootcellar_client::randomness::bytes(&mut SystemRandomness);
    rootcellar_spec::base64url::encode(&id)
}

/// How the vault takes new accounts.
#[wasm_bindgen(js_name = vaultInfo)]
pub fn vault_info() -> Promise {
    promise(async |held| {
        use rootcellar_spec::wire::vault::RegistrationMode;
        let vault = held.client()?.vault_info().await?;
        Ok(JsValue::from_str(match vault.registration {
            RegistrationMode::Open => "open",
            RegistrationMode::Invite => "invite",
            RegistrationMode::Closed => "closed",
        }))
    })
}

/// Makes an account and opens it. `passphrase` was judged strong, or generated; `code` was drawn, and the worker keeps it until
/// it is known whether it is the account's.
#[wasm_bindgen]
pub fn register(name: String, passphrase: Vec<u8>, code: Vec<u8>, invite: Option<String>) -> Promise {
    promise(async move |held| {
        let passphrase = input::passphrase(passphrase, true)?;
        let code = input::recovery_code(code)?;
        let name = input::name(&name)?;
        let client = held.client()?;
        // An earlier attempt that was broken off may have come as far as to remember the account: it is finished.
        let state_store = client.state_store();
        if state_store.local_state().is_some() && !state_store.is_registering() {
            return Err(Failure::new("account-known"));
        }
        let registered = client.register(name, &passphrase, invite.as_deref(), &code).await;
        let registered = registered.map_err(|error| match error.maybe_made {
            true => Failure::outcome_unknown(),
            false => error.source.into(),
        })?;
        let by = if registered.passphrase_accepted_in.is_none() { By::Passphrase } else { By::RecoveryCode };
        held.code = None;
        held.begin(registered.session, by, false);
        shown(held, "nothing")
    })
}

/// Opens the account by the passphrase. `own` are this device's secrets, where it is enrolled, else empty. `accept` is the sum of 1
/// for the history, 2 for the vault's key, and 4 to go on without the newest backup if that is refused.
#[wasm_bindgen]
pub fn login(
    name: Option<String>,
    passphrase: Vec<u8>,
    own: Vec<u8>,
    restore: bool,
    backup: Option<f64>,
    accept: u8,
) -> Promise {
    promise(async move |held| {
        let passphrase = input::passphrase(passphrase, false)?;
        let own = secrets(own);
        let name = name.map(|name| input::name(&name)).transpose()?;
        let client = held.client()?;
        let mut options = LoginOptions { to_restore: restore, ..options(backup, accept) };
        options.snapshot = client.snapshot_to_open(options.snapshot)?;
        let local_state = client.state_store().local_state();
        let login = Login::new(local_state, name)?.with(options).on_device(own.as_ref());
        client.finish_registration().await?;
        let open = async || client.login(login.clone(), &passphrase).await;
        let session = arrive(&client, &mut held.code, open).await?;
        let is_older = matches!(options.snapshot, SnapshotChoice::Numbered(_));
        opened_by(held, session, By::Passphrase, is_older).await
    })
}

/// Opens the account by the recovery code; otherwise as [`login`].
#[wasm_bindgen]
pub fn recover(code: Vec<u8>, backup: Option<f64>, accept: u8) -> Promise {
    promise(async move |held| {
        let code = input::recovery_code(code)?;
        let client = held.client()?;
        let recovery = Recovery::new(client.state_store().local_state()).with(options(backup, accept));
        // The code may be that of a registration whose response was lost. What is not known yet keeps nobody from a recovery.
        match client.finish_registration().await {
            Err(error) if error.is_tampering() => return Err(error.into()),
            _ => {}
        }
        let open = async || client.recover(recovery.clone(), &code).await;
        let session = arrive(&client, &mut held.code, open).await?;
        opened_by(held, session, By::RecoveryCode, backup.is_some()).await
    })
}

/// Goes in as this enrolled device. `restore` says that entries are to be opened; else, where the vault cannot be reached, the
/// account is open as this device has seen it last, and a save is kept until it can. Of `accept` as for [`login`], 4 counts, and not
/// where entries are to be opened.
#[wasm_bindgen]
pub fn open(own: Vec<u8>, restore: bool, accept: u8) -> Promise {
    promise(async move |held| {
        let own = secrets(own).ok_or_else(|| Failure::new("not-enrolled"))?;
        let client = held.client()?;
        let local_state = client.state_store().local_state().ok_or_else(Failure::locked)?;
        let manages = options(None, accept).snapshot == SnapshotChoice::HeadUnlessRefused;
        let fresh = async || match restore {
            true => client.restore_on_device(local_state.clone(), &own).await,
            false if manages => client.manage_on_device(local_state.clone(), &own).await,
            false => client.device_session(local_state.clone(), &own).await,
        };
        match arrive(&client, &mut held.code, fresh).await {
            Err(ClientError::Unreachable(_)) if !restore => {
                let session = client.resume_device(local_state.clone(), &own).await?;
                held.begin(session, By::Device, false);
                shown(held, "offline")
            }
            arrived => opened_by(held, arrived?, By::Device, false).await,
        }
    })
}

/// Shows what is held, as it is; `null` where nothing is open.
#[wasm_bindgen]
#[must_use]
pub fn view() -> String {
    at_once(|held| shown_json(held, "nothing")).unwrap_or_else(|_| "null".to_owned())
}

/// Gives up the step that runs.
#[wasm_bindgen(js_name = cancel)]
pub fn cancel_step() {
    cancel::cancel();
}

/// Forgets the keys of the open account. No step may run.
#[wasm_bindgen]
pub fn close() {
    forget_session();
    at_once(|held| held.pairing = PairingProgress::default());
}

fn secrets(bytes: Vec<u8>) -> Option<DeviceSecrets> {
    let bytes = Zeroizing::new(bytes);
    bytes.as_slice().try_into().ok().map(DeviceSecrets::from_bytes)
}

fn options(backup: Option<f64>, accept: u8) -> LoginOptions {
    let newest = if accept & 4 > 0 { SnapshotChoice::HeadUnlessRefused } else { SnapshotChoice::Head };
    LoginOptions {
        to_restore: false,
        snapshot: backup.map_or(newest, |number| SnapshotChoice::Numbered(backup_number(number))),
        accept_history: accept & 1 > 0,
        accept_server_key: accept & 2 > 0,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number that the vault gave")]
pub(crate) fn backup_number(number: f64) -> Number {
    Number(number as u64)
}

/// Opens the account by `open`, and puts in `code` what became of a recovery code that was recorded.
async fn arrive(
    client: &Client<Page>,
    code: &mut Option<CodeNotice>,
    open: impl AsyncFnMut() -> Result<Session<Page>, ClientError>,
) -> Result<Session<Page>, ClientError> {
    let mut told = None;
    let tell = |notice, _| {
        told = Some(notice);
        Ok(())
    };
    let session = client.arrive(open, tell).await?;
    *code = told;
    Ok(session)
}

/// Finishes a save that was left unfinished, and goes on with the session in place of the one before. Given up before that, the new
/// one is closed: the page was not told of it.
async fn opened_by(held: &mut OpenClient, mut session: Session<Page>, by: By, is_older: bool) -> StepResult {
    match finish(&mut session).await {
        Ok(finished) => {
            held.begin(session, by, is_older);
            shown(held, finished)
        }
        Err(failure) => {
            held.session = None;
            Err(failure)
        }
    }
}

impl OpenClient {
    /// A session begins, without anything of the one before.
    fn begin(&mut self, session: Session<Page>, by: By, is_older: bool) {
        self.session = Some(session);
        (self.by, self.is_older) = (by, is_older);
        self.change = Change::new();
    }
}

/// Finishes an unfinished save; says what became of it. Where that fails, it is tried again with the next session or save, unless
/// the vault is not to be trusted.
async fn finish(session: &mut Session<Page>) -> Result<&'static str, Failure> {
    Ok(match session.finish_pending().await {
        Ok(PendingSaveOutcome::Nothing) => "nothing",
        Ok(PendingSaveOutcome::AlreadySaved) => "already-saved",
        Ok(PendingSaveOutcome::Saved) => "saved",
        Ok(PendingSaveOutcome::Merged) => "merged",
        Ok(_) => "cannot-finish",
        Err(error) if error.is_tampering() => return Err(error.into()),
        Err(_) => "later",
    })
}

/// The open account as the page is shown it.
pub(crate) fn shown(held: &mut OpenClient, finished: &str) -> StepResult {
    shown_json(held, finished).map(|json| JsValue::from_str(&json))
}

fn shown_json(held: &mut OpenClient, finished: &str) -> Result<String, Failure> {
    let (by, is_older, code) = (held.by, held.is_older, held.code);
    let here = held.client()?.vault().clone();
    let session = held.session()?;
    let registered_at = session.registration_elsewhere()?.unwrap_or(here);
    Ok(view::session(session, by, is_older, (finished, code, &registered_at)))
}

/// A backup that the vault keeps.
pub(crate) fn backup_view(head: &Head) -> String {
    Object::new().number("number", head.number.0).number("at", head.created_at.0).finish()
}
