//! No request takes longer than it may, the reading of its body included.

use crate::problem::Refusal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;
use std::time::Duration;

pub(super) async fn bound(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "The request took too long. What it was to change may have been changed: send the same again.";
            let mut refusal = Refusal::new(ProblemCode::Timeout, detail);
            refusal.0.retry_after = Some(1);
            refusal.into_response()
        }
    }
}
