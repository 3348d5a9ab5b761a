//! The thread on which everything of one object runs, one thing after the other.
//!
//! The app's future only waits for an answer. Where it is dropped, the job notices and ends at its next pause; a key stretching
//! has none, so that the thread is busy for the rest of that second while the app goes on.

use crate::error::RootcellarError;
use crate::session::Held;
use std::future::Future;
use std::ops::AsyncFnOnce;
use std::pin::Pin;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, watch};

type Job = Box<dyn for<'w> FnOnce(&'w mut Held) -> Pin<Box<dyn Future<Output = ()> + 'w>> + Send>;

/// The way to the thread. It ends when this is dropped, which waits for it: what it calls in the app must not be called once the
/// app has let go of the object, since its runtime may be about to end. By then all jobs have ended, but for a key stretching
/// that nobody waits for any more.
#[derive(Debug)]
pub(crate) struct Worker {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    /// Closed once the thread has let go of everything.
    ended: watch::Receiver<()>,
    thread: Option<JoinHandle<()>>,
    /// Counts how often everything was cancelled.
    cancelled: watch::Sender<u64>,
}

impl Worker {
    /// Starts the thread; `make` makes what it works with, there.
    pub(crate) async fn start(
        make: impl FnOnce() -> Result<Held, RootcellarError> + Send + 'static,
    ) -> Result<Self, RootcellarError> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (made, result) = oneshot::channel();
        let (alive, ended) = watch::channel(());
        let work = move || match make() {
            Ok(held) => {
                // Nobody waits any more: then the jobs have ended, too.
                let _ = made.send(Ok(()));
                serve(held, waiting);
                drop(alive);
            }
            Err(error) => {
                let _ = made.send(Err(error));
            }
        };
        let thread = thread::Builder::new().name("rootcellar".to_owned()).spawn(work);
        let thread = thread.map_err(|_| RootcellarError::internal())?;
        result.await.unwrap_or_else(|_| Err(RootcellarError::internal()))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            ended,
            thread: Some(thread),
            cancelled: watch::Sender::new(0),
        })
    }

    /// Has the thread do something, and waits for it. Dropped before, it ends what the thread does for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&mut Held) -> Result<T, RootcellarError> + Send + 'static,
    ) -> Result<T, RootcellarError> {
        let (mut answer, result) = oneshot::channel();
        let mut cancelled = self.cancelled.subscribe();
        let job: Job = Box::new(move |held| {
            Box::pin(async move {
                tokio::select! {
                    biased;
                    () = answer.closed() => {}
                    // The sender lives as long as the object.
                    _ = cancelled.changed() => drop(answer.send(Err(RootcellarError::cancelled()))),
                    result = work(held) => drop(answer.send(result)),
                }
            })
        });
        match &*self.jobs.lock().map_err(|_| RootcellarError::internal())? {
            Some(jobs) => jobs.send(job).map_err(|_| RootcellarError::internal())?,
            None => return Err(RootcellarError::state("ended", "this object was ended: open another")),
        }
        result.await.unwrap_or_else(|_| Err(RootcellarError::internal()))
    }

    /// Lets the thread end after what it was told to do, and waits for it.
    pub(crate) async fn end(&self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            drop(jobs.take());
        }
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    /// Ends what is running and what waits.
    pub(crate) fn cancel(&self) {
        self.cancelled.send_modify(|times| *times += 1);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Ok(jobs) = self.jobs.get_mut() {
            drop(jobs.take());
        }
        // The app may let go of the object in what the thread itself calls.
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != thread::current().id())
        {
            // It panicked: there is nothing left to end.
            let _ = thread.join();
        }
    }
}

fn serve(mut held: Held, mut waiting: mpsc::UnboundedReceiver<Job>) {
    // Without a runtime nothing can be done: the jobs are dropped, and their callers told.
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        while let Some(job) = waiting.recv().await {
            job(&mut held).await;
        }
    });
}
