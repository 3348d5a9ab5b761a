//! Admission control: how much of each scarce resource one client network may use
//! (spec/decisions/0009-admission.md).
//!
//! Two rules keep one address from blocking all others. Every resource has a share per network, and
//! no resource is held while the server waits for a client, except from that client's own share.
//!
//! `governor` cannot express these shares: it limits how often something is taken, and a share
//! limits how much is held until it is given back.

mod resource;

pub use resource::{Reservation, Resource};
pub use rootcellar_vault::limit::Full;

use crate::config::Limits;
use std::sync::Arc;
use std::time::Duration;

/// Memory that each request counts for, in bytes: its head, a small body, and the buffers of its
/// connection.
pub(crate) const REQUEST_BYTES: u64 = 64 << 10;
/// The largest request with its response, in bytes.
const LARGEST_REQUEST_BYTES: u64 = REQUEST_BYTES + (2 << 20);
/// How many slots a request with a snapshot takes. It has several copies of the snapshot in memory.
pub(crate) const SNAPSHOT_SLOTS: u64 = 16;
/// The smallest number of slots of which one address's share is enough for a request with a
/// snapshot.
pub(crate) const LEAST_IN_FLIGHT: u64 = SNAPSHOT_SLOTS * resource::PARTS[0];

/// The resources that clients compete for.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Open connections.
    pub(crate) connections: Arc<Resource>,
    /// TLS handshakes in progress.
    pub(crate) handshakes: Arc<Resource>,
    /// Requests in progress.
    pub(crate) in_flight: Arc<Resource>,
    /// Bytes of requests and responses in memory.
    pub(crate) memory: Arc<Resource>,
    /// Longest time to work on one request.
    pub(crate) request_timeout: Duration,
}

impl Admission {
    /// Creates the resources, all of them free.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            connections: Resource::new("connections", limits.max_connections, 1),
            handshakes: Resource::new("handshakes", limits.max_handshakes, 1),
            in_flight: Resource::new("in-flight", limits.max_in_flight, SNAPSHOT_SLOTS),
            memory: Resource::new("request-memory", limits.request_memory, LARGEST_REQUEST_BYTES),
            request_timeout: limits.request_timeout,
        }
    }
}
