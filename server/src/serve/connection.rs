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

/// A client has this long for the TLS handshake, and then for the headers of its first request.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest head of a request, in bytes.
const HEAD: u32 = 16 * 1024;
/// What a client of HTTP/2 may send on a stream before the server has read it, in bytes.
const WINDOW: u32 = 64 * 1024;
/// Most that the system holds of a response which the client does not take, in bytes.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// What connections are told about the server's end.
#[derive(Clone)]
pub(super) struct Ending {
    /// Turns true when the end has begun: each response over HTTP/1.1 asks for the connection's end.
    pub(super) leaving: Stop,
    /// Turns true when idle connections are closed and requests under way finish.
    pub(super) drain: Stop,
    /// Dropped with the connection.
    pub(super) alive: mpsc::Sender<Infallible>,
}

/// A connection that was accepted.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    /// Whether the peer is a trusted proxy, which asks for many clients.
    pub(super) is_proxy: bool,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) app: Router,
    pub(super) ending: Ending,
    /// Its place among the connections.
    pub(super) place: Reservation,
    /// Its place among the handshakes, if it makes one.
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
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
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
            // HTTP/2 has frames for a farewell.
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
                        tracing::debug!(%error, "a connection ended early");
                    }
                    return;
                }
                verdict = activity.verdict() => match verdict {
                    CloseReason::Stalled => return tracing::debug!("a client took no response"),
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

/// Small packets leave at once, and the system keeps little for a client that takes nothing.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "the system's buffer for responses cannot be bounded");
    }
}

/// Sees to it that the connection knows for how long its response takes to leave.
async fn leave(response: Response, activity: &Arc<Activity>) -> Response {
    let (parts, body) = response.into_parts();
    // Every body is whole, and in memory already.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Response::from_parts(parts, Body::from(activity.leaving(bytes)))
}

/// HTTP/1.1 and HTTP/2 with bounds against clients that are slow on purpose.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // It runs between requests as well. Who sends no first request is seen by the connection's activity.
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD as usize)
        // A long body is sent from where it is, and not copied.
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

        /// How long it takes until the server closes.
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
