//! What this module holds between two calls of the page, and how a call gets at it.
//!
//! One step runs at a time. It takes everything that is held out of its place and puts it back when it ends, also where it is
//! given up in the middle, which is why the putting back is done on drop.

use crate::cancel;
use crate::failure::Failure;
use crate::host;
use crate::platform::Page;
use rootcellar_client::PairingProgress;
use rootcellar_client::client::Client;
use rootcellar_client::pending_code::CodeNotice;
use rootcellar_client::session::{Change, Session};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::JsValue;

thread_local! {
    static HELD: RefCell<OpenClient> = RefCell::new(OpenClient::default());
}

/// How the account was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    #[default]
    Passphrase,
    RecoveryCode,
    Device,
}

impl By {
    /// As the page names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::RecoveryCode => "recovery-code",
            Self::Device => "device",
        }
    }
}

/// Everything that is held.
#[derive(Default)]
pub(crate) struct OpenClient {
    /// The client, once the vault is known.
    pub(crate) client: Option<Client<Page>>,
    /// The open account.
    pub(crate) session: Option<Session<Page>>,
    /// How it was opened.
    pub(crate) by: By,
    /// Whether an older backup than the newest is open.
    pub(crate) is_older: bool,
    /// What the next save adds and removes.
    pub(crate) change: Change,
    /// A pairing that is under way.
    pub(crate) pairing: PairingProgress,
    /// What was found out about a recovery code when the account was opened.
    pub(crate) code: Option<CodeNotice>,
}

impl OpenClient {
    /// The client.
    pub(crate) fn client(&self) -> Result<Client<Page>, Failure> {
        self.client.clone().ok_or_else(Failure::locked)
    }

    /// The open account.
    pub(crate) fn session(&mut self) -> Result<&mut Session<Page>, Failure> {
        self.session.as_mut().ok_or_else(Failure::locked)
    }
}

/// What is held, for as long as a step runs. It goes back when the step ends, also where it was given up; a session that the step
/// has ended, or may have, is closed, and the page is told so.
struct Taken(OpenClient);

impl Drop for Taken {
    fn drop(&mut self) {
        if self.0.session.take_if(|session| session.is_over()).is_some() {
            host::session_ended();
        }
        HELD.set(std::mem::take(&mut self.0));
    }
}

/// Does what needs no waiting. No step may run.
pub(crate) fn at_once<T>(work: impl FnOnce(&mut OpenClient) -> T) -> T {
    HELD.with_borrow_mut(work)
}

/// What a step gives: a value for the page, or its failure.
pub(crate) type StepResult = Result<JsValue, Failure>;

/// Runs a step of the page, which may be given up by [`cancel::cancel`].
pub(crate) fn promise(step: impl AsyncFnOnce(&mut OpenClient) -> StepResult + 'static) -> js_sys::Promise {
    run(Box::pin(async move {
        let mut taken = Taken(HELD.take());
        step(&mut taken.0).await
    }))
}

/// One body for all steps, so that each does not bring its own.
fn run(step: Pin<Box<dyn Future<Output = StepResult>>>) -> js_sys::Promise {
    js_sys::futures::future_to_promise(async move {
        match cancel::unless_cancelled(step).await {
            Ok(value) => Ok(value),
            Err(failure) => {
                if failure.ends_session {
                    forget_session();
                }
                Err(failure.into_js())
            }
        }
    })
}

/// Drops the keys of the open account, and says so. A pairing goes on when the account is open again.
pub(crate) fn forget_session() {
    let session = at_once(|held| {
        held.change = Change::new();
        held.session.take()
    });
    if session.is_some() {
        host::session_ended();
    }
}
