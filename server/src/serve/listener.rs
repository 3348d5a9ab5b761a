//! Accepts connections, limits them, and shuts down without dropping requests.
//!
//! The shutdown has three steps. First, new connections are refused, and those that were
//! established are accepted; a load balancer that is refused here tries another server, and has
//! sent nothing. Second, a kept connection may send one more request, and is asked to close. Third,
//! idle connections are closed, and requests in progress finish.

use super::connection::{Connection, Ending};
use super::{Stop, stopped};
use crate::admission::{Admission, Full, Reservation, Resource};
use crate::config::Config;
use crate::middleware::{Proxies, Rate};
use axum::Router;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long a handshake that was in progress may take after new connections are refused.
const SETTLING: Duration = Duration::from_millis(100);
/// Maximum time for accepting established connections during the shutdown.
const DOOR: Duration = Duration::from_secs(2);
/// How long a kept connection may send one more request.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long requests in progress may take during the shutdown.
const DRAIN: Duration = Duration::from_secs(15);
/// Pause after a failed accept, for example because file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections an address may open per request that it may send. A client with a
/// connection per request thus learns why it is refused.
const CONNECTIONS_PER_REQUEST: u32 = 4;

/// A listener with its routes.
pub(super) struct Server {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) app: Router,
    pub(super) door: Door,
}

/// The limits on connections.
pub(super) struct Door {
    pub(super) connections: Arc<Resource>,
    pub(super) handshakes: Arc<Resource>,
    /// The rate of connections from one address.
    pub(super) rate: Arc<Rate>,
    /// Each of them connects for many clients, and has no share.
    pub(super) trusted_proxies: Proxies,
}

impl Server {
    /// Serves until `stop`, then finishes the requests in progress.
    pub(super) async fn run(self, mut stop: Stop) {
        let (drain, draining) = watch::channel(false);
        let (alive, mut all_ended) = mpsc::channel(1);
        let ending = Ending { leaving: stop.clone(), drain: draining, alive };
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            self.greet(accepted, &ending).await;
        }
        close_door(&self.listener);
        let settled = async {
            while let Ok(accepted) = timeout(SETTLING, self.listener.accept()).await {
                self.greet(accepted, &ending).await;
            }
        };
        let _ = timeout(DOOR, settled).await;
        drop((self, ending));
        // The channel closes when the last connection has ended.
        let _ = timeout(FAREWELL, all_ended.recv()).await;
        let _ = drain.send(true);
        if timeout(DRAIN, all_ended.recv()).await.is_err() {
            tracing::warn!(event = "drain-timeout", "Some requests did not finish before the shutdown.");
        }
    }

    async fn greet(&self, accepted: io::Result<(TcpStream, SocketAddr)>, ending: &Ending) {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(event = "accept-failed", %error, "A connection could not be accepted.");
                return tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        };
        let is_proxy = self.door.trusted_proxies.contain(peer.ip());
        // A refused connection is closed at once and costs nothing more.
        let Some((place, handshake)) = self.door.admit(peer.ip(), is_proxy, self.tls.is_some()) else {
            return;
        };
        let connection = Connection {
            peer,
            is_proxy,
            tls: self.tls.clone(),
            app: self.app.clone(),
            ending: ending.clone(),
            place,
            handshake,
        };
        tokio::spawn(connection.serve(stream));
    }
}

impl Door {
    /// The limits of the vault's own listener.
    pub(super) fn new(config: &Config, admission: &Admission) -> Self {
        Self {
            connections: admission.connections.clone(),
            handshakes: admission.handshakes.clone(),
            rate: Rate::new(
                "connection-rate",
                config.limits.rate_per_address.saturating_mul(CONNECTIONS_PER_REQUEST),
            ),
            trusted_proxies: Proxies::new(config.trusted_proxies.clone()),
        }
    }

    /// The reservations for a connection of this peer, and for its handshake.
    fn admit(
        &self,
        peer: IpAddr,
        is_proxy: bool,
        shakes_hands: bool,
    ) -> Option<(Reservation, Option<Reservation>)> {
        let client = (!is_proxy).then_some(peer);
        let admitted = || -> Result<_, Full> {
            let place = self.connections.take(client, 1)?;
            let handshake = shakes_hands.then(|| self.handshakes.take(client, 1)).transpose()?;
            Ok((place, handshake))
        };
        if !is_proxy && self.rate.take(peer, Instant::now()).is_err() {
            return None;
        }
        admitted().ok()
    }
}

/// Drops only packets that start a handshake. Clients are then refused when the listener closes.
/// Without this, a connection that is established between the last accept and that moment would be
/// reset with its request.
#[cfg(target_os = "linux")]
fn close_door(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};
    /// Offset of the flags in a TCP header, and the flag that starts a handshake.
    const FLAGS: u32 = 13;
    const SYN: u32 = 2;
    let program = [
        // Load the flags. If SYN is set, continue with the next line, otherwise skip it.
        SockFilter::new(0x30, 0, 0, FLAGS),
        SockFilter::new(0x45, 0, 1, SYN),
        // Drop the packet; accept the packet.
        SockFilter::new(0x06, 0, 0, 0),
        SockFilter::new(0x06, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&program) {
        tracing::debug!(event = "accept-filter-failed", %error, "Cannot stop new connections before the listener closes.");
    }
}

#[cfg(not(target_os = "linux"))]
fn close_door(_: &TcpListener) {}
