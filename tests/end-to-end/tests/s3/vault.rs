//! A vault in the bucket, with a wire on either side of it.

use rootcellar_end_to_end::{Bucket, Server, Wire};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Nothing that is tried here is to meet a limit for single addresses.
pub(crate) const UNLIMITED: [&str; 6] =
    ["--starts-per-address", "0", "--rate-per-address", "0", "--new-names-per-minute", "100000"];

/// A vault and its two wires.
pub(crate) struct Vault {
    server: Arc<Mutex<Server>>,
    /// From its clients to it.
    pub(crate) wire: Wire,
    /// From it to its bucket.
    pub(crate) store: Wire,
}

impl Vault {
    /// Starts one; `None` where there is no bucket, after it was said that `what` is left out.
    pub(crate) fn for_test_of(what: &str) -> Option<Self> {
        let bucket = Bucket::for_test_of(what)?;
        let store = Wire::to(bucket.server());
        let server = Server::in_bucket(bucket, store.address(), &UNLIMITED);
        let wire = Wire::to(server.address());
        Some(Self { server: Arc::new(Mutex::new(server)), wire, store })
    }

    /// Kills the server as a power cut would, and starts it again.
    pub(crate) fn killer(&self) -> impl FnOnce() + Send + 'static {
        let (server, wire) = (Arc::clone(&self.server), self.wire.clone());
        move || {
            let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
            server.stop();
            server.restart();
            wire.turn_to(server.address());
        }
    }

    /// Waits for a [`killer`](Self::killer) that is at work.
    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request of S3 changes something.
pub(crate) fn is_write(request: &str) -> bool {
    !request.starts_with("GET ") && !request.starts_with("HEAD ")
}
