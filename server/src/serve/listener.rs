//! Accepts connections, bounds what each may cost, and lets none fall at the end.
//!
//! The end has three steps. The door closes: no new connection comes about, and those that already came about are
//! accepted; a load balancer that is refused here goes elsewhere, having sent nothing. Farewell: whoever keeps a
//! connection may ask once more, and is told to close it. Drain: idle connections are closed, requests under way finish.

use super::{Stop, stopped};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Most connections at once; more wait in the system's queue.
const CONNECTIONS: u32 = 768;
/// A client has this long for the TLS handshake, and for the headers of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// After the door has closed, a handshake that was under way ends within this time.
const SETTLING: Duration = Duration::from_millis(100);
/// Longest that accepting goes on after the end began.
const DOOR: Duration = Duration::from_secs(2);
/// A kept connection may ask once more within this time.
const FAREWELL: Duration = Duration::from_secs(2);
/// Requests under way at the end have this long to finish.
const DRAIN: Duration = Duration::from_secs(15);
/// Largest head of a request, in bytes.
const HEAD: u32 = 16 * 1024;
/// Pause after the system could not accept, as when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One listener and what it serves.
pub(super) struct Server {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) app: Router,
}

impl Server {
    /// Serves until `stop`, then finishes what is under way.
    pub(super) async fn run(self, mut stop: Stop) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let graceful = GracefulShutdown::new();
        let leaving = Arc::new(AtomicBool::new(false));
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &slots) => accepted,
                () = stopped(&mut stop) => break,
            };
            self.greet(accepted, &graceful, &leaving).await;
        }
        leaving.store(true, Ordering::Relaxed);
        close_door(&self.listener);
        let settled = async {
            while let Ok(accepted) = timeout(SETTLING, accept(&self.listener, &slots)).await {
                self.greet(accepted, &graceful, &leaving).await;
            }
        };
        let _ = timeout(DOOR, settled).await;
        drop(self);
        // Every slot is free: every connection has ended.
        let _ = timeout(FAREWELL, slots.acquire_many(CONNECTIONS)).await;
        if timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }

    async fn greet(&self, accepted: Accepted, graceful: &GracefulShutdown, leaving: &Arc<AtomicBool>) {
        match accepted {
            Ok((stream, peer, slot)) => {
                let connection = Connection {
                    peer,
                    tls: self.tls.clone(),
                    app: self.app.clone(),
                    watcher: graceful.watcher(),
                    leaving: leaving.clone(),
                    _slot: slot,
                };
                tokio::spawn(connection.serve(stream));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

type Accepted = io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)>;

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

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Accepted {
    let slot = slots.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, slot))
}

struct Connection {
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    app: Router,
    watcher: Watcher,
    /// Whether the end has begun.
    leaving: Arc<AtomicBool>,
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        match self.tls.clone() {
            None => self.speak(stream).await,
            Some(tls) => match timeout(PATIENCE, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.speak(stream).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            },
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (app, peer, leaving) = (self.app, self.peer, self.leaving);
        let asked = Arc::new(AtomicBool::new(false));
        let has_asked = asked.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            // HTTP/2 has frames for a farewell.
            let leaving = (request.version() <= Version::HTTP_11).then(|| leaving.clone());
            let answer = app.clone().oneshot(request.map(Body::new));
            async move {
                let mut answer = answer.await?;
                if leaving.is_some_and(|leaving| leaving.load(Ordering::Relaxed)) {
                    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let builder = protocol();
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::select! {
            ended = self.watcher.watch(connection) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
            () = silence(&has_asked) => tracing::debug!("a connection asked for nothing"),
        }
    }
}

/// Ends when nothing was asked in time. The bounds of [`protocol`] begin only once the version of HTTP is clear.
async fn silence(has_asked: &AtomicBool) {
    tokio::time::sleep(PATIENCE).await;
    if has_asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// HTTP/1.1 and HTTP/2 with bounds against clients that are slow on purpose.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(HEAD as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD)
        .max_concurrent_streams(32)
        .keep_alive_interval(Some(2 * PATIENCE))
        .keep_alive_timeout(PATIENCE);
    builder
}
