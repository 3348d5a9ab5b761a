//! What an app may bring instead of the defaults: its HTTP stack, its keystore, and somebody who watches.
//!
//! What goes wrong there arrives as one of the named failures. An exception of any other kind becomes the last of them, and its
//! text is thrown away: it may hold anything.

mod http;
mod keystore;
mod progress;

pub(crate) use http::AppTransport;
pub use http::{HttpFailure, HttpHeader, HttpRequest, HttpResponse, HttpTransport};
pub(crate) use keystore::{AppKeystore, Keys};
pub use keystore::{Keystore, KeystoreFailure};
pub(crate) use progress::Watcher;
pub use progress::{Progress, ProgressEvent, ProgressFailure};
