//! Read-only mode, while the vault is being moved: recovery codes, and sessions that only read.

use crate::problem::Refusal;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

/// Value of `Retry-After`, in seconds.
const WAIT: u64 = 600;

/// Refuses everything that may write. A route that is missing here is refused, never allowed.
pub(crate) async fn refuse_writes(request: Request, next: Next) -> Response {
    let is_recovery = request.method() == Method::POST && request.uri().path() == paths::RECOVERY;
    if is_recovery || request.method().is_safe() {
        return next.run(request).await;
    }
    let detail = "The vault is being moved and is read-only. Restoring with the recovery code works. Retry everything \
                  else later.";
    Refusal::new(ProblemCode::ReadOnly, detail).wait(WAIT).into_response()
}
