//! Works on a request to its end, also when its client hangs up in the middle.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Runs what is inside in a task of its own.
///
/// Between creating a snapshot's object and committing it, a hang-up would leave an object that counts against no account, and
/// that the sweep must keep. A client could leave as many as it likes.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        // The task is never aborted. A panic is answered further out.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
