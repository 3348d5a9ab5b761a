//! The routes of protocol.md section 15.

use crate::handlers::{account, login, passphrase, recovery, registration, snapshots, vault};
use crate::state::AppState;
use axum::Router;
use axum::routing::{get, post};
use rootcellar_spec::wire::paths;

/// Every `/v1` route. Whoever merges it adds what stands around them all: limits, request ids, logs.
pub fn api(state: AppState) -> Router {
    let snapshot = format!("{}/{{operation}}", paths::SNAPSHOTS);
    Router::new()
        .route(paths::VAULT, get(vault::show))
        .route(paths::LOGIN_START, post(login::start))
        .route(paths::LOGIN_FINISH, post(login::finish))
        .route(paths::RECOVERY, post(recovery::login))
        .route(paths::REGISTRATION_START, post(registration::start))
        .route(paths::REGISTRATION_FINISH, post(registration::finish))
        .route(paths::ACCOUNT, get(account::show))
        .route(paths::HEAD, get(snapshots::head))
        .route(&snapshot, get(snapshots::show).put(snapshots::save))
        .route(paths::PASSPHRASE_START, post(passphrase::start))
        .route(paths::PASSPHRASE_FINISH, post(passphrase::finish))
        .method_not_allowed_fallback(vault::method_not_allowed)
        .fallback(vault::not_found)
        .with_state(state)
}
