//! `POST /v1/login/start` and `/v1/login/finish` (protocol.md sections 15.2 and 15.3).

use super::parts_response;
use crate::extract::{Client, JsonBody, SelfSigned};
use crate::middleware::Gridded;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use rootcellar_spec::base64url;
use rootcellar_spec::limits::TOKEN_BYTES;
use rootcellar_spec::request_signature::LOGIN_MAC_HEADER;
use rootcellar_spec::wire::login::{FinishRequest, StartRequest, StartResponse};
use rootcellar_vault::login::{self, FinishProof};

/// From KE1 to KE2, or a refusal of [`login::start`]. The time grid delays both.
pub async fn start(
    State(state): State<AppState>,
    Client(client): Client,
    JsonBody(request): JsonBody<StartRequest>,
) -> Response {
    let grid = Gridded::beginning();
    let answer: Result<Json<StartResponse>, Refusal> =
        login::start(&state, &request, client).await.map(Json).map_err(Refusal::from);
    grid.mark(answer)
}

/// From KE3 to the keyslot and the current snapshot.
///
/// # Errors
/// Those of [`login::finish`], and if the request key did not sign the request.
pub async fn finish(
    State(state): State<AppState>,
    signed: SelfSigned<FinishRequest>,
) -> Result<Response, Refusal> {
    let request = &signed.body.value;
    if request.request_key != signed.key {
        return Err(Refusal::signature("The request must be signed by its request_key."));
    }
    check_token(&request.token)?;
    let mut macs = signed.headers.get_all(LOGIN_MAC_HEADER).iter();
    let mac = macs.next().and_then(|value| value.to_str().ok()).and_then(base64url::decode_array);
    let (Some(mac), None) = (mac, macs.next()) else {
        let detail = "Rootcellar-Login-Mac must be sent once: 64 bytes as base64url without padding.";
        return Err(Refusal::malformed(LOGIN_MAC_HEADER, detail));
    };
    let (answer, snapshot) =
        login::finish(&state, request, FinishProof { body: signed.body.digest, mac }).await?;
    Ok(parts_response(&answer, snapshot.as_deref()))
}

/// Checks the length of a token.
pub(super) fn check_token(token: &[u8]) -> Result<(), Refusal> {
    if token.len() <= TOKEN_BYTES {
        return Ok(());
    }
    Err(Refusal::malformed("token", format!("A token must have at most {TOKEN_BYTES} bytes.")))
}
