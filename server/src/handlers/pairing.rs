//! `POST /v1/account/pairings`, `POST /v1/pairing` and `POST /v1/pairing/reply` (protocol.md section 15.8).

use crate::extract::{JsonBody, SessionJson};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::pairing::{
    OpenRequest, OpenResponse, ReadRequest, ReadResponse, ReplyRequest, ReplyResponse,
};
use rootcellar_vault::pairing;

/// Opens a pairing mailbox.
///
/// # Errors
/// Those of [`pairing::open`].
pub async fn open(
    State(state): State<AppState>,
    request: SessionJson<OpenRequest>,
) -> Result<Json<OpenResponse>, Refusal> {
    Ok(Json(pairing::open(&state, &request.session, &request.body.value).await?))
}

/// Reads a pairing mailbox.
///
/// # Errors
/// Those of [`pairing::read`].
pub async fn read(
    State(state): State<AppState>,
    JsonBody(request): JsonBody<ReadRequest>,
) -> Result<Json<ReadResponse>, Refusal> {
    Ok(Json(pairing::read(&state, &request).await?))
}

/// Stores the new device's reply in a mailbox.
///
/// # Errors
/// Those of [`pairing::reply`].
pub async fn reply(
    State(state): State<AppState>,
    JsonBody(request): JsonBody<ReplyRequest>,
) -> Result<Json<ReplyResponse>, Refusal> {
    Ok(Json(pairing::reply(&state, &request).await?))
}
