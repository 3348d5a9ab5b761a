//! A spinner on standard error, where that is a terminal: at once while the passphrase is stretched, and for everything
//! else that takes longer than half a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rootcellar_client::client::{Observer, Stretching};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What takes no longer than this needs no spinner.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);
/// The drawing thread needs little; the memory of this program is bounded.
const STACK_BYTES: usize = 256 * 1024;

const WAITING: &str = "Waiting for the vault...";
const STRETCHING: &str = "Stretching the passphrase; to stop now counts as a try with this account name...";

/// Shows that something is going on; watches the library.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    draw: bool,
    spinner: Rc<RefCell<Option<Spinner>>>,
}

impl Progress {
    /// Draws only if `draw`.
    pub(crate) fn new(draw: bool) -> Self {
        Self { draw, spinner: Rc::default() }
    }

    /// Waits for something that may take long.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        self.show(Some((WAITING, PATIENCE)));
        let result = work.await;
        self.show(None);
        result
    }

    fn show(&self, what: Option<(&'static str, Duration)>) {
        // The line of the former spinner is cleared before another is drawn.
        drop(self.spinner.take());
        if let Some((text, patience)) = what.filter(|_| self.draw) {
            *self.spinner.borrow_mut() = Spinner::begin(text, patience);
        }
    }
}

impl Observer for Progress {
    fn stretching(&self, moment: Stretching) {
        self.show(Some(match moment {
            Stretching::Begins => (STRETCHING, Duration::ZERO),
            Stretching::Ended => (WAITING, PATIENCE),
        }));
    }
}

/// Spins as long as it lives.
#[derive(Debug)]
struct Spinner {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Begins after `patience`; `None` where there can be no thread, which loses nothing else.
    fn begin(text: &'static str, patience: Duration) -> Option<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let spin = move || {
            let running = |wait| stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
            if !running(patience) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::default_spinner());
            bar.set_message(text);
            bar.tick();
            while running(TICK) {
                bar.tick();
            }
            bar.finish_and_clear();
        };
        let builder = std::thread::Builder::new().name("spinner".to_owned()).stack_size(STACK_BYTES);
        let thread = builder.spawn(spin).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
