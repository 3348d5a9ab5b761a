//! `POST /v1/recovery` (protocol.md section 15.4).

use super::parts_response;
use crate::extract::SelfSigned;
use crate::problem::Refusal;
use crate::state::AppState;
use axum::extract::State;
use axum::response::Response;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::recovery::RecoveryRequest;
use rootcellar_vault::recovery;

/// From the recovery code to the keyslot and the current snapshot.
///
/// # Errors
/// Those of [`recovery::login`]. A wrong signature is refused like an unknown locator.
pub async fn login(
    State(state): State<AppState>,
    signed: Result<SelfSigned<RecoveryRequest>, Refusal>,
) -> Result<Response, Refusal> {
    let signed = signed.map_err(|refusal| match refusal.0.code {
        ProblemCode::SignatureInvalid => rootcellar_vault::Error::RecoveryRefused.into(),
        _ => refusal,
    })?;
    let (answer, snapshot) = recovery::login(&state, &signed.body.value, &signed.key).await?;
    Ok(parts_response(&answer, snapshot.as_deref()))
}
