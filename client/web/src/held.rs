//! What this module holds between two calls of the page, and how a call gets at it.
//!
//! One step runs at a time. It takes everything that is held out of its place and puts it back when it ends, also where it is
//! given up in the middle, which is why the putting back is done on drop.

use crate::cancel;
use crate::failure::Failure;
use crate::host;
use crate::platform::Page;
use rootcellar_client::PairingProgress;
use rootcellar_client::client::{Client, OpenedAccount};
use rootcellar_client::pending_code::CodeNotice;
use rootcellar_client::session::{Change, Session};
use std::cell::RefCell;
use std::future::Future;
use std::ops::{Deref, DerefMut};
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
    pub(crate) opened: Option<OpenedAccount>,
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

/// What is held, for as long as a step runs.
pub(crate) struct Taken(OpenClient);

impl Taken {
    /// Takes it out of its place.
    pub(crate) fn all() -> Self {
        Self(HELD.take())
    }

    /// The client and the place of the open account.
    pub(crate) fn parts(&mut self) -> Result<(&mut Client<Page>, &mut Option<OpenedAccount>), Failure> {
        let OpenClient { client, opened, .. } = &mut self.0;
        Ok((client.as_mut().ok_or_else(Failure::locked)?, opened))
    }

    /// The client.
    pub(crate) fn client(&mut self) -> Result<&mut Client<Page>, Failure> {
        self.0.client.as_mut().ok_or_else(Failure::locked)
    }

    /// The open account.
    pub(crate) fn session(&mut self) -> Result<InSession<'_>, Failure> {
        let (client, place) = self.parts()?;
        InSession::of(client, place)
    }
}

impl Deref for Taken {
    type Target = OpenClient;

    fn deref(&self) -> &OpenClient {
        &self.0
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut OpenClient {
        &mut self.0
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        HELD.set(std::mem::take(&mut self.0));
    }
}

/// A session that goes back to its place when it is dropped, unless it is over: the page is told so then.
pub(crate) struct InSession<'a> {
    session: Option<Session<'a, Page>>,
    place: &'a mut Option<OpenedAccount>,
}

impl<'a> InSession<'a> {
    /// The session of what is open.
    pub(crate) fn of(
        client: &'a mut Client<Page>,
        place: &'a mut Option<OpenedAccount>,
    ) -> Result<Self, Failure> {
        let opened = place.take().ok_or_else(Failure::locked)?;
        Ok(Self { session: Some(client.session(opened)), place })
    }
}

impl<'a> Deref for InSession<'a> {
    type Target = Session<'a, Page>;

    fn deref(&self) -> &Session<'a, Page> {
        self.session.as_ref().expect("only `drop` takes it")
    }
}

impl<'a> DerefMut for InSession<'a> {
    fn deref_mut(&mut self) -> &mut Session<'a, Page> {
        self.session.as_mut().expect("only `drop` takes it")
    }
}

impl Drop for InSession<'_> {
    fn drop(&mut self) {
        match self.session.take() {
            Some(session) if session.is_over() => host::session_ended(),
            session => *self.place = session.map(Session::into_opened),
        }
    }
}

/// What a step gives: a value for the page, or its failure.
pub(crate) type StepResult = Result<JsValue, Failure>;

/// Runs a step of the page, which may be given up by [`cancel::cancel`].
pub(crate) fn promise(step: impl Future<Output = StepResult> + 'static) -> js_sys::Promise {
    run(Box::pin(step))
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
    let had = HELD.with_borrow_mut(|held| {
        held.change = Change::new();
        held.opened.take().is_some()
    });
    if had {
        host::session_ended();
    }
}
