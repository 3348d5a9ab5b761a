//! A watcher of progress.

use rootcellar_client::client::{KeyDerivation, Observer, Trace};
use std::sync::Arc;

/// Something that an app may show.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ProgressEvent {
    /// The key stretching begins: up to some seconds with 64 MiB, in which nothing else happens.
    KeyDerivationBegan,
    /// It has ended, well or not.
    KeyDerivationEnded,
    /// A request was sent, and answered or not.
    Request {
        /// Its path, which names no account and holds no secret.
        path: String,
        /// The answer's status; nothing where none arrived.
        status: Option<u16>,
        /// From sending it to having the whole answer.
        milliseconds: u64,
        /// 1 for the first try.
        attempt: u32,
    },
}

/// The watcher failed, which changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ProgressFailure {
    /// Whatever it was.
    #[error("it failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ProgressFailure {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Watches an object.
#[uniffi::export(with_foreign)]
pub trait Progress: Send + Sync {
    /// Something happened. Called on the library's thread: it returns at once, throws
    /// nothing, and waits for no operation of the object.
    fn happened(&self, event: ProgressEvent) -> Result<(), ProgressFailure>;
}

/// Tells the app, where it wants to know.
pub(crate) struct Watcher(pub(crate) Option<Arc<dyn Progress>>);

impl Watcher {
    fn tell(&self, event: impl FnOnce() -> ProgressEvent) {
        if let Some(app) = &self.0 {
            // A watcher that fails misses something; the work goes on.
            let _ = app.happened(event());
        }
    }
}

impl Observer for Watcher {
    fn request(&self, trace: &Trace<'_>) {
        self.tell(|| ProgressEvent::Request {
            path: trace.path.to_owned(),
            status: trace.status,
            milliseconds: u64::try_from(trace.duration.as_millis()).unwrap_or(u64::MAX),
            attempt: trace.attempt,
        });
    }

    fn key_derivation(&self, moment: KeyDerivation) {
        self.tell(|| match moment {
            KeyDerivation::Begins => ProgressEvent::KeyDerivationBegan,
            KeyDerivation::Ended => ProgressEvent::KeyDerivationEnded,
        });
    }
}
