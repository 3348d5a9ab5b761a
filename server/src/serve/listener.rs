//! Accepts connections, bounds what each may cost, and drains them at the end.

use super::{Stop, stopped};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
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
const CONNECTIONS: usize = 768;
/// A client has this long for the TLS handshake, and for the headers of a request.
const PATIENCE: Duration = Duration::from_secs(10);
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
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &slots) => accepted,
                () = stopped(&mut stop) => break,
            };
            match accepted {
                Ok((stream, peer, slot)) => {
                    let connection = Connection {
                        peer,
                        tls: self.tls.clone(),
                        app: self.app.clone(),
                        watcher: graceful.watcher(),
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
        drop(self.listener);
        if timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, slot))
}

struct Connection {
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    app: Router,
    watcher: Watcher,
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
        let (app, peer) = (self.app, self.peer);
        let asked = Arc::new(AtomicBool::new(false));
        let has_asked = asked.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().oneshot(request.map(Body::new))
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
