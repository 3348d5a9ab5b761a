//! The activity of a connection, to find clients that let the server wait.

use super::connection::TIMEOUT;
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A connection without a request is closed after this time.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// How long a connection has to close after the server asked for it, counted from the end of its
/// last request.
const FAREWELL: Duration = Duration::from_secs(5);
/// A connection is closed after this many refusals because of its network's limit.
const REFUSALS: u32 = 16;
/// How late a client may be in receiving a response, whatever its length.
const GRACE: Duration = Duration::from_secs(20);
/// The minimum pace apart from that.
const BYTES_PER_SECOND: u64 = 16 << 10;
/// Pause between two checks of a connection.
const LOOK: Duration = Duration::from_secs(1);

/// The requests and responses of one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    has_asked: bool,
    /// Requests without a complete response.
    open: usize,
    /// When each response must have been sent.
    leaving: BTreeMap<u64, Instant>,
    next: u64,
    /// When a request or response last ended.
    quiet_since: Instant,
    /// Refusals because of too many requests.
    refused: u32,
    /// When the server asked the client to close.
    told_to_close: Option<Instant>,
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseReason {
    /// No request for too long.
    Idle,
    /// Too many refused requests.
    Refused,
    /// The client does not receive a response.
    Stalled,
    /// The server asked the client to close, and it sends no more requests.
    Over,
}

/// A request in progress.
pub(super) struct Asked(Arc<Activity>);

/// The body of a response while it is being sent.
struct Leaving {
    bytes: Bytes,
    activity: Arc<Activity>,
    number: u64,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            has_asked: false,
            open: 0,
            leaving: BTreeMap::new(),
            next: 0,
            quiet_since: Instant::now(),
            refused: 0,
            told_to_close: None,
        })))
    }

    /// Records a refusal because of too many requests.
    pub(super) fn refused(&self) {
        let mut state = self.state();
        state.refused = state.refused.saturating_add(1);
    }

    /// Records that the server asked the client to close.
    pub(super) fn told_to_close(&self) {
        self.state().told_to_close.get_or_insert_with(Instant::now);
    }

    /// Records a request.
    pub(super) fn asked(self: &Arc<Self>) -> Asked {
        let mut state = self.state();
        state.has_asked = true;
        state.open += 1;
        drop(state);
        Asked(self.clone())
    }

    /// Records that a response is ready, and returns its body.
    pub(super) fn leaving(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        let paced = Duration::from_millis(bytes.len() as u64 * 1000 / BYTES_PER_SECOND);
        state.leaving.insert(number, Instant::now() + GRACE + paced);
        drop(state);
        Bytes::from_owner(Leaving { bytes, activity: self.clone(), number })
    }

    /// Waits until the connection is to be closed.
    pub(super) async fn verdict(&self) -> CloseReason {
        loop {
            sleep(LOOK).await;
            if let Some(verdict) = self.state().judge(Instant::now()) {
                return verdict;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn judge(&self, now: Instant) -> Option<CloseReason> {
        if self.leaving.values().any(|deadline| *deadline <= now) {
            return Some(CloseReason::Stalled);
        }
        let is_quiet = self.open == 0 && self.leaving.is_empty();
        if let Some(told) = self.told_to_close {
            let since = told.max(self.quiet_since);
            return (is_quiet && now.duration_since(since) >= FAREWELL).then_some(CloseReason::Over);
        }
        if self.refused >= REFUSALS {
            return Some(CloseReason::Refused);
        }
        let longest = if self.has_asked { IDLE } else { TIMEOUT };
        (is_quiet && now.duration_since(self.quiet_since) >= longest).then_some(CloseReason::Idle)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open -= 1;
        state.quiet_since = Instant::now();
    }
}

impl AsRef<[u8]> for Leaving {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.leaving.remove(&self.number);
        state.quiet_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_for_nothing_is_idle() {
        let (start, activity) = (Instant::now(), Activity::new());
        assert_eq!(activity.verdict().await, CloseReason::Idle);
        assert!(start.elapsed() <= TIMEOUT + LOOK);

        let (start, activity) = (Instant::now(), Activity::new());
        drop(activity.asked());
        assert_eq!(activity.verdict().await, CloseReason::Idle);
        assert!(start.elapsed() >= IDLE && start.elapsed() <= IDLE + LOOK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_comes_with_the_farewell_is_worked_on() {
        let activity = Activity::new();
        assert_eq!(activity.verdict().await, CloseReason::Idle);
        activity.told_to_close();
        let asked = activity.asked();
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, activity.verdict()).await.is_err(), "it is in progress");
        let body = activity.leaving(Bytes::from_static(b"answer"));
        drop(asked);
        assert!(
            tokio::time::timeout(GRACE - LOOK, activity.verdict()).await.is_err(),
            "and so is the response"
        );
        drop(body);
        let start = Instant::now();
        assert_eq!(activity.verdict().await, CloseReason::Over);
        assert!(start.elapsed() >= FAREWELL && start.elapsed() <= FAREWELL + LOOK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_refused_again_and_again_is_told_to_close() {
        let activity = Activity::new();
        let _asked = activity.asked();
        for _ in 1..REFUSALS {
            activity.refused();
        }
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, activity.verdict()).await.is_err());
        activity.refused();
        assert_eq!(activity.verdict().await, CloseReason::Refused);
    }

    #[tokio::test(start_paused = true)]
    async fn work_and_a_response_under_way_keep_a_connection() {
        let activity = Activity::new();
        let asked = activity.asked();
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, activity.verdict()).await.is_err(), "the server's own time");
        let body = activity.leaving(Bytes::from(vec![0; 1 << 20]));
        drop(asked);
        let start = Instant::now();
        let minute = Duration::from_secs(60);
        assert!(tokio::time::timeout(minute, activity.verdict()).await.is_err(), "a slow network");
        let part = body.slice(1..2);
        drop(body);
        assert_eq!(activity.verdict().await, CloseReason::Stalled, "some of it has not left");
        assert!(start.elapsed() <= GRACE + Duration::from_secs(64) + LOOK);
        drop(part);
        assert_eq!(activity.verdict().await, CloseReason::Idle);
    }
}
