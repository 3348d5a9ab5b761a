//! `POST /v1/account/passphrase/start` and `/v1/account/passphrase/finish` (protocol.md section 15.6).

use super::login::check_token;
use crate::extract::{Client, SessionJson};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::registration::{
    PassphraseFinishRequest, PassphraseFinishResponse, PassphraseStartRequest, StartResponse,
};
use rootcellar_vault::passphrase;

/// Evaluates the OPRF for the account's new passphrase.
///
/// # Errors
/// Those of [`passphrase::start`].
pub async fn start(
    State(state): State<AppState>,
    Client(client): Client,
    request: SessionJson<PassphraseStartRequest>,
) -> Result<Json<StartResponse>, Refusal> {
    Ok(Json(passphrase::start(&state, &request.session, &request.body.value, client).await?))
}

/// Replaces registration record and keyslot, and revokes every session.
///
/// # Errors
/// Those of [`passphrase::finish`].
pub async fn finish(
    State(state): State<AppState>,
    request: SessionJson<PassphraseFinishRequest>,
) -> Result<Json<PassphraseFinishResponse>, Refusal> {
    check_token(&request.body.value.token)?;
    let body = &request.body;
    Ok(Json(passphrase::finish(&state, &request.session, &body.value, body.digest).await?))
}
