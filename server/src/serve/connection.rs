//! One connection, from its handshake to its end.

use super::activity::{Activity, CloseReason, IDLE};
use super::{Stop, stopped};
use crate::admission::Reservation;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// The time for the TLS handshake, and then for the headers of the first request.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of a request's head, in bytes.
const HEAD: u32 = 16 * 1024;
/// The flow-control window of HTTP/2, in bytes.
const WINDOW: u32 = 64 * 1024;
/// Maximum unsent bytes of a response in the system's buffer.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// How a connection learns that the server shuts down.
#[derive(Clone)]
pub(super) struct Ending {
    /// Becomes true when the shutdown starts. Responses over HTTP/1.1 then have
    /// `Connection: close`.
    pub(super) leaving: Stop,
    /// Becomes true when idle connections are closed and requests in progress finish.
    pub(super) drain: Stop,
    /// Dropped with the connection.
    pub(super) alive: mpsc::Sender<Infallible>,
}

/// An accepted connection.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    /// Whether the peer is a trusted proxy, which connects for many clients.
    pub(super) is_proxy: bool,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) app: Router,
    pub(super) ending: Ending,
    /// Its reservation among the connections.
    pub(super) place: Reservation,
    /// Its reservation among the handshakes, if it makes one.
    pub(super) handshake: Option<Reservation>,
}

impl Connection {
    pub(super) async fn serve(mut self, stream: TcpStream) {
        prepare(&stream);
        let Some(tls) = self.tls.take() else { return self.speak(stream).await };
        match timeout(TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                self.handshake = None;
                self.speak(stream).await;
            }
            Ok(Err(error)) => {
                tracing::debug!(event = "tls-handshake-failed", %error, "A TLS handshake failed.")
            }
            Err(_) => tracing::debug!(event = "tls-handshake-timeout", "A TLS handshake took too long."),
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { peer, is_proxy, app, ending, place: _place, .. } = self;
        let Ending { leaving, mut drain, alive: _alive } = ending;
        let activity = Activity::new();
        let of_requests = activity.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let activity = of_requests.clone();
            let asked = activity.asked();
            request.extensions_mut().insert(ConnectInfo(peer));
            // HTTP/2 announces the end with its own frames.
            let is_http1 = request.version() <= Version::HTTP_11;
            let leaving = leaving.clone();
            let response = app.clone().oneshot(request.map(Body::new));
            async move {
                let mut response = leave(response.await?, &activity).await;
                let is_refused = !is_proxy && response.status() == StatusCode::TOO_MANY_REQUESTS;
                if is_refused {
                    activity.refused();
                }
                if is_http1 && (*leaving.borrow() || is_refused) {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                drop(asked);
                Ok::<_, Infallible>(response)
            }
        });
        let builder = protocol();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut is_draining = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(event = "connection-ended", %error, "A connection ended early.");
                    }
                    return;
                }
                verdict = activity.verdict() => match verdict {
                    CloseReason::Stalled => {
                        return tracing::debug!(event = "client-stalled", "A client did not read its response.");
                    }
                    CloseReason::Over => return,
                    CloseReason::Idle | CloseReason::Refused => {
                        activity.told_to_close();
                        connection.as_mut().graceful_shutdown();
                    }
                },
                () = stopped(&mut drain), if !is_draining => {
                    is_draining = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// Sends small packets at once, and limits the system's buffer for clients that do not read.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(event = "send-buffer-unbounded", %error, "Cannot limit the system's send buffer.");
    }
}

/// Records how long the response takes to send.
async fn leave(response: Response, activity: &Arc<Activity>) -> Response {
    let (parts, body) = response.into_parts();
    // Every body is complete and in memory.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Response::from_parts(parts, Body::from(activity.leaving(bytes)))
}

/// HTTP/1.1 and HTTP/2 with limits against slow clients.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The timeout also applies between requests. The connection's activity covers the time
        // before the first one.
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD as usize)
        // A long body is sent from where it is, without a copy.
        .writev(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD)
        .max_concurrent_streams(32)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(WINDOW as usize)
        .keep_alive_interval(Some(2 * TIMEOUT))
        .keep_alive_timeout(TIMEOUT);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Resource;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::sync::watch;
    use tokio::time::{Instant, sleep};

    /// The client's end of a connection over HTTP/1.1.
    struct Client {
        stream: DuplexStream,
        _channels: (watch::Sender<bool>, mpsc::Receiver<Infallible>),
    }

    impl Client {
        fn connect() -> Self {
            let (stream, servers) = tokio::io::duplex(1 << 16);
            let (stop, stopped) = watch::channel(false);
            let (alive, all_ended) = mpsc::channel(1);
            let connection = Connection {
                peer: ([127, 0, 0, 1], 1).into(),
                is_proxy: false,
                tls: None,
                app: Router::new().route("/", get(async || "hello")),
                ending: Ending { leaving: stopped.clone(), drain: stopped, alive },
                place: Resource::new("test", 1, 1).take(None, 1).expect("there is one"),
                handshake: None,
            };
            tokio::spawn(connection.speak(servers));
            Self { stream, _channels: (stop, all_ended) }
        }

        async fn ask(&mut self) {
            self.stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("is open");
            let mut answer = [0; 1024];
            let read = self.stream.read(&mut answer).await.expect("is open");
            assert!(answer[..read].ends_with(b"hello"), "{}", String::from_utf8_lossy(&answer[..read]));
        }

        /// How long the server takes to close.
        async fn wait_for_the_end(&mut self) -> Duration {
            let began = Instant::now();
            while self.stream.read(&mut [0; 1024]).await.expect("ends well") > 0 {}
            began.elapsed()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_connection_may_be_silent_for_half_a_minute() {
        let mut client = Client::connect();
        for _ in 0..3 {
            client.ask().await;
            sleep(Duration::from_secs(28)).await;
        }
        client.ask().await;
        let took = client.wait_for_the_end().await.as_secs();
        assert!((29..=32).contains(&took), "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_head_that_does_not_come_ends_the_connection_sooner() {
        let mut client = Client::connect();
        client.stream.write_all(b"GET / HT").await.expect("is open");
        let took = client.wait_for_the_end().await.as_secs();
        assert!((10..=17).contains(&took), "{took}");
    }
}
