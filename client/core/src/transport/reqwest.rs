//! The transport of native programs: reqwest over rustls with ring.
//!
//! Certificates are verified by the platform; one extra authority may be added. On Android, whose verifier a program would have to
//! set up through Java, they are verified against the web's authorities, which the library brings: authorities that a person added
//! to the phone do not count there. Redirects are not followed, proxies of
//! the environment are ignored (a vault is addressed directly or not at all), and nothing is retried here.

use super::{Method, RESPONSE_BYTES, Request, Response, Transport, TransportError};
use crate::address::VaultUrl;
use crate::shown::VaultText;
use crate::time::Clock;
use rootcellar_spec::Timestamp;
use std::error::Error;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How to connect.
#[derive(Clone, Debug)]
pub struct NativeOptions {
    /// Certificates (PEM) of authorities to trust beside the platform's.
    pub extra_authorities: Option<Vec<u8>>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take, in addition to one second for each 16 KiB that it carries in either direction.
    pub total_timeout: Duration,
    /// Name and version of the program.
    pub user_agent: String,
}

impl Default for NativeOptions {
    fn default() -> Self {
        Self {
            extra_authorities: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            user_agent: concat!("rootcellar/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The slowest pace at which a request or a response is waited for, in bytes a second. A vault accepts the same.
const PACE: usize = 16 * 1024;

/// The transport could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The extra authorities are no PEM certificates.
    #[error("the CA certificates cannot be read: use a file with PEM certificates")]
    Authorities(#[source] reqwest::Error),
    /// The extra authorities hold no certificate.
    #[error("the CA file contains no certificate: use a file with PEM certificates")]
    NoAuthority,
    /// The TLS library could not start.
    #[error("TLS could not be set up: check the platform's certificate store")]
    Tls(#[source] reqwest::Error),
}

/// Sends requests with reqwest. Needs a running tokio runtime with time and I/O.
#[derive(Clone, Debug)]
pub struct NativeTransport {
    client: reqwest::Client,
    total_timeout: Duration,
}

impl NativeTransport {
    /// Makes a transport. Installs ring as the process's TLS provider where none is installed.
    ///
    /// # Errors
    /// Where the extra authorities cannot be read or TLS cannot be set up.
    pub fn new(options: &NativeOptions) -> Result<Self, SetupError> {
        // An error means that the program chose a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(options.connect_timeout)
            .user_agent(&options.user_agent);
        if let Some(pem) = &options.extra_authorities {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(SetupError::Authorities)?;
            if certificates.is_empty() {
                return Err(SetupError::NoAuthority);
            }
            builder = builder.tls_certs_merge(certificates);
        }
        #[cfg(target_os = "android")]
        let builder = builder.tls_certs_only(bundled().map_err(SetupError::Tls)?);
        let client = builder.build().map_err(SetupError::Tls)?;
        Ok(Self { client, total_timeout: options.total_timeout })
    }
}

/// The web's authorities, as Mozilla lists them.
#[cfg(any(target_os = "android", test))]
fn bundled() -> Result<Vec<reqwest::Certificate>, reqwest::Error> {
    let authorities = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    authorities.map(|authority| reqwest::Certificate::from_der(authority)).collect()
}

impl Transport for NativeTransport {
    async fn send(&self, vault: &VaultUrl, request: &Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut builder = self.client.request(method, vault.join(&request.path));
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if request.method != Method::Get {
            builder = builder.body(request.body.clone());
        }
        let mut deadline = Deadline { at: tokio::time::Instant::now() + self.total_timeout };
        deadline.extend(request.body.len());
        let response = deadline.wait(builder.send()).await?;
        read(response, deadline).await
    }
}

/// When a request times out. Slow networks get more time for more bytes.
struct Deadline {
    at: tokio::time::Instant,
}

impl Deadline {
    fn extend(&mut self, bytes: usize) {
        self.at += Duration::from_secs_f64(bytes as f64 / PACE as f64);
    }

    async fn wait<T>(&self, step: impl Future<Output = reqwest::Result<T>>) -> Result<T, TransportError> {
        match tokio::time::timeout_at(self.at, step).await {
            Ok(done) => done.map_err(|error| failure(&error)),
            Err(_) => Err(TransportError::NoResponse(VaultText::from("timed out".to_owned()))),
        }
    }
}

async fn read(mut response: reqwest::Response, mut deadline: Deadline) -> Result<Response, TransportError> {
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = deadline.wait(response.chunk()).await? {
        if body.len() + chunk.len() > RESPONSE_BYTES {
            return Err(TransportError::TooLong);
        }
        deadline.extend(chunk.len());
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body })
}

/// The innermost cause says most; reqwest's own text would repeat the URL.
fn failure(error: &reqwest::Error) -> TransportError {
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        match tls_error(cause) {
            // Only while connecting does a TLS error mean that nothing was sent.
            Some(tls) if error.is_connect() => return refused_tls(tls),
            Some(tls) => return TransportError::NoResponse(tls.to_string().into()),
            None => {}
        }
        let Some(inner) = cause.source() else { break };
        cause = inner;
    }
    let text = VaultText::from(if error.is_timeout() { "timed out".to_owned() } else { cause.to_string() });
    if error.is_connect() { TransportError::NoConnection(text) } else { TransportError::NoResponse(text) }
}

/// The TLS error that this is or wraps; an I/O error does not give what it wraps as its source.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    error.downcast_ref().or_else(|| {
        let wrapped = error.downcast_ref::<std::io::Error>()?.get_ref()?;
        wrapped.downcast_ref::<rustls::Error>().or_else(|| tls_error(wrapped))
    })
}

fn refused_tls(error: &rustls::Error) -> TransportError {
    use rustls::{CertificateError, Error as Tls};
    match error {
        // The latter two: a trusted authority has the same name, and another key.
        Tls::InvalidCertificate(
            CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => TransportError::UnknownAuthority,
        Tls::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => TransportError::WrongName,
        Tls::InvalidCertificate(other) => TransportError::Certificate(other.to_string().into()),
        Tls::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TransportError::NoTls,
        other => TransportError::NoConnection(other.to_string().into()),
    }
}

/// The system's clock. Sleeping needs a running tokio runtime with time.
#[derive(Clone, Copy, Debug)]
pub struct NativeClock {
    started: Instant,
}

impl NativeClock {
    /// The system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for NativeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for NativeClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// Sends one request to a server that answers it with these bytes, and gives what both saw.
    async fn exchange(answer: Vec<u8>) -> (String, Result<Response, TransportError>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"body") {
                let mut chunk = [0; 1024];
                let length = stream.read(&mut chunk).expect("a request");
                request.extend_from_slice(&chunk[..length]);
            }
            // A client that has read enough closes the connection.
            let _ = stream.write_all(&answer);
            String::from_utf8(request).expect("text")
        });
        let transport = NativeTransport::new(&NativeOptions::default()).expect("a transport");
        let request = Request {
            method: Method::Put,
            path: "/v1/x".to_owned(),
            headers: vec![("content-type", "application/octet-stream".to_owned())],
            body: b"body".to_vec(),
        };
        let vault = VaultUrl::parse(&url).expect("an address");
        let result = transport.send(&vault, &request).await;
        (server.join().expect("the server ends"), result)
    }

    #[tokio::test]
    async fn sends_what_it_is_given_and_follows_no_redirect() {
        let answer = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 3\r\n\r\nabc";
        let (request, response) = exchange(answer.to_vec()).await;
        let response = response.expect("an answer");
        assert!(request.starts_with("PUT /v1/x HTTP/1.1\r\n"), "{request}");
        assert!(request.to_lowercase().contains("content-type: application/octet-stream\r\n"), "{request}");
        assert_eq!((response.status, response.body.as_slice()), (307, &b"abc"[..]));
        assert_eq!(response.header("location"), Some("http://127.0.0.1:9/"));
    }

    #[tokio::test]
    async fn stops_reading_an_endless_answer() {
        let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        answer.resize(answer.len() + RESPONSE_BYTES, b'x');
        assert_eq!(exchange(answer.clone()).await.1.expect("an answer").body.len(), RESPONSE_BYTES);
        answer.push(b'x');
        assert!(matches!(exchange(answer).await.1, Err(TransportError::TooLong)));
    }

    #[tokio::test]
    async fn tells_whether_the_vault_may_have_seen_the_request() {
        let (_, cut) = exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec()).await;
        assert!(matches!(cut, Err(TransportError::NoResponse(_))), "{cut:?}");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let vault = VaultUrl::parse(&format!("http://{free}")).expect("an address");
        let transport = NativeTransport::new(&NativeOptions::default()).expect("a transport");
        let refused = transport.send(&vault, &Request::get("/")).await;
        assert!(matches!(refused, Err(TransportError::NoConnection(_))), "{refused:?}");
    }

    /// A response of 64 KiB, of which the second half comes after `pause`.
    async fn halves(pause: Duration, total_timeout: Duration) -> Result<Response, TransportError> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let half = 32 * 1024;
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 1024]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 2 * half);
            let _ = stream.write_all(&[head.as_bytes(), &vec![0; half]].concat());
            std::thread::sleep(pause);
            let _ = stream.write_all(&vec![0; half]);
        });
        let options = NativeOptions { total_timeout, ..NativeOptions::default() };
        let transport = NativeTransport::new(&options).expect("a transport");
        let vault = VaultUrl::parse(&url).expect("an address");
        let result = transport.send(&vault, &Request::get("/")).await;
        server.join().expect("the server ends");
        result
    }

    #[tokio::test]
    async fn more_bytes_get_more_time() {
        let slow = halves(Duration::from_secs(4), Duration::from_secs(3)).await;
        assert_eq!(slow.expect("32 KiB are worth 2 s more").body.len(), 64 * 1024);
        let slower = halves(Duration::from_secs(4), Duration::from_millis(500)).await;
        assert!(matches!(slower, Err(TransportError::NoResponse(_))), "{slower:?}");
    }

    #[tokio::test]
    async fn a_port_without_tls_is_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        });
        let vault = VaultUrl::parse(&format!("https://localhost:{port}")).expect("an address");
        let transport = NativeTransport::new(&NativeOptions::default()).expect("a transport");
        let refused = transport.send(&vault, &Request::get("/")).await;
        assert!(matches!(refused, Err(TransportError::NoTls)), "{refused:?}");
        server.join().expect("the server ends");
    }

    #[test]
    fn the_authorities_that_android_gets_are_all_taken() {
        let authorities = bundled().expect("certificates");
        assert!(authorities.len() > 50, "{}", authorities.len());
        // An error means that another test installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // As there; no vault of a test has a certificate of one of them.
        assert!(reqwest::Client::builder().tls_certs_only(authorities).build().is_ok());
    }

    #[test]
    fn refuses_authorities_that_are_none() {
        let options = NativeOptions {
            extra_authorities: Some(b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----".to_vec()),
            ..NativeOptions::default()
        };
        assert!(NativeTransport::new(&options).is_err());
        let options =
            NativeOptions { extra_authorities: Some(b"no certificate".to_vec()), ..NativeOptions::default() };
        assert!(matches!(NativeTransport::new(&options), Err(SetupError::NoAuthority)));
    }
}
