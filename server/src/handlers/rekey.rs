//! `POST /v1/account/rekey` (protocol.md section 15.6).

use crate::extract::SessionParts;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::devices::{RekeyRequest, RekeyResponse};
use rootcellar_vault::rekey;

/// Changes the account's keys, and revokes every session and every device that the request does not
/// name.
///
/// # Errors
/// Those of [`rekey::rekey`].
pub async fn rekey(
    State(state): State<AppState>,
    request: SessionParts<RekeyRequest>,
) -> Result<Json<RekeyResponse>, Refusal> {
    let body = &request.body;
    Ok(Json(rekey::rekey(&state, &request.session, &body.value, request.snapshot, body.digest).await?))
}
