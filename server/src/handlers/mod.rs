//! One file per resource. Handlers convert requests to calls of the vault, and results to
//! responses.

pub mod account;
pub mod devices;
pub mod history;
pub mod login;
pub mod pairing;
pub mod passphrase;
pub mod recovery;
pub mod recovery_code;
pub mod registration;
pub mod rekey;
pub mod snapshots;
pub mod vault;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use rootcellar_spec::parts;
use serde::Serialize;

/// A response with two parts (protocol.md section 13).
fn parts_response(control: &impl Serialize, snapshot: Option<&[u8]>) -> Response {
    let control = serde_json::to_vec(control).expect("answers are plain structs");
    let mut response = parts::join(&control, snapshot.unwrap_or_default()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(parts::MEDIA_TYPE));
    response
}
