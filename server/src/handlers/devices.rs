//! `GET /v1/account/device`, `POST /v1/account/restore`, and `GET` and `POST /v1/account/devices` (protocol.md section 15.7).

use super::parts_response;
use crate::extract::{SessionJson, SessionRequest};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use rootcellar_spec::wire::devices::{ChangeResponse, DevicesRequest, DevicesResponse, RestoreRequest};
use rootcellar_vault::devices;

/// The keyslot, device list and current snapshot for the device that sends the request.
///
/// # Errors
/// Those of [`devices::show`].
pub async fn show(State(state): State<AppState>, request: SessionRequest) -> Result<Response, Refusal> {
    let (answer, snapshot) = devices::show(&state, &request.session).await?;
    Ok(parts_response(&answer, snapshot.as_deref()))
}

/// The same for a device that is about to decrypt entries. The history records it.
///
/// # Errors
/// Those of [`devices::restore`].
pub async fn restore(
    State(state): State<AppState>,
    request: SessionJson<RestoreRequest>,
) -> Result<Response, Refusal> {
    let (answer, snapshot) = devices::restore(&state, &request.session, &request.body.value).await?;
    Ok(parts_response(&answer, snapshot.as_deref()))
}

/// All enrolled devices, with the current device list.
///
/// # Errors
/// Those of [`devices::list`].
pub async fn list(
    State(state): State<AppState>,
    request: SessionRequest,
) -> Result<Json<DevicesResponse>, Refusal> {
    Ok(Json(devices::list(&state, &request.session).await?))
}

/// Enrols, changes and revokes devices.
///
/// # Errors
/// Those of [`devices::change`].
pub async fn change(
    State(state): State<AppState>,
    request: SessionJson<DevicesRequest>,
) -> Result<Json<ChangeResponse>, Refusal> {
    let body = &request.body;
    Ok(Json(devices::change(&state, &request.session, &body.value, body.digest).await?))
}
