//! What the client is given in a page: the worker's `fetch`, clock and storage, and the browser's randomness.

use crate::host;
use crate::secret_store::PageSecrets;
use crate::state_store::PageStateStore;
use rootcellar_client::client::{KeyDerivation, Observer, Platform};
use rootcellar_client::time::Clock;
use rootcellar_client::transport::{RESPONSE_BYTES, Request, Response, Transport, TransportError};
use rootcellar_client::{SystemRandomness, VaultUrl};
use rootcellar_spec::Timestamp;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// No connection can have come about: the browser knows that it is offline.
const NOT_SENT: u8 = 1;
/// No whole answer, for whatever reason: a browser does not tell pages more.
const NO_RESPONSE: u8 = 2;
/// Longer than an answer may be.
const TOO_LONG: u8 = 3;

/// The page.
#[derive(Debug)]
pub(crate) struct Page;

impl Platform for Page {
    type Transport = Fetch;
    type Clock = PageClock;
    type Randomness = SystemRandomness;
    type StateStore = PageStateStore;
    type SecretStore = PageSecrets;
    type Observer = Watcher;
}

/// Sends requests by the worker's `fetch`.
#[derive(Debug)]
pub(crate) struct Fetch;

/// Aborts the request where nobody waits for its answer any more.
struct UnderWay;

impl Drop for UnderWay {
    fn drop(&mut self) {
        host::abort_request();
    }
}

impl Transport for Fetch {
    async fn send(&self, vault: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        let mut headers = String::new();
        for (name, value) in &request.headers {
            headers.push_str(name);
            headers.push(':');
            headers.push_str(value);
            headers.push('\n');
        }
        let url = vault.join(&request.path);
        let sent = host::send(request.method.as_str(), &url, &headers, &request.body, RESPONSE_BYTES);
        let under_way = UnderWay;
        let answer = sent.await;
        drop(under_way);
        let broken = || TransportError::NoResponse("".into());
        let answer: host::HostResponse = answer.map_err(|_| broken())?.unchecked_into();
        match answer.fault() {
            NOT_SENT => Err(TransportError::NoConnection("".into())),
            NO_RESPONSE => Err(broken()),
            TOO_LONG => Err(TransportError::TooLong),
            _ => Ok(Response {
                status: answer.status(),
                headers: answer.date().map(|date| ("date".to_owned(), date)).into_iter().collect(),
                body: answer.body(),
            }),
        }
    }
}

/// The browser's clocks.
#[derive(Debug)]
pub(crate) struct PageClock;

impl Clock for PageClock {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time after 1970")]
    fn now(&self) -> Timestamp {
        Timestamp((host::now() / 1_000.0) as u64)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time that began with the page"
    )]
    fn uptime(&self) -> Duration {
        Duration::from_millis(host::uptime() as u64)
    }

    #[expect(clippy::cast_precision_loss, reason = "no pause is that long")]
    async fn sleep(&self, duration: Duration) {
        // A timer does not fail.
        let _ = host::sleep(duration.as_millis() as f64).await;
    }
}

/// Tells the page of the key stretching. Of requests `fetch` tells by itself.
#[derive(Debug)]
pub(crate) struct Watcher;

impl Observer for Watcher {
    fn key_derivation(&self, moment: KeyDerivation) {
        host::key_derivation(moment == KeyDerivation::Begins);
    }
}

/// Lends the library the browser's tables of Unicode.
#[cfg(target_arch = "wasm32")]
pub(crate) fn lend_unicode() {
    use rootcellar_client::text::{Form, PlatformForms};
    let in_form = |form: Form, text: &str| {
        let form = match form {
            Form::Nfd => 0,
            Form::Nfkc => 1,
            Form::Nfkd => 2,
            Form::LowerNfkd => 3,
            Form::Folded => 4,
        };
        zeroize::Zeroizing::new(host::in_form(form, text))
    };
    PlatformForms { in_form, are_assigned: host::are_assigned }.lend();
}
