//! A vault that lies: a proxy between the real client and the real vault, which records the responses and alters them.
//!
//! The vault behind it is honest and takes every request as it was sent, so that whatever a client should not have sent is
//! found in its store. A lie is a function over one answer; those of the tables in `tests/malicious/` are made of the
//! helpers here and of answers that were given before, to whomever.

use rootcellar_client::transport::{Request, Response};
use rootcellar_spec::parts;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What is said instead of the truth.
pub type Lie = Rc<dyn Fn(&Request, &mut Response)>;

/// The tongue of a vault. Copies share it.
#[derive(Clone, Default)]
pub struct Tongue(Rc<Inner>);

#[derive(Default)]
struct Inner {
    lie: RefCell<Option<Lie>>,
    told: Cell<usize>,
    listens: Cell<bool>,
    heard: RefCell<Vec<(Request, Response)>>,
}

impl Tongue {
    /// From now on every answer goes through `lie`, and exchanges are written down.
    pub fn lie(&self, lie: impl Fn(&Request, &mut Response) + 'static) {
        self.listen();
        *self.0.lie.borrow_mut() = Some(Rc::new(lie));
    }

    /// From now on exchanges are written down, in place of those before, and nothing is altered.
    pub fn listen(&self) {
        self.0.listens.set(true);
        self.0.lie.borrow_mut().take();
        self.0.told.set(0);
        self.0.heard.borrow_mut().clear();
    }

    /// How many answers were altered since the lie began.
    #[must_use]
    pub fn told(&self) -> usize {
        self.0.told.get()
    }

    /// The requests since the lie began, with the responses as they were before they were altered.
    #[must_use]
    pub fn heard(&self) -> Vec<(Request, Response)> {
        self.0.heard.borrow().clone()
    }

    /// The last answer to a path, as it was before it was altered.
    ///
    /// # Panics
    /// If nobody asked.
    #[must_use]
    pub fn last(&self, path: &str) -> Response {
        let heard = self.0.heard.borrow();
        let last = heard.iter().rev().find(|(request, _)| request.path == path);
        last.expect("someone requested it").1.clone()
    }

    /// Speaks.
    pub(crate) fn twist(&self, request: &Request, mut response: Response) -> Response {
        if !self.0.listens.get() {
            return response;
        }
        self.0.heard.borrow_mut().push((request.clone(), response.clone()));
        let lie = self.0.lie.borrow().clone();
        if let Some(lie) = lie {
            let truth = response.body.clone();
            lie(request, &mut response);
            self.0.told.set(self.0.told.get() + usize::from(response.body != truth));
        }
        response
    }
}

/// The JSON of a response, whether or not a snapshot goes with it.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn control(response: &Response) -> Value {
    let json = parts::split(&response.body).map_or(&response.body[..], |(json, _)| json);
    serde_json::from_slice(json).expect("an answer of the protocol")
}

/// Alters the JSON of a response, whether or not a snapshot goes with it; what goes with it stays.
pub fn alter(response: &mut Response, alter: impl FnOnce(&mut Value)) {
    let mut json = control(response);
    alter(&mut json);
    let json = serde_json::to_vec(&json).expect("serializes");
    let snapshot = parts::split(&response.body).map(|(_, snapshot)| snapshot.unwrap_or_default().to_vec());
    response.body = match snapshot {
        Some(snapshot) => parts::join(&json, &snapshot),
        None => json,
    };
}
