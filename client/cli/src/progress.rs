//! A spinner on standard error, if that is a terminal: at once while a key is derived from the
//! passphrase, and after half a second for everything else. Without a terminal, one line if the vault
//! does not respond for some seconds.

use crate::text;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rootcellar_client::client::{KeyDerivation, Observer};
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What takes no longer than this needs no spinner.
const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);
/// The drawing thread needs little; the memory of this program is bounded.
const STACK_BYTES: usize = 256 * 1024;

/// As long as this, something that is no terminal hears nothing.
const SILENCE: Duration = Duration::from_secs(3);

/// What is shown while the vault is waited for: the library sends a request four times, and waits 30 seconds for each.
const WAITING: &str = text::progress::WAITING;
const KEY_DERIVATION: &str = text::progress::KEY_DERIVATION;

/// Shows that something is going on; watches the library.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    shows: Shows,
    spinner: Rc<RefCell<Option<Spinner>>>,
}

/// What standard error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Nothing.
    Nothing,
    /// One line for each wait that is long.
    Lines,
    /// A spinner.
    Spinner,
}

impl Progress {
    /// Tells standard error so much.
    pub(crate) fn new(shows: Shows) -> Self {
        Self { shows, spinner: Rc::default() }
    }

    /// Waits for something that may take long.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        self.waits();
        let result = work.await;
        self.rests();
        result
    }

    /// Something that may take long begins.
    pub(crate) fn waits(&self) {
        self.show(Some((WAITING, DELAY)));
    }

    /// It has ended.
    pub(crate) fn rests(&self) {
        self.show(None);
    }

    fn show(&self, what: Option<(&'static str, Duration)>) {
        // The line of the former spinner is cleared before another is drawn.
        drop(self.spinner.take());
        let Some((text, delay)) = what else { return };
        *self.spinner.borrow_mut() = match self.shows {
            Shows::Nothing => None,
            Shows::Lines if text == WAITING => Spinner::begin(text, SILENCE, say),
            Shows::Lines => None,
            Shows::Spinner => Spinner::begin(text, delay, spin),
        };
    }
}

impl Observer for Progress {
    fn key_derivation(&self, moment: KeyDerivation) {
        self.show(Some(match moment {
            KeyDerivation::Begins => (KEY_DERIVATION, Duration::ZERO),
            KeyDerivation::Ended => (WAITING, DELAY),
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
    /// Begins after `delay`; `None` where there can be no thread, which loses nothing else.
    fn begin(text: &'static str, delay: Duration, show: fn(&'static str, &Receiver<()>)) -> Option<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let run = move || {
            if is_running(&stopped, delay) {
                show(text, &stopped);
            }
        };
        let builder = std::thread::Builder::new().name("spinner".to_owned()).stack_size(STACK_BYTES);
        let thread = builder.spawn(run).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

fn is_running(stopped: &Receiver<()>, wait: Duration) -> bool {
    stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout)
}

fn spin(text: &'static str, stopped: &Receiver<()>) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    bar.set_message(text);
    bar.tick();
    while is_running(stopped, TICK) {
        bar.tick();
    }
    bar.finish_and_clear();
}

fn say(text: &'static str, _stopped: &Receiver<()>) {
    // That it cannot be said must not stop the command.
    let _ = writeln!(std::io::stderr(), "{text}");
}

impl Drop for Spinner {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
