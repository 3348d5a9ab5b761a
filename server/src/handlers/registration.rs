//! `POST /v1/registration/start` and `/v1/registration/finish` (protocol.md section 15.5).

use super::login::check_token;
use crate::extract::{Client, DigestedJson, JsonBody};
use crate::middleware::Gridded;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use rootcellar_spec::wire::registration::{FinishRequest, FinishResponse, StartRequest, StartResponse};
use rootcellar_vault::registration;

/// Evaluates the OPRF for a new passphrase, or returns a refusal of [`registration::start`]. The
/// time grid delays both.
pub async fn start(
    State(state): State<AppState>,
    Client(client): Client,
    JsonBody(request): JsonBody<StartRequest>,
) -> Response {
    let grid = Gridded::beginning();
    let answer: Result<Json<StartResponse>, Refusal> =
        registration::start(&state, &request, client).await.map(Json).map_err(Refusal::from);
    grid.mark(answer)
}

/// Creates the account and claims the name.
///
/// # Errors
/// Those of [`registration::finish`].
pub async fn finish(
    State(state): State<AppState>,
    DigestedJson(body): DigestedJson<FinishRequest>,
) -> Result<Json<FinishResponse>, Refusal> {
    check_token(&body.value.token)?;
    Ok(Json(registration::finish(&state, &body.value, body.digest).await?))
}
