//! Answers that leave at a time grid, so that how long the vault worked on them does not show.
//!
//! The work of a first login request differs a little between a name that has an account and one that has none. The handler
//! says when it had read the whole request; the answer, good or bad, leaves a whole number of ticks after that. Counting from
//! the headers would not do: a client that holds back the end of its body could place the work across a tick, and measure
//! it so. The wait is outside the in-flight slots.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::Instant;

/// From tick to tick. Two steps of store calls fit well within the first one, on a disk (some milliseconds) and with a bucket
/// in the same region (50 to 100 ms). Argon2id takes a client about as long.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// When a request whose answer keeps to the grid had been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gridded(Instant);

impl Gridded {
    /// The request has been read now.
    pub(crate) fn beginning() -> Self {
        Self(Instant::now())
    }

    /// Marks the answer.
    pub(crate) fn mark(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The first tick that is not before `now`.
fn tick_after(beginning: Instant, now: Instant) -> Instant {
    let passed = now.saturating_duration_since(beginning);
    let ticks = passed.as_nanos().div_ceil(TICK.as_nanos()).max(1);
    beginning + TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// Holds marked answers back until the next tick.
pub(super) async fn hold(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(Gridded(beginning)) = response.extensions_mut().remove() {
        tokio::time::sleep_until(tick_after(beginning, Instant::now())).await;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_leave_at_ticks_and_never_at_once() {
        let start = Instant::now();
        let after = |work: u64| tick_after(start, start + Duration::from_millis(work)) - start;
        assert_eq!(after(0), TICK);
        assert_eq!(after(1), TICK);
        assert_eq!(after(250), TICK);
        assert_eq!(after(251), 2 * TICK);
        assert_eq!(after(1_100), 5 * TICK);
    }
}
