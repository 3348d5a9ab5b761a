//! Delays responses to a time grid, so that the vault's processing time does not show.
//!
//! The work of a first login request differs a little between a name with an account and one
//! without. The handler marks when it has read the whole request, and the response leaves a whole
//! number of ticks later. Counting from the headers would not be enough: a client that delays the
//! end of its body could place the work across a tick and measure it. The delay is outside the
//! slots for requests.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::Instant;

/// The length of a tick. Two store calls easily fit into the first one, on a disk (some
/// milliseconds) and with a bucket in the same region (50 to 100 ms). A client's Argon2id takes
/// about as long.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// Marks a response that the grid delays, with the time at which its request had been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gridded(Instant);

impl Gridded {
    /// The request has been read now.
    pub(crate) fn beginning() -> Self {
        Self(Instant::now())
    }

    /// Adds the mark to a response.
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

/// Delays marked responses until the next tick.
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
