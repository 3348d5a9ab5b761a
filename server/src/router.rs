//! The routes of protocol.md section 15.

use crate::handlers::vault;
use crate::state::AppState;
use axum::Router;
use axum::routing::get;
use rootcellar_spec::wire::paths;

/// Every `/v1` route. Whoever merges it adds what stands around them all: limits, request ids, logs.
#[must_use]
pub fn api(state: AppState) -> Router {
    Router::new()
        .route(paths::VAULT, get(vault::show))
        .method_not_allowed_fallback(vault::method_not_allowed)
        .fallback(vault::not_found)
        .with_state(state)
}
