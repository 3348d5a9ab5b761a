//! What the worker's TypeScript does for the client: requests, time, storage, signs of progress.
//!
//! Bytes are passed as a view of this module's memory: the other side copies what it keeps before it returns.

#![allow(unsafe_code, reason = "the generated bindings call functions of the page")]

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "../host.ts")]
extern "C" {
    /// The answer to a request, or why there is none.
    #[derive(Debug)]
    pub(crate) type HostResponse;

    /// 0 where an answer is there, else a number of [`crate::platform`]'s faults.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn fault(this: &HostResponse) -> u8;

    /// The HTTP status.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &HostResponse) -> u16;

    /// The header `Date`, where the vault shows it to pages.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn date(this: &HostResponse) -> Option<String>;

    /// The whole body.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn body(this: &HostResponse) -> Vec<u8>;

    /// Sends a request; `headers` are lines of `name: value`.
    pub(crate) fn send(method: &str, url: &str, headers: &str, body: &[u8], most: usize) -> js_sys::Promise;

    /// Gives up the request that is under way, if there is one.
    #[wasm_bindgen(js_name = abortRequest)]
    pub(crate) fn abort_request();

    /// Milliseconds since 1970.
    pub(crate) fn now() -> f64;

    /// Milliseconds since some moment; never goes back.
    pub(crate) fn uptime() -> f64;

    /// Completes after so many milliseconds.
    pub(crate) fn sleep(milliseconds: f64) -> js_sys::Promise;

    /// Tells the page that the passphrase is being stretched, or is not any more.
    #[wasm_bindgen(js_name = keyDerivation)]
    pub(crate) fn key_derivation(running: bool);

    /// Tells the page that the session has ended.
    #[wasm_bindgen(js_name = sessionEnded)]
    pub(crate) fn session_ended();

    /// Keeps a record durably, or removes it where it is empty.
    pub(crate) fn keep(record: &str, content: &[u8]) -> js_sys::Promise;

    /// Keeps a device's new secrets, encrypted, beside the former ones.
    #[wasm_bindgen(js_name = keepSecrets)]
    pub(crate) fn keep_secrets(secrets: &[u8], id: &str) -> js_sys::Promise;

    /// Puts the staged secrets of this id in the place of the former: "now", "already" or "absent".
    #[wasm_bindgen(js_name = commitSecrets)]
    pub(crate) fn commit_secrets(id: &str) -> js_sys::Promise;

    /// Forgets the staged secrets of this id.
    #[wasm_bindgen(js_name = abandonSecrets)]
    pub(crate) fn abandon_secrets(id: &str) -> js_sys::Promise;

    /// The text in a form of Unicode: 0 for NFD, 1 for NFKC, 2 for NFKD, 3 for NFKD of each character's lower case, 4 for each
    /// character's full case folding.
    #[wasm_bindgen(js_name = inForm)]
    pub(crate) fn in_form(form: u8, text: &str) -> String;

    /// Whether each character is assigned, and for more than private use.
    #[wasm_bindgen(js_name = areAssigned)]
    pub(crate) fn are_assigned(text: &str) -> bool;

    /// A copy of bytes that are a secret: the receiver wipes it.
    pub(crate) fn secret(bytes: &[u8]) -> JsValue;

    /// An opened entry; `about` is the JSON of all that is no secret.
    pub(crate) fn entry(secret: &[u8], passphrase: Option<&[u8]>, about: &str) -> JsValue;
}
