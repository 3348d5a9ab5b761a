//! Load shedding: what would have to wait is answered at once that the vault is busy.

use crate::problem::Refusal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rootcellar_spec::ProblemCode;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// As many requests as may be worked on at once.
#[derive(Clone)]
pub(super) struct Slots(Arc<Semaphore>);

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))))
    }
}

pub(super) async fn admit(State(slots): State<Slots>, request: Request, next: Next) -> Response {
    let Ok(_slot) = slots.0.try_acquire() else {
        let mut refusal = Refusal::new(ProblemCode::Busy, "The vault is at its limit. Send the same again.");
        refusal.0.retry_after = Some(1);
        return refusal.into_response();
    };
    next.run(request).await
}
