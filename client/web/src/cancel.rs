//! Giving up a step that waits: its future is dropped, and with it the request that is under way.

use crate::failure::Failure;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Poll, Waker};

/// The step that runs, if one runs.
#[derive(Default)]
struct Running {
    is_cancelled: bool,
    waker: Option<Waker>,
}

thread_local! {
    static RUNNING: RefCell<Running> = RefCell::new(Running::default());
}

/// Gives up the step that runs; its promise is refused with `cancelled`.
pub(crate) fn cancel() {
    let waker = RUNNING.with_borrow_mut(|running| {
        running.is_cancelled = running.waker.is_some();
        running.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Runs a step to its end, unless it is given up before.
pub(crate) async fn unless_cancelled<T>(
    step: Pin<Box<dyn Future<Output = Result<T, Failure>>>>,
) -> Result<T, Failure> {
    let mut step = Some(step);
    poll_fn(move |context| {
        let is_cancelled = RUNNING.with_borrow_mut(|running| std::mem::take(&mut running.is_cancelled));
        let Some(waiting) = step.as_mut().filter(|_| !is_cancelled) else {
            // Dropped before the answer, so that what it held is back in its place.
            step = None;
            return Poll::Ready(Err(Failure::new("cancelled")));
        };
        let polled = waiting.as_mut().poll(context);
        RUNNING.with_borrow_mut(|running| {
            running.waker = polled.is_pending().then(|| context.waker().clone());
        });
        if polled.is_ready() {
            step = None;
        }
        polled
    })
    .await
}
