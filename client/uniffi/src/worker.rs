//! The thread on which everything of one object runs, one thing after the other.
//!
//! The app's future only waits for an answer. Where it is dropped, the job notices and ends at its next pause; a key stretching
//! has none, so that the thread is busy for the rest of that second while the app goes on.

use crate::error::RootcellarError;
use crate::session::OpenClient;
use std::cell::Cell;
use std::future::Future;
use std::ops::AsyncFnOnce;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, watch};

/// How often is looked whether a thread that is to end has.
const LOOK: Duration = Duration::from_millis(2);

type Job = Box<dyn for<'w> FnOnce(&'w mut OpenClient) -> Pin<Box<dyn Future<Output = ()> + 'w>> + Send>;

/// The way to the thread. It ends when this is dropped, which waits for it: what it calls in the app must not be called once the
/// app has let go of the object, since its runtime may be about to end. By then all jobs have ended, but for a key stretching
/// that nobody waits for any more. A keystore that is at work is not waited for: it may be waiting for the very thread that lets go.
#[derive(Debug)]
pub(crate) struct Worker {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    /// Closed once the thread has let go of everything.
    ended: watch::Receiver<()>,
    thread: Option<JoinHandle<()>>,
    /// Counts how often everything was cancelled.
    cancelled: watch::Sender<u64>,
    calling: Calling,
}

/// The sign that the thread is in a callback of the app that may wait for a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calling(Arc<AtomicBool>);

thread_local! {
    /// Whether this thread is one of ours, in such a callback.
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Takes the sign away when it is dropped.
pub(crate) struct Call<'c>(&'c Calling);

impl Calling {
    /// Shows the sign.
    pub(crate) fn begin(&self) -> Call<'_> {
        self.0.store(true, Ordering::SeqCst);
        IN_CALLBACK.set(true);
        Call(self)
    }

    fn is_shown(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        IN_CALLBACK.set(false);
        self.0.0.store(false, Ordering::SeqCst);
    }
}

/// What a job is to do, until the thread takes it or its caller goes away: then it is dropped at once, with the secrets in it.
struct Waiting<W>(Arc<Mutex<Option<W>>>);

impl<W> Drop for Waiting<W> {
    fn drop(&mut self) {
        drop(self.0.lock().map(|mut work| work.take()));
    }
}

impl Worker {
    /// Starts the thread; `make` makes what it works with, there.
    pub(crate) async fn start(
        make: impl FnOnce(Calling) -> Result<OpenClient, RootcellarError> + Send + 'static,
    ) -> Result<Self, RootcellarError> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (made, result) = oneshot::channel();
        let (alive, ended) = watch::channel(());
        let calling = Calling::default();
        let copy = calling.clone();
        let work = move || match make(copy) {
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
            calling,
        })
    }

    /// Has the thread do something, and waits for it. Dropped before, it ends what the thread does for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce(&mut OpenClient) -> Result<T, RootcellarError> + Send + 'static,
    ) -> Result<T, RootcellarError> {
        if IN_CALLBACK.get() {
            let why = "a keystore must not call the object that waits for it";
            return Err(RootcellarError::state("called-back", why));
        }
        let (mut answer, result) = oneshot::channel();
        let mut cancelled = self.cancelled.subscribe();
        let work = Arc::new(Mutex::new(Some(work)));
        let waiting = Waiting(Arc::clone(&work));
        let job: Job = Box::new(move |held| {
            let work = work.lock().ok().and_then(|mut work| work.take());
            Box::pin(async move {
                let Some(work) = work else { return };
                tokio::select! {
                    biased;
                    () = answer.closed() => {}
                    result = work(held) => drop(answer.send(result)),
                }
            })
        });
        match &*self.jobs.lock().map_err(|_| RootcellarError::internal())? {
            Some(jobs) => jobs.send(job).map_err(|_| RootcellarError::internal())?,
            None => {
                return Err(RootcellarError::state("shut-down", "this object was shut down: open another"));
            }
        }
        let _waiting = waiting;
        tokio::select! {
            biased;
            result = result => result.unwrap_or_else(|_| Err(RootcellarError::internal())),
            // The sender lives as long as the object. The job notices at its next pause that nobody waits any more.
            _ = cancelled.changed() => Err(RootcellarError::cancelled()),
        }
    }

    /// Lets the thread end after what it was told to do, and waits for it.
    pub(crate) async fn shut_down(&self) {
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
            while !thread.is_finished() {
                if self.calling.is_shown() {
                    return;
                }
                thread::sleep(LOOK);
            }
            // It panicked: there is nothing left to end.
            let _ = thread.join();
        }
    }
}

fn serve(mut held: OpenClient, mut waiting: mpsc::UnboundedReceiver<Job>) {
    // Without a runtime nothing can be done: the jobs are dropped, and their callers told.
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        while let Some(job) = waiting.recv().await {
            job(&mut held).await;
            held.close_if_over();
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::{ClientOptions, RootcellarClient};
    use std::sync::{Arc, mpsc};
    use std::task::{Context, Waker};

    #[tokio::test]
    async fn a_job_that_waits_lets_go_of_its_secrets_when_its_caller_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = ClientOptions {
            folder: folder.path().join("home").to_str().expect("text").to_owned(),
            vault: Some("http://127.0.0.1:9".to_owned()),
            device_label: None,
            extra_authorities: None,
            plain_device_secrets: false,
        };
        let client = RootcellarClient::open(options, None, None, None).await.expect("opens");
        let mut context = Context::from_waker(Waker::noop());
        let (release, held) = mpsc::channel::<()>();
        let mut busy = Box::pin(client.worker.run(async move |_| {
            let _ = held.recv();
            Ok(())
        }));
        assert!(Future::poll(busy.as_mut(), &mut context).is_pending());
        let secret = Arc::new(());
        let copy = Arc::clone(&secret);
        let mut waiting = Box::pin(client.worker.run(async move |_| {
            drop(copy);
            Ok(())
        }));
        assert!(Future::poll(waiting.as_mut(), &mut context).is_pending());
        assert_eq!(Arc::strong_count(&secret), 2);
        drop(waiting);
        assert_eq!(Arc::strong_count(&secret), 1, "while the thread is still busy");
        drop(release);
        busy.await.expect("ends");
    }
}
