//! `GET /v1/account/snapshots/head`, and `GET` and `PUT /v1/account/snapshots/{operation}` (protocol.md section 15.6).

use super::parts_response;
use crate::extract::{OperationPath, SessionRequest};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::State;
use axum::response::Response;
use rootcellar_spec::wire::account::SnapshotResponse;
use rootcellar_vault::save::{self, Found};

/// The current snapshot.
///
/// # Errors
/// Those of [`save::head`].
pub async fn head(State(state): State<AppState>, request: SessionRequest) -> Result<Response, Refusal> {
    let (head, bytes) = save::head(&state, &request.session).await?;
    let answer = SnapshotResponse { head, snapshot: None, time: state.now() };
    Ok(parts_response(&answer, bytes.as_deref()))
}

/// The snapshot that an operation saved.
///
/// # Errors
/// Those of [`save::find`].
pub async fn show(
    State(state): State<AppState>,
    operation: OperationPath,
    request: SessionRequest,
) -> Result<Response, Refusal> {
    let found = save::find(&state, &request.session, operation.read()?).await?;
    Ok(found_response(&state, found))
}

/// Saves a snapshot, and responds with what the store returns. `snapshot` in the response is what
/// this request saved, also if the request is repeated later.
///
/// # Errors
/// Those of [`save::save`].
pub async fn save(
    State(state): State<AppState>,
    operation: OperationPath,
    request: SessionRequest,
) -> Result<Response, Refusal> {
    let found = save::save(&state, &request.session, operation.read()?, request.body).await?;
    Ok(found_response(&state, found))
}

fn found_response(state: &AppState, found: Found) -> Response {
    let Found { head, snapshot, bytes } = found;
    let answer = SnapshotResponse { head, snapshot: Some(snapshot), time: state.now() };
    parts_response(&answer, bytes.as_deref())
}
