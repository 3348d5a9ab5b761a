//! `POST /v1/account/recovery-code` (protocol.md section 15.6).

use crate::extract::SessionJson;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::devices::{ChangeResponse, RecoveryCodeRequest};
use rootcellar_vault::recovery_code;

/// Replaces the recovery code, and revokes every session.
///
/// # Errors
/// Those of [`recovery_code::replace`].
pub async fn replace(
    State(state): State<AppState>,
    request: SessionJson<RecoveryCodeRequest>,
) -> Result<Json<ChangeResponse>, Refusal> {
    let body = &request.body;
    Ok(Json(recovery_code::replace(&state, &request.session, &body.value, body.digest).await?))
}
