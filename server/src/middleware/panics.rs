//! A panic ends one request and not the server, and is answered as a problem document.

use crate::problem::Refusal;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) fn layer() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

/// The panic's message stays out of the answer and of the log: it may hold what the request held.
fn answer(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request ended in a panic");
    let detail = "The vault has a defect. Tell its operator the request id.";
    Refusal::new(ProblemCode::Internal, detail).into_response()
}
