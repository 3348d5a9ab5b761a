//! A panic fails one request and not the server. The response is a problem document.

use crate::problem::Refusal;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

/// The panic's message is neither sent nor logged, because it may contain parts of the request.
fn answer(_: Box<dyn Any + Send>) -> Response {
    tracing::error!(event = "request-panicked", "A request failed because of a bug in the server.");
    let detail = "Something went wrong on the server. Tell its operator the request ID.";
    Refusal::new(ProblemCode::Internal, detail).into_response()
}
