//! A store that was adopted under another root secret is not served on as if nothing had happened.

use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;

/// What is said instead of an answer.
pub(crate) const ROOT_SECRET_REPLACED: &str =
    "The store belongs to another root secret by now; its operator must start this server with that one.";

/// Refuses every request from the moment on at which a look at the object `vault` has found another fingerprint.
pub(crate) async fn refuse_another(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if state.is_root_secret_replaced() {
        return Refusal::new(ProblemCode::StoreUnavailable, ROOT_SECRET_REPLACED).into_response();
    }
    next.run(request).await
}
