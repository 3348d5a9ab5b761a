//! A vault that is being moved answers what it can without writing anything: recovery codes, and sessions that read.

use crate::problem::Refusal;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::paths;

/// When to ask again, in seconds.
const WAIT: u64 = 600;

/// Refuses whatever may write. That a route is missing here can only refuse too much.
pub(crate) async fn refuse_writes(request: Request, next: Next) -> Response {
    let is_recovery = request.method() == Method::POST && request.uri().path() == paths::RECOVERY;
    if is_recovery || request.method().is_safe() {
        return next.run(request).await;
    }
    let detail = "The vault is being moved and takes no passphrase, save or registration. The recovery code gives the \
                  entries back meanwhile. Send the same again later.";
    Refusal::new(ProblemCode::ReadOnly, detail).wait(WAIT).into_response()
}
