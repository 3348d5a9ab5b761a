//! A server refuses all requests if the root secret of its store was replaced.

use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;

/// The detail of that refusal.
pub(crate) const ROOT_SECRET_REPLACED: &str =
    "The store's root secret was replaced. The operator must restart this server with the new one.";

/// Refuses every request after a check of the object `vault` found another fingerprint.
pub(crate) async fn refuse_another(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if state.is_root_secret_replaced() {
        return Refusal::new(ProblemCode::StoreUnavailable, ROOT_SECRET_REPLACED).into_response();
    }
    next.run(request).await
}
