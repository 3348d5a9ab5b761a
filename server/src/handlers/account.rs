//! `GET /v1/account` and `POST /v1/account/delete` (protocol.md section 15.6).

use crate::domain::deletion;
use crate::extract::{SessionJson, SessionRequest};
use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::wire::account::{Account, DeleteAnswer, DeleteRequest};

/// What the vault keeps of the account.
///
/// # Errors
/// Where the session has ended or the store fails.
pub async fn show(State(state): State<AppState>, request: SessionRequest) -> Result<Json<Account>, Refusal> {
    let current = request.session.visit(&state).await?;
    let account = current.value();
    Ok(Json(Account {
        account_id: account.account_id,
        suite: account.suite,
        generation: account.generation,
        created_at: account.created_at,
        head: account.head().cloned(),
        snapshots: account.snapshots.iter().map(|snapshot| snapshot.head.clone()).collect(),
        recovery_methods: account.recovery_records(),
        passphrase_changed_at: account.passphrase_changed_at,
        time: state.now(),
    }))
}

/// Deletes the account for good.
///
/// # Errors
/// Those of [`deletion::delete`].
pub async fn delete(
    State(state): State<AppState>,
    request: SessionJson<DeleteRequest>,
) -> Result<Json<DeleteAnswer>, Refusal> {
    let body = &request.body;
    Ok(Json(deletion::delete(&state, &request.session, &body.value, body.digest).await?))
}
