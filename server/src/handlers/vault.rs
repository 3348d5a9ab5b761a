//! `GET /v1/vault` (protocol.md section 15.1), and the responses for other paths and methods.

use crate::problem::Refusal;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::vault::{PROTOCOL, Vault};

/// The vault's ID, keys, suites and registration mode.
pub async fn show(State(state): State<AppState>) -> Json<Vault> {
    Json(Vault {
        protocol: PROTOCOL,
        vault_id: state.vault_id().clone(),
        server_public_key: state.keys().opaque().public_key(),
        suites: state.settings().suites.to_vec(),
        registration: state.settings().registration,
        passphrases_since: state.passphrases_since(),
        time: state.now(),
    })
}

/// The response if no route has the path.
pub async fn not_found() -> Refusal {
    Refusal::new(ProblemCode::NotFound, "There is nothing at this path.")
}

/// The response if no route has the path with this method.
pub async fn method_not_allowed() -> Refusal {
    Refusal::new(ProblemCode::MethodNotAllowed, "This path does not support this method.")
}
