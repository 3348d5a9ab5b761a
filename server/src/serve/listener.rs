//! Accepts connections, bounds what each client may hold of them, and lets none fall at the end.
//!
//! The end has three steps. The door closes: no new connection comes about, and those that already came about are
//! accepted; a load balancer that is refused here goes elsewhere, having sent nothing. Farewell: whoever keeps a
//! connection may ask once more, and is told to close it. Drain: idle connections are closed, requests under way finish.

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

/// After the door has closed, a handshake that was under way ends within this time.
const SETTLING: Duration = Duration::from_millis(100);
/// Longest that accepting goes on after the end began.
const DOOR: Duration = Duration::from_secs(2);
/// A kept connection may ask once more within this time.
const FAREWELL: Duration = Duration::from_secs(2);
/// Requests under way at the end have this long to finish.
const DRAIN: Duration = Duration::from_secs(15);
/// Pause after the system could not accept, as when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// An address may connect this many times as often as it may ask, so that a client which connects for
/// each request hears why it is refused.
const CONNECTIONS_PER_REQUEST: u32 = 4;

/// One listener and what it serves.
pub(super) struct Server {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) app: Router,
    pub(super) door: Door,
}

/// Who may connect.
pub(super) struct Door {
    pub(super) connections: Arc<Resource>,
    pub(super) handshakes: Arc<Resource>,
    /// How often one address may.
    pub(super) rate: Arc<Rate>,
    /// Each of them connects for many clients, and may hold whatever there is.
    pub(super) trusted_proxies: Proxies,
}

impl Server {
    /// Serves until `stop`, then finishes what is under way.
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
        // The channel closes when every connection has ended.
        let _ = timeout(FAREWELL, all_ended.recv()).await;
        let _ = drain.send(true);
        if timeout(DRAIN, all_ended.recv()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }

    async fn greet(&self, accepted: io::Result<(TcpStream, SocketAddr)>, ending: &Ending) {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                return tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        };
        let is_proxy = self.door.trusted_proxies.contain(peer.ip());
        // A connection that is refused is closed at once: it costs nothing more.
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
    /// The door of the vault's own listener.
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

    /// A place for a connection of this peer, and one for its handshake.
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

/// Drops what would begin a handshake, and nothing else. Whoever knocks is refused once the listener is gone; without
/// this, a connection that came about between the last accepting and that moment would be broken with its request.
#[cfg(target_os = "linux")]
fn close_door(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};
    /// Offset of the flags in a TCP header, and the flag that begins a handshake.
    const FLAGS: u32 = 13;
    const SYN: u32 = 2;
    let program = [
        // Load the byte of the flags; SYN: the next line, else the one after it.
        SockFilter::new(0x30, 0, 0, FLAGS),
        SockFilter::new(0x45, 0, 1, SYN),
        // Keep no byte; keep every byte.
        SockFilter::new(0x06, 0, 0, 0),
        SockFilter::new(0x06, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&program) {
        tracing::debug!(%error, "new connections cannot be kept out before the listener closes");
    }
}

#[cfg(not(target_os = "linux"))]
fn close_door(_: &TcpListener) {}
