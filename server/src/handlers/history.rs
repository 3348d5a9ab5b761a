//! `GET /v1/account/history` (protocol.md section 15.9).

use crate::extract::SessionRequest;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::history::History;
use rootcellar_vault::history;

/// The account's history.
///
/// # Errors
/// Those of [`history::show`].
pub async fn show(State(state): State<AppState>, request: SessionRequest) -> Result<Json<History>, Refusal> {
    Ok(Json(history::show(&state, &request.session).await?))
}
