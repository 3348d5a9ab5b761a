//! Connections from a chosen source address.

use crate::life::client_over_tls;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How someone reaches the server.
#[derive(Clone, Copy)]
pub(super) struct Route {
    from: &'static str,
    pub(super) tls: bool,
    client: Option<&'static str>,
}

/// A connection, with TLS or without.
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>),
}

impl Route {
    pub(super) fn from(address: &'static str) -> Self {
        Self { from: address, tls: false, client: None }
    }

    pub(super) fn over_tls(self) -> Self {
        Self { tls: true, ..self }
    }

    /// As a proxy that asks for this client; `*` is another number each time.
    pub(super) fn for_client(self, client: &'static str) -> Self {
        Self { client: Some(client), ..self }
    }

    /// What a proxy says about its client.
    pub(super) fn forwarded(&self) -> Option<(&'static str, String)> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % 0x1_0000;
        self.client.map(|client| ("x-forwarded-for", client.replace('*', &format!("{number:x}"))))
    }

    /// The same as a line of HTTP/1.1.
    pub(super) fn forwarded_line(&self) -> String {
        self.forwarded().map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default()
    }

    /// A connection without TLS.
    pub(super) fn connect(&self, to: &str) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let from: SocketAddr = format!("{}:0", self.from).parse().expect("an address");
        socket.bind(&SockAddr::from(from))?;
        let to: SocketAddr = to.parse().expect("an address");
        socket.connect_timeout(&SockAddr::from(to), Duration::from_secs(2))?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.set_write_timeout(Some(Duration::from_secs(2)))?;
        Ok(stream)
    }

    /// A connection that speaks, with TLS where the server does.
    pub(super) fn open(&self, to: &str, protocol: &[u8]) -> io::Result<Wire> {
        let mut stream = self.connect(to)?;
        if !self.tls {
            return Ok(Wire::Plain(stream));
        }
        let mut client = client_over_tls(protocol);
        while client.is_handshaking() {
            client.complete_io(&mut stream)?;
        }
        Ok(Wire::Tls(Box::new(rustls::StreamOwned::new(client, stream))))
    }

    /// Whether a request of its own connection gets a good answer in time.
    pub(super) fn asks(&self, to: &str, path: &str, longest: Duration) -> bool {
        let began = Instant::now();
        let ask = || -> io::Result<String> {
            let mut wire = self.open(to, b"http/1.1")?;
            let line = self.forwarded_line();
            let request = format!("GET {path} HTTP/1.1\r\nHost: {to}\r\n{line}Connection: close\r\n\r\n");
            wire.write_all(request.as_bytes())?;
            let mut answer = String::new();
            // TLS without a farewell is an end too.
            let _ = wire.read_to_string(&mut answer);
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) && began.elapsed() <= longest
    }
}

impl Wire {
    pub(super) fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
        .set_nonblocking(true)
    }
}

impl Wire {
    /// Whether there is something to read.
    pub(super) fn has_answer(&self) -> bool {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        };
        stream.peek(&mut [0]).is_ok_and(|read| read > 0)
    }
}

impl Read for Wire {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(out),
            Self::Tls(stream) => stream.read(out),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
