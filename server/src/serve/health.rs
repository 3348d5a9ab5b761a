//! `/healthz`: the process answers. `/readyz`: the store answers too, is still this vault's, and its clock is sound.

use crate::domain::vault::borne_fingerprint;
use crate::middleware::ADOPTED_AWAY;
use crate::problem::Refusal;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::swap::LoadError;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use std::borrow::Cow;
use std::time::Duration;

/// The store must answer within this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// The process answers.
pub(crate) const HEALTHZ: &str = "/healthz";
/// The store answers too.
pub(crate) const READYZ: &str = "/readyz";

pub(super) fn routes(state: AppState) -> Router {
    listed()
        .into_iter()
        .fold(Router::new(), |all, (path, handler)| all.route(path, handler))
        .with_state(state)
}

/// Each path and its handler, all for `GET`.
pub(crate) fn listed() -> [(&'static str, MethodRouter<AppState>); 2] {
    [(HEALTHZ, get(|| async { "ok\n" })), (READYZ, get(ready))]
}

async fn ready(State(state): State<AppState>) -> Response {
    match check(&state).await {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => Refusal::unavailable(reason).into_response(),
    }
}

/// Reads the object `vault`, as a replica must be able to. Where it bears another root secret's fingerprint, this vault
/// answers nothing any more until a later look finds its own again.
///
/// # Errors
/// With what is wrong, for the operator. Where a store does not answer, the log has more.
pub async fn check(state: &AppState) -> Result<(), Cow<'static, str>> {
    let found = match tokio::time::timeout(PATIENCE, borne_fingerprint(state.store())).await {
        Ok(Ok(Some(found))) => found,
        Ok(Ok(None)) => return Err("The store answers, but its object `vault` is gone.".into()),
        Ok(Err(error)) => return Err(reason(&error)),
        Err(_) => return Err("The store does not answer in time.".into()),
    };
    if !state.note_owner(found) {
        return Err(ADOPTED_AWAY.into());
    }
    state.time().problem().map_or(Ok(()), |problem| Err(problem.to_string().into()))
}

/// What a store refuses is told with its reason, for the operator, who keeps this path to the inside; what did not answer
/// is left to the log.
fn reason(error: &LoadError) -> Cow<'static, str> {
    match error {
        LoadError::Store(StoreError::Refused { reason }) => format!("The store refuses: {reason}.").into(),
        LoadError::Store(StoreError::Unavailable(_)) => "The store does not answer.".into(),
        LoadError::Damaged(_) | LoadError::Format { .. } => format!("The store answers, but {error}.").into(),
    }
}
