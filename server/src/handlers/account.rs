//! `GET /v1/account` and `POST /v1/account/delete` (protocol.md section 15.6).

use crate::extract::{SessionJson, SessionRequest};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::account::{Account, DeleteRequest, DeleteResponse};
use rootcellar_vault::{deletion, overview};

/// The account and its retained snapshots.
///
/// # Errors
/// Those of [`overview::show`].
pub async fn show(State(state): State<AppState>, request: SessionRequest) -> Result<Json<Account>, Refusal> {
    Ok(Json(overview::show(&state, &request.session).await?))
}

/// Deletes the account permanently.
///
/// # Errors
/// Those of [`deletion::delete`].
pub async fn delete(
    State(state): State<AppState>,
    request: SessionJson<DeleteRequest>,
) -> Result<Json<DeleteResponse>, Refusal> {
    let body = &request.body;
    Ok(Json(deletion::delete(&state, &request.session, &body.value, body.digest).await?))
}
